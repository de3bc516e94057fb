from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import PromotionTier
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    CategoryFactory,
    PromotionFactory,
)
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

PATH = "/v1/promotions/tiers"
TIER: dict[str, Any] = {"name": "Ten off", "action": {"discount": TEN_PERCENT}}


class TestPromotionTiers(ResourceContract):
    path, resource_type, id_prefix = PATH, "promotion_tier", "promo_"
    list_key, object_name = "tiers", "promotion_tier"
    verbs = frozenset({"update", "delete"})
    update_body = {"name": "Eleven", "banner": "New", "metadata": {"a": 1}}

    def make(self, project: Project, count: int) -> list[Any]:
        tiers = TierFactory.create_batch(count, project=project)
        for tier in tiers:
            AssignmentFactory.create(
                project=project,
                related_object_id=tier.pk,
                related_object_type="promotion_tier",
            )
        return tiers


def tiers_path(campaign: Any) -> str:
    return f"/v1/promotions/{campaign.pk}/tiers"


def places(campaign: Any) -> dict[str, int]:
    living = PromotionTier.objects.alive().filter(campaign=campaign)
    return dict(living.values_list("name", "hierarchy"))


def test_a_tier_is_stored_and_answered_with_its_campaign(api: ApiClient) -> None:
    campaign = PromotionFactory.create(
        project=api.project, validity_day_of_week=[1], start_date="2026-01-01T00:00:00Z"
    )
    rule = ValidationRuleFactory.create(project=api.project)
    body = TIER | {
        "banner": "Save ten",
        "metadata": {"level": "a"},
        "validation_rules": [rule.pk],
        "validity_hours": {"daily": [{"start_time": "08:00"}]},
    }

    shown = api.post(tiers_path(campaign), body).json()

    tier = PromotionTier.objects.get()
    assignment = api.project.validation_rule_assignments.get()
    assert shown == {
        "id": tier.pk,
        "created_at": shown["created_at"],
        "name": "Ten off",
        "banner": "Save ten",
        "action": {"discount": TEN_PERCENT},
        "metadata": {"level": "a"},
        "hierarchy": 1,
        "promotion_id": campaign.pk,
        "campaign": {
            "id": campaign.pk,
            "start_date": "2026-01-01T00:00:00.000Z",
            "expiration_date": None,
            "validity_day_of_week": [1],
            "active": True,
            "category_id": None,
            "object": "campaign",
        },
        "campaign_id": campaign.pk,
        "active": True,
        "validity_hours": {"daily": [{"start_time": "08:00"}]},
        "category_id": None,
        "categories": [],
        "summary": {
            "redemptions": {"total_redeemed": 0},
            "orders": {"total_amount": 0, "total_discount_amount": 0},
        },
        "validation_rule_assignments": {
            "object": "list",
            "data_ref": "data",
            "data": [
                {
                    "id": assignment.pk,
                    "rule_id": rule.pk,
                    "related_object_id": tier.pk,
                    "related_object_type": "promotion_tier",
                    "created_at": shown["created_at"],
                    "object": "validation_rules_assignment",
                }
            ],
            "total": 1,
        },
        "object": "promotion_tier",
    }
    assigned, created = DomainEvent.objects.order_by("id")
    assert assigned.type == "business_validation_rule.assignment.created"
    assert assigned.payload["promotion_tier"]["id"] == tier.pk
    assert assigned.payload["rule"]["assignments_count"] == 1
    assert created.type == "campaign.promotion_tier.created"
    assert created.campaign_id == campaign.pk
    assert created.payload["promotion_tier"] == shown
    assert created.payload["campaign"]["id"] == campaign.pk


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"name": None}, "Property .name must be string"),
        ({"name": 1}, "Property .name must be string"),
        ({"action": []}, "Property .action must be object"),
        (
            {"action": {}},
            "Property .action should have required property 'discount'",
        ),
        (
            {"action": {"discount": {"type": "PERCENT"}}},
            "Property .action.discount should have required property 'percent_off'",
        ),
        (
            {"action": {"discount": {"type": "PERCENT", "percent_off": 101}}},
            "Property .action.discount.percent_off must be <= 100",
        ),
        ({"hierarchy": 0}, "Property .hierarchy must be >= 1"),
        ({"hierarchy": "1"}, "Property .hierarchy must be integer"),
        ({"metadata": []}, "Property .metadata must be object"),
        ({"active": "yes"}, "Property .active must be boolean"),
        (
            {"start_date": "soon"},
            ("Property .start_date cannot be recognized as a ISO-8601 compliant date"),
        ),
        (
            {"start_date": "2026-02-01", "expiration_date": "2026-01-01"},
            "Property .expiration_date must be after start_date",
        ),
        (
            {"validity_timeframe": {"duration": "PT1H", "interval": "P1D"}},
            "Property .start_date is required with validity_timeframe",
        ),
        (
            {"validity_hours": {"daily": [{"start_time": "8"}]}},
            "Property .validity_hours.daily[0].start_time must be in HH:mm format",
        ),
        ({"validity_day_of_week": 1}, "Property .validity_day_of_week must be array"),
        ({"validation_rules": "val_1"}, "Property .validation_rules must be array"),
        (
            {"validation_rules": ["val_1", "val_2"]},
            "Property .validation_rules must NOT have more than 1 items",
        ),
        (
            {"validation_rule_assignments": {"data": [{}]}},
            (
                "Property .validation_rule_assignments should have required property "
                "'rule_id'"
            ),
        ),
    ],
)
def test_a_wrong_tier_is_refused_with_its_path_and_nothing_is_stored(
    api: ApiClient, change: dict[str, Any], details: str
) -> None:
    campaign = PromotionFactory.create(project=api.project)

    response = api.post(tiers_path(campaign), TIER | change)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert response.json()["details"] == details
    assert not PromotionTier.objects.exists()
    assert not DomainEvent.objects.exists()


