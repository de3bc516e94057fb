import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from customers.models import Customer
from customers.services.customer import (
    create_customer,
    delete_customer,
    find_customer,
    update_customer,
)
from customers.services.summary import Figures, store_figures
from customers.services.upsert import CustomerDraft, upsert_customers
from promo.errors import InvalidPayload, ResourceNotFound
from promo.outbox.models import DomainEvent
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import ProjectFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def types() -> list[str]:
    return list(DomainEvent.objects.order_by("id").values_list("type", flat=True))


def test_an_unknown_source_id_makes_a_customer():
    project = ProjectFactory()

    made = create_customer(
        project=project, now=NOW, source_id="ada", name="Ada", metadata={"vip": True}
    )

    stored = Customer.objects.get()
    assert stored.pk == made.pk
    assert (stored.source_id, stored.name) == ("ada", "Ada")
    assert stored.metadata == {"vip": True}
    assert types() == ["customer.created"]


def test_a_known_source_id_changes_only_what_is_given():
    ada = CustomerFactory(name="Ada", metadata={"vip": True})

    create_customer(
        project=ada.project, now=NOW, source_id=ada.source_id, metadata={"size": "M"}
    )

    ada.refresh_from_db()
    assert Customer.objects.count() == 1
    assert ada.name == "Ada"
    assert ada.metadata == {"vip": True, "size": "M"}
    assert ada.updated_at == NOW
    assert types() == ["customer.updated"]


def test_an_unknown_id_is_refused_and_nothing_is_stored():
    project, stranger = ProjectFactory(), CustomerFactory()

    with pytest.raises(ResourceNotFound) as refused:
        create_customer(project=project, now=NOW, id=stranger.pk, name="Eve")

    stranger.refresh_from_db()
    assert refused.value.details == f"Cannot find customer with id {stranger.pk}"
    assert stranger.name == ""
    assert types() == []


def test_a_source_id_that_is_another_customers_id_is_refused():
    ada = CustomerFactory()

    with pytest.raises(InvalidPayload):
        create_customer(project=ada.project, now=NOW, source_id=ada.pk)

    assert Customer.objects.count() == 1


def test_naming_a_known_customer_again_costs_one_statement(
    django_assert_num_queries,
):
    ada = CustomerFactory(name="Ada")
    draft = CustomerDraft(source_id=ada.source_id, values={"name": "Ada"})

    # The others open and close the savepoint of the test's transaction.
    with django_assert_num_queries(3):
        found = upsert_customers(ada.project, [draft], NOW)

    assert found[ada.source_id].pk == ada.pk
    assert types() == []


def test_a_deleted_customer_frees_the_source_id():
    ada = CustomerFactory(source_id="ada")

    delete_customer(ada, now=NOW)

    with pytest.raises(ResourceNotFound):
        find_customer(ada.project, "ada")
    again = create_customer(project=ada.project, now=NOW, source_id="ada")
    assert again.pk != ada.pk
    assert types() == ["customer.deleted", "customer.created"]


def test_an_update_that_changes_nothing_tells_nobody():
    ada = CustomerFactory(name="Ada")

    update_customer(ada, now=NOW, name="Ada")

    ada.refresh_from_db()
    assert ada.updated_at is None
    assert types() == []


def test_summaries_replace_blocks_without_touching_the_profile():
    ada, eve = CustomerFactory(), CustomerFactory()
    block = {"redemptions": {"total_redeemed": 3}, "orders": {"total_count": 1}}

    figures = Figures(summary=block)

    changed = store_figures(ada.project, {ada.pk: figures, eve.pk: figures})

    ada.refresh_from_db()
    eve.refresh_from_db()
    assert changed == 1
    assert ada.summary == block
    assert ada.updated_at is None
    assert eve.summary != block


@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_make_one_customer():
    project = ProjectFactory()
    start, found = threading.Barrier(8), []

    def name(size: int) -> None:
        draft = CustomerDraft(source_id="ada", values={"metadata": {f"k{size}": size}})
        start.wait()
        try:
            found.append(upsert_customers(project, [draft], NOW)["ada"].pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=name, args=(size,)) for size in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = Customer.objects.get()
    assert found == [stored.pk] * 8
    assert stored.metadata == {f"k{size}": size for size in range(8)}
    assert types() == ["customer.created"] + ["customer.updated"] * 7
