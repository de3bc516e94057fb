"""The page of a file: how far it is, its checksum, and what its columns mean."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from promo.metadata_schemas.services import create_metadata_schema
from promo.tenancy.models import Project
from redemptions.exports.dictionary import COMMON, OWN, meaning_of
from redemptions.exports.registry import CATALOGUES
from redemptions.models import Export
from redemptions.models.export import KEPT
from redemptions.services.export import create_export
from redemptions.services.export_progress import rows_written
from tests.admin_site import NOW, address, make_project, sign_in, text_of
from tests.factories.campaigns import VoucherFactory
from tests.redemptions.exports.files import content, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project()


def test_the_checksum_is_that_of_the_file(shop: Project) -> None:
    VoucherFactory(project=shop, code="ÄÖ")

    export = made(shop, "voucher")

    wanted = hashlib.sha256(content(export).encode()).hexdigest()
    assert export.checksum == wanted
    person = sign_in(shop, "USER")
    assert wanted in text_of(person.open(export))


def test_the_list_says_until_when_each_file_is_kept(shop: Project) -> None:
    export = made(shop, "voucher")

    listed = text_of(sign_in(shop, "USER").list(Export))

    last = export.created_at + KEPT
    assert f"{last:%-d}" in listed
    assert "Kept until" in listed


def test_a_file_that_waits_says_so_and_is_asked_for_again(shop: Project) -> None:
    person = sign_in(shop, "USER")
    export = create_export(project=shop, exported_object="voucher", now=NOW)
    bar = address(Export, "progress", export.pk)

    page, answer = text_of(person.open(export)), person.client.get(bar)

    assert "Waiting for a worker" in page
    assert f'hx-get="{bar.replace(export.pk, export.pk.replace("_", "_5F"))}"' in page
    assert "Waiting for a worker" in text_of(answer)
    assert "HX-Refresh" not in answer


def test_a_file_that_is_made_has_its_page_read_anew(shop: Project) -> None:
    export = made(shop, "voucher")

    answer = sign_in(shop, "USER").client.get(address(Export, "progress", export.pk))

    assert answer["HX-Refresh"] == "true"
    assert "hx-get" not in text_of(answer)


def test_how_far_a_file_is_stays_among_who_may_see_it(shop: Project) -> None:
    export = create_export(project=shop, exported_object="voucher", now=NOW)
    other = sign_in(make_project("Other"), "USER", "other@example.com")

    bar = address(Export, "progress", export.pk)

    assert other.client.get(bar).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_rows_are_counted_while_the_file_is_written() -> None:
    shop = make_project()
    export = create_export(project=shop, exported_object="voucher", now=NOW)
    other = connections.create_connection("default")
    assert rows_written(export) is None
    numbers = "COPY (SELECT generate_series(1, 200000)) TO STDOUT"
    hold = "SELECT pg_advisory_xact_lock(hashtextextended(id::text, 7072)) FROM "

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{hold} redemptions_export")
            with cursor.cursor.copy(numbers) as lines:
                next(iter(lines))
                written = _seen_by(other, export)
                for _ in lines:
                    pass
    finally:
        other.close()

    assert written is not None
    assert 0 < written <= 200_000


def _seen_by(other, export: Export) -> int | None:
    """Return what another connection is told of the copy that runs."""
    ours = connections["default"]
    connections["default"] = other
    try:
        return rows_written(export)
    finally:
        connections["default"] = ours


def test_every_column_of_every_kind_is_explained() -> None:
    names = {
        (kind, name) for kind, each in CATALOGUES.items() for name in each.field_names
    }

    silent = {pair for pair in names if not meaning_of(*pair).endswith(".")}

    assert silent == set()
    assert COMMON.keys() - {name for _, name in names} == set()
    assert OWN.keys() - names == set()


def test_the_dictionary_shows_a_kind_with_the_projects_own_fields(
    shop: Project,
) -> None:
    create_metadata_schema(
        project=shop,
        now=NOW,
        related_object="voucher",
        properties={"colour": {"type": "string"}},
    )
    page = reverse("admin:redemptions_export_dictionary")

    shown = text_of(sign_in(shop, "USER").client.get(page, {"what": "voucher"}))

    for words in ("What is left on a gift card", "metadata.colour", "Vouchers"):
        assert words in shown


def test_the_dictionary_opens_for_who_may_read_exports_alone(shop: Project) -> None:
    page = reverse("admin:redemptions_export_dictionary")
    stranger = sign_in(make_project("Other"), "USER", "x@example.com")
    stranger.user.memberships.all().delete()

    assert sign_in(shop, "USER").client.get(page).status_code == 200
    assert stranger.client.get(page).status_code == 403


def test_an_old_file_has_no_checksum(shop: Project) -> None:
    export = made(shop, "voucher")
    Export.objects.update(checksum="", created_at=NOW - timedelta(days=1))

    shown = text_of(sign_in(shop, "USER").open(export))

    assert "SHA-256" in shown
