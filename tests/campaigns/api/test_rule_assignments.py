from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

ALL = "/v1/validation-rules-assignments"
NOBODY = "f" * 32


def below(rule: Any) -> str:
    return f"/v1/validation-rules/{rule.pk}/assignments"


FACTORIES = {
    "voucher": VoucherFactory,
    "campaign": CampaignFactory,
    "promotion_tier": TierFactory,
}


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_rule_is_put_on_an_object_and_told(api: ApiClient, kind: str) -> None:
    rule = ValidationRuleFactory.create(project=api.project)
    guarded = FACTORIES[kind].create(project=api.project)
    body = {"related_object_type": kind, "related_object_id": guarded.pk}

    response = api.post(below(rule), body)

    assignment = rule.assignments.get()
    assert response.status_code == 200
    assert response.json() == {
        "id": assignment.pk,
        "rule_id": rule.pk,
        "related_object_id": guarded.pk,
        "related_object_type": kind,
        "created_at": response.json()["created_at"],
        "object": "validation_rules_assignment",
    }
    event = DomainEvent.objects.get()
    assert event.type == "business_validation_rule.assignment.created"
    assert event.payload["assignment"] == response.json()
    assert event.payload["rule"]["id"] == rule.pk
    objects = ("voucher", "campaign", "promotion_tier", "distribution", "earning_rule")
    named = [name for name in objects if event.payload[name] is not None]
    assert named == [kind]
    assert event.payload[kind]["id"] == guarded.pk


def test_the_kind_defaults_to_a_voucher_which_a_code_names_too(api: ApiClient) -> None:
    rule = ValidationRuleFactory.create(project=api.project)
    voucher = VoucherFactory.create(project=api.project, code="SPRING 26")

    shown = api.post(below(rule), {"related_object_id": "SPRING 26"}).json()

    assert shown["related_object_type"] == "voucher"
    assert shown["related_object_id"] == voucher.pk


@pytest.mark.parametrize("kind", FACTORIES)
def test_the_older_body_names_the_object_by_its_kind(api: ApiClient, kind: str) -> None:
    rule = ValidationRuleFactory.create(project=api.project)
    guarded = FACTORIES[kind].create(project=api.project)

    shown = api.post(below(rule), {kind: guarded.pk}).json()

    assert shown["related_object_type"] == kind
    assert shown["related_object_id"] == guarded.pk


def test_an_object_with_a_rule_takes_no_second_one(api: ApiClient) -> None:
    held = AssignmentFactory.create(
        project=api.project,
        related_object_id=CampaignFactory.create(project=api.project).pk,
    )
    other = ValidationRuleFactory.create(project=api.project)
    body = {
        "related_object_type": "campaign",
        "related_object_id": held.related_object_id,
    }

    response = api.post(below(other), body)

    shown = response.json()
    assert response.status_code == 409
    assert shown["key"] == "duplicate_found"
    assert shown["message"] == "Duplicated resource found"
    assert shown["details"] == (
        f"Duplicated validation_rules_assignment exists with id {held.pk}"
    )
    assert shown["resource_id"] == held.pk
    assert shown["resource_type"] == "validation_rules_assignment"
    assert api.project.validation_rule_assignments.get() == held
    assert not DomainEvent.objects.exists()


def test_force_replaces_the_rule_of_an_object(api: ApiClient) -> None:
    voucher = VoucherFactory.create(project=api.project)
    old, new = ValidationRuleFactory.create_batch(2, project=api.project)
    api.post(below(old), {"voucher": voucher.pk})

    response = api.post(f"{below(new)}?force=true", {"voucher": voucher.pk})

    assert response.status_code == 200
    assert api.project.validation_rule_assignments.get().rule_id == new.pk
    types = DomainEvent.objects.order_by("id").values_list("type", flat=True)
    assert [name.rpartition(".")[2] for name in types] == [
        "created",
        "deleted",
        "created",
    ]


@pytest.mark.parametrize(
    ("body", "status", "details"),
    [
        ({}, 400, "Payload must have required property 'related_object_id'"),
        (
            {"related_object_id": 1},
            400,
            "Property .related_object_id must be string",
        ),
        ({"related_object_id": "nobody"}, 404, "Cannot find voucher with id nobody"),
        (
            {"related_object_type": "campaign", "related_object_id": "nobody"},
            404,
            "Cannot find campaign with id nobody",
        ),
        (
            {"related_object_type": "earning_rule", "related_object_id": "ern_1"},
            404,
            "Cannot find earning_rule with id ern_1",
        ),
        (
            {"related_object_type": "promotion_tier", "related_object_id": "promo_1"},
            404,
            "Cannot find promotion_tier with id promo_1",
        ),
    ],
)
def test_a_body_that_names_nothing_is_refused(
    api: ApiClient, body: dict[str, Any], status: int, details: str
) -> None:
    rule = ValidationRuleFactory.create(project=api.project)

    response = api.post(below(rule), body)

    assert response.status_code == status
    assert response.json()["details"] == details
    assert not rule.assignments.exists()
    assert not DomainEvent.objects.exists()


