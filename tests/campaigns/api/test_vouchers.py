from typing import Any

import pytest

from campaigns.models import Voucher
from campaigns.wire.assets import assets_as_json
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    CategoryFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


class TestVouchers(ResourceContract):
    path, resource_type, object_name = "/v1/vouchers", "voucher", "voucher"
    id_prefix, list_key = "v_", "vouchers"
    valid_body = {"type": "DISCOUNT_VOUCHER", "discount": TEN_PERCENT, "code": "NEW"}
    update_body = {"additional_info": "note", "active": False}
    wrong = (
        ({"code": 1}, "Property .code must be string"),
        ({"active": "yes"}, "Property .active must be boolean"),
        ({"discount": []}, "Property .discount must be object"),
        (
            {"redemption": {"quantity": "1"}},
            "Property .redemption.quantity must be integer",
        ),
        (
            {"validity_day_of_week": [7]},
            (
                "Property .validity_day_of_week[0] must be equal to one of the allowed "
                "values [ 0, 1, 2, 3, 4, 5, 6 ]"
            ),
        ),
    )
    last_page = 99

    def make(self, project: Project, count: int) -> list[Voucher]:
        campaign = CampaignFactory(
            project=project, category=CategoryFactory(project=project)
        )
        return VoucherFactory.create_batch(count, campaign=campaign)


def test_a_created_voucher_shows_the_documented_fields(api: ApiClient) -> None:
    shown = api.post("/v1/vouchers/HELLO%20YOU", {"discount": TEN_PERCENT}).json()

    url = "/v1/vouchers/HELLO%20YOU"
    assert shown == {
        "id": shown["id"],
        "code": "HELLO YOU",
        "campaign": None,
        "campaign_id": None,
        "category": None,
        "category_id": None,
        "categories": [],
        "type": "DISCOUNT_VOUCHER",
        "discount": TEN_PERCENT,
        "gift": None,
        "loyalty_card": None,
        "start_date": None,
        "expiration_date": None,
        "validity_timeframe": None,
        "validity_day_of_week": None,
        "validity_hours": None,
        "active": True,
        "additional_info": None,
        "metadata": {},
        "assets": assets_as_json(shown["id"]),
        "is_referral_code": False,
        "holder_id": None,
        "created_at": shown["created_at"],
        "updated_at": None,
        "validation_rules_assignments": {
            "object": "list",
            "data_ref": "data",
            "data": [],
            "total": 0,
        },
        "redemption": {
            "quantity": None,
            "redeemed_quantity": 0,
            "object": "list",
            "url": f"{url}/redemptions?page=1&limit=10",
        },
        "publish": {
            "object": "list",
            "count": 0,
            "url": f"{url}/publications?page=1&limit=10",
        },
        "object": "voucher",
    }


def test_a_taken_code_answers_409(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="HELLO")

    response = api.post("/v1/vouchers/HELLO", {"discount": TEN_PERCENT})

    body = response.json()
    assert (response.status_code, body["key"]) == (409, "duplicate_found")
    assert body["details"] == "Duplicated voucher exists with id HELLO"
    assert (body["resource_id"], body["resource_type"]) == ("HELLO", "voucher")


def test_the_same_code_lives_in_two_projects(
    api: ApiClient, other_project: Project
) -> None:
    VoucherFactory(project=other_project, code="HELLO")

    response = api.post("/v1/vouchers/HELLO", {"discount": TEN_PERCENT})

    assert response.status_code == 200


def test_a_voucher_without_discount_is_refused(api: ApiClient) -> None:
    response = api.post("/v1/vouchers", {"type": "DISCOUNT_VOUCHER"})

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "invalid_voucher")
    assert body["message"] == "Invalid Voucher"


def test_a_voucher_of_a_campaign_is_created(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)

    shown = api.post("/v1/vouchers", {"campaign": campaign.name}).json()

    assert shown["campaign_id"] == campaign.pk
    assert shown["discount"] == TEN_PERCENT


def test_a_formula_makes_the_discount_dynamic(api: ApiClient) -> None:
    discount = TEN_PERCENT | {"percent_off_formula": "ORDER_AMOUNT / 10"}

    shown = api.post("/v1/vouchers", {"discount": discount}).json()

    assert shown["discount"] == discount | {"is_dynamic": True}


def test_a_rule_given_at_creation_is_assigned_after_the_campaigns(
    api: ApiClient,
) -> None:
    campaign = CampaignFactory(project=api.project)
    rules = ValidationRuleFactory.create_batch(2, project=api.project)
    path = f"/v1/validation-rules/{rules[0].pk}/assignments"
    api.post(
        path, {"related_object_type": "campaign", "related_object_id": campaign.pk}
    )

    shown = api.post(
        "/v1/vouchers", {"campaign": campaign.name, "validation_rules": [rules[1].pk]}
    ).json()

    listed = shown["validation_rules_assignments"]["data"]
    assert [one["rule_id"] for one in listed] == [one.pk for one in rules]
    assert [one["related_object_type"] for one in listed] == ["campaign", "voucher"]


