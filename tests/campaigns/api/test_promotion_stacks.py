"""``/v1/promotions/stacks`` and the stacks of one promotion."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import PromotionStack, PromotionTier
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.contract.resource import NOBODY
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    PromotionFactory,
)
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(project: Project) -> Any:
    return PromotionFactory.create(project=project)


@pytest.fixture
def tiers(project: Project, campaign: Any) -> list[PromotionTier]:
    return TierFactory.create_batch(3, project=project, campaign=campaign)


def path_of(campaign: Any) -> str:
    return f"/v1/promotions/{campaign.pk}/stacks"


def body_of(*tiers: PromotionTier, **more: Any) -> dict[str, Any]:
    return {"name": "Both", "tiers": {"ids": [one.pk for one in tiers]}} | more


def events(project: Project) -> list[str]:
    rows = DomainEvent.objects.filter(project=project).order_by("pk")
    return [row.type for row in rows if "promotion_stack" in row.type]


def test_a_stack_is_made_read_and_told(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    category = CategoryFactory.create(project=api.project)
    body = body_of(tiers[2], tiers[0], category_id=category.pk)

    made = api.post(path_of(campaign), body)

    shown = made.json()
    assert made.status_code == 200, made.content
    assert shown == {
        "id": shown["id"],
        "name": "Both",
        "created_at": shown["created_at"],
        "campaign_id": campaign.pk,
        "tiers": {"ids": [tiers[2].pk, tiers[0].pk], "hierarchy_mode": "MANUAL"},
        "category_id": category.pk,
        "categories": shown["categories"],
        "object": "promotion_stack",
    }
    assert shown["id"].startswith("stack_")
    assert shown["categories"][0]["name"] == category.name
    assert api.get(f"{path_of(campaign)}/{shown['id']}").json() == shown
    (event,) = DomainEvent.objects.filter(type="campaign.promotion_stack.created")
    assert event.payload["promotion_stack"] == shown
    assert event.payload["campaign"]["id"] == campaign.pk


def test_stacks_are_listed_by_promotion_and_all_together(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier], other_project: Project
) -> None:
    first = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers)
    second = StackFactory.create(
        project=api.project, name="A", created_at=NOW + timedelta(days=1)
    )
    StackFactory.create(project=other_project)

    mine = api.get(path_of(campaign)).json()
    everything = api.get("/v1/promotions/stacks").json()
    by_name = api.get("/v1/promotions/stacks", {"order": "name"}).json()
    late = {"created_at[after]": NOW.isoformat()}
    newest = api.get("/v1/promotions/stacks", late).json()

    assert [one["id"] for one in mine["data"]] == [first.pk]
    assert (mine["object"], mine["data_ref"], mine["total"]) == ("list", "data", 1)
    assert [one["id"] for one in everything["data"]] == [second.pk, first.pk]
    assert [one["id"] for one in by_name["data"]] == [second.pk, first.pk]
    assert [one["id"] for one in newest["data"]] == [second.pk]


def test_an_update_replaces_the_tiers_whole_and_keeps_the_rest(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    category = CategoryFactory.create(project=api.project)
    stack = StackFactory.create(
        project=api.project, campaign=campaign, tiers=tiers[:2], category=category
    )
    path = f"{path_of(campaign)}/{stack.pk}"

    changed = api.put(path, {"tiers": {"ids": [tiers[2].pk, tiers[1].pk]}}).json()
    renamed = api.put(path, {"name": "New", "category_id": None}).json()

    assert changed["name"] == stack.name
    assert changed["category_id"] == category.pk
    assert changed["tiers"]["ids"] == [tiers[2].pk, tiers[1].pk]
    assert "updated_at" in changed
    assert renamed["name"] == "New"
    assert renamed["category_id"] is None
    assert renamed["tiers"] == changed["tiers"]
    assert events(api.project) == ["campaign.promotion_stack.updated"] * 2


def test_deleting_a_stack_leaves_its_tiers(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    stack = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers)
    path = f"{path_of(campaign)}/{stack.pk}"

    gone = api.delete(path)

    assert (gone.status_code, gone.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert PromotionTier.objects.alive().count() == 3


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"name": ""}, ".name must NOT have fewer than 1 characters"),
        ({"name": 1}, ".name must be string"),
        ({"tiers": []}, ".tiers must be object"),
        ({"tiers": {}}, ".tiers should have required property 'ids'"),
        ({"tiers": {"ids": []}}, ".tiers.ids must NOT have fewer than 1 items"),
        ({"tiers": {"ids": ["promo_1"] * 31}}, ".tiers.ids must NOT have more than 30"),
        (
            {"tiers": {"ids": ["promo_1", "promo_1"]}},
            ".tiers.ids must NOT have duplicate items",
        ),
        (
            {"tiers": {"ids": ["promo_1"], "hierarchy_mode": "AUTO"}},
            ".tiers.hierarchy_mode must be equal to one of the allowed values",
        ),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(
    api: ApiClient,
    campaign: Any,
    tiers: list[PromotionTier],
    change: dict[str, Any],
    details: str,
) -> None:
    stack = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers)

    made = api.post(path_of(campaign), body_of(tiers[0]) | change)
    changed = api.put(f"{path_of(campaign)}/{stack.pk}", change)

    for refused in (made, changed):
        assert refused.status_code == 400, refused.content
        assert refused.json()["key"] == "invalid_payload"
        assert details in refused.json()["details"]
    assert PromotionStack.objects.get() == stack
    assert events(api.project) == []


def test_tiers_must_be_of_the_same_campaign(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    stranger = TierFactory.create(project=api.project)

    refused = api.post(path_of(campaign), body_of(tiers[0], stranger))

    assert (refused.status_code, refused.json()["key"]) == (400, "invalid_payload")
    assert refused.json()["details"] == (
        f"Property .tiers.ids[1] must be a tier of {campaign.pk}"
    )
    assert not PromotionStack.objects.exists()


@pytest.mark.parametrize("kind", ["unknown", "malformed", "deleted", "foreign"])
def test_a_tier_that_does_not_exist_is_not_found(
    api: ApiClient, campaign: Any, other_project: Project, kind: str
) -> None:
    tier = {
        "unknown": lambda: PromotionTier(pk="promo_" + NOBODY),
        "malformed": lambda: PromotionTier(pk="x"),
        "deleted": lambda: TierFactory.create(
            project=api.project, campaign=campaign, deleted_at=NOW
        ),
        "foreign": lambda: TierFactory.create(project=other_project),
    }[kind]()

    refused = api.post(path_of(campaign), body_of(tier))

    assert refused.status_code == 404
    assert refused.json()["details"] == f"Cannot find promotion_tier with id {tier.pk}"
    assert not PromotionStack.objects.exists()


def test_a_campaign_that_is_no_promotion_has_no_tier_to_stack(
    api: ApiClient, tiers: list[PromotionTier]
) -> None:
    coupons = CampaignFactory.create(project=api.project)

    refused = api.post(path_of(coupons), body_of(tiers[0]))

    assert refused.json()["key"] == "invalid_payload"
    assert not PromotionStack.objects.exists()


@pytest.mark.parametrize("verb", ["get", "put", "delete"])
def test_a_stack_is_found_below_its_own_promotion_alone(
    api: ApiClient, campaign: Any, verb: str
) -> None:
    stack = StackFactory.create(project=api.project)

    refused = getattr(api, verb)(f"{path_of(campaign)}/{stack.pk}")

    assert refused.status_code == 404
    assert refused.json()["resource_type"] == "promotion_stack"
    assert PromotionStack.objects.filter(pk=stack.pk).exists()


def test_a_deleted_tier_leaves_its_stacks_and_an_emptied_one_goes(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    both = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers[:2])
    alone = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers[:1])
    other = StackFactory.create(project=api.project, campaign=campaign, tiers=tiers[2:])

    api.delete(f"/v1/promotions/tiers/{tiers[0].pk}")

    left = {one["id"]: one["tiers"]["ids"] for one in _stacks(api)}
    assert left == {both.pk: [tiers[1].pk], other.pk: [tiers[2].pk]}
    assert alone.pk not in left
    assert events(api.project) == ["campaign.promotion_stack.updated"]


def _stacks(api: ApiClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v1/promotions/stacks").json()["data"]
    return found


def test_the_stacks_of_a_deleted_campaign_go_with_it(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    StackFactory.create(project=api.project, campaign=campaign, tiers=tiers)

    api.delete(f"/v1/campaigns/{campaign.pk}?force=true")

    assert _stacks(api) == []
    assert not PromotionStack.objects.exists()


def test_a_deleted_category_leaves_the_stack(
    api: ApiClient, campaign: Any, tiers: list[PromotionTier]
) -> None:
    category = CategoryFactory.create(project=api.project)
    stack = StackFactory.create(
        project=api.project, campaign=campaign, tiers=tiers, category=category
    )

    api.delete(f"/v1/categories/{category.pk}")

    stack.refresh_from_db()
    assert stack.category_id is None
