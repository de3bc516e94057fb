"""The wallet: what a customer holds, as what, and where each thing stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Holder, HolderRole, Voucher
from customers.models import Customer
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCardFactory,
    HolderFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(project: Project) -> Customer:
    """Somebody who may hold things."""
    made: Customer = CustomerFactory(project=project, source_id="ada")
    return made


def wallet(api: ApiClient, query: dict[str, Any] | None = None) -> dict[str, Any]:
    response = api.get("/v1/customers/ada/redeemables", query)
    assert response.status_code == 200, response.content
    shown: dict[str, Any] = response.json()
    return shown


def held(ada: Customer, count: int) -> list[Holder]:
    return [
        HolderFactory(voucher=VoucherFactory(project=ada.project), customer=ada)
        for _ in range(count)
    ]


def test_a_published_code_is_in_the_wallet(api: ApiClient, ada: Customer) -> None:
    campaign = CampaignFactory(project=api.project, name="Spring")
    VoucherFactory(campaign=campaign, code="SPRING")
    body = {"voucher": "SPRING", "customer": {"source_id": "ada"}}

    given = api.post("/v1/publications", body).json()

    holder = Holder.objects.get()
    [shown] = wallet(api)["data"]
    redeemable = shown.pop("redeemable")
    assert shown == {
        "id": holder.pk,
        "created_at": given["created_at"],
        "redeemable_id": given["vouchers_id"][0],
        "redeemable_object": "voucher",
        "customer_id": ada.pk,
        "holder_role": "OWNER",
        "campaign_id": campaign.pk,
        "campaign_type": "DISCOUNT_COUPONS",
        "voucher_type": "DISCOUNT_VOUCHER",
    }
    assert holder.pk.startswith("rh_")
    assert holder.publication_id == given["id"]
    assert redeemable["type"] == "voucher"
    assert redeemable["status"] == "ACTIVE"
    assert redeemable["voucher"]["code"] == "SPRING"
    assert redeemable["voucher"]["category"] is None
    assert redeemable["voucher"]["categories"] == []
    assert redeemable["voucher"]["publish"]["count"] == 1


def test_publishing_again_leaves_one_record(api: ApiClient, ada: Customer) -> None:
    VoucherFactory(project=api.project, code="AGAIN")
    body = {"voucher": "AGAIN", "customer": {"source_id": "ada"}}

    first = api.post("/v1/publications", body).json()
    api.post("/v1/publications", body)

    assert wallet(api)["total"] == 1
    assert Holder.objects.get().publication_id == first["id"]


def test_who_is_given_a_referral_code_refers(api: ApiClient, ada: Customer) -> None:
    campaign = ReferralCampaignFactory(project=api.project)
    VoucherFactory(campaign=campaign, code="INVITE", is_referral_code=True)
    body = {"voucher": "INVITE", "customer": {"source_id": "ada"}}

    api.post("/v1/publications", body)

    [shown] = wallet(api)["data"]
    assert shown["holder_role"] == "REFERRER"
    assert shown["campaign_type"] == "REFERRAL_PROGRAM"
    assert shown["redeemable"]["voucher"]["referrer_id"] == ada.pk


DAY = timedelta(days=1)
LONG_AGO, FAR_OFF = NOW - 3_650 * DAY, NOW + 3_650 * DAY


@pytest.mark.parametrize(
    ("fields", "campaign", "status"),
    [
        ({}, {}, "ACTIVE"),
        ({"active": False, "expiration_date": LONG_AGO}, {}, "DISABLED"),
        ({"expiration_date": LONG_AGO}, {"active": False}, "DISABLED"),
        ({"expiration_date": LONG_AGO, "start_date": FAR_OFF}, {}, "EXPIRED"),
        ({}, {"expiration_date": LONG_AGO}, "EXPIRED"),
        ({"expiration_date": FAR_OFF}, {"expiration_date": LONG_AGO}, "ACTIVE"),
        (
            {
                "start_date": FAR_OFF,
                "redemption_quantity": 1,
                "redeemed_quantity": 1,
            },
            {},
            "NOT_ACTIVE_YET",
        ),
        ({}, {"start_date": FAR_OFF}, "NOT_ACTIVE_YET"),
        ({"redemption_quantity": 2, "redeemed_quantity": 2}, {}, "USED"),
        ({"redemption_quantity": 2, "redeemed_quantity": 1}, {}, "ACTIVE"),
    ],
)
def test_where_a_code_stands(
    api: ApiClient,
    ada: Customer,
    fields: dict[str, Any],
    campaign: dict[str, Any],
    status: str,
) -> None:
    of = CampaignFactory(project=api.project, **campaign)
    HolderFactory(voucher=VoucherFactory(campaign=of, **fields), customer=ada)

    [shown] = wallet(api)["data"]

    assert shown["redeemable"]["status"] == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"credited_amount": 500}, "ACTIVE"),
        ({"credited_amount": 0}, "NO_BALANCE"),
        (
            {"credited_amount": 0, "redemption_quantity": 1, "redeemed_quantity": 1},
            "USED",
        ),
    ],
)
def test_where_a_card_stands(
    api: ApiClient, ada: Customer, fields: dict[str, Any], status: str
) -> None:
    card = GiftCardFactory(project=api.project, **fields)
    HolderFactory(voucher=card, customer=ada)

    [shown] = wallet(api)["data"]

    assert shown["redeemable"]["status"] == status
    assert shown["campaign_id"] is shown["campaign_type"] is None
    assert shown["voucher_type"] == "GIFT_VOUCHER"


def test_pages_follow_one_another(api: ApiClient, ada: Customer) -> None:
    newest_first = [one.pk for one in reversed(held(ada, 3))]

    first = wallet(api, {"limit": "2"})
    cursor = first["more_starting_after"]
    second = wallet(api, {"limit": "2", "starting_after_id": cursor})
    oldest = wallet(api, {"limit": "1", "order": "id"})

    assert [one["id"] for one in first["data"] + second["data"]] == newest_first
    assert (first["total"], first["has_more"]) == (3, True)
    assert (second["total"], second["has_more"]) == (3, False)
    assert "more_starting_after" not in second
    assert [one["id"] for one in oldest["data"]] == newest_first[-1:]


def test_an_unknown_cursor_is_refused(api: ApiClient, ada: Customer) -> None:
    response = api.get(
        "/v1/customers/ada/redeemables", {"starting_after_id": "rh_" + "0" * 32}
    )

    assert response.status_code == 404
    assert response.json()["resource_type"] == "redeemable_holder"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "{holder}"),
        ("redeemable_id", "{voucher}"),
        ("holder_role", "REFEREE"),
        ("campaign_id", "{campaign}"),
        ("campaign_type", "REFERRAL_PROGRAM"),
    ],
)
def test_the_wallet_is_narrowed(
    api: ApiClient, ada: Customer, name: str, value: str
) -> None:
    campaign = ReferralCampaignFactory(project=api.project)
    voucher = VoucherFactory(campaign=campaign, is_referral_code=True)
    wanted = HolderFactory(voucher=voucher, customer=ada, role=HolderRole.REFEREE)
    held(ada, 2)
    text = value.format(
        holder=wanted.pk, voucher=voucher.pk, campaign=voucher.campaign_id
    )

    shown = wallet(api, {f"filters[{name}][conditions][$is]": text})

    assert [one["id"] for one in shown["data"]] == [wanted.pk]
    assert shown["total"] == 1


def test_either_of_two_filters_is_enough_with_a_junction(
    api: ApiClient, ada: Customer
) -> None:
    one, _, other = held(ada, 3)

    shown = wallet(
        api,
        {
            "filters[junction]": "or",
            "filters[id][conditions][$is]": one.pk,
            "filters[redeemable_id][conditions][$in][0]": other.voucher_id,
            "filters[voucher_type][conditions][$is]": "LOYALTY_CARD",
        },
    )

    assert [row["id"] for row in shown["data"]] == [other.pk, one.pk]


def test_everything_redeemable_is_a_voucher(api: ApiClient, ada: Customer) -> None:
    held(ada, 1)
    name = "filters[redeemable_object][conditions][$is{}]"

    assert wallet(api, {name.format(""): "voucher"})["total"] == 1
    assert wallet(api, {name.format("_not"): "voucher"})["total"] == 0


def test_deleted_codes_leave_the_wallet(api: ApiClient, ada: Customer) -> None:
    [kept, gone] = held(ada, 2)

    api.delete(f"/v1/vouchers/{gone.voucher.code}")

    assert [one["id"] for one in wallet(api)["data"]] == [kept.pk]


def test_nobody_has_no_wallet(api: ApiClient, other_project: Project) -> None:
    theirs = HolderFactory(voucher=VoucherFactory(project=other_project))

    response = api.get(f"/v1/customers/{theirs.customer_id}/redeemables")

    assert response.status_code == 404
    assert response.json()["resource_id"] == theirs.customer_id
    assert response.json()["resource_type"] == "customer"


def test_the_role_must_read_details_of_people(project: Project, ada: Customer) -> None:
    viewer = server_client(project, role="VIEWER")
    merchant = server_client(project, role="MERCHANT")

    assert viewer.get("/v1/customers/ada/redeemables").status_code == 200
    assert merchant.get("/v1/customers/ada/redeemables").status_code == 200


def test_a_restricted_caller_sees_the_codes_within_reach(
    project: Project, ada: Customer
) -> None:
    area, other = AreaFactory.create_batch(2, project=project)
    near = put(CampaignFactory(project=project), Place(area.pk))
    far = put(CampaignFactory(project=project), Place(other.pk))
    mine = HolderFactory(voucher=VoucherFactory(campaign=near), customer=ada)
    HolderFactory(voucher=VoucherFactory(campaign=far), customer=ada)
    held(ada, 1)

    shown = wallet(restricted_client(project, Place(area.pk)))

    assert [one["id"] for one in shown["data"]] == [mine.pk]
    assert shown["total"] == 1


def test_a_wallet_costs_the_same_for_twenty_things(
    api: ApiClient, ada: Customer
) -> None:
    held(ada, 1)
    wallet(api)
    with CaptureQueriesContext(connection) as for_one:
        wallet(api)
    held(ada, 19)

    with CaptureQueriesContext(connection) as for_twenty:
        assert len(wallet(api, {"limit": "100"})["data"]) == 20

    assert len(for_twenty) == len(for_one) == 3
    assert Voucher.objects.count() == 20
