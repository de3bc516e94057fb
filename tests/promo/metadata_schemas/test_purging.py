"""Values of a removed key, taken off everything that has them."""

from functools import partial

import pytest

from customers.models import Customer
from customers.services.customer import update_customer
from promo.errors import InvalidPayload
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.metadata_schemas import purging
from promo.metadata_schemas.services import purge_definition, update_metadata_schema
from redemptions.models import Order
from tests.contract.inhabitants import inhabit
from tests.factories.campaigns import CampaignFactory, PromotionFactory, VoucherFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW, ProjectFactory
from tests.outbox import events_of
from tests.races import at_once

REMOVED = {"type": "string", "deleted": True}
BEFORE, AFTER = {"old": "x", "kept": 1}, {"kept": 1}


def run_all():
    for action in AsyncAction.objects.filter(finished_at=None).order_by("created_at"):
        while run_step(action.pk, now=NOW):
            pass


def purge(project, resource):
    schema = define(project, resource, old=REMOVED, other={"type": "string"})
    purge_definition(schema, key="old", now=NOW)
    run_all()
    schema.refresh_from_db()
    assert schema.properties.keys() == {"other"}
    return AsyncAction.objects.latest("created_at")


@pytest.mark.django_db
class TestPurging:
    def test_customers_lose_the_key_and_are_told_of(self, project, monkeypatch):
        monkeypatch.setattr(purging, "BATCH", 2)
        ours = CustomerFactory.create_batch(5, project=project, metadata=BEFORE)
        theirs = CustomerFactory.create(metadata=BEFORE)
        CustomerFactory.create(project=project, metadata=AFTER)

        action = purge(project, "customer")

        kept = Customer.objects.filter(pk__in=[one.pk for one in ours])
        assert [one.metadata for one in kept] == [AFTER] * 5
        theirs.refresh_from_db()
        assert theirs.metadata == BEFORE
        assert events_of(project).count("customer.updated") == 5
        assert action.type == "CUSTOMERS.METADATA_KEY_PURGE"
        assert action.status == "DONE"
        assert action.result == {
            "message": "Purged old from 5 objects.",
            "done_count": 5,
        }

    def test_products_lose_it_and_their_skus(self, project, monkeypatch):
        monkeypatch.setattr(purging, "BATCH", 1)
        product = ProductFactory.create(project=project, metadata=BEFORE)
        sku = SkuFactory.create(product=product, metadata=BEFORE)

        action = purge(project, "product")

        product.refresh_from_db()
        sku.refresh_from_db()
        assert (product.metadata, sku.metadata) == (AFTER, AFTER)
        assert action.result["done_count"] == 2

    @pytest.mark.parametrize(
        ("resource", "gone"),
        [("campaign", ["promotion"]), ("voucher", ["campaign", "voucher"])],
    )
    def test_a_campaigns_metadata_are_those_of_its_codes_where_it_says_so(
        self, project, resource, gone
    ):
        campaign = CampaignFactory.create(
            project=project, metadata=BEFORE, use_voucher_metadata_schema=True
        )
        rows = {
            "campaign": campaign,
            "promotion": PromotionFactory.create(project=project, metadata=BEFORE),
            "voucher": VoucherFactory.create(campaign=campaign, metadata=BEFORE),
        }

        purge(project, resource)

        for name, row in rows.items():
            row.refresh_from_db()
            assert row.metadata == (AFTER if name in gone else BEFORE)

    def test_orders_lose_it(self, project):
        inhabit(project)
        Order.objects.filter(project=project).update(metadata=BEFORE)

        purge(project, "order")

        (order,) = Order.objects.filter(project=project)
        assert order.metadata == AFTER

    @pytest.mark.parametrize("key", ["other", "nothing"])
    def test_only_a_removed_key_is_purged(self, project, key):
        schema = define(project, "customer", other={"type": "string"})

        with pytest.raises(InvalidPayload) as refused:
            purge_definition(schema, key=key, now=NOW)

        assert refused.value.details == (
            f"Property .properties.{key} has not been removed"
        )
        assert not AsyncAction.objects.exists()

    @pytest.mark.parametrize("resource", ["redemption", "publication", "Parcel"])
    def test_other_resources_keep_their_values(self, project, resource):
        schema = define(project, resource, old=REMOVED)

        with pytest.raises(InvalidPayload) as refused:
            purge_definition(schema, key="old", now=NOW)

        assert refused.value.details == (
            "Values can be purged from "
            "[ campaign, customer, product, voucher, order ] alone"
        )
        schema.refresh_from_db()
        assert schema.properties.keys() == {"old"}


@pytest.mark.django_db(transaction=True)
def test_a_change_while_values_are_purged_is_not_lost():
    project = ProjectFactory.create()
    ada = CustomerFactory.create(project=project, metadata=BEFORE)
    schema = define(project, "customer", old=REMOVED)
    purge_definition(schema, key="old", now=NOW)
    action = AsyncAction.objects.get()

    at_once(
        partial(update_customer, ada, now=NOW, metadata={"new": 2}),
        partial(run_step, action.pk, now=NOW),
    )

    ada.refresh_from_db()
    assert ada.metadata == {"kept": 1, "new": 2}


@pytest.mark.django_db(transaction=True)
def test_of_a_purge_and_a_restore_at_once_one_is_refused_or_starts_anew():
    project = ProjectFactory.create()
    schema = define(project, "customer", old=REMOVED)
    restored = {"old": {"type": "string", "deleted": False}}

    outcomes = at_once(
        partial(update_metadata_schema, schema, now=NOW, properties=restored),
        partial(purge_definition, schema, key="old", now=NOW),
    )

    schema.refresh_from_db()
    assert schema.properties["old"].get("deleted") is None
    was_refused = "invalid_payload" in outcomes
    assert AsyncAction.objects.exists() is not was_refused
