"""Pictures of codes: answered to whoever has their address, and to nobody else."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.engine.code_images import barcode_png, barcode_svg, qr_png, qr_svg
from campaigns.models import Voucher
from campaigns.wire.assets import asset_id
from promo.ids import new_id
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

KINDS = {"png": "image/png", "svg": "image/svg+xml"}
HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.PUBLIC_URL = HERE


def voucher(project: Project, **values: Any) -> Voucher:
    made: Voucher = VoucherFactory(project=project, code="SPRING-10", **values)
    return made


def asked(address: str, query: dict[str, Any] | None = None) -> Any:
    """Ask as a mail program does: without a key, for a picture and nothing else."""
    return Client().get(address, query or {}, headers={"accept": "image/png"})


def shown(api: ApiClient, code: str = "SPRING-10") -> Any:
    return api.get(f"/v1/vouchers/{code}").json()["assets"]


@pytest.mark.spec("campaigns 5 assets")
def test_a_voucher_says_where_its_pictures_are(
    api: ApiClient, project: Project
) -> None:
    asset = asset_id(voucher(project).pk)

    assets = shown(api)

    assert assets == {
        "qr": {"id": asset, "url": f"{HERE}/v1/assets/qr/{asset}"},
        "barcode": {"id": asset, "url": f"{HERE}/v1/assets/barcode/{asset}"},
    }


@pytest.mark.spec("campaigns 5 assets")
@pytest.mark.parametrize(
    ("kind", "query", "drawn"),
    [
        ("qr", {}, qr_png("SPRING-10", 10)),
        ("qr", {"size": 3, "format": "png"}, qr_png("SPRING-10", 3)),
        ("qr", {"format": "svg"}, qr_svg("SPRING-10", 10)),
        ("barcode", {}, barcode_png("SPRING-10", 10)),
        ("barcode", {"size": 100}, barcode_png("SPRING-10", 100)),
        (
            "barcode",
            {"format": "svg", "size": 1},
            barcode_svg("SPRING-10", 1),
        ),
    ],
)
def test_a_picture_is_answered_without_a_key(
    api: ApiClient,
    project: Project,
    kind: str,
    query: dict[str, Any],
    drawn: bytes,
) -> None:
    voucher(project)
    address = shown(api)[kind]["url"].removeprefix(HERE)

    with CaptureQueriesContext(connection) as statements:
        answer = asked(address, query)

    assert (answer.status_code, answer.content) == (200, drawn)
    assert answer["Content-Type"] == KINDS[query.get("format", "png")]
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(statements) == 1


@pytest.mark.parametrize("kind", ["qr", "barcode"])
def test_a_forged_id_is_no_picture(project: Project, kind: str) -> None:
    asset, other = asset_id(voucher(project).pk), asset_id(new_id("v_"))
    last = "A" if asset[-1] != "A" else "B"
    forged = [asset[:-1] + last, asset[:21] + other[21:], asset + "A", "x", "%C3%A9"]

    answers = [asked(f"/v1/assets/{kind}/{one}") for one in (*forged, other)]

    assert {one.status_code for one in answers} == {404}
    assert {one.json()["key"] for one in answers} == {"not_found"}
    assert {
        one["Cache-Control"] for one in answers if one.has_header("Cache-Control")
    } <= {"no-store"}


def test_an_id_signed_with_another_key_is_no_picture(
    project: Project, settings: Any
) -> None:
    asset = asset_id(voucher(project).pk)

    settings.SECRET_KEY = "another"  # noqa: S105 - made up

    assert asked(f"/v1/assets/qr/{asset}").status_code == 404


@pytest.mark.parametrize(
    "gone",
    [{"deleted_at": NOW}, {"campaign__deleted_at": NOW}],
    ids=["itself", "with its campaign"],
)
def test_a_code_in_the_bin_has_no_picture(gone: dict[str, Any]) -> None:
    made = VoucherFactory(campaign=CampaignFactory())
    for name, value in gone.items():
        owner, field = (made.campaign if "__" in name else made), name.split("__")[-1]
        setattr(owner, field, value)
        owner.save()

    assert asked(f"/v1/assets/qr/{asset_id(made.pk)}").status_code == 404


def test_what_a_barcode_cannot_carry_has_a_qr_code_alone(project: Project) -> None:
    asset = asset_id(VoucherFactory(project=project, code="ÉTÉ").pk)

    answers = [asked(f"/v1/assets/{kind}/{asset}") for kind in ("qr", "barcode")]

    assert [one.status_code for one in answers] == [200, 404]
    assert answers[1].json()["details"] == (
        "A barcode carries ASCII alone: this code has a QR code only"
    )


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ({"size": 0}, "Property .size must be >= 1"),
        ({"size": 101}, "Property .size must be <= 100"),
        ({"size": "x"}, "Property .size must be integer"),
        (
            {"format": "gif"},
            "Property .format must be equal to one of the allowed values [ svg, png ]",
        ),
    ],
)
def test_a_wrong_query_is_refused(
    project: Project, query: dict[str, Any], details: str
) -> None:
    answer = asked(f"/v1/assets/qr/{asset_id(voucher(project).pk)}", query)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
    assert answer.json()["details"] == details


def test_nothing_is_drawn_with_another_method(project: Project) -> None:
    address = f"/v1/assets/qr/{asset_id(voucher(project).pk)}"

    assert Client().post(address).status_code == 405
    assert Client().head(address).status_code == 200


def test_who_publishes_and_the_wallet_get_the_pictures_too(
    api: ApiClient, project: Project
) -> None:
    made = voucher(project)
    CustomerFactory(project=project, source_id="ada")
    given = {"voucher": "SPRING-10", "customer": {"source_id": "ada"}}

    published = api.post("/v1/publications", given).json()["voucher"]
    [held] = api.get("/v1/customers/ada/redeemables").json()["data"]

    assets = shown(api)
    assert assets["qr"]["id"] == asset_id(made.pk)
    assert published["assets"] == assets
    assert held["redeemable"]["voucher"]["assets"] == assets
