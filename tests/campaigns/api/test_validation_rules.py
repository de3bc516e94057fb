from typing import Any

import pytest

from campaigns.models import ValidationRule
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.rules import BIG_ORDER, AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

PATH = "/v1/validation-rules"
SEGMENT = {"name": "customer.segment", "conditions": {"$is": ["seg_1"]}}


class TestValidationRules(ResourceContract):
    path, resource_type, id_prefix = PATH, "validation_rules", "val_"
    object_name = "validation_rules"
    valid_body = {"name": "Big order", "rules": BIG_ORDER}
    update_body = {"name": "Bigger order"}
    required = ("name",)
    wrong = (
        ({"name": 1}, "Property .name must be string"),
        ({"name": ""}, "Property .name must NOT have fewer than 1 characters"),
        ({"rules": []}, "Property .rules must be object"),
        ({"applicable_to": []}, "Property .applicable_to must be object"),
        (
            {"type": "simple"},
            (
                "Property .type must be equal to one of the allowed values "
                "[ expression, basic, advanced, complex ]"
            ),
        ),
    )

    def make(self, project: Project, count: int) -> list[Any]:
        return ValidationRuleFactory.create_batch(count, project=project)


def test_a_rule_is_stored_in_canonical_form_and_answered(api: ApiClient) -> None:
    body = {
        "name": "Wholesale",
        "error": {"message": "Not eligible"},
        "rules": {
            "1": {"name": "customer_segment", "conditions": {"$is": "seg_1"}},
            "2": {"name": "order.amount", "conditions": {"$greater_than": [100]}},
        },
        "context_type": "campaign.promotion.discount.apply_to_items_by_quantity",
        "applicable_to": {"included": [{"object": "product", "id": "prod_1"}]},
    }

    shown = api.post(PATH, body).json()

    rule = ValidationRule.objects.get()
    assert shown == {
        "id": rule.pk,
        "name": "Wholesale",
        "rules": {
            "1": {
                "name": "customer.segment",
                "property": None,
                "conditions": {"$is": ["seg_1"]},
            },
            "2": {
                "name": "order.amount",
                "property": None,
                "conditions": {"$more_than": [100]},
            },
            "logic": "1 and 2",
        },
        "error": {"message": "Not eligible"},
        "applicable_to": {
            "included": [
                {
                    "object": "product",
                    "id": "prod_1",
                    "source_id": None,
                    "effect": "APPLY_TO_EVERY",
                    "strict": False,
                }
            ],
            "excluded": [],
            "included_all": False,
        },
        "type": "expression",
        "context_type": "campaign.promotion.discount.apply_to_items_by_quantity",
        "assignments_count": 0,
        "created_at": shown["created_at"],
        "object": "validation_rules",
    }
    assert rule.version == 1
    event = DomainEvent.objects.get()
    assert event.type == "business_validation_rule.created"
    assert event.payload == {"rule": shown, "created_at": shown["created_at"]}


def test_the_longest_context_is_stored(api: ApiClient) -> None:
    context = (
        "campaign.referral_program.discount.apply_to_items_proportionally_by_quantity"
    )

    response = api.post(PATH, {"name": "Long", "context_type": context})

    assert response.json()["context_type"] == context


def test_a_rule_without_conditions_shows_an_empty_set(api: ApiClient) -> None:
    shown = api.post(PATH, {"name": "Nothing"}).json()

    assert shown["rules"] == {}
    assert shown["applicable_to"] is None
    assert "bundle_rules" not in shown
    assert "error" not in shown
    assert "updated_at" not in shown


