"""Validation rules at the dashboard."""

import json

import pytest

from campaigns.admin.simple_rules import rules_from, rules_in_words, simple_values
from campaigns.models import ValidationRule
from tests.admin_site import (
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory
from tests.factories.catalogue import CollectionFactory
from tests.factories.rules import BIG_ORDER, AssignmentFactory, ValidationRuleFactory

pytestmark = pytest.mark.django_db

_FROM_FIFTY = {
    "1": {
        "name": "order.amount",
        "property": None,
        "conditions": {"$more_than_or_equal": [5000]},
    },
    "logic": "1",
}
_FORM = {
    "name": "Fifty",
    "builder": "simple",
    "least_amount": "50.00",
    "rules": "{}",
    "applicable_to": "null",
}


def test_the_usual_conditions_become_rules_that_must_all_hold():
    project = make_project()
    shoes = CollectionFactory(project=project)

    response = sign_in(project, "USER").add(
        ValidationRule,
        **_FORM,
        message="Spend 50.00 or more",
        per_customer="1",
        customer_key="level",
        customer_values="gold, platinum",
        collections=[shoes.pk],
        only_these="on",
    )

    rule = project.validation_rules.get()
    entry = {"object": "products_collection", "id": shoes.pk}
    said = [
        (one["name"], one["property"], one["conditions"])
        for key, one in rule.rules.items()
        if key != "logic"
    ]
    assert response.status_code == 302
    assert said == [
        ("order.amount", None, {"$more_than_or_equal": [5000]}),
        ("redemption.count.per_customer", None, {"$less_than_or_equal": [1]}),
        ("customer.metadata", "level", {"$in": ["gold", "platinum"]}),
        ("order.items.any", None, {"$is": [entry]}),
    ]
    assert rule.rules["logic"] == "1 and 2 and 3 and 4"
    assert rule.error == {"message": "Spend 50.00 or more"}
    [included] = rule.applicable_to["included"]
    assert included["id"] == shoes.pk


def test_a_stored_rule_fills_the_fields_that_made_it():
    project = make_project()
    shoes = CollectionFactory(project=project)
    person = sign_in(project, "USER")
    person.add(ValidationRule, **_FORM, collections=[shoes.pk], only_these="on")

    form = person.open(project.validation_rules.get()).context["adminform"].form

    assert form.initial["builder"] == "simple"
    assert form.initial["least_amount"] == 5000
    assert form.initial["collections"] == [shoes.pk]
    assert form.initial["only_these"] is True


def test_changing_the_amount_raises_the_version():
    rule = ValidationRuleFactory(project=make_project(), rules=_FROM_FIFTY)

    sign_in(rule.project, "USER").change(rule, **{**_FORM, "least_amount": "75.00"})

    rule.refresh_from_db()
    assert rule.rules["1"]["conditions"] == {"$more_than_or_equal": [7500]}
    assert (rule.name, rule.version) == ("Fifty", 2)


def test_rules_that_the_fields_cannot_say_are_edited_as_json():
    rule = ValidationRuleFactory(project=make_project(), rules=BIG_ORDER)
    person = sign_in(rule.project, "USER")
    changed = json.loads(json.dumps(BIG_ORDER))
    changed["1"]["conditions"] = {"$more_than": [20_000]}

    shown = person.open(rule).context["adminform"].form.initial["builder"]
    person.change(rule, **{**_FORM, "builder": "json", "rules": json.dumps(changed)})

    rule.refresh_from_db()
    assert shown == "json"
    assert rule.rules == changed


def test_json_that_the_grammar_does_not_know_is_refused_and_changes_nothing():
    rule = ValidationRuleFactory(project=make_project(), rules=BIG_ORDER)
    unknown = json.dumps({"1": {"name": "order.colour", "conditions": {}}})

    response = sign_in(rule.project, "USER").change(
        rule, **{**_FORM, "builder": "json", "rules": unknown}
    )

    rule.refresh_from_db()
    assert "Rule 'order.colour' at .rules.1 is unknown" in str(errors_of(response))
    assert rule.rules == BIG_ORDER


def test_a_key_without_values_is_refused():
    project = make_project()

    response = sign_in(project, "USER").add(
        ValidationRule, **_FORM, customer_key="level"
    )

    assert errors_of(response) == {
        "customer_values": ["Give both the key and its values."]
    }
    assert not project.validation_rules.exists()


def test_the_page_names_what_the_rule_guards():
    project = make_project(currency="EUR")
    rule = ValidationRuleFactory(project=project, rules=_FROM_FIFTY)
    campaign = CampaignFactory(project=project, name="Spring sale")
    AssignmentFactory(project=project, rule=rule, related_object_id=campaign.pk)

    response = sign_in(project, "VIEWER").open(rule)

    shown = {one.name: one.value for one in response.context["summary"]}
    assert shown == {"Asks for": "Order from 50.00 EUR", "Used by": "1"}
    assert "Spring sale" in text_of(response)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "Always holds"),
        (_FROM_FIFTY, "Order from 50.00 EUR"),
        (BIG_ORDER, "1 condition"),
        (
            rules_from({"customer_key": "level", "customer_values": ["gold"]}),
            "Customer's level is gold",
        ),
        (rules_from({"per_customer": 1}), "Once a customer"),
        (rules_from({"per_customer": 2}), "At most 2 uses a customer"),
    ],
)
def test_rules_in_words(rules, words):
    assert rules_in_words(rules, "EUR") == words


@pytest.mark.parametrize(
    "rules",
    [
        {**_FROM_FIFTY, "logic": "not 1"},
        {"1": _FROM_FIFTY["1"], "2": _FROM_FIFTY["1"], "logic": "1 and 2"},
        {"1": {**_FROM_FIFTY["1"], "conditions": {"$more_than": [1]}}, "logic": "1"},
        {"1": {**_FROM_FIFTY["1"], "rules": _FROM_FIFTY}, "logic": "1"},
    ],
)
def test_what_is_not_simple(rules):
    assert simple_values(rules) is None


def test_the_list_finds_by_name_and_id():
    project = make_project()
    person = sign_in(project, "VIEWER")
    fifty = ValidationRuleFactory(project=project, name="From fifty")
    ValidationRuleFactory(project=project)

    assert rows_of(person.list(ValidationRule, q="fifty")) == [fifty]
    assert rows_of(person.list(ValidationRule, q=fifty.pk)) == [fifty]


def test_a_viewer_reads_and_changes_nothing():
    rule = ValidationRuleFactory(project=make_project(), rules=BIG_ORDER)
    person = sign_in(rule.project, "VIEWER")

    assert person.open(rule).status_code == 200
    assert person.add(ValidationRule, **_FORM).status_code == 403
    assert person.change(rule, **_FORM).status_code == 403
    assert person.delete(rule).status_code == 403
    assert ValidationRule.objects.get().rules == BIG_ORDER


def test_rules_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = ValidationRuleFactory(project=make_project("Other"))

    assert rows_of(person.list(ValidationRule)) == []
    assert person.open(foreign).status_code == 302
    assert person.delete(foreign).status_code == 302
    assert ValidationRule.objects.get() == foreign


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    AssignmentFactory(project=project)
    for_one = statements_of(lambda: person.list(ValidationRule))

    AssignmentFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(ValidationRule)) == for_one
