"""``GET /v1/publications``: narrowed and ordered as the reference says."""

from typing import Any

import pytest

from campaigns.models import VoucherType
from customers.models import Customer
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

PATH = "/v1/publications"


@pytest.fixture
def shop(api: ApiClient) -> ApiClient:
    """A shop with publications of every kind, the newest last.

    Ada has a coupon and a gift card, Eve a referral code and two coupons at once; a
    third attempt of hers failed.
    """
    project = api.project
    spring = CampaignFactory(project=project, name="Spring")
    VoucherFactory(campaign=spring, code="D-1")
    VoucherFactory(project=project, code="G-1", type=VoucherType.GIFT_VOUCHER)
    VoucherFactory(project=project, code="R-1", is_referral_code=True)
    pair = CampaignFactory(project=project, name="Pair")
    for code in ("B-2", "A-2"):
        VoucherFactory(campaign=pair, code=code)
    give(api, "ada", voucher="D-1", source_id="mail-1", metadata={"lang": "en"})
    give(api, "ada", voucher="G-1", channel="mail")
    give(api, "eve", voucher="R-1")
    give(api, "eve", campaign={"name": "Pair", "count": 2})
    give(api, "eve", voucher="D-1", expected=400)
    return api


def give(api: ApiClient, customer: str, *, expected: int = 200, **body: Any) -> None:
    answer = api.post(PATH, {"customer": {"source_id": customer}, **body})
    assert answer.status_code == expected, answer.content


def listed(api: ApiClient, query: dict[str, str]) -> list[str]:
    """Return the codes of each publication, the oldest first; ``-`` for none."""
    answer = api.get(PATH, {"order": "created_at", **query})
    assert answer.status_code == 200, answer.content
    assert answer.json()["total"] == len(answer.json()["publications"])
    return [codes_of(row) for row in answer.json()["publications"]]


def codes_of(row: dict[str, Any]) -> str:
    codes = [row["voucher"]["code"]] if "voucher" in row else row["vouchers"]
    return " ".join(codes) or "-"


def where(name: str, operator: str, value: str) -> dict[str, str]:
    return {f"filters[{name}][conditions][{operator}][0]": value}


EVERYTHING = ["D-1", "G-1", "R-1", "B-2 A-2", "-"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, EVERYTHING),
        ({"campaign": "Spring"}, ["D-1", "-"]),
        ({"campaign_name": "Pair"}, ["B-2 A-2"]),
        ({"customer": "ada"}, ["D-1", "G-1"]),
        ({"customer_id": "eve"}, ["R-1", "B-2 A-2", "-"]),
        ({"voucher": "D-1"}, ["D-1"]),
        ({"voucher": "A-2"}, ["B-2 A-2"]),
        ({"voucher_code": "g-1"}, []),
        ({"result": "FAILURE"}, ["-"]),
        ({"result": "SUCCESS"}, ["D-1", "G-1", "R-1", "B-2 A-2"]),
        ({"voucher_type": "discount"}, ["D-1", "R-1", "B-2 A-2"]),
        ({"voucher_type": "gift"}, ["G-1"]),
        ({"voucher_type": "GIFT_VOUCHER"}, ["G-1"]),
        ({"voucher_type": "loyalty"}, []),
        ({"is_referral_code": "true"}, ["R-1"]),
        ({"source_id": "mail-1"}, ["D-1"]),
        ({"source_id": "mail-2"}, []),
        ({"voucher": "v_ffffffffffffffffffffffffffffffff"}, []),
        ({"customer": "ada", "voucher_type": "gift"}, ["G-1"]),
        (where("failure_code", "$is", "voucher_already_published"), ["-"]),
        (where("failure_code", "$has_value", "true"), ["-"]),
        (where("failure_code", "$is_unknown", "true"), EVERYTHING[:4]),
        (where("result", "$is_not", "SUCCESS"), ["-"]),
        (where("campaign_name", "$starts_with", "Pa"), ["B-2 A-2"]),
        (where("campaign_name", "$is_unknown", "true"), ["G-1", "R-1"]),
        (where("voucher_type", "$in", "discount"), ["D-1", "R-1", "B-2 A-2"]),
        (where("voucher_type", "$is_not", "discount"), ["G-1", "-"]),
        (where("voucher_type", "$has_value", "true"), EVERYTHING[:4]),
        (where("voucher_code", "$is_unknown", "true"), ["-"]),
        (where("voucher_code", "$contains", "-2"), ["B-2 A-2"]),
        (where("is_referral_code", "$is", "true"), ["R-1"]),
        (where("source_id", "$has_value", "true"), ["D-1"]),
        (where("customer_id", "$is", "ada"), ["D-1", "G-1"]),
        (where("metadata.lang", "$is", "en"), ["D-1"]),
        (where("created_at", "$after", "2020-01-01"), EVERYTHING),
        ({"created_at[before]": "2020-01-01T00:00:00Z"}, []),
        (
            {
                **where("result", "$is", "FAILURE"),
                **where("voucher_type", "$is", "gift"),
                "filters[junction]": "or",
            },
            ["G-1", "-"],
        ),
    ],
)
def test_the_list_is_narrowed_by_what_is_asked(
    shop: ApiClient, query: dict[str, str], codes: list[str]
) -> None:
    assert listed(shop, query) == codes


