from typing import Any

import pytest

from campaigns.models import Campaign, Voucher
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    CategoryFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.customers import EventSchemaFactory
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db
COUPONS = {
    "name": "Spring",
    "campaign_type": "DISCOUNT_COUPONS",
    "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TEN_PERCENT},
}
TIER = {
    "name": "Ten off",
    "banner": "Save",
    "action": {"discount": {"type": "AMOUNT", "amount_off": 1000}},
}


def run_all() -> None:
    for action in AsyncAction.objects.filter(finished_at=None):
        while run_step(action.pk, now=NOW):
            pass


class TestCampaigns(ResourceContract):
    path, resource_type, object_name = "/v1/campaigns", "campaign", "campaign"
    id_prefix, list_key = "camp_", "campaigns"
    valid_body = COUPONS
    update_body = {"description": "New"}
    required = ("name",)
    wrong = (
        ({"name": 1}, "Property .name must be string"),
        ({"vouchers_count": "2"}, "Property .vouchers_count must be integer"),
        ({"metadata": []}, "Property .metadata must be object"),
        (
            {"start_date": "soon"},
            "Property .start_date cannot be recognized as a ISO-8601 compliant date",
        ),
        (
            {"voucher": {"discount": {"type": "PERCENT", "percent_off": "x"}}},
            "Property .voucher.discount.percent_off must be number",
        ),
        (
            {"validity_timeframe": {"duration": "PT1H", "interval": "P1D"}},
            "Property .start_date is required with validity_timeframe",
        ),
        (
            {"campaign_type": "LUCKY_DRAW"},
            (
                "Property .campaign_type must be equal to one of the allowed values "
                "[ DISCOUNT_COUPONS, GIFT_VOUCHERS, REFERRAL_PROGRAM, LOYALTY_PROGRAM, "
                "PROMOTION ]"
            ),
        ),
    )

    def make(self, project: Project, count: int) -> list[Campaign]:
        category = CategoryFactory(project=project)
        return CampaignFactory.create_batch(count, project=project, category=category)

    def test_deleting_answers_204_and_the_thing_is_gone(self, api: ApiClient) -> None:
        (campaign,) = self.make(api.project, 1)

        response = api.delete(self.one(campaign))

        assert response.status_code == 202
        assert response.json()["async_action_id"].startswith("aa_")
        assert api.get(self.one(campaign)).status_code == 404


def test_a_created_campaign_shows_the_documented_fields(api: ApiClient) -> None:
    response = api.post("/v1/campaigns", COUPONS)

    shown = response.json()
    assert shown == {
        "id": shown["id"],
        "name": "Spring",
        "campaign_type": "DISCOUNT_COUPONS",
        "type": "STATIC",
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
            "redemption": {"quantity": None},
            "code_config": {
                "length": 8,
                "charset": "0123456789abcdefghijklmnopqrstuvwxyz"
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "pattern": "########",
            },
            "is_referral_code": False,
        },
        "auto_join": False,
        "join_once": False,
        "use_voucher_metadata_schema": True,
        "vouchers_count": 0,
        "active": True,
        "metadata": {},
        "created_at": shown["created_at"],
        "creation_status": "DONE",
        "vouchers_generation_status": "DONE",
        "protected": False,
        "category_id": None,
        "categories": [],
        "validation_rules_assignments": {
            "object": "list",
            "data_ref": "data",
            "data": [],
            "total": 0,
        },
        "object": "campaign",
    }


def test_a_campaign_is_read_by_its_name(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, name="Spring & more/2")

    response = api.get("/v1/campaigns/Spring%20%26%20more%2F2")

    assert response.json()["id"] == campaign.pk


def test_a_taken_name_answers_409(api: ApiClient) -> None:
    api.post("/v1/campaigns", COUPONS)

    response = api.post("/v1/campaigns", COUPONS)

    body = response.json()
    assert response.status_code == 409
    assert body["key"] == "duplicate_found"
    assert body["details"] == "Duplicated campaign exists with name Spring"
    assert (body["resource_id"], body["resource_type"]) == ("Spring", "campaign")


