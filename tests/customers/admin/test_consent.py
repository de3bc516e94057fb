"""Consents and their groups at the dashboard."""

import pytest

from customers.models import Consent, ConsentChoice, ConsentGroup
from tests.admin_site import (
    NOW,
    address,
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.consents import ConsentFactory, ConsentGroupFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def test_a_consent_is_made_in_a_group():
    project = make_project()
    person = sign_in(project, "USER")

    person.add(ConsentGroup, name="Channels", description="How we reach you")
    group = ConsentGroup.objects.get()
    response = person.add(Consent, name="Mail", category="EMAIL", group=group.pk)

    consent = project.consents.get()
    assert response.status_code == 302
    assert (consent.name, consent.category, consent.group) == ("Mail", "EMAIL", group)
    assert (group.name, group.description) == ("Channels", "How we reach you")


def test_a_consent_is_changed_and_deleted():
    consent = ConsentFactory(project=make_project(), name="Mail")
    person = sign_in(consent.project, "USER")

    person.change(consent, name="Letters", description="", category="POST", group="")
    consent.refresh_from_db()
    changed = (consent.name, consent.category)
    person.delete(consent)

    assert changed == ("Letters", "POST")
    assert consent.updated_at is not None
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("factory", [ConsentFactory, ConsentGroupFactory])
def test_a_name_that_is_taken_is_refused(factory):
    taken = factory(project=make_project(), name="Mail")
    other = factory(project=taken.project, name="Calls")
    person = sign_in(taken.project, "USER")
    values = {"name": "Mail", "description": "", "category": "EMAIL", "group": ""}

    added = person.add(type(taken), **values)
    changed = person.change(other, **values)

    other.refresh_from_db()
    assert "exists with name Mail" in str(errors_of(added)["__all__"])
    assert "exists with name Mail" in str(errors_of(changed)["__all__"])
    assert other.name == "Calls"
    assert type(taken).objects.count() == 2


def test_another_projects_group_cannot_be_chosen():
    theirs = ConsentGroupFactory(project=make_project("Other"))
    person = sign_in(make_project(), "USER")

    response = person.add(Consent, name="Mail", category="EMAIL", group=theirs.pk)

    assert "group" in errors_of(response)
    assert Consent.objects.count() == 0


def test_deleting_a_group_leaves_its_consents():
    group = ConsentGroupFactory(project=make_project())
    consent = ConsentFactory(project=group.project, group=group)

    sign_in(group.project, "USER").delete(group)

    consent.refresh_from_db()
    assert consent.group is None


def choose(consent, *given):
    for one in given:
        ConsentChoice.objects.create(
            customer=CustomerFactory(project=consent.project),
            consent=consent,
            given=one,
            channel="API",
            changed_at=NOW,
        )


def test_the_page_says_how_many_agree():
    consent = ConsentFactory(project=make_project())
    choose(consent, True, True, False)

    response = sign_in(consent.project, "VIEWER").open(consent)

    shown = {one.name: (one.value, one.share) for one in response.context["summary"]}
    assert shown == {
        "Given by": ("2", 66),
        "Refused or taken back by": ("1", None),
    }


def test_the_page_of_a_customer_lists_the_choices():
    consent = ConsentFactory(project=make_project(), name="Mail")
    choose(consent, True)
    customer = consent.project.customers.get()

    response = sign_in(customer.project, "VIEWER").tab(customer, "consents")

    [panel] = response.context["panels"]
    assert [[cell.text for cell in row] for row in panel.rows] == [
        ["Mail", "Given", "Shop", "10 Mar 2026, 12:00"]
    ]
    assert "/preferences/" in panel.link
    assert "own page" in text_of(response)


@pytest.mark.parametrize("model", [Consent, ConsentGroup])
def test_who_may_only_read_adds_nothing(model):
    project = make_project()
    person = sign_in(project, "VIEWER")

    response = person.add(model, name="Mail", category="EMAIL")

    assert response.status_code == 403
    assert model.objects.count() == 0
    assert person.list(model).status_code == 200


@pytest.mark.parametrize("factory", [ConsentFactory, ConsentGroupFactory])
def test_the_list_is_the_projects_and_costs_the_same(factory):
    project = make_project()
    mine = factory(project=project)
    factory(project=make_project("Other"))
    person = sign_in(project, "VIEWER")
    for_one = statements_of(lambda: person.list(type(mine)))
    shown = rows_of(person.list(type(mine)))

    factory.create_batch(19, project=project)

    assert [one.pk for one in shown] == [mine.pk]
    assert statements_of(lambda: person.list(type(mine))) == for_one


@pytest.mark.parametrize("model", [Consent, ConsentGroup])
def test_nobody_reads_without_signing_in(client, model):
    response = client.get(address(model, "changelist"))

    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]