@pytest.mark.parametrize(
    ("rules", "details"),
    [
        (
            {"1": {"name": "order.weight", "conditions": {"$is": [1]}}},
            "Rule 'order.weight' at .rules.1 is unknown",
        ),
        (
            {"1": {"name": "custom_event.metadata", "conditions": {"$is": [1]}}},
            "Rule 'custom_event.metadata' must have a 'property'",
        ),
        (
            {"1": {"name": "order.amount", "conditions": {"$near": [1]}}},
            (
                "Rule 'order.amount' does not know the operator at "
                ".rules.1.conditions.$near"
            ),
        ),
        (
            {"1": SEGMENT, "logic": "1 and 2"},
            "Logic at .rules uses the key '2' that has no rule",
        ),
        (
            {"1": SEGMENT, "logic": "1 and ("},
            "Property .rules.logic is no valid expression",
        ),
        ({"1": "customer.segment"}, "Property .rules.1 must be object"),
        ({"1": {}}, "Property .rules.1.name must be string"),
    ],
)
def test_a_definition_the_grammar_does_not_know_is_refused_with_its_path(
    api: ApiClient, rules: dict[str, Any], details: str
) -> None:
    response = api.post(PATH, {"name": "Wrong", "rules": rules})

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_validation_rules"
    assert response.json()["message"] == "Invalid Validation Rule Definition"
    assert response.json()["details"] == details
    assert not ValidationRule.objects.exists()
    assert not DomainEvent.objects.exists()


@pytest.mark.parametrize(
    "conditions",
    [
        {"$more_than": ["much"]},
        {"$more_than": [1, 2]},
        {"$more_than": []},
        {"$more_than": [{"id": 1}]},
        {"$more_than": [True]},
        {"$more_than": [None]},
    ],
)
def test_a_value_that_an_amount_cannot_have_is_refused(
    api: ApiClient, conditions: dict[str, Any]
) -> None:
    rules = {"1": {"name": "order.amount", "conditions": conditions}}

    response = api.post(PATH, {"name": "Wrong", "rules": rules})

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_validation_rules"
    assert ".rules.1.conditions.$more_than" in response.json()["details"]
    assert not ValidationRule.objects.exists()


@pytest.mark.parametrize(
    ("lists", "details"),
    [
        ({"included": {}}, "Property .applicable_to.included must be array"),
        ({"included": [1]}, "Property .applicable_to.included[0] must be object"),
        (
            {"included": [{"object": "product"}]},
            "Property .applicable_to.included[0] should have required property 'id'",
        ),
        (
            {"excluded": [{"object": "sku", "id": "sku_1", "quantity_limit": -1}]},
            "Property .applicable_to.excluded[0].quantity_limit must be >= 0",
        ),
        (
            {"included_all": "yes"},
            "Property .applicable_to.included_all must be boolean",
        ),
    ],
)
def test_a_malformed_list_of_items_is_refused_with_its_path(
    api: ApiClient, lists: dict[str, Any], details: str
) -> None:
    response = api.post(PATH, {"name": "Wrong", "applicable_to": lists})

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert response.json()["details"] == details
    assert not ValidationRule.objects.exists()


@pytest.mark.spec("rules 6.1 id, source_id")
@pytest.mark.parametrize("reference", ["pc_" + "f" * 32, "shoes"])
def test_a_list_naming_an_unknown_collection_is_refused(
    api: ApiClient, reference: str
) -> None:
    lists = {"excluded": [{"object": "products_collection", "id": reference}]}

    response = api.post(PATH, {"name": "Wrong", "applicable_to": lists})

    assert response.status_code == 404
    assert response.json()["resource_type"] == "products_collection"
    assert response.json()["resource_id"] == reference
    assert not ValidationRule.objects.exists()


def _bundle(**entry: Any) -> dict[str, Any]:
    units = {
        "1": {"name": "order.items.aggregated_quantity", "conditions": {"$is": [2]}}
    }
    target = {"id": "prod_1", "type": "product_or_sku", "object": "product"}
    whole = {"name": "order.items.any", "conditions": {"$is": [target]}, "rules": units}
    return {"1": whole | entry}


