"""Metadata schemas at the dashboard."""

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from promo.jobs.models import AsyncAction
from promo.metadata_schemas.admin.schema_form import EMPTY_ROWS
from promo.metadata_schemas.models import MetadataSchema
from tests.admin_site import (
    address,
    errors_of,
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.metadata import define

pytestmark = pytest.mark.django_db

WRONG = "Invalid payload: Property .properties"


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


def schema_of(project, resource="customer"):
    return project.metadata_schemas.get(related_object=resource)


def test_a_schema_is_defined_row_by_row(project, person):
    response = person.add(
        MetadataSchema,
        resource="customer",
        defined_only="on",
        **typed(
            _0={"key": "team", "need": "required", "allowed": "latin\r\n greek "},
            _1={"key": "visits", "holds": "number", "least": "0", "most": "9.5"},
            _2={"key": "brands", "array": "on", "most": "20"},
            _3={"key": "home", "holds": "geopoint"},
        ),
    )

    assert response.status_code == 302, errors_of(response)
    made = schema_of(project)
    plain = {"array": False, "optional": True, "object_type": None}
    assert made.allow_defined_only is True
    assert made.properties == {
        "team": {
            **plain,
            "type": "string",
            "optional": False,
            "eq": ["latin", "greek"],
        },
        "visits": {**plain, "type": "number", "gte": 0, "lte": 9.5},
        "brands": {**plain, "type": "string", "array": True, "max_length": 20},
        "home": {**plain, "type": "geopoint"},
    }


def test_a_key_holds_objects_that_have_a_schema_of_their_own(project, person):
    person.add(
        MetadataSchema,
        resource="nested",
        nested_name="Parcel",
        **typed(_0={"key": "weight", "holds": "number"}),
    )
    person.add(
        MetadataSchema,
        resource="order",
        **typed(
            _0={"key": "parcel", "holds": "object:Parcel"},
            _1={"key": "anything", "holds": "object:"},
        ),
    )

    order = schema_of(project, "order").properties
    assert order["parcel"]["object_type"] == "Parcel"
    assert order["anything"]["object_type"] is None
    assert "Object: Parcel" in text_of(person.list(MetadataSchema))


def test_a_change_sends_only_the_rows_that_changed_and_keeps_other_parts(
    project, person
):
    made = define(
        project,
        "customer",
        code={"type": "string", "exact_length": 5, "eq": ["a, b", "c"]},
        visits={"type": "number", "ne": [3], "lt": 9},
    )

    response = person.change(
        made,
        **typed(
            _0={"key": "code", "allowed": "a, b\r\nc"},
            _1={"key": "visits", "holds": "number", "need": "required", "least": "1"},
        ),
    )

    assert response.status_code == 302, errors_of(response)
    changed = schema_of(project).properties
    assert changed["code"] == made.properties["code"]
    assert changed["visits"] == {
        **made.properties["visits"],
        "optional": False,
        "gte": 1,
    }


def test_key_and_type_of_a_definition_stay_whatever_is_sent(project, person):
    made = define(project, "customer", team={"type": "string"})

    person.change(made, **typed(_0={"key": "crew", "holds": "number", "most": "5"}))

    assert schema_of(project).properties == {
        "team": {
            "type": "string",
            "array": False,
            "optional": True,
            "object_type": None,
            "max_length": 5,
        }
    }


def test_a_definition_is_removed_and_comes_back_as_it_was(project, person):
    made = define(project, "customer", team={"type": "string", "optional": False})
    before = made.properties

    person.change(made, **typed(_0={"key": "team", "need": "removed"}))
    removed = schema_of(project).properties["team"]
    person.change(made, **typed(_0={"key": "team", "need": "required"}))

    assert removed == {**before["team"], "deleted": True}
    assert schema_of(project).properties == before


@pytest.mark.parametrize(
    ("rows", "field", "words"),
    [
        (
            {"_0": {"key": "team"}, "_1": {"key": "team"}},
            "row_1_key",
            "This key has a row already.",
        ),
        ({"_0": {"allowed": "x"}}, "row_0_key", "Give the key a name."),
        ({"_0": {"need": "required"}}, "row_0_key", "Give the key a name."),
        (
            {"_0": {"key": "day", "holds": "date", "least": "1"}},
            "row_0_least",
            "Only texts and numbers are bounded.",
        ),
        (
            {"_0": {"key": "vip", "holds": "boolean", "allowed": "yes"}},
            "__all__",
            f"{WRONG}.vip.eq is only for the type string or number",
        ),
        (
            {"_0": {"key": "size", "holds": "number", "allowed": "big"}},
            "__all__",
            f"{WRONG}.size.eq[0] must be number",
        ),
        (
            {"_0": {"key": "name", "least": "1.5"}},
            "__all__",
            f"{WRONG}.name.min_length must be integer",
        ),
    ],
)
def test_what_does_not_fit_is_told_where_it_was_typed(
    project, person, rows, field, words
):
    response = person.add(MetadataSchema, resource="customer", **typed(**rows))

    assert errors_of(response) == {field: [words]}
    assert not project.metadata_schemas.exists()


def test_objects_need_a_name_and_a_resource_has_one_schema(project, person):
    define(project, "customer", team={"type": "string"})

    nameless = person.add(MetadataSchema, resource="nested")
    second = person.add(MetadataSchema, resource="customer")

    assert errors_of(nameless) == {"nested_name": ["Give the objects a name."]}
    taken = "Duplicated metadata schema exists with related_object customer"
    assert errors_of(second) == {"__all__": [f"Duplicated resource found: {taken}"]}
    assert project.metadata_schemas.count() == 1


def test_a_schema_is_deleted(project, person):
    made = define(project, "customer", team={"type": "string"})

    person.delete(made)

    project.refresh_from_db()
    assert not project.metadata_schemas.exists()
    assert project.metadata_schemas_edition == ""


def test_the_list_and_the_page_say_what_is_defined(project, person):
    made = define(
        project,
        "promotion_tier",
        strict=True,
        size={"type": "number", "optional": False},
        gone={"type": "string", "deleted": True},
    )

    listed, page = text_of(person.list(MetadataSchema)), text_of(person.open(made))

    assert "Promotion tier" in listed
    assert "size: must be a number, property is required" in page
    assert "1 must be there" in page
    assert f"row_{1 + EMPTY_ROWS}_key" in page


def test_the_page_costs_the_same_for_one_definition_as_for_twenty(project, person):
    one = define(project, "customer", team={"type": "string"})
    many = define(project, "order", **{f"k{n}": {"type": "string"} for n in range(20)})

    for_one = statements_of(lambda: person.open(one))

    assert statements_of(lambda: person.open(many)) == for_one


@pytest.mark.parametrize("role", ["USER", "VIEWER"])
def test_who_does_not_administer_the_project_reads_and_changes_nothing(project, role):
    made = define(project, "customer", team={"type": "string"})
    person = sign_in(project, role)

    assert person.list(MetadataSchema).status_code == 200
    page = text_of(person.open(made))
    assert "team: must be a string" in page
    assert "row_0_key" not in page
    assert person.change(made, **typed(_0={"need": "removed"})).status_code == 403
    assert person.add(MetadataSchema, resource="order").status_code == 403
    assert person.delete(made).status_code == 403
    assert schema_of(project).properties == made.properties


def test_nobody_sees_a_schema_without_sign_in(project):
    made = define(project, "customer", team={"type": "string"})

    response = Client().get(address(MetadataSchema, "change", quote(made.pk)))

    assert response.status_code == 302
    assert "login" in response.url


def test_a_schema_of_another_project_does_not_exist(person):
    theirs = define(make_project("Other"), "customer", team={"type": "string"})

    response = person.change(theirs, **typed(_0={"need": "removed"}))

    assert response.status_code == 302
    assert page_of(theirs) not in text_of(person.list(MetadataSchema))
    theirs.refresh_from_db()
    assert "deleted" not in theirs.properties["team"]


def test_a_removed_key_is_purged_on_demand(project, person):
    made = define(
        project,
        "customer",
        gone={"type": "string", "deleted": True},
        team={"type": "string"},
    )

    offered = "Purge a removed key" in text_of(person.open(made))
    kept = person.run(made, "purge", key="team")
    response = person.run(made, "purge", key="gone")

    assert offered
    assert kept.status_code == 200
    assert messages_of(response) == ["gone is being purged."]
    assert schema_of(project).properties.keys() == {"team"}
    action = AsyncAction.objects.get()
    assert action.arguments == {"key": "gone"}
    assert "Purge a removed key" not in text_of(person.open(made))
