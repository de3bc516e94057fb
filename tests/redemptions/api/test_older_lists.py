"""The deprecated lists of what applies, and validation all in a query."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import PromotionTier
from promo.tenancy.models import Project
from redemptions.models import Redemption
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.fixtures.api import ApiClient, client_of
from tests.redemptions.api.test_single import rule

pytestmark = [pytest.mark.django_db, pytest.mark.spec("engine 14")]

ORDER = {"amount": 10_000}
MANY = {"name": "order.amount", "conditions": {"$more_than": [10_000]}}
VIP = {
    "name": "customer.metadata",
    "property": "vip",
    "conditions": {"$is": [True]},
}

QUERY, BODY = "invalid_query_params", "invalid_payload"


@pytest.fixture
def browser(project: Project) -> ApiClient:
    """A shop's web page."""
    return client_of("/client/v1/validate", project)


@pytest.mark.spec("engine 14 `POST /v1/promotions/validation`")
def test_promotions_that_apply_are_listed_flat_newest_first(api: ApiClient) -> None:
    promotion = PromotionFactory(project=api.project)
    dear, cheap = (
        TierFactory(campaign=promotion, project=api.project, name=name)
        for name in ("Dear", "Cheap")
    )
    never = TierFactory(campaign=promotion, project=api.project)
    rule(api, never, **MANY)

    answer = api.post(
        "/v1/promotions/validation",
        {"order": ORDER, "customer": {"source_id": "ada"}},
    )

    body = answer.json()
    assert answer.status_code == 200, answer.content
    assert body["valid"] is True
    assert [each["id"] for each in body["promotions"]] == [cheap.pk, dear.pk]
    first = body["promotions"][0]
    assert (first["valid"], first["name"], first["object"]) == (
        True,
        "Cheap",
        "promotion_tier",
    )
    assert first["hierarchy"] == PromotionTier.objects.get(pk=cheap.pk).hierarchy
    assert first["campaign"] == {
        "id": promotion.pk,
        "start_date": None,
        "expiration_date": None,
        "active": True,
        "category_id": None,
        "object": "campaign",
    }
    assert first["tracking_id"] == body["tracking_id"]
    assert first["order"]["total_amount"] == 10_000 - first["discount_amount"]
    assert first["applied_discount_amount"] == first["discount_amount"] > 0
    assert Redemption.objects.count() == 0


def test_no_promotion_applies(api: ApiClient) -> None:
    rule(api, TierFactory(project=api.project), **MANY)

    body = api.post("/v1/promotions/validation", {"order": ORDER}).json()

    assert body == {"valid": False, "promotions": []}


def test_rules_about_anything_but_the_customer_may_be_left_out(api: ApiClient) -> None:
    order, customer = TierFactory.create_batch(2, project=api.project)
    rule(api, order, **MANY)
    rule(api, customer, **VIP)

    def applying(query: str, **body: Any) -> set[str]:
        answer = api.post(f"/v1/promotions/validation{query}", {"order": ORDER, **body})
        return {each["id"] for each in answer.json()["promotions"]}

    vip = {"customer": {"source_id": "ada", "metadata": {"vip": True}}}
    assert applying("") == set()
    assert applying("?audienceRulesOnly=true") == {order.pk}
    assert applying("?audienceRulesOnly=true", **vip) == {order.pk, customer.pk}
    assert applying("?audienceRulesOnly=false", **vip) == {customer.pk}


def test_promotions_are_narrowed_by_campaign_and_metadata(api: ApiClient) -> None:
    mine = TierFactory(project=api.project, metadata={"channel": "web"})
    TierFactory(project=api.project, metadata={"channel": "till"})

    def found(query: str) -> list[str]:
        answer = api.post(f"/v1/promotions/validation?{query}", {"order": ORDER})
        assert answer.status_code == 200, answer.content
        return [each["id"] for each in answer.json()["promotions"]]

    by_campaign = f"filters[promotion_id][conditions][$is]={mine.campaign_id}"
    assert found(by_campaign) == [mine.pk]
    assert found("filters[metadata.channel][conditions][$is]=web") == [mine.pk]
    refused = api.post("/v1/promotions/validation?filters[x][conditions][$is]=1", {})
    assert refused.json()["key"] == "invalid_query_params"


@pytest.mark.spec("engine 14 `POST /v1/campaigns/qualification`")
def test_codes_for_everybody_that_apply_are_listed_as_vouchers(api: ApiClient) -> None:
    ten, five = (
        VoucherFactory(project=api.project, campaign=None, code=code)
        for code in ("TEN", "FIVE")
    )
    rule(api, VoucherFactory(project=api.project, campaign=None), **MANY)
    VoucherFactory(campaign=CampaignFactory(project=api.project))

    answer = api.post(
        "/v1/vouchers/qualification?order=code",
        {"order": ORDER, "customer": {"source_id": "ada"}},
    )

    body = answer.json()
    assert answer.status_code == 200, answer.content
    assert [each["id"] for each in body["data"]] == [five.pk, ten.pk]
    assert (body["object"], body["data_ref"], body["total"]) == ("list", "data", 2)
    assert body["tracking_id"].startswith("track_")
    assert body["id"].startswith("v-")
    assert body["data"][0]["applicable_to"]["total"] == 0
    assert body["data"][0]["discount"]["percent_off"] == 10