@pytest.mark.parametrize("missing", ["name", "action"])
def test_name_and_action_are_required(api: ApiClient, missing: str) -> None:
    campaign = PromotionFactory.create(project=api.project)
    body = {name: value for name, value in TIER.items() if name != missing}

    response = api.post(tiers_path(campaign), body)

    assert response.status_code == 400
    assert response.json()["details"] == (
        f"Payload must have required property '{missing}'"
    )


@pytest.mark.parametrize(
    ("change", "resource_type"),
    [
        ({"category_id": "cat_" + "f" * 32}, "category"),
        ({"validation_rules": ["val_" + "f" * 32]}, "validation_rules"),
        ({"validation_rules": ["nonsense"]}, "validation_rules"),
    ],
)
def test_a_tier_that_names_something_unknown_is_not_stored(
    api: ApiClient, change: dict[str, Any], resource_type: str
) -> None:
    campaign = PromotionFactory.create(project=api.project)

    response = api.post(tiers_path(campaign), TIER | change)

    assert response.status_code == 404
    assert response.json()["resource_type"] == resource_type
    assert not PromotionTier.objects.exists()
    assert not DomainEvent.objects.exists()


def test_a_rule_of_another_project_cannot_guard_a_tier(
    api: ApiClient, other_project: Project
) -> None:
    campaign = PromotionFactory.create(project=api.project)
    foreign = ValidationRuleFactory.create(project=other_project)

    response = api.post(tiers_path(campaign), TIER | {"validation_rules": [foreign.pk]})

    assert response.status_code == 404
    assert not PromotionTier.objects.exists()


def test_a_campaign_with_codes_takes_no_tiers(api: ApiClient) -> None:
    campaign = CampaignFactory.create(project=api.project)

    response = api.post(tiers_path(campaign), TIER)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_campaign"
    assert not PromotionTier.objects.exists()


def test_tiers_of_an_unknown_or_foreign_campaign_do_not_exist(
    api: ApiClient, other_project: Project
) -> None:
    foreign = PromotionFactory.create(project=other_project)

    for path in (tiers_path(foreign), "/v1/promotions/nobody/tiers"):
        for response in (api.get(path), api.post(path, TIER)):
            assert response.status_code == 404
            assert response.json()["resource_type"] == "campaign"
    assert not PromotionTier.objects.exists()


