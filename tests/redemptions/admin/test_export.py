"""The export centre at the dashboard."""

from typing import Any

import pytest

from promo.tenancy.models import Project
from redemptions.exports.registry import CATALOGUES
from redemptions.models import Export
from redemptions.models.export import KEPT
from redemptions.services.export import create_export
from redemptions.services.export_run import run_export
from tests.admin_site import (
    NOW,
    Person,
    address,
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.redemptions.exports.files import content

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project(timezone="Europe/Warsaw")


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "USER")


def form(kind: str = "voucher", **values: Any) -> dict[str, Any]:
    """Return what the form sends for a kind of rows."""
    columns = [*CATALOGUES[kind].defaults]
    return {"exported_object": kind, f"columns_{kind}": columns} | values


def download(person: Person, export: Export) -> Any:
    return person.client.get(address(Export, "download", export.pk))


def test_a_person_makes_a_file_and_downloads_it(person: Person, shop: Project) -> None:
    campaign = CampaignFactory(project=shop, name="Spring")
    VoucherFactory(campaign=campaign, code="A")
    VoucherFactory(project=shop, code="OTHER")

    response = person.add(
        Export,
        **form(
            columns_voucher=["code", "metadata"],
            order_voucher="-code",
            campaign=" Spring ",
            period="$this_month",
            filters='{"active": {"conditions": {"$is": true}}}',
        ),
    )

    assert response.status_code == 302, errors_of(response)
    export = Export.objects.get()
    assert (export.channel, export.user) == ("WEBSITE", person.user)
    assert export.parameters == {
        "fields": ["code", "metadata"],
        "order": "-code",
        "filters": {
            "junction": "and",
            "active": {"conditions": {"$is": True}},
            "created_at": {"conditions": {"$this_month": [True]}},
            "campaign": {"conditions": {"$is": [campaign.pk]}},
        },
    }
    shop.vouchers.update(created_at=export.created_at)
    run_export(export.pk, now=export.created_at)
    answer = download(person, export)
    assert b"".join(answer.streaming_content) == b"Code,Metadata\r\nA,{}\r\n"


def test_days_are_those_of_the_project(person: Person) -> None:
    person.add(Export, **form(period="dates", since="2026-03-01", until="2026-03-10"))

    made = Export.objects.get().parameters["filters"]["created_at"]
    assert made == {
        "conditions": {
            "$more_than_equal": ["2026-02-28T23:00:00.000Z"],
            "$before": ["2026-03-10T23:00:00.000Z"],
        }
    }


@pytest.mark.parametrize("kind", [*CATALOGUES])
def test_every_kind_of_rows_can_be_chosen(
    person: Person, shop: Project, kind: str
) -> None:
    campaign = CampaignFactory(project=shop)

    response = person.add(
        Export, **form(kind, campaign=campaign.pk, period="$yesterday")
    )

    assert response.status_code == 302, errors_of(response)
    export = Export.objects.get()
    run_export(export.pk, now=NOW)
    export.refresh_from_db()
    assert (export.status, export.rows) == ("DONE", 0)
    assert content(export).count("\r\n") == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"campaign": "Nobody"}, "campaign"),
        ({"filters": "[1]"}, "filters"),
        ({"filters": '{"nonsense": {"conditions": {"$is": 1}}}'}, "filters"),
        ({"columns_voucher": ["nonsense"]}, "columns_voucher"),
        ({"order_voucher": "nonsense"}, "order_voucher"),
        ({"exported_object": "nonsense"}, "exported_object"),
    ],
)
def test_what_does_not_fit_is_shown_beside_its_field(
    person: Person, values: dict[str, Any], field: str
) -> None:
    response = person.add(Export, **form(**values))

    assert response.status_code == 200
    assert field in errors_of(response)
    assert not Export.objects.exists()


def test_the_list_says_what_became_of_each(person: Person, shop: Project) -> None:
    VoucherFactory(project=shop)
    done = create_export(project=shop, exported_object="voucher", now=NOW)
    run_export(done.pk, now=NOW)
    create_export(project=shop, exported_object="customer", now=NOW)
    create_export(project=make_project("Other"), exported_object="order", now=NOW)

    everything, finished = person.list(Export), person.list(Export, status="DONE")

    assert len(rows_of(everything)) == 2
    assert rows_of(finished) == [done]
    assert rows_of(person.list(Export, what="customer")) != [done]
    for words in ("Vouchers", "Customers", "1 row,", "Waiting", "Done", "Download"):
        assert words in text_of(everything)


def test_the_list_costs_the_same_for_one_row_as_for_twenty(
    person: Person, shop: Project
) -> None:
    create_export(project=shop, exported_object="voucher", now=NOW)
    for_one = statements_of(lambda: person.list(Export))
    for _ in range(19):
        create_export(
            project=shop, exported_object="voucher", user=person.user, now=NOW
        )

    assert statements_of(lambda: person.list(Export)) == for_one


def test_the_page_of_a_file_shows_what_was_asked(person: Person, shop: Project) -> None:
    export = create_export(
        project=shop,
        exported_object="order",
        parameters={"fields": ["amount"]},
        now=NOW,
    )
    run_export(export.pk, now=NOW)

    shown = text_of(person.open(export))

    assert "amount" in shown
    assert export.token not in shown
    assert "Kept until" in shown


def test_a_file_that_is_gone_is_told_of(person: Person, shop: Project) -> None:
    export = create_export(project=shop, exported_object="order", now=NOW)
    Export.objects.filter(pk=export.pk).update(created_at=NOW - KEPT)

    response = download(person, export)

    assert response.status_code == 302


def test_deleting_takes_it_off_the_list(person: Person, shop: Project) -> None:
    export = create_export(project=shop, exported_object="order", now=NOW)

    response = person.delete(export)

    assert response.status_code == 302
    assert rows_of(person.list(Export)) == []
    assert Export.objects.get().deleted_at is not None


@pytest.mark.parametrize(
    ("role", "adds", "deletes"),
    [("ADMIN", 302, 302), ("USER", 302, 302), ("VIEWER", 302, 403)],
)
def test_each_role_does_what_it_may(
    shop: Project, role: str, adds: int, deletes: int
) -> None:
    person = sign_in(shop, role)
    export = create_export(project=shop, exported_object="order", now=NOW)

    assert person.list(Export).status_code == 200
    assert person.open(export).status_code == 200
    assert person.delete(export).status_code == deletes
    assert person.add(Export, **form()).status_code == adds


def test_who_is_not_signed_in_gets_nothing(shop: Project, person: Person) -> None:
    export = create_export(project=shop, exported_object="order", now=NOW)
    person.client.logout()

    for response in (
        person.list(Export),
        person.open(export),
        download(person, export),
    ):
        assert response.status_code == 302
        assert "login" in response["Location"]


def test_another_projects_file_does_not_exist(person: Person) -> None:
    theirs = create_export(
        project=make_project("Other"), exported_object="order", now=NOW
    )

    assert download(person, theirs).status_code == 404
    assert person.open(theirs).status_code == 302
    assert person.delete(theirs).status_code == 302
    assert Export.objects.alive().filter(pk=theirs.pk).exists()