def test_campaigns_to_get_a_code_from_are_listed(api: ApiClient) -> None:
    coupons = CampaignFactory(project=api.project, type="AUTO_UPDATE")
    gifts = GiftCampaignFactory(project=api.project, type="AUTO_UPDATE")
    refused = CampaignFactory(project=api.project, type="AUTO_UPDATE")
    rule(api, refused, **MANY)

    body = api.post("/v1/campaigns/qualification", {"order": ORDER}).json()

    assert {each["id"] for each in body["data"]} == {coupons.pk, gifts.pk}
    assert {each["object"] for each in body["data"]} == {"campaign"}


@pytest.mark.parametrize("kind", ["vouchers", "campaigns"])
@pytest.mark.parametrize("query", ["limit=51", "limit=0", "order=price"])
def test_a_page_that_cannot_be_is_refused(
    api: ApiClient, kind: str, query: str
) -> None:
    refused = api.post(f"/v1/{kind}/qualification?{query}", {"order": ORDER})

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_query_params"


@pytest.mark.parametrize(
    "path",
    ["promotions/validation", "vouchers/qualification", "campaigns/qualification"],
)
def test_a_list_costs_the_same_for_one_thing_as_for_ten(
    api: ApiClient, path: str
) -> None:
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as statements:
            body = api.post(f"/v1/{path}", {"order": ORDER}).json()
        return len(statements), len(body.get("data", body.get("promotions")))

    def more(count: int) -> None:
        for _ in range(count):
            VoucherFactory(project=api.project, campaign=None)
            TierFactory(project=api.project)
            CampaignFactory(project=api.project, type="AUTO_UPDATE")

    more(1)
    cost()
    one = cost()
    more(9)
    ten = cost()

    assert (one[1], ten[1]) == (1, 10)
    assert one[0] == ten[0]


@pytest.mark.spec("engine 14 `GET /client/v1/validate`")
def test_a_browser_validates_a_code_by_its_query(
    browser: ApiClient, project: Project
) -> None:
    VoucherFactory(project=project, campaign=None, code="TEN")

    answer = browser.get(
        "/client/v1/validate",
        {
            "code": "TEN",
            "item[0][source_id]": "mug",
            "item[0][related_object]": "product",
            "item[0][quantity]": "2",
            "item[0][price]": "1500",
            "item[1][source_id]": "tea",
            "item[1][amount]": "700",
            "metadata[channel]": "web",
            "order[metadata][store]": "Berlin",
            "customer[source_id]": "ada",
            "session_type": "LOCK",
            "session_ttl": "2",
            "session_ttl_unit": "HOURS",
        },
    )

    body = answer.json()
    assert answer.status_code == 200, answer.content
    assert (body["valid"], body["code"]) == (True, "TEN")
    assert body["order"]["amount"] == 3_700
    assert body["order"]["total_amount"] == 3_330
    assert body["order"]["metadata"] == {"store": "Berlin"}
    assert body["tracking_id"].startswith("track_")
    assert body["session"] | {"key": ""} == {
        "key": "",
        "type": "LOCK",
        "ttl": 2,
        "ttl_unit": "HOURS",
    }


def test_a_card_pays_as_much_as_it_can(browser: ApiClient, project: Project) -> None:
    ada = CustomerFactory(project=project)
    card = GiftCardFactory(campaign=GiftCampaignFactory(project=project), holder=ada)
    query = {"code": card.code, "amount": "100000", "customer": ada.pk}

    body = browser.get("/client/v1/validate", query).json()

    assert body["valid"] is True
    assert body["order"]["total_applied_discount_amount"] == card.balance


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        (
            {},
            (400, "invalid_query_params", "Query should have required property 'code'"),
        ),
        ({"code": "NONE"}, (404, "not_found", "Cannot find voucher with id NONE")),
        (
            {"code": "TEN", "amount": "much"},
            (400, BODY, "Property .order.amount must be integer"),
        ),
        (
            {"code": "TEN", "item[0][quantity]": "0"},
            (
                400,
                "invalid_payload",
                "Property .order.items[0].quantity cannot be lower than 1",
            ),
        ),
        (
            {"code": "TEN", "metadata[a": "1"},
            (
                400,
                "invalid_query_params",
                "Property .metadata must be written with brackets",
            ),
        ),
        (
            {"code": "TEN", "session_type": "LOCK", "session_ttl": "soon"},
            (400, BODY, "Property .session.ttl must be number"),
        ),
    ],
)
def test_a_query_that_cannot_be_is_refused(
    browser: ApiClient,
    project: Project,
    query: dict[str, str],
    refusal: tuple[int, str, str],
) -> None:
    VoucherFactory(project=project, campaign=None, code="TEN")

    refused = browser.get("/client/v1/validate", query)

    body = refused.json()
    assert (refused.status_code, body["key"], body["details"]) == refusal


def test_a_browser_asks_for_promotions_without_a_code(
    browser: ApiClient, project: Project
) -> None:
    tier = TierFactory(project=project)

    body = browser.get("/client/v1/promotions/validation", {"amount": "10000"}).json()

    assert [each["id"] for each in body["promotions"]] == [tier.pk]


def test_a_server_key_may_not_ask_as_a_browser(api: ApiClient) -> None:
    refused = api.get("/client/v1/validate", {"code": "TEN"})

    assert refused.status_code in {401, 403}