def test_a_campaign_without_discount_is_refused(api: ApiClient) -> None:
    response = api.post("/v1/campaigns", COUPONS | {"voucher": {}})

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_campaign"
    assert response.json()["message"] == "Invalid Campaign"


def test_codes_come_in_the_background_and_the_campaign_can_be_polled(
    api: ApiClient,
) -> None:
    created = api.post("/v1/campaigns", COUPONS | {"vouchers_count": 3}).json()
    assert (created["creation_status"], created["vouchers_count"]) == ("IN_PROGRESS", 0)

    run_all()

    shown = api.get(f"/v1/campaigns/{created['id']}").json()
    assert (shown["creation_status"], shown["vouchers_count"]) == ("DONE", 3)
    actions = api.get("/v1/async-actions").json()
    (action,) = actions["async_actions"]
    assert (action["type"], action["status"]) == ("CAMPAIGN.VOUCHERS_GENERATE", "DONE")


def test_a_promotion_is_created_with_its_tiers(api: ApiClient) -> None:
    body = {
        "name": "Sale",
        "campaign_type": "PROMOTION",
        "promotion": {"tiers": [TIER, TIER | {"name": "More off"}]},
    }

    shown = api.post("/v1/campaigns", body).json()

    assert "voucher" not in shown
    assert "vouchers_count" not in shown
    assert shown["use_voucher_metadata_schema"] is False
    promotion = shown["promotion"]
    assert [tier["name"] for tier in promotion["tiers"]] == ["Ten off", "More off"]
    assert [tier["hierarchy"] for tier in promotion["tiers"]] == [1, 2]
    assert (promotion["data_ref"], promotion["total"]) == ("tiers", 2)
    assert promotion["has_more"] is False


def test_a_malformed_tier_is_named_and_nothing_is_stored(api: ApiClient) -> None:
    body = {
        "name": "Sale",
        "campaign_type": "PROMOTION",
        "promotion": {"tiers": [TIER, {"name": "No action"}]},
    }

    response = api.post("/v1/campaigns", body)

    assert response.status_code == 400
    assert ".promotion.tiers[1]" in response.json()["details"]
    assert not Campaign.objects.exists()


def test_a_promotion_leaves_the_lists_of_tiers_when_it_is_deleted(
    api: ApiClient,
) -> None:
    body = {
        "name": "Sale",
        "campaign_type": "PROMOTION",
        "promotion": {"tiers": [TIER]},
    }
    shown = api.post("/v1/campaigns", body).json()

    api.delete(f"/v1/campaigns/{shown['id']}")

    assert api.get("/v1/promotions/tiers").json()["total"] == 0


def test_a_rule_given_at_creation_is_assigned(api: ApiClient) -> None:
    rule = ValidationRuleFactory(project=api.project)

    shown = api.post("/v1/campaigns", COUPONS | {"validation_rules": [rule.pk]}).json()

    (assignment,) = shown["validation_rules_assignments"]["data"]
    assert assignment["rule_id"] == rule.pk
    assert assignment["related_object_id"] == shown["id"]


def test_an_unknown_rule_is_refused_and_nothing_is_stored(api: ApiClient) -> None:
    response = api.post("/v1/campaigns", COUPONS | {"validation_rules": ["val_x"]})

    assert response.status_code == 404
    assert not Campaign.objects.exists()


def test_an_unknown_category_id_is_not_found(api: ApiClient) -> None:
    response = api.post("/v1/campaigns", COUPONS | {"category_id": "cat_no"})

    assert response.status_code == 404
    assert response.json()["resource_type"] == "category"


