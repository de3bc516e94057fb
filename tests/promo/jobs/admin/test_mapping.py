"""Saying which column of a file fills what, once for all files of its kind."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from promo.jobs.models import AsyncAction, ImportMapping
from promo.jobs.rows.mapping import choose_columns, remembered
from promo.tenancy.models import Project
from tests.admin_site import NOW, Person, make_project, messages_of, sign_in, text_of
from tests.fixtures.rows import run_to_end

pytestmark = pytest.mark.django_db
KIND = "CUSTOMERS.IMPORT_CSV"
FILE = "Client number,Full name,Loves,\nada,Ada Byron,tea,x\n"
CHOSEN = {"column-0": "source_id", "column-1": "name", "column-2": "metadata"}


@pytest.fixture
def anna() -> Person:
    return sign_in(make_project(), "USER")


def choose(person: Person, content: str = FILE, kind: str = KIND) -> str:
    """Send a file; return where its preview is."""
    upload = SimpleUploadedFile("people.csv", content.encode(), "text/csv")
    answer = person.client.post("/admin/imports/", {"kind": kind, "file": upload})
    return str(answer["Location"])


def choices(person: Person, page: str) -> list[tuple[str, str]]:
    shown = person.client.get(page).context["choices"]
    return [(one.title, one.fills) for one in shown]


def confirm(person: Person) -> AsyncAction:
    action = person.project.async_actions.get(status="DRAFT")
    person.client.post(reverse("import-confirm", args=[action.pk]))
    return run_to_end(action.pk)


def test_a_file_that_nobody_would_understand_is_mapped(anna: Person) -> None:
    page = choose(anna)
    before = text_of(anna.client.get(page))

    anna.client.post(page, {**CHOSEN, "column-3": "-"})
    after = text_of(anna.client.get(page))
    action = confirm(anna)

    assert "The metadata header Client number holds a space" in before
    assert "All of the first 1 rows would be taken." in after
    assert action.result["done_count"] == 1
    ada = anna.project.customers.get()
    assert (ada.source_id, ada.name) == ("ada", "Ada Byron")
    assert ada.metadata == {"Loves": "tea"}


def test_the_next_file_of_the_kind_begins_with_it(anna: Person) -> None:
    page = choose(anna)
    anna.client.post(page, {**CHOSEN, "column-3": "-"})
    confirm(anna)

    again = choose(anna, "full NAME,client-number,e-mail\nEve,eve,eve@example.com\n")

    assert choices(anna, again) == [
        ("full NAME", "name"),
        ("client-number", "source_id"),
        ("e-mail", "email"),
    ]
    assert confirm(anna).result["done_count"] == 1
    assert anna.project.customers.get(source_id="eve").name == "Eve"


def test_what_is_remembered_is_of_one_project_and_kind(anna: Person) -> None:
    page = choose(anna)
    anna.client.post(page, CHOSEN)

    assert remembered(anna.project, KIND)["clientnumber"] == "source_id"
    assert remembered(anna.project, "PRODUCTS.IMPORT_CSV") == {}
    assert remembered(make_project("Other"), KIND) == {}


def test_choices_are_added_to_those_of_other_files(anna: Person) -> None:
    anna.client.post(choose(anna), CHOSEN)
    confirm(anna)

    anna.client.post(choose(anna, "Mail\na@example.com\n"), {"column-0": "email"})

    kept = ImportMapping.objects.get()
    assert kept.columns == {
        "clientnumber": "source_id",
        "fullname": "name",
        "loves": "metadata",
        "mail": "email",
    }


@pytest.mark.parametrize("wanted", ["nonsense", "address.city"])
def test_what_no_column_can_fill_is_refused(anna: Person, wanted: str) -> None:
    page = choose(anna)

    answer = anna.client.post(page, {"column-0": wanted})

    [told] = messages_of(answer)
    assert told.endswith(f"No column can fill {wanted}")
    assert not ImportMapping.objects.exists()
    assert "columns" not in anna.project.async_actions.get().arguments


def test_what_has_begun_is_mapped_no_more(anna: Person) -> None:
    page = choose(anna, "source_id,name\nada,Ada\n")
    action = confirm(anna)

    answer = anna.client.post(page, {"column-1": "-"})

    assert answer.status_code == 302
    assert not ImportMapping.objects.exists()
    with pytest.raises(Exception, match="has begun already"):
        choose_columns(action, {"name": "-"}, now=NOW)


def test_two_columns_cannot_fill_the_same(anna: Person) -> None:
    page = choose(anna, "source_id,a,b\nada,Ada,Byron\n")

    anna.client.post(page, {"column-1": "name", "column-2": "name"})

    assert "The column b stands twice" in text_of(anna.client.get(page))


def test_a_column_that_says_nothing_is_left_out(anna: Person) -> None:
    page = choose(anna, "source_id,name,secret\nada,Ada,x\n")

    anna.client.post(page, {"column-2": "-"})
    confirm(anna)

    assert anna.project.customers.get().metadata == {}


def test_others_cannot_map_the_file(anna: Person) -> None:
    page = choose(anna)
    other = sign_in(make_project("Other"), "USER", "other@example.com")

    assert other.client.post(page, CHOSEN).status_code == 404
    assert not ImportMapping.objects.exists()


@pytest.mark.parametrize(
    "kind",
    ["PRODUCTS.IMPORT_CSV", "SKUS.IMPORT_CSV", "VOUCHERS.IMPORT_CSV"],
)
def test_every_kind_says_what_can_be_filled(kind: str, project: Project) -> None:
    person = sign_in(project, "USER")

    page = choose(person, "a\n1\n", kind)
    fillable: list[tuple[str, Any]] = person.client.get(page).context["fillable"]

    assert fillable[-1] == ("-", "nothing")
    assert len({value for value, _ in fillable}) == len(fillable)
    assert len(fillable) > 3