def test_an_unknown_kind_of_object_is_refused(api: ApiClient) -> None:
    rule = ValidationRuleFactory.create(project=api.project)

    response = api.post(
        below(rule), {"related_object_type": "order", "related_object_id": "ord_1"}
    )

    assert response.status_code == 400
    assert response.json()["details"].startswith(
        "Property .related_object_type must be equal to one of the allowed values"
    )


def test_another_projects_rule_or_object_does_not_exist(
    api: ApiClient, other_project: Project
) -> None:
    mine = ValidationRuleFactory.create(project=api.project)
    foreign = ValidationRuleFactory.create(project=other_project)
    voucher = VoucherFactory.create(project=api.project)
    foreign_voucher = VoucherFactory.create(project=other_project)
    held = AssignmentFactory.create(project=other_project, rule=foreign)

    answers = [
        api.get(below(foreign)),
        api.post(below(foreign), {"voucher": voucher.pk}),
        api.post(below(mine), {"voucher": foreign_voucher.pk}),
        api.delete(f"{below(foreign)}/{held.pk}"),
        api.delete(f"{below(mine)}/{held.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert foreign.assignments.get() == held
    assert not mine.assignments.exists()


def test_an_assignment_is_deleted_once_and_told(api: ApiClient) -> None:
    campaign = CampaignFactory.create(project=api.project)
    held = AssignmentFactory.create(project=api.project, related_object_id=campaign.pk)
    path = f"{below(held.rule)}/{held.pk}"

    response, again = api.delete(path), api.delete(path)

    assert response.status_code == 204
    assert again.status_code == 404
    assert again.json()["details"] == (
        f"Cannot find validation_rules_assignment with id {held.pk}"
    )
    event = DomainEvent.objects.get()
    assert event.type == "business_validation_rule.assignment.deleted"
    assert event.payload["assignment"]["id"] == held.pk
    assert event.payload["rule"]["assignments_count"] == 0
    assert event.payload["campaign"]["id"] == campaign.pk


def test_an_assignment_of_another_rule_is_not_found_below_this_one(
    api: ApiClient,
) -> None:
    held = AssignmentFactory.create(project=api.project)
    other = ValidationRuleFactory.create(project=api.project)

    response = api.delete(f"{below(other)}/{held.pk}")

    assert response.status_code == 404
    assert held.rule.assignments.exists()


def test_a_rule_lists_its_own_assignments(api: ApiClient) -> None:
    rule = ValidationRuleFactory.create(project=api.project)
    mine = AssignmentFactory.create_batch(2, project=api.project, rule=rule)
    AssignmentFactory.create(project=api.project)

    body = api.get(below(rule), {"order": "created_at"}).json()

    assert body["object"] == "list"
    assert body["data_ref"] == "data"
    assert [row["id"] for row in body["data"]] == [one.pk for one in mine]
    assert body["total"] == 2
    assert api.get(f"/v1/validation-rules/{rule.pk}").json()["assignments_count"] == 2


def test_all_assignments_are_found_by_object_or_by_rule(api: ApiClient) -> None:
    first, second = AssignmentFactory.create_batch(2, project=api.project)
    nobody = {"rule": f"val_{NOBODY}"}

    def found(query: dict[str, str]) -> set[str]:
        return {row["id"] for row in api.get(ALL, query).json()["data"]}

    assert found({}) == {first.pk, second.pk}
    assert found({"related_object_id": first.related_object_id}) == {first.pk}
    assert found({"rule": second.rule_id}) == {second.pk}
    assert found(nobody) == set()
    assert found({"rule": "nonsense"}) == set()


def test_listing_assignments_costs_the_same_for_one_as_for_twenty(
    api: ApiClient, other_project: Project
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(ALL, {"limit": "100"})
        return len(queries)

    AssignmentFactory.create(project=other_project)
    AssignmentFactory.create(project=api.project)
    cost()
    for_one = cost()
    AssignmentFactory.create_batch(19, project=api.project)

    assert api.get(ALL).json()["total"] == 20
    assert cost() == for_one
