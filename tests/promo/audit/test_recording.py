"""Every change is recorded with who made it, whatever writes."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.models import Campaign, Category
from customers.models import Customer
from promo.audit.models import Change
from promo.audit.partitions import keep
from promo.clock import utc_now
from promo.jobs.actions import enqueue
from promo.tenancy.models import ApiKey, Project
from tests.admin_site import sign_in
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


def changes(table: str, **about: Any) -> list[Change]:
    return list(Change.objects.filter(table=table, **about).order_by("created_at"))


def test_a_persons_change_tells_who_why_and_from_what_to_what(project: Project) -> None:
    category = CategoryFactory(project=project, name="Summer")
    person = sign_in(project, "ADMIN")

    person.change(category, name="Autumn", hierarchy=5, _reason="The season is over")

    one = changes("campaigns_category", action="changed")[-1]
    assert one.project_id == project.pk
    assert one.object_id == category.pk.removeprefix("cat_")
    assert (one.before["name"], one.after["name"]) == ("Summer", "Autumn")
    assert (one.actor_kind, one.actor_id) == ("person", person.user.pk)
    assert (one.actor_name, one.channel) == ("admin@example.com", "USER_PORTAL")
    assert one.reason == "The season is over"
    assert one.request_id.startswith("v-")


def test_a_keys_change_names_the_key_and_the_request(
    api: ApiClient, project: Project
) -> None:
    campaign = CampaignFactory(project=project)

    answer = api.put(
        f"/v1/campaigns/{campaign.pk}",
        {"description": "Better"},
        X_Change_Reason="As agreed */ DROP TABLE",
    )

    one = changes("campaigns_campaign", action="changed")[-1]
    assert answer.status_code == 200
    assert one.after == {"description": "Better"}
    assert (one.actor_kind, one.channel) == ("key", "API")
    assert one.request_id == answer.headers["X-Request-Id"]
    assert one.reason == "As agreed */ DROP TABLE"


def test_nobodys_change_is_the_systems(project: Project) -> None:
    category = CategoryFactory(project=project)

    Category.objects.filter(pk=category.pk).update(name="By hand")

    one = changes("campaigns_category", action="changed")[-1]
    assert (one.actor_kind, one.after) == ("system", {"name": "By hand"})


def test_what_stays_the_same_is_no_change(project: Project) -> None:
    campaign = CampaignFactory(project=project)
    before = Change.objects.count()

    Campaign.objects.filter(pk=campaign.pk).update(vouchers_count=7, name=campaign.name)

    assert Change.objects.count() == before


def test_one_statement_about_many_rows_is_one_entry(project: Project) -> None:
    Category.objects.bulk_create(
        [
            Category(
                project=project,
                name=f"C{number}",
                hierarchy=number,
                created_at=utc_now(),
            )
            for number in range(101)
        ]
    )

    entries = changes("campaigns_category", rows=101)

    assert [(one.action, one.after) for one in entries] == [("created", {})]
    assert Change.objects.filter(table="campaigns_category", rows=1).count() == 0


def test_secrets_are_dots(project: Project) -> None:
    person = sign_in(project, "ADMIN")

    person.add(ApiKey, kind="server", name="Shop", role="ADMIN")

    one = changes("tenancy_apikey", action="created")[-1]
    assert {one.after["secret_hash"], one.after["salt"]} == {"•••"}
    assert one.after["name"] == "Shop"


def test_a_checkout_is_not_audited_beside_its_redemption(
    api: ApiClient, project: Project
) -> None:
    voucher = VoucherFactory(project=project, code="SAVE")
    before = Change.objects.count()

    answer = api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": "SAVE"}],
            "customer": {"source_id": "new-one"},
            "order": {"amount": 10_000},
        },
    )

    voucher.refresh_from_db()
    assert answer.status_code == 200
    assert voucher.redeemed_quantity == 1
    assert Change.objects.count() == before


def test_long_work_is_one_entry_with_what_was_asked(project: Project) -> None:
    action = enqueue(
        project=project,
        kind="CAMPAIGNS.VOUCHERS_GENERATION",
        arguments={"count": 1_000},
        now=utc_now(),
    )

    one = changes("jobs_asyncaction")[-1]
    assert one.object_id == action.pk.removeprefix("aa_")
    assert one.after["arguments"] == {"count": 1_000}


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_change SET name = 'x'", "DELETE FROM audit_change"]
)
def test_the_log_refuses_to_be_changed(project: Project, sql: str) -> None:
    CategoryFactory(project=project)
    before = list(Change.objects.values())

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert list(Change.objects.values()) == before
    assert before


def test_old_months_go_whole(project: Project, settings: Any) -> None:
    settings.AUDIT_LOG_DAYS = 1
    CategoryFactory(project=project)
    keep(utc_now())
    kept = Change.objects.count()
    assert kept

    keep(utc_now().replace(year=utc_now().year + 1))

    assert Change.objects.count() == 0


def test_an_erased_customer_leaves_that_there_was_a_change(
    api: ApiClient, project: Project
) -> None:
    customer = CustomerFactory(project=project, source_id="ada-lovelace")
    api.put(
        f"/v1/customers/{customer.pk}",
        {"name": "Ada"},
        X_Change_Reason="ada-lovelace asked",
    )
    assert changes("customers_customer")[-1].after["name"] == "Ada"

    api.post(f"/v1/customers/{customer.pk}/permanent-deletion")

    left = changes("customers_customer")
    assert Customer.objects.count() == 0
    assert [one.action for one in left] == ["changed", "deleted"]
    assert all(one.erased_at for one in left)
    assert {
        (str(one.before), str(one.after), one.name, one.reason) for one in left
    } == {("{}", "{}", "", "")}
