"""``/v1/loyalties/{campaignId}/rewards``, and the same to read alone."""

from typing import Any

import pytest

from campaigns.models import Campaign, RewardAssignment, ValidationRuleAssignment
from promo.outbox.models import DomainEvent
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import CampaignFactory, LoyaltyProgramFactory
from tests.factories.rewards import (
    CoinFactory,
    MaterialFactory,
    RewardAssignmentFactory,
)
from tests.factories.rules import ValidationRuleFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

NAME = "Club"
PATH = f"/v1/loyalties/{NAME}/rewards"
READ = f"/v1/loyalties/{NAME}/reward-assignments"


def club(project: Project) -> Campaign:
    """Return the project's programme, which the paths name."""
    known = project.campaigns.filter(name=NAME).first()
    made: Campaign = known or LoyaltyProgramFactory(project=project, name=NAME)
    return made


def offered(project: Project, points: int = 5) -> RewardAssignment:
    made: RewardAssignment = RewardAssignmentFactory(
        reward=MaterialFactory(project=project), campaign=club(project), points=points
    )
    return made


class _Offers(ResourceContract):
    resource_type = object_name = "reward_assignment"
    id_prefix = "rewa_"

    def make(self, project: Project, count: int) -> list[RewardAssignment]:
        return [offered(project) for _ in range(count)]

    @pytest.fixture(autouse=True)
    def programme(self, project: Project) -> Campaign:
        return club(project)

    def test_the_openapi_document_lists_it(self, api: ApiClient) -> None:
        schema = api.get("/api/schema?format=json").json()

        assert self.path.replace(NAME, "{campaign}") in schema["paths"]


class TestLoyaltyRewards(_Offers):
    path = PATH
    # Several are made at once; the tests below show it.
    verbs = frozenset({"update", "delete"})
    update_body = {"parameters": {"loyalty": {"points": 9}}}


class TestLoyaltyAssignments(_Offers):
    path = READ
    verbs: frozenset[str] = frozenset()


@pytest.mark.parametrize("path", [PATH, READ])
def test_only_programmes_have_rewards(
    api: ApiClient, other_project: Project, path: str
) -> None:
    club(other_project)
    CampaignFactory(project=api.project, name=NAME)

    answer = api.get(path)

    shown = answer.json()
    assert (answer.status_code, shown["resource_id"], shown["resource_type"]) == (
        404,
        NAME,
        "campaign",
    )


def test_several_rewards_are_offered_at_once(api: ApiClient) -> None:
    program, rule = club(api.project), ValidationRuleFactory(project=api.project)
    mug, coin = MaterialFactory(project=api.project), CoinFactory(project=api.project)
    body = [
        {"reward": mug.pk, "parameters": {"loyalty": {"points": 2}}},
        {"reward": coin.pk, "validation_rules": [rule.pk]},
    ]

    shown = api.post(PATH, body).json()

    assert [
        (each["reward_id"], each["related_object_id"], each["parameters"])
        for each in shown
    ] == [
        (mug.pk, program.pk, {"loyalty": {"points": 2}}),
        (coin.pk, program.pk, {}),
    ]
    assert api.get(PATH).json()["total"] == 2
    assert ValidationRuleAssignment.objects.get().related_object_id == shown[1]["id"]
    told = DomainEvent.objects.filter(type="campaign.reward.assignment.created")
    assert told.count() == 2


REFUSED: list[tuple[Any, int, str, str]] = [
    (
        [{"reward": "mug"}] * 101,
        400,
        "invalid_payload",
        "Payload must NOT have more than 100 items",
    ),
    ({}, 400, "invalid_payload", "Payload must be array"),
    (
        [{"reward": "mug"}, {}],
        400,
        "invalid_payload",
        "Property [1] should have required property 'reward'",
    ),
    (
        [{"reward": "mug", "parameters": {"loyalty": {"points": 1}}}, {"reward": "x"}],
        404,
        "not_found",
        "Cannot find reward with id x",
    ),
    (
        [{"reward": "mug", "parameters": {"loyalty": {"points": 1}}}] * 2,
        409,
        "duplicate_found",
        "Duplicated reward_assignment exists with id rewa_",
    ),
    (
        [{"reward": "coin"}, {"reward": "mug"}],
        400,
        "missing_param",
        "Parameter 'parameters.loyalty' is required",
    ),
]


