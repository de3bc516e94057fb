"""Event schemas at the dashboard."""

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from customers.models import CustomEventSchema
from promo.metadata_schemas.admin.schema_form import EMPTY_ROWS
from tests.admin_site import (
    address,
    errors_of,
    make_project,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.customers import EventSchemaFactory

pytestmark = pytest.mark.django_db

REQUIRED = {"type": "string", "optional": False}


def typed(**rows):
    """Return what a browser sends for rows given as ``_0={"key": …}``."""
    sent = {}
    for name, parts in rows.items():
        row = name.removeprefix("_")
        whole = {"key": "", "holds": "string", "need": "optional", **parts}
        sent |= {f"row_{row}_{part}": value for part, value in whole.items()}
    return sent


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def person(project):
    return sign_in(project, "ADMIN")


def define(project, **properties):
    return EventSchemaFactory.create(
        project=project, name="signed_up", properties=properties
    )


def properties_of(project):
    return project.custom_event_schemas.get().properties


def test_an_event_is_defined_row_by_row(project, person):
    response = person.add(
        CustomEventSchema,
        name="signed_up",
        **typed(
            _0={"key": "plan", "need": "required"},
            _1={"key": "size", "holds": "number"},
        ),
    )

    assert response.status_code == 302, errors_of(response)
    made = project.custom_event_schemas.get()
    assert made.name == "signed_up"
    assert made.properties == {
        "plan": REQUIRED,
        "size": {"type": "number", "optional": True},
    }


def test_a_change_sends_only_the_rows_that_changed_and_types_may(project, person):
    made = define(project, plan=REQUIRED, size={"type": "number", "optional": True})

    response = person.change(
        made,
        **typed(
            _0={"key": "plan", "need": "required"},
            _1={"key": "size", "holds": "boolean"},
            _2={"key": "day", "holds": "date"},
        ),
    )

    assert response.status_code == 302, errors_of(response)
    assert properties_of(project) == {
        "plan": REQUIRED,
        "size": {"type": "boolean", "optional": True},
        "day": {"type": "date", "optional": True},
    }


def test_a_key_is_removed_and_comes_back_as_it_was(project, person):
    made = define(project, plan=REQUIRED)

    person.change(made, **typed(_0={"key": "crew", "need": "removed"}))
    removed = properties_of(project)
    person.change(made, **typed(_0={"need": "required"}))

    assert removed == {"plan": {**REQUIRED, "deleted": True}}
    assert properties_of(project) == {"plan": REQUIRED}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            {"_0": {"key": "plan"}, "_1": {"key": "plan"}},
            {"row_1_key": ["This key has a row already."]},
        ),
        ({"_0": {"need": "required"}}, {"row_0_key": ["Give the key a name."]}),
        (
            {"_0": {"key": "at", "holds": "geopoint"}},
            {
                "row_0_holds": [
                    (
                        "Select a valid choice. geopoint is not one of the available "
                        "choices."
                    )
                ]
            },
        ),
    ],
)
def test_what_does_not_fit_is_told_where_it_was_typed(project, person, rows, words):
    response = person.add(CustomEventSchema, name="signed_up", **typed(**rows))

    assert errors_of(response) == words
    assert not project.custom_event_schemas.exists()


def test_a_name_is_there_once_and_never_empty(project, person):
    define(project)

    second = person.add(CustomEventSchema, name="signed_up")
    nameless = person.add(CustomEventSchema, name="")

    taken = "Duplicated custom_event_schema exists with name signed_up"
    assert errors_of(second) == {"__all__": [f"Duplicated resource found: {taken}"]}
    assert errors_of(nameless) == {"name": ["This field is required."]}
    assert project.custom_event_schemas.count() == 1


def test_the_list_and_the_page_say_what_is_defined(project, person):
    gone = {"type": "number", "optional": True, "deleted": True}
    made = define(project, plan=REQUIRED, gone=gone)

    listed, page = text_of(person.list(CustomEventSchema)), text_of(person.open(made))

    assert "signed_up" in listed
    assert "plan: must be a string, property is required" in page
    assert "1 must be there" in page
    assert f"row_{1 + EMPTY_ROWS}_key" in page


def test_an_event_is_deleted(project, person):
    made = define(project, plan=REQUIRED)

    person.delete(made)

    assert not project.custom_event_schemas.exists()


def test_the_page_costs_the_same_for_one_definition_as_for_twenty(project, person):
    one = define(project, plan=REQUIRED)
    many = EventSchemaFactory.create(
        project=project, properties={f"k{n}": REQUIRED for n in range(20)}
    )

    for_one = statements_of(lambda: person.open(one))

    assert statements_of(lambda: person.open(many)) == for_one


@pytest.mark.parametrize("role", ["USER", "VIEWER"])
def test_who_does_not_administer_the_project_reads_and_changes_nothing(project, role):
    made = define(project, plan=REQUIRED)
    person = sign_in(project, role)

    assert person.list(CustomEventSchema).status_code == 200
    page = text_of(person.open(made))
    assert "plan: must be a string" in page
    assert "row_0_key" not in page
    assert person.change(made, **typed(_0={"need": "removed"})).status_code == 403
    assert person.add(CustomEventSchema, name="other").status_code == 403
    assert person.delete(made).status_code == 403
    assert properties_of(project) == {"plan": REQUIRED}


def test_nobody_sees_an_event_without_sign_in(project):
    made = define(project, plan=REQUIRED)

    response = Client().get(address(CustomEventSchema, "change", quote(made.pk)))

    assert response.status_code == 302
    assert "login" in response.url


def test_an_event_of_another_project_does_not_exist(person):
    theirs = define(make_project("Other"), plan=REQUIRED)

    response = person.change(theirs, **typed(_0={"need": "removed"}))

    assert response.status_code == 302
    assert page_of(theirs) not in text_of(person.list(CustomEventSchema))
    theirs.refresh_from_db()
    assert theirs.properties == {"plan": REQUIRED}