def test_null_optional_fields_count_as_not_sent(api: ApiClient) -> None:
    body = COUPONS | {
        "type": None,
        "start_date": None,
        "metadata": None,
        "vouchers_count": None,
        "validation_rules": None,
        "promotion": None,
        "join_once": None,
    }

    assert api.post("/v1/campaigns", body).status_code == 200


def test_a_date_set_to_null_disappears(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, expiration_date=NOW)

    shown = api.put(f"/v1/campaigns/{campaign.pk}", {"expiration_date": None}).json()

    assert "expiration_date" not in shown


def test_fields_that_cannot_change_are_passed_over(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.put(
        f"/v1/campaigns/{campaign.pk}",
        {"name": "Other", "campaign_type": "PROMOTION", "type": "STANDALONE"},
    )

    shown = response.json()
    assert response.status_code == 200
    assert shown["name"] == campaign.name
    assert shown["campaign_type"] == "DISCOUNT_COUPONS"
    assert shown["type"] == "STATIC"


def test_a_change_that_codes_follow_shows_modifying(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, vouchers_count=1)
    voucher = VoucherFactory(campaign=campaign)

    shown = api.put(
        f"/v1/campaigns/{campaign.pk}", {"start_date": "2026-05-01T00:00:00Z"}
    ).json()
    assert shown["creation_status"] == "MODIFYING"
    busy = api.put(f"/v1/campaigns/{campaign.pk}", {"description": "x"})
    assert (busy.status_code, busy.json()["key"]) == (400, "invalid_campaign")

    run_all()

    voucher.refresh_from_db()
    assert voucher.start_date is not None
    assert api.get(f"/v1/campaigns/{campaign.pk}").json()["creation_status"] == "DONE"


def test_a_protected_campaign_is_refused(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, protected=True)

    response = api.put(f"/v1/campaigns/{campaign.pk}", {"description": "x"})

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "resource_protected")
    assert body["details"] == (
        f"Resource campaign with id {campaign.pk} is protected and cannot be modified"
    )


def test_switching_a_campaign_answers_an_empty_object(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.post(f"/v1/campaigns/{campaign.pk}/disable")

    campaign.refresh_from_db()
    assert (response.status_code, response.json()) == (200, {})
    assert campaign.active is False
    assert api.post(f"/v1/campaigns/{campaign.pk}/enable").json() == {}


def test_categories_are_listed_on_demand(api: ApiClient) -> None:
    category = CategoryFactory(project=api.project)
    CampaignFactory(project=api.project, category=category)

    plain = api.get("/v1/campaigns").json()["campaigns"][0]
    expanded = api.get("/v1/campaigns", {"expand": "category"}).json()["campaigns"][0]

    assert (plain["category_id"], plain["categories"]) == (category.pk, [])
    assert expanded["categories"][0]["id"] == category.pk


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"campaign_type": "PROMOTION"}, {"sale"}),
        ({"campaign_status": "IN_PROGRESS"}, {"busy"}),
        ({"is_referral_code": "true"}, set()),
        ({"filters[campaigns][conditions][$in][0]": "off"}, {"off"}),
        ({"filters[status][conditions][$in_progress]": ""}, {"busy"}),
        ({"filters[status][conditions][$active]": ""}, {"coupons", "sale"}),
        ({"filters[active][conditions][$disabled]": ""}, {"off"}),
        ({"filters[status][conditions][$expired]": "true"}, {"old"}),
        (
            {"filters[type][conditions][$is]": "BULK"},
            {"coupons", "sale", "busy", "off", "old"},
        ),
        ({"filters[voucher_type][conditions][$is]": "GIFT_VOUCHER"}, set()),
        ({"filters[validity_day_of_week][conditions][$in][0]": "3"}, {"coupons"}),
        ({"filters[validity_timeframe][conditions][$has_value]": ""}, set()),
        ({"filters[metadata.colour][conditions][$is]": "red"}, {"coupons"}),
    ],
)
def test_campaigns_are_filtered(
    api: ApiClient, query: dict[str, str], names: set[str]
) -> None:
    project = api.project
    CampaignFactory(
        project=project,
        name="coupons",
        metadata={"colour": "red"},
        validity_day_of_week=[1, 3],
    )
    PromotionFactory(project=project, name="sale")
    CampaignFactory(
        project=project,
        name="busy",
        creation_status="IN_PROGRESS",
        vouchers_generation_status="IN_PROGRESS",
    )
    CampaignFactory(project=project, name="off", active=False)
    CampaignFactory(project=project, name="old", expiration_date="2020-01-01T00:00Z")

    response = api.get("/v1/campaigns", query)

    assert response.status_code == 200, response.content
    assert {one["name"] for one in response.json()["campaigns"]} == names