def test_the_tiers_of_a_campaign_are_listed_whole(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    TierFactory.create_batch(12, project=api.project, campaign=campaign)
    TierFactory.create(project=api.project)

    body = api.get(f"/v1/promotions/{campaign.name}/tiers").json()

    assert body["data_ref"] == "tiers"
    assert (body["total"], len(body["tiers"]), body["has_more"]) == (12, 12, False)


def test_a_page_says_whether_there_are_more(api: ApiClient) -> None:
    TierFactory.create_batch(3, project=api.project)

    first = api.get(PATH, {"limit": "2"}).json()
    second = api.get(PATH, {"limit": "2", "page": "2"}).json()

    assert (first["has_more"], second["has_more"]) == (True, False)


def test_without_hierarchy_a_tier_comes_last(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    TierFactory.create(project=api.project, campaign=campaign, hierarchy=4)

    shown = api.post(tiers_path(campaign), TIER).json()

    assert shown["hierarchy"] == 5


def test_a_new_tier_on_an_occupied_place_shifts_the_others(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    for place, name in enumerate("abc", start=1):
        TierFactory.create(
            project=api.project, campaign=campaign, name=name, hierarchy=place
        )

    api.post(tiers_path(campaign), TIER | {"hierarchy": 2})

    assert places(campaign) == {"a": 1, "Ten off": 2, "b": 3, "c": 4}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (1, {"c": 1, "a": 2, "b": 3}),
        (2, {"a": 1, "c": 2, "b": 3}),
        (3, {"a": 1, "b": 2, "c": 3}),
        (9, {"a": 1, "b": 2, "c": 9}),
    ],
)
def test_moving_a_tier_shifts_only_whom_it_meets(
    api: ApiClient, place: int, expected: dict[str, int]
) -> None:
    campaign = PromotionFactory.create(project=api.project)
    tiers = [
        TierFactory.create(
            project=api.project, campaign=campaign, name=name, hierarchy=at
        )
        for at, name in enumerate("abc", start=1)
    ]

    response = api.put(f"{PATH}/{tiers[2].pk}", {"hierarchy": place})

    assert response.json()["hierarchy"] == place
    assert places(campaign) == expected


def test_deleting_a_tier_leaves_a_gap_and_drops_its_rule(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    first, second = (
        TierFactory.create(project=api.project, campaign=campaign, name=name)
        for name in ("a", "b")
    )
    rule = ValidationRuleFactory.create(project=api.project)
    AssignmentFactory.create(project=api.project, rule=rule, related_object_id=first.pk)

    response = api.delete(f"{PATH}/{first.pk}")

    assert response.status_code == 204
    assert api.delete(f"{PATH}/{first.pk}").status_code == 404
    assert places(campaign) == {"b": second.hierarchy}
    assert not rule.assignments.exists()
    event = DomainEvent.objects.get()
    assert event.type == "campaign.promotion_tier.deleted"
    assert event.payload["promotion_tier"]["id"] == first.pk


def test_an_update_merges_metadata_and_clears_dates(api: ApiClient) -> None:
    tier = TierFactory.create(
        project=api.project,
        metadata={"a": 1, "b": 2},
        start_date="2026-01-01T00:00:00Z",
        expiration_date="2026-12-31T00:00:00Z",
    )

    shown = api.put(
        f"{PATH}/{tier.pk}", {"metadata": {"b": 3}, "expiration_date": None}
    ).json()

    assert shown["metadata"] == {"a": 1, "b": 3}
    assert "expiration_date" not in shown
    assert shown["start_date"] == "2026-01-01T00:00:00.000Z"
    assert shown["name"] == tier.name
    assert "updated_at" in shown


def test_an_update_cannot_leave_limits_that_do_not_go_together(api: ApiClient) -> None:
    tier = TierFactory.create(project=api.project, validity_day_of_week=[1])
    hours = {"daily": [{"start_time": "08:00", "expiration_time": "10:00"}]}

    response = api.put(f"{PATH}/{tier.pk}", {"validity_hours": hours})

    tier.refresh_from_db()
    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert tier.validity_hours is None
    assert tier.updated_at is None
    assert not DomainEvent.objects.exists()


def test_a_timeframe_may_count_from_the_campaigns_start(api: ApiClient) -> None:
    campaign = PromotionFactory.create(
        project=api.project, start_date="2026-01-01T00:00:00Z"
    )
    frame = {"duration": "PT1H", "interval": "P1D"}

    shown = api.post(tiers_path(campaign), TIER | {"validity_timeframe": frame}).json()

    assert shown["validity_timeframe"] == frame
    assert "start_date" not in shown


def test_an_update_may_change_the_kind_of_discount(api: ApiClient) -> None:
    tier = TierFactory.create(project=api.project)
    amount = {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ORDER"}

    shown = api.put(f"{PATH}/{tier.pk}", {"action": {"discount": amount}}).json()

    assert shown["action"] == {"discount": amount}


def test_an_update_does_not_touch_what_redemptions_count(api: ApiClient) -> None:
    tier = TierFactory.create(
        project=api.project,
        redeemed_quantity=3,
        orders_amount=5000,
        discounted_amount=500,
    )

    shown = api.put(f"{PATH}/{tier.pk}", {"name": "New"}).json()

    assert shown["summary"] == {
        "redemptions": {"total_redeemed": 3},
        "orders": {"total_amount": 5000, "total_discount_amount": 500},
    }


def test_an_update_replaces_the_rule_and_an_empty_list_takes_it_off(
    api: ApiClient,
) -> None:
    tier = TierFactory.create(project=api.project)
    old, new = ValidationRuleFactory.create_batch(2, project=api.project)
    AssignmentFactory.create(project=api.project, rule=old, related_object_id=tier.pk)

    replaced = api.put(f"{PATH}/{tier.pk}", {"validation_rules": [new.pk]}).json()
    listed = {"validation_rule_assignments": replaced["validation_rule_assignments"]}
    echoed = api.put(f"{PATH}/{tier.pk}", listed).json()
    untouched = api.put(f"{PATH}/{tier.pk}", {"name": "Same rule"}).json()
    taken_off = api.put(f"{PATH}/{tier.pk}", {"validation_rules": []}).json()

    assert [a["rule_id"] for a in listed["validation_rule_assignments"]["data"]] == [
        new.pk
    ]
    for shown in (echoed, untouched):
        assert (
            shown["validation_rule_assignments"]
            == (replaced["validation_rule_assignments"])
        )
    assert taken_off["validation_rule_assignments"] is None


def test_a_refused_rule_leaves_the_tier_and_its_rule(api: ApiClient) -> None:
    tier = TierFactory.create(project=api.project)
    held = AssignmentFactory.create(project=api.project, related_object_id=tier.pk)

    response = api.put(
        f"{PATH}/{tier.pk}", {"name": "New", "validation_rules": ["val_" + "f" * 32]}
    )

    tier.refresh_from_db()
    assert response.status_code == 404
    assert tier.name != "New"
    assert api.project.validation_rule_assignments.get() == held
    assert not DomainEvent.objects.exists()


def test_a_category_is_chosen_by_id_or_by_name(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    known = CategoryFactory.create(project=api.project, hierarchy=3)

    by_id = api.post(tiers_path(campaign), TIER | {"category_id": known.pk}).json()
    by_name = api.post(tiers_path(campaign), TIER | {"category": "Fresh"}).json()

    assert by_id["category_id"] == known.pk
    assert by_id["categories"][0]["name"] == known.name
    assert by_name["category"] == "Fresh"
    assert by_name["categories"][0]["hierarchy"] == 4


def test_a_tier_is_switched_off_and_on(api: ApiClient) -> None:
    tier = TierFactory.create(project=api.project)

    off = api.post(f"{PATH}/{tier.pk}/disable")
    on = api.post(f"{PATH}/{tier.pk}/enable")

    assert (off.status_code, on.status_code) == (200, 200)
    assert (off.json()["active"], on.json()["active"]) == (False, True)
    types = DomainEvent.objects.order_by("id").values_list("type", flat=True)
    assert list(types) == [
        "campaign.promotion_tier.disabled",
        "campaign.promotion_tier.enabled",
    ]


PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
NEVER_OPEN = {"duration": "PT1S", "interval": "P100Y"}


@pytest.mark.parametrize(
    ("tier", "campaign", "is_available"),
    [
        ({}, {}, True),
        ({"active": False}, {}, False),
        ({}, {"active": False}, False),
        ({"start_date": FUTURE}, {}, False),
        ({}, {"start_date": FUTURE}, False),
        ({"start_date": PAST}, {"start_date": FUTURE}, True),
        ({"expiration_date": PAST}, {}, False),
        ({}, {"expiration_date": PAST}, False),
        ({"expiration_date": FUTURE}, {"expiration_date": PAST}, True),
        ({"start_date": PAST, "validity_timeframe": NEVER_OPEN}, {}, False),
        ({}, {"start_date": PAST, "validity_timeframe": NEVER_OPEN}, False),
        ({"validity_day_of_week": [0, 1, 2, 3, 4, 5, 6]}, {}, True),
    ],
)
def test_available_tiers_are_on_and_inside_their_own_or_inherited_limits(
    api: ApiClient,
    tier: dict[str, Any],
    campaign: dict[str, Any],
    is_available: bool,  # noqa: FBT001 - what the table says
) -> None:
    made = TierFactory.create(
        project=api.project,
        campaign=PromotionFactory.create(project=api.project, **campaign),
        **tier,
    )

    body = api.get(PATH, {"is_available": "true"}).json()

    assert [row["id"] for row in body["tiers"]] == ([made.pk] if is_available else [])
    assert api.get(PATH).json()["total"] == 1


def test_asking_for_available_tiers_costs_the_same_for_one_as_for_twenty(
    api: ApiClient,
) -> None:
    every_day = {"validity_day_of_week": [0, 1, 2, 3, 4, 5, 6]}

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(PATH, {"is_available": "true", "limit": "100"})
        return len(queries)

    TierFactory.create(project=api.project, **every_day)
    cost()
    for_one = cost()
    TierFactory.create_batch(19, project=api.project, **every_day)

    assert cost() == for_one


def test_a_shops_page_lists_tiers_and_cannot_change_them(
    browser: ApiClient,
) -> None:
    tier = TierFactory.create(project=browser.project)

    listed = browser.get("/client/v1/promotions/tiers")
    posted = browser.post("/client/v1/promotions/tiers", TIER)

    assert [row["id"] for row in listed.json()["tiers"]] == [tier.pk]
    assert posted.status_code == 405


def test_an_untrusted_page_is_turned_away(browser: ApiClient) -> None:
    browser.project.client_trusted_domains = []
    browser.project.save()

    response = browser.get("/client/v1/promotions/tiers")

    assert response.status_code == 403