def test_ids_narrow_the_list_as_names_and_codes_do(shop: ApiClient) -> None:
    campaign = shop.project.campaigns.get(name="Pair")
    voucher = shop.project.vouchers.get(code="G-1")
    eve = Customer.objects.get(source_id="eve")

    assert listed(shop, {"campaign": campaign.pk}) == ["B-2 A-2"]
    assert listed(shop, where("parent_object_id", "$is", campaign.pk)) == ["B-2 A-2"]
    assert listed(shop, {"voucher": voucher.pk}) == ["G-1"]
    assert listed(shop, where("related_object_id", "$is", voucher.pk)) == ["G-1"]
    assert listed(shop, {"customer": eve.pk}) == ["R-1", "B-2 A-2", "-"]


def test_a_code_is_found_in_any_case_where_case_does_not_count(api: ApiClient) -> None:
    api.project.case_sensitive_codes = False
    api.project.save()
    VoucherFactory(project=api.project, code="Mine", code_key="MINE")
    give(api, "ada", voucher="mine")

    assert listed(api, {"voucher": "mINE"}) == ["Mine"]


@pytest.mark.parametrize(
    ("order", "codes"),
    [
        ("id", EVERYTHING),
        ("-id", EVERYTHING[::-1]),
        ("created_at", EVERYTHING),
        ("voucher_code", ["B-2 A-2", "D-1", "G-1", "R-1", "-"]),
        ("-voucher_code", ["R-1", "G-1", "D-1", "B-2 A-2", "-"]),
        ("tracking_id", ["D-1", "G-1", "R-1", "B-2 A-2", "-"]),
        ("-tracking_id", ["-", "B-2 A-2", "R-1", "G-1", "D-1"]),
        ("customer_id", ["D-1", "G-1", "R-1", "B-2 A-2", "-"]),
        ("channel", ["D-1", "R-1", "B-2 A-2", "-", "G-1"]),
        ("-channel", ["G-1", "-", "B-2 A-2", "R-1", "D-1"]),
    ],
)
def test_the_list_is_ordered_as_asked(
    shop: ApiClient, order: str, codes: list[str]
) -> None:
    assert listed(shop, {"order": order}) == codes


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"order": "code"}, "invalid_query_params"),
        ({"page": "1001"}, "page_over_limit"),
        ({"limit": "101"}, "invalid_query_params"),
        ({"result": "MAYBE"}, "invalid_query_params"),
        ({"voucher_type": "coupon"}, "invalid_query_params"),
        ({"is_referral_code": "maybe"}, "invalid_query_params"),
        (where("nothing", "$is", "x"), "invalid_query_params"),
        (where("voucher_type", "$contains", "x"), "invalid_query_params"),
    ],
)
def test_what_does_not_fit_is_refused(
    shop: ApiClient, query: dict[str, str], key: str
) -> None:
    answer = shop.get(PATH, query)

    assert (answer.status_code, answer.json()["key"]) == (400, key)


def test_pages_cut_the_list_without_counting_codes_twice(shop: ApiClient) -> None:
    rows = [
        shop.get(PATH, {"limit": "2", "page": str(page), "order": "id"}).json()
        for page in (1, 2, 3)
    ]

    found = [codes_of(row) for page in rows for row in page["publications"]]
    assert found == EVERYTHING
    assert {page["total"] for page in rows} == {5}