def test_a_voucher_is_read_by_its_code_and_by_its_id(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project, code="a/b c%")

    by_code = api.get("/v1/vouchers/a%2Fb%20c%25").json()

    assert by_code == api.get(f"/v1/vouchers/{voucher.pk}").json()
    assert by_code["id"] == voucher.pk


def test_case_counts_as_the_project_says(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="Hello")

    assert api.get("/v1/vouchers/hello").status_code == 404
    assert api.get("/v1/vouchers", {"code": "hello"}).json()["total"] == 0


def test_case_does_not_count_in_a_case_insensitive_project(
    project: Project, api: ApiClient
) -> None:
    project.case_sensitive_codes = False
    project.save()
    VoucherFactory(project=project, code="Hello")

    assert api.get("/v1/vouchers/hELLO").json()["code"] == "Hello"
    assert api.get("/v1/vouchers", {"code": "HELLO"}).json()["total"] == 1


def test_the_discount_type_cannot_change(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project)

    response = api.put(
        f"/v1/vouchers/{voucher.code}",
        {"discount": {"type": "AMOUNT", "amount_off": 100}},
    )

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "invalid_voucher")
    assert body["message"] == "Invalid Voucher"
    assert body["details"] == "It is not possible to change Voucher discount type"


def test_null_clears_the_category_and_other_fields_are_passed_over(
    api: ApiClient,
) -> None:
    category = CategoryFactory(project=api.project)
    voucher = VoucherFactory(project=api.project, category=category)

    shown = api.put(
        f"/v1/vouchers/{voucher.code}",
        {"category": None, "code": "OTHER", "redemption": {"quantity": 9}},
    ).json()

    assert (shown["category"], shown["categories"]) == (None, [])
    assert (shown["code"], shown["redemption"]["quantity"]) == (voucher.code, None)


def test_switching_a_voucher_answers_it(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project)

    off = api.post(f"/v1/vouchers/{voucher.code}/disable").json()
    on = api.post(f"/v1/vouchers/{voucher.code}/enable").json()

    assert (off["active"], on["active"]) == (False, True)
    assert off["updated_at"] is not None


def test_a_voucher_deleted_by_force_can_be_made_again(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="HELLO")

    assert api.delete("/v1/vouchers/HELLO?force=true").status_code == 204

    assert api.post("/v1/vouchers/HELLO", {"discount": TEN_PERCENT}).status_code == 200


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"code": "ONE"}, {"ONE"}),
        ({"campaign": "Spring"}, {"TWO"}),
        ({"campaign": "nowhere"}, set()),
        ({"category": "Fresh"}, {"ONE"}),
        ({"category": "nowhere"}, set()),
        ({"customer": "nobody"}, set()),
        ({"filters[discount_type][conditions][$is]": "AMOUNT"}, {"THREE"}),
        ({"filters[value][conditions][$more_than]": "50"}, {"THREE"}),
        ({"filters[value][conditions][$is]": "10"}, {"ONE", "TWO"}),
        ({"filters[active][conditions][$disabled]": ""}, {"THREE"}),
        ({"filters[active][conditions][$is]": "true"}, {"ONE", "TWO"}),
        ({"filters[active][conditions][$expired]": ""}, {"TWO"}),
        ({"filters[campaigns][conditions][$is]": "Spring"}, {"TWO"}),
        ({"filters[campaign_id][conditions][$is_unknown]": ""}, {"ONE", "THREE"}),
        ({"filters[code][conditions][$starts_with]": "T"}, {"TWO", "THREE"}),
        ({"filters[formula][conditions][$has_value]": ""}, {"THREE"}),
        ({"filters[redemption_quantity][conditions][$is]": "5"}, {"ONE"}),
        ({"filters[validation_rules_id][conditions][$has_value]": ""}, {"ONE"}),
        ({"filters[metadata.size][conditions][$in][0]": "L"}, {"ONE"}),
        ({"filters[validity_timeframe_interval][conditions][$is]": "P1D"}, {"THREE"}),
        ({"order": "-code", "limit": "1"}, {"TWO"}),
    ],
)
def test_vouchers_are_filtered(
    api: ApiClient, query: dict[str, Any], codes: set[str]
) -> None:
    project = api.project
    one = VoucherFactory(
        project=project,
        code="ONE",
        category=CategoryFactory(project=project, name="Fresh"),
        redemption_quantity=5,
        metadata={"size": "L"},
    )
    rule = ValidationRuleFactory(project=project)
    api.post(
        f"/v1/validation-rules/{rule.pk}/assignments",
        {"related_object_type": "voucher", "related_object_id": one.pk},
    )
    VoucherFactory(
        campaign=CampaignFactory(project=project, name="Spring"),
        code="TWO",
        expiration_date="2020-01-01T00:00Z",
    )
    VoucherFactory(
        project=project,
        code="THREE",
        active=False,
        discount={"type": "AMOUNT", "amount_off": 100, "amount_off_formula": "1 + 1"},
        validity_timeframe={"duration": "PT1H", "interval": "P1D"},
        start_date=NOW,
    )

    response = api.get("/v1/vouchers", query)

    assert response.status_code == 200, response.content
    assert {one["code"] for one in response.json()["vouchers"]} == codes