def test_one_voucher_is_added_to_a_campaign(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.post(f"/v1/campaigns/{campaign.name.replace(' ', '%20')}/vouchers")

    shown = response.json()
    assert response.status_code == 200
    assert shown["object"] == "voucher"
    assert (shown["campaign"], shown["campaign_id"]) == (campaign.name, campaign.pk)
    assert shown["discount"] == TEN_PERCENT


@pytest.mark.parametrize("body", [b"", b"{}", b"7", b"[]", b'"x"'])
def test_a_body_that_is_no_object_counts_as_none(api: ApiClient, body: bytes) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.post(f"/v1/campaigns/{campaign.pk}/vouchers", body)

    assert response.status_code == 200, response.content


def test_many_vouchers_are_added_in_the_background(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.request(
        "POST",
        f"/v1/campaigns/{campaign.pk}/vouchers",
        {"metadata": {"batch": 1}, "category": "Fresh"},
        query={"vouchers_count": "5"},
    )
    assert response.status_code == 202
    action_id = response.json()["async_action_id"]
    run_all()

    action = api.get(f"/v1/async-actions/{action_id}").json()
    assert action["status"] == "DONE"
    assert action["operation_status"] == "SUCCESS"
    assert action["progress"] == 100
    assert action["result"] == {"message": "Generated 5 vouchers.", "done_count": 5}
    vouchers = api.get("/v1/vouchers", {"campaign": campaign.name}).json()["vouchers"]
    assert len(vouchers) == 5
    assert {one["category"] for one in vouchers} == {"Fresh"}
    assert all(one["metadata"] == {"batch": 1} for one in vouchers)


@pytest.mark.parametrize(
    ("count", "body", "key"),
    [
        ("0", {}, "invalid_campaign_params"),
        ("100001", {}, "invalid_campaign_params"),
        ("x", {}, "invalid_query_params"),
        ("2", {"code": "X"}, "invalid_payload"),
        ("2", {"code_config": {"pattern": "X"}}, "invalid_code_config"),
    ],
)
def test_wrong_numbers_of_vouchers_are_refused(
    api: ApiClient, count: str, body: dict[str, Any], key: str
) -> None:
    campaign = CampaignFactory(project=api.project)

    response = api.request(
        "POST",
        f"/v1/campaigns/{campaign.pk}/vouchers",
        body,
        query={"vouchers_count": count},
    )

    assert (response.status_code, response.json()["key"]) == (400, key)
    assert not AsyncAction.objects.exists()
    assert not Voucher.objects.exists()


def test_a_generic_campaign_takes_no_more_codes(api: ApiClient) -> None:
    voucher = {"discount": TEN_PERCENT, "code": "SPRING"}
    shown = api.post("/v1/campaigns", COUPONS | {"voucher": voucher}).json()
    assert (shown["type"], shown["vouchers_count"]) == ("STANDALONE", 1)

    response = api.post(f"/v1/campaigns/{shown['id']}/vouchers")

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "invalid_campaign")
    assert body["details"] == (
        "You can not generate vouchers for STANDALONE type campaign."
    )


def test_a_voucher_with_a_given_code_is_added(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    path = f"/v1/campaigns/{campaign.pk}/vouchers/MY%2FCODE"

    first, second = api.post(path, {"redemption": {"quantity": 1}}), api.post(path)

    assert first.json()["code"] == "MY/CODE"
    assert first.json()["redemption"]["quantity"] == 1
    assert second.status_code == 409
    assert second.json()["resource_id"] == "MY/CODE"


def test_another_projects_campaign_takes_no_voucher(
    api: ApiClient, other_project: Project
) -> None:
    campaign = CampaignFactory(project=other_project)

    response = api.post(f"/v1/campaigns/{campaign.pk}/vouchers/X")

    assert response.status_code == 404
    assert not Voucher.objects.exists()


def referral_program(**program: object) -> dict[str, object]:
    return {
        "name": "Invite",
        "campaign_type": "REFERRAL_PROGRAM",
        "type": "AUTO_UPDATE",
        "referral_program": {"conversion_event_type": "redemption", **program},
        "voucher": {"discount": {"type": "PERCENT", "percent_off": 10}},
    }


def test_the_codes_of_a_referral_program_are_referral_codes(api: ApiClient) -> None:
    shown = api.post("/v1/campaigns", referral_program()).json()
    given = api.post(
        "/v1/publications", {"campaign": "Invite", "customer": "eve"}
    ).json()

    assert shown["campaign_type"] == "REFERRAL_PROGRAM"
    assert shown["referral_program"] == {"conversion_event_type": "redemption"}
    assert shown["voucher"]["is_referral_code"] is True
    assert given["voucher"]["is_referral_code"] is True


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_referral_program_may_count_a_custom_event(api: ApiClient, by: str) -> None:
    event = EventSchemaFactory(project=api.project, name="signed_up")
    EventSchemaFactory(name="signed_up")
    whole = {"id": event.pk, "name": "signed_up"}
    program = {"conversion_event_type": "custom_event"}
    sent = referral_program(**program, custom_event={by: whole[by]})

    shown = api.post("/v1/campaigns", sent).json()

    assert shown["referral_program"] == {**program, "custom_event": whole}
    kept = Campaign.objects.get().referral_program
    assert kept == shown["referral_program"]


def test_a_referral_program_is_known_by_what_it_says(api: ApiClient) -> None:
    body = referral_program() | {"campaign_type": None}

    shown = api.post("/v1/campaigns", body).json()

    assert shown["campaign_type"] == "REFERRAL_PROGRAM"


@pytest.mark.parametrize(
    ("program", "key", "details"),
    [
        (
            {"conversion_event_type": "custom_event"},
            "invalid_payload",
            ("Property .referral_program should have required property 'custom_event'"),
        ),
        (
            {
                "conversion_event_type": "custom_event",
                "custom_event": {"name": "unknown"},
            },
            "not_found",
            "Cannot find custom_event_schema with id unknown",
        ),
        (
            {
                "conversion_event_type": "custom_event",
                "custom_event": {"id": "ms_x", "name": "signed_up"},
            },
            "not_found",
            "Cannot find custom_event_schema with id ms_x",
        ),
        (
            {"referee_reward": {"type": "GIFT_VOUCHER", "amount": 5}},
            "invalid_campaign",
            "Rewards of referees are not supported by this version",
        ),
        (
            {"conversion_event_type": "visit"},
            "invalid_payload",
            (
                "Property .referral_program.conversion_event_type must be equal to one "
                "of the allowed values [ redemption, custom_event ]"
            ),
        ),
    ],
)
def test_what_a_referral_program_cannot_do_is_refused(
    api: ApiClient, program: dict[str, object], key: str, details: str
) -> None:
    EventSchemaFactory(project=api.project, name="signed_up")

    answer = api.post("/v1/campaigns", referral_program(**program)).json()

    assert (answer["key"], answer["details"]) == (key, details)
    assert not api.project.campaigns.exists()