def test_a_bundle_is_answered_with_its_limit_and_deleted_by_null(
    api: ApiClient,
) -> None:
    made = api.post(PATH, {"name": "Pair", "bundle_rules": _bundle()}).json()

    cleared = api.put(f"{PATH}/{made['id']}", {"bundle_rules": None}).json()

    assert made["bundle_rules"]["limit"] == 1
    assert made["bundle_rules"]["1"]["name"] == "order.items.any"
    assert cleared["bundle_rules"] == {}


@pytest.mark.parametrize(
    ("bundle", "key"),
    [
        (_bundle(name="order.items.every"), "invalid_validation_rules"),
        (_bundle(conditions={}), "invalid_validation_rules"),
        (_bundle(rules={}), "invalid_validation_rules"),
        (
            _bundle(
                rules={"1": {"name": "order.items.price", "conditions": {"$is": [1]}}}
            ),
            "invalid_validation_rules",
        ),
        (_bundle() | {"limit": 0}, "invalid_payload"),
        (_bundle() | {"limit": 101}, "invalid_payload"),
        (_bundle() | {"limit": "many"}, "invalid_payload"),
    ],
)
def test_something_else_than_units_of_one_thing_is_no_bundle(
    api: ApiClient, bundle: dict[str, Any], key: str
) -> None:
    response = api.post(PATH, {"name": "Wrong", "bundle_rules": bundle})

    assert response.status_code == 400
    assert response.json()["key"] == key
    assert ".bundle_rules" in response.json()["details"]
    assert not ValidationRule.objects.exists()


def test_an_update_replaces_sent_fields_whole_and_raises_the_version(
    api: ApiClient,
) -> None:
    rule = ValidationRuleFactory.create(project=api.project, rules=BIG_ORDER)
    AssignmentFactory.create(project=api.project, rule=rule)

    shown = api.put(f"{PATH}/{rule.pk}", {"rules": {"7": SEGMENT}}).json()

    rule.refresh_from_db()
    assert set(rule.rules) == {"7", "logic"}
    assert rule.rules["logic"] == "7"
    assert rule.version == 2
    assert shown["name"] == rule.name
    assert shown["assignments_count"] == 1
    event = DomainEvent.objects.get()
    assert event.type == "business_validation_rule.updated"
    assert event.payload == {"rule": shown, "updated_at": shown["updated_at"]}


def test_a_refused_update_leaves_rule_and_version(api: ApiClient) -> None:
    rule = ValidationRuleFactory.create(project=api.project, rules=BIG_ORDER)
    wrong = {"name": "New", "rules": {"1": {"name": "order.weight"}}}

    response = api.put(f"{PATH}/{rule.pk}", wrong)

    before = rule.name
    rule.refresh_from_db()
    assert response.status_code == 400
    assert (rule.name, rule.rules, rule.version) == (before, BIG_ORDER, 1)
    assert not DomainEvent.objects.exists()


def test_deleting_a_rule_takes_its_assignments_with_it(api: ApiClient) -> None:
    assignment = AssignmentFactory.create(project=api.project)

    response = api.delete(f"{PATH}/{assignment.rule_id}")
    again = api.delete(f"{PATH}/{assignment.rule_id}")

    assert response.status_code == 204
    assert again.status_code == 404
    assert again.json()["details"] == (
        f"Cannot find validation_rules with id {assignment.rule_id}"
    )
    assert not api.project.validation_rule_assignments.exists()
    assert list(DomainEvent.objects.values_list("type", flat=True)) == [
        "business_validation_rule.deleted"
    ]


def test_the_list_is_ordered_by_name_and_bounded_by_creation(api: ApiClient) -> None:
    for name, day in (("b", "01"), ("a", "02"), ("c", "03")):
        ValidationRuleFactory.create(
            project=api.project, name=name, created_at=f"2026-03-{day}T00:00:00Z"
        )

    body = api.get(PATH, {"order": "name", "start_date": "2026-03-02"}).json()

    assert [row["name"] for row in body["data"]] == ["a", "c"]
    assert body["total"] == 2