@pytest.mark.parametrize("name", ["ids[0]", "ids[]", "ids"])
def test_vouchers_are_listed_by_their_ids(api: ApiClient, name: str) -> None:
    wanted, _ = VoucherFactory.create_batch(2, project=api.project)

    listed = api.get("/v1/vouchers", {name: wanted.pk}).json()

    assert [one["id"] for one in listed["vouchers"]] == [wanted.pk]


def test_a_deleted_campaigns_vouchers_are_gone_at_once(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    voucher = VoucherFactory(campaign=campaign)

    api.delete(f"/v1/campaigns/{campaign.pk}")

    assert api.get(f"/v1/vouchers/{voucher.code}").status_code == 404
    assert api.get("/v1/vouchers").json()["total"] == 0


def test_a_browser_lists_nothing_while_the_switch_is_off(browser: ApiClient) -> None:
    response = browser.get("/client/v1/vouchers", {"customer": "ann"})

    assert (response.status_code, response.json()["key"]) == (403, "forbidden")


def test_a_browser_lists_a_customers_vouchers_when_the_project_allows_it(
    project: Project, browser: ApiClient
) -> None:
    holder = project.customers.create(source_id="ann", created_at=NOW)
    mine = VoucherFactory(project=project, holder=holder)
    VoucherFactory(project=project)
    project.client_list_vouchers_enabled = True
    project.save()

    listed = browser.get("/client/v1/vouchers", {"customer": "ann"}).json()

    assert [one["id"] for one in listed["vouchers"]] == [mine.pk]
    assert browser.get("/client/v1/vouchers").status_code == 400


@pytest.mark.spec("campaigns 5 gift")
def test_a_gift_card_shows_its_credits(api: ApiClient) -> None:
    body = {"type": "GIFT_VOUCHER", "gift": {"amount": 5000}}

    shown = api.post("/v1/vouchers/CARD", body).json()

    assert shown["gift"] == {
        "amount": 5000,
        "subtracted_amount": 0,
        "balance": 5000,
        "effect": None,
    }
    assert (shown["discount"], shown["loyalty_card"]) == (None, None)
    assert shown["redemption"]["redeemed_amount"] == 0
    assert "redeemed_points" not in shown["redemption"]


@pytest.mark.spec("campaigns 5 loyalty_card")
def test_a_loyalty_card_shows_its_points(api: ApiClient) -> None:
    program = LoyaltyProgramFactory(project=api.project)

    shown = api.post("/v1/vouchers/CARD", {"campaign": program.name}).json()

    assert shown["loyalty_card"] == {
        "points": 100,
        "balance": 100,
        "next_expiration_date": None,
        "next_expiration_points": None,
        "pending_points": 0,
        "expired_points": 0,
        "subtracted_points": 0,
    }
    assert shown["redemption"]["redeemed_points"] == 0


def test_a_loyalty_card_by_itself_is_refused(api: ApiClient) -> None:
    body = {"type": "LOYALTY_CARD", "loyalty_card": {"points": 10}}

    answer = api.post("/v1/vouchers/CARD", body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_voucher")
    assert not api.project.vouchers.exists()


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"filters[gift_balance][conditions][$more_than]": "100"}, {"GIFT"}),
        ({"filters[gift_balance][conditions][$more_than]": "5000"}, set()),
        ({"filters[gift_balance][conditions][$has_value]": ""}, {"GIFT"}),
        ({"filters[gift_balance][conditions][$is_unknown]": ""}, {"CARD", "CODE"}),
        ({"filters[loyalty_balance][conditions][$is]": "1000"}, {"CARD"}),
        ({"filters[voucher_type][conditions][$is]": "GIFT_VOUCHER"}, {"GIFT"}),
    ],
)
def test_cards_are_found_by_their_balance(
    api: ApiClient, filters: dict[str, str], codes: set[str]
) -> None:
    program = LoyaltyProgramFactory(project=api.project)
    GiftCardFactory(project=api.project, code="GIFT")
    LoyaltyCardFactory(campaign=program, code="CARD")
    VoucherFactory(project=api.project, code="CODE")

    shown = api.get("/v1/vouchers", filters).json()

    assert {one["code"] for one in shown["vouchers"]} == codes
