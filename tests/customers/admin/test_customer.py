"""Customers at the dashboard."""

from datetime import UTC, date, datetime

import pytest

from campaigns.services.custom_event import EventToTrack, track_event
from customers.models import Customer
from customers.models.customer import empty_summary
from customers.services.customer import create_customer
from customers.services.upsert import CustomerDraft
from promo.outbox.models import DomainEvent
from tests.admin_site import (
    NOW,
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.customers import CustomerFactory, EventSchemaFactory

pytestmark = pytest.mark.django_db

_ADA = {
    "source_id": "ada-1",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "birthdate": "1990-12-10",
    "city": "London",
    "metadata": '{"level": "gold"}',
}


def test_adding_a_customer_goes_through_the_service():
    project = make_project()

    response = sign_in(project, "USER").add(Customer, **_ADA)

    customer = project.customers.get()
    assert response.status_code == 302
    assert (customer.source_id, customer.name) == ("ada-1", "Ada Lovelace")
    assert customer.birthdate == date(1990, 12, 10)
    assert customer.address["city"] == "London"
    assert customer.metadata == {"level": "gold"}
    assert DomainEvent.objects.get().type == "customer.created"


def test_an_id_that_is_taken_does_not_overwrite_its_customer():
    project = make_project()
    known = CustomerFactory(project=project, source_id="ada-1", name="Ada")

    response = sign_in(project, "USER").add(Customer, **_ADA)

    known.refresh_from_db()
    assert errors_of(response) == {
        "source_id": ["Another customer has this id already."]
    }
    assert known.name == "Ada"


def test_changing_a_customer_writes_only_what_changed():
    customer = CustomerFactory(
        project=make_project(),
        name="Ada",
        address={"city": "London", "country": "GB"},
        metadata={"level": "gold"},
    )

    sign_in(customer.project, "USER").change(
        customer,
        name="Ada Lovelace",
        city="Paris",
        country="GB",
        metadata='{"level": "gold", "vip": true}',
    )

    customer.refresh_from_db()
    assert customer.name == "Ada Lovelace"
    assert customer.address == {"city": "Paris", "country": "GB"}
    assert customer.metadata == {"level": "gold", "vip": True}


def test_the_page_sums_up_what_the_customer_did():
    summary = empty_summary()
    summary["orders"] = {
        "total_amount": 30_000,
        "total_count": 3,
        "average_amount": 10_000,
        "last_order_amount": 5_000,
    }
    summary["redemptions"] |= {"total_succeeded": 2, "total_failed": 1}
    customer = CustomerFactory(project=make_project(currency="EUR"), summary=summary)

    response = sign_in(customer.project, "VIEWER").open(customer)

    shown = {one.name: (one.value, one.note) for one in response.context["summary"]}
    assert shown == {
        "Spent": ("300.00 EUR", "100.00 EUR an order"),
        "Orders": ("3", "The last one 50.00 EUR"),
        "Redemptions": ("2", "1 refused, 0 rolled back"),
        "Codes held": ("0", ""),
    }


def test_the_page_lists_the_activity():
    project = make_project()
    customer = create_customer(project=project, now=NOW, source_id="ada-1")

    response = sign_in(project, "VIEWER").open(customer)

    [event] = response.context["activity"]
    assert event["what"] == "Customer created"
    assert "Customer created" in text_of(response)


def test_the_page_lists_what_the_customer_did_and_how_often():
    project = make_project()
    EventSchemaFactory(project=project, name="car_rented")
    event = EventToTrack(name="car_rented", customer=CustomerDraft(source_id="ada"))
    for _ in range(3):
        track_event(project=project, event=event, now=NOW)
    person = sign_in(project, "VIEWER")

    response = person.open(project.customers.get())

    page = text_of(response)
    (row,) = response.context["done"]
    assert (row.name, row.count) == ("car_rented", 3)
    assert [each["about"] for each in response.context["activity"]] == [
        "car_rented",
        "car_rented",
        "car_rented",
        "",
    ]
    assert "<h2>Events</h2>" in page
    assert "Customer custom event" in page


def test_the_page_of_who_did_nothing_lists_no_events():
    project = make_project()
    ada = CustomerFactory(project=project)

    page = text_of(sign_in(project, "VIEWER").open(ada))

    assert "<h2>Events</h2>" not in page


def test_erasing_a_customer_leaves_nothing():
    customer = create_customer(project=make_project(), now=NOW, name="Ada")
    person = sign_in(customer.project, "USER")

    response = person.run(customer, "erase")

    assert response["Location"].endswith("/customers/customer/")
    assert messages_of(response) == ["Ada is erased."]
    assert not Customer.objects.exists()


def test_deleting_a_customer_keeps_the_row_out_of_use():
    customer = CustomerFactory(project=make_project())
    person = sign_in(customer.project, "USER")

    person.delete(customer)

    customer.refresh_from_db()
    assert customer.deleted_at is not None
    assert rows_of(person.list(Customer)) == []


def test_the_list_finds_by_name_address_and_ids():
    project = make_project()
    person = sign_in(project, "VIEWER")
    ada = CustomerFactory(
        project=project, name="Ada Lovelace", email="ada@example.com", source_id="s-1"
    )
    CustomerFactory(project=project)

    for term in ("lovelace", "ADA@", "s-1", ada.pk):
        assert rows_of(person.list(Customer, q=term)) == [ada]


def test_the_list_filters_by_days_of_the_projects_zone():
    project = make_project(timezone="Europe/Paris")
    CustomerFactory(
        project=project, created_at=datetime(2027, 1, 1, 22, 59, tzinfo=UTC)
    )
    late = CustomerFactory(
        project=project, created_at=datetime(2027, 1, 1, 23, 0, tzinfo=UTC)
    )
    CustomerFactory(project=project, created_at=datetime(2027, 1, 2, 23, 0, tzinfo=UTC))

    listed = sign_in(project, "VIEWER").list(
        Customer, created_at_from="2027-01-02", created_at_to="2027-01-02"
    )

    assert rows_of(listed) == [late]


def test_a_viewer_reads_and_changes_nothing():
    customer = CustomerFactory(project=make_project(), name="Ada")
    person = sign_in(customer.project, "VIEWER")

    assert person.open(customer).status_code == 200
    assert person.add(Customer, **_ADA).status_code == 403
    assert person.change(customer, name="x").status_code == 403
    assert person.delete(customer).status_code == 403
    assert person.run(customer, "erase").status_code == 403
    assert Customer.objects.get(deleted_at=None).name == "Ada"


def test_customers_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = CustomerFactory(project=make_project("Other"))

    assert rows_of(person.list(Customer)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "erase").status_code == 404
    assert Customer.objects.get() == foreign


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    CustomerFactory(project=project)
    for_one = statements_of(lambda: person.list(Customer))

    CustomerFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(Customer)) == for_one