@pytest.mark.parametrize(("body", "status", "key", "details"), REFUSED)
def test_all_are_offered_or_none(
    api: ApiClient, body: Any, status: int, key: str, details: str
) -> None:
    club(api.project)
    ids = {
        "mug": MaterialFactory(project=api.project).pk,
        "coin": CoinFactory(project=api.project).pk,
    }
    sent = body
    if isinstance(body, list):
        sent = [
            {**each, "reward": ids.get(each["reward"], each["reward"])}
            if "reward" in each
            else each
            for each in body
        ]

    answer = api.post(PATH, sent)

    shown = answer.json()
    assert (answer.status_code, shown["key"]) == (status, key)
    assert shown["details"].startswith(details)
    assert not RewardAssignment.objects.exists()
    assert not DomainEvent.objects.exists()


def test_another_projects_reward_is_not_found(
    api: ApiClient, other_project: Project
) -> None:
    club(api.project)
    theirs = CoinFactory(project=other_project)

    answer = api.post(PATH, [{"reward": theirs.pk}])

    assert (answer.status_code, answer.json()["resource_type"]) == (404, "reward")
    assert not RewardAssignment.objects.exists()


def test_an_offer_is_found_by_its_id_and_leads_to_its_reward(api: ApiClient) -> None:
    one, _ = offered(api.project), offered(api.project)

    by_id = api.get(PATH, {"assignment_id": one.pk}).json()["data"]
    too = api.get(READ, {"assignmentId": one.pk}).json()["data"]
    reward = api.get(f"{READ}/{one.pk}/reward")

    assert [each["id"] for each in by_id] == [each["id"] for each in too] == [one.pk]
    assert (reward.json()["id"], reward.json()["object"]) == (one.reward_id, "reward")


@pytest.mark.parametrize("end", ["", "/reward"])
def test_another_programmes_offer_is_not_found(api: ApiClient, end: str) -> None:
    club(api.project)
    elsewhere = RewardAssignmentFactory(reward__project=api.project)

    answer = api.get(f"{READ}/{elsewhere.pk}{end}")

    shown = answer.json()
    assert (answer.status_code, shown["resource_type"]) == (404, "reward_assignment")


def test_the_price_changes_and_the_offer_ends(api: ApiClient) -> None:
    one = offered(api.project)
    price = {"parameters": {"loyalty": {"points": 9}}}

    changed = api.put(f"{PATH}/{one.pk}", price)
    gone = api.delete(f"{PATH}/{one.pk}")

    assert changed.json()["parameters"] == price["parameters"]
    assert gone.status_code == 204
    assert not RewardAssignment.objects.exists()


def test_a_restricted_caller_reads_what_it_reaches_and_changes_its_own_alone(
    project: Project,
) -> None:
    here, there = AreaFactory.create_batch(2, project=project)
    caller = restricted_client(project, Place(here.pk))
    one, coin = offered(project), CoinFactory(project=project)
    of_coin = f"/v1/rewards/{coin.pk}/assignments"

    def tries() -> list[int]:
        answers = [
            caller.get(PATH),
            caller.post(PATH, [{"reward": coin.pk}]),
            caller.post(of_coin, {"campaign": NAME}),
            caller.put(f"{PATH}/{one.pk}", {}),
            caller.delete(f"/v1/rewards/{one.reward_id}/assignments/{one.pk}"),
        ]
        return [answer.status_code for answer in answers]

    unreached = tries()
    put(one.campaign, Place(here.pk), Place(there.pk))
    shared = tries()
    one.campaign.places.filter(area=there.pk).delete()
    own = tries()

    assert unreached == [403] * 5
    assert shared == [200, 403, 403, 403, 403]
    assert own == [200, 200, 409, 200, 204]
