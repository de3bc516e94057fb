"""Customers at the dashboard."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from campaigns.services.custom_event import EventToTrack, track_event
from customers.models import Customer
from customers.models.customer import empty_summary
from customers.services.customer import create_customer
from customers.services.upsert import CustomerDraft
from promo.outbox.models import DomainEvent
from promo.tenancy.permissions import ALL
from promo.tenancy.services.roles import create_role
from tests.admin_site import (
    NOW,
    address,
    errors_of,
    make_project,
    messages_of,
    page_of,
    rows_of,
    sign_in,
    statements_of,
    tables_of,
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


def test_what_is_left_on_cards_stands_above():
    summary = empty_summary()
    summary["redemptions"]["gift"]["amount_to_go"] = 4_200
    loyalty = {"points": 1_250, "referred_customers": 0, "campaigns": {}}
    customer = CustomerFactory(
        project=make_project(currency="EUR"), summary=summary, loyalty=loyalty
    )

    response = sign_in(customer.project, "VIEWER").open(customer)

    shown = {one.name: (one.value, one.link) for one in response.context["summary"]}
    assert shown["Credit"] == ("42.00 EUR", "?tab=wallet")
    assert shown["Points"] == ("1,250", "?tab=points")


def test_the_activity_tells_what_happened():
    project = make_project()
    customer = create_customer(project=project, now=NOW, source_id="ada-1")

    response = sign_in(project, "VIEWER").tab(customer, "activity")

    [panel] = response.context["panels"]
    [[what, about, when]] = panel.rows
    event = DomainEvent.objects.get()
    assert (what.text, about.text, when.text) == (
        "Customer created",
        "",
        "10 Mar 2026, 12:00",
    )
    assert what.link == page_of(event)


def test_who_reads_no_logs_is_told_but_not_led_on():
    project = make_project()
    customer = create_customer(project=project, now=NOW, source_id="ada-1")
    role = create_role(
        project=project, now=NOW, name="Desk", permissions=["customers.read"]
    )

    response = sign_in(project, role.pk, "desk@example.com").tab(customer, "activity")

    [panel] = response.context["panels"]
    assert panel.rows[0][0].text == "Customer created"
    assert (panel.link, panel.rows[0][0].link) == ("", "")


def test_the_activity_counts_what_the_customer_did():
    project = make_project()
    EventSchemaFactory(project=project, name="car_rented")
    event = EventToTrack(name="car_rented", customer=CustomerDraft(source_id="ada"))
    for _ in range(3):
        track_event(project=project, event=event, now=NOW)
    person = sign_in(project, "VIEWER")

    tables = tables_of(person.tab(project.customers.get(), "activity"))

    moment = "10 Mar 2026, 12:00"
    assert tables["Events"] == [["car_rented", "3", moment, moment]]
    assert [about for _, about, _ in tables["What happened"]] == [
        "car_rented",
        "car_rented",
        "car_rented",
        "",
    ]


def test_who_did_nothing_has_no_events():
    ada = CustomerFactory(project=make_project())

    tables = tables_of(sign_in(ada.project, "VIEWER").tab(ada, "activity"))

    assert tables == {"What happened": []}


def test_the_page_reads_the_tab_of_its_address_alone():
    ada = CustomerFactory(project=make_project())
    person = sign_in(ada.project, "VIEWER")

    plain = person.open(ada)
    asked = person.client.get(page_of(ada), {"tab": "segments"})
    unknown = person.client.get(page_of(ada), {"tab": "secrets"})

    assert (plain.context["tab"], plain.context["panels"]) == ("profile", [])
    assert asked.context["tab"] == "segments"
    assert [one.title for one in asked.context["panels"]] == ["Segments"]
    assert unknown.context["tab"] == "profile"
    assert person.tab(ada, "secrets").status_code == 404


def test_what_cannot_be_saved_shows_the_profile_again():
    ada = CustomerFactory(project=make_project())
    person = sign_in(ada.project, "USER")

    response = person.client.post(f"{page_of(ada)}?tab=wallet", {"birthdate": "never"})

    ada.refresh_from_db()
    assert response.context["tab"] == "profile"
    assert "birthdate" in errors_of(response)
    assert ada.birthdate is None


TABS = {
    "wallet": "vouchers.read",
    "orders": "orders.read",
    "redemptions": "redemptions.read",
    "points": "vouchers.read",
    "segments": "segments.read",
    "consents": "consents.read",
    "activity": "customers.read",
}


@pytest.mark.parametrize(("tab", "needed"), TABS.items())
def test_a_tab_opens_with_its_permission_alone(tab, needed):
    ada = CustomerFactory(project=make_project())
    roles = {
        name: create_role(
            project=ada.project, now=NOW, name=name, permissions=sorted(held)
        )
        for name, held in {
            "May": {"customers.read", needed},
            "May not": ALL - {needed, "customers.read", "customers.modify"}
            if needed == "customers.read"
            else ALL - {needed},
        }.items()
    }
    may = sign_in(ada.project, roles["May"].pk, "may@example.com")
    may_not = sign_in(ada.project, roles["May not"].pk, "may-not@example.com")

    assert may.tab(ada, tab).status_code == 200
    assert may_not.tab(ada, tab).status_code in {403, 404}
    assert Client().get(address(Customer, "tab", quote(ada.pk), tab)).status_code == 302


def test_a_tab_of_another_projects_customer_does_not_exist():
    foreign = CustomerFactory(project=make_project("Other"))

    response = sign_in(make_project(), "ADMIN").tab(foreign, "wallet")

    assert response.status_code == 404


def test_erasing_a_customer_leaves_nothing():
    customer = create_customer(project=make_project(), now=NOW, name="Ada")
    person = sign_in(customer.project, "USER")

    response = person.run(customer, "erase", typed="Ada")

    assert response["Location"].endswith("/customers/customer/")
    assert messages_of(response) == ["Ada is erased."]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("typed", ["", "ada", "Bob"])
def test_who_types_another_name_erases_nobody(typed):
    customer = create_customer(project=make_project(), now=NOW, name="Ada")
    person = sign_in(customer.project, "USER")
    dialog = person.client.get(address(Customer, "erase", quote(customer.pk)))

    response = person.run(customer, "erase", typed=typed)

    assert "Type “Ada” to erase for good" in text_of(dialog)
    assert response.status_code == 200
    assert "This is not “Ada”. Nothing has been erased." in text_of(response)
    assert Customer.objects.get().name == "Ada"


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
    assert person.run(customer, "erase", typed="Ada").status_code == 403
    assert Customer.objects.get(deleted_at=None).name == "Ada"


def test_customers_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = CustomerFactory(project=make_project("Other"))

    assert rows_of(person.list(Customer)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "erase", typed=str(foreign)).status_code == 404
    assert Customer.objects.get() == foreign


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    CustomerFactory(project=project)
    for_one = statements_of(lambda: person.list(Customer))

    CustomerFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(Customer)) == for_one
