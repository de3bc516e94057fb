"""The page on which rules are built: who may, what is saved, what is refused."""

import json

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from campaigns.models import ValidationRule
from campaigns.services.validation_rule import create_rule
from tests.admin_site import (
    NOW,
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.catalogue import CollectionFactory, ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.metadata import define
from tests.redemptions.admin.checkout import buy, coupon
from tests.redemptions.rule_builder.test_rule_fields import sent_by

pytestmark = pytest.mark.django_db

NEW = "/admin/rule-builder/"
RULES = {
    "1": {
        "name": "order.amount",
        "conditions": {"$more_than_or_equal": [5_000]},
        "error": {"message": "Spend more"},
    },
    "2": {
        "name": "customer.metadata",
        "property": "level",
        "conditions": {"$in": ["gold", "platinum"]},
    },
    "3": {
        "name": "order.items.any",
        "rules": {
            "1": {"name": "order.items.quantity", "conditions": {"$more_than": [1]}}
        },
    },
    "logic": "1 or (2 and 3)",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


@pytest.fixture
def person(shop):
    return sign_in(shop, "USER")


def stored(shop, **values):
    return create_rule(
        project=shop, now=NOW, **{"name": "Two ways", "rules": RULES, **values}
    )


def page(rule):
    return reverse("rule-builder", args=(quote(rule.pk),))


def opened(person, address):
    response = person.client.get(address)
    assert response.status_code == 200
    return sent_by(text_of(response))


def pressed(person, address, fields, do, *, live=False, **values):
    data = fields.copy()
    data["do"] = do
    for name, value in values.items():
        data[name] = value
    headers = {"HX-Request": "true"} if live else {}
    return person.client.post(
        address,
        data.urlencode(),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def typed(response, **values):
    fields = sent_by(text_of(response))
    for name, value in values.items():
        fields[name.replace("__", "-").replace("_of_", ".")] = value
    return fields


def test_a_rule_is_built_condition_by_condition_and_saved(shop, person):
    fields = opened(person, NEW)
    fields = typed(pressed(person, NEW, fields, "rule:root"), value_of_n1__0="50.00")
    fields = typed(pressed(person, NEW, fields, "group:root"))
    fields["name.n3"] = "customer.metadata"
    fields = typed(pressed(person, NEW, fields, "shape"))
    fields["property.n3"], fields["op.n3"] = "level", "$in"
    fields["value.n3-0"], fields["message.n3"] = "gold\nplatinum", "Gold only"
    fields = typed(pressed(person, NEW, fields, "rule:n2:order.items.count"))
    fields["value.n4-0"] = "3"

    saved = pressed(person, NEW, fields, "save", name="Mine", message="Not you")

    rule = shop.validation_rules.get()
    assert (saved.status_code, saved["Location"]) == (302, page(rule))
    assert messages_of(saved) == ["The rule “Mine” is saved."]
    assert rule.name == "Mine"
    assert rule.error == {"message": "Not you"}
    assert rule.applicable_to is None
    assert rule.rules == {
        "1": {
            "name": "order.amount",
            "property": None,
            "conditions": {"$more_than_or_equal": [5000]},
        },
        "2": {
            "name": "customer.metadata",
            "property": "level",
            "conditions": {"$in": ["gold", "platinum"]},
            "error": {"message": "Gold only"},
        },
        "3": {
            "name": "order.items.count",
            "property": None,
            "conditions": {"$more_than_or_equal": [3]},
        },
        "logic": "1 and (2 or 3)",
    }


def test_a_rule_that_nobody_touched_is_not_written(shop, person):
    shoes = CollectionFactory(project=shop)
    entry = {"object": "products_collection", "id": shoes.pk}
    rule = stored(shop, applicable_to={"included": [entry]}, error={"message": "No"})
    before = ValidationRule.objects.filter(pk=rule.pk).values().get()

    response = pressed(person, page(rule), opened(person, page(rule)), "save")

    assert response.status_code == 302
    assert ValidationRule.objects.filter(pk=rule.pk).values().get() == before


def test_only_what_changed_is_written(shop, person):
    rule = stored(shop)
    fields = opened(person, page(rule))

    pressed(person, page(rule), fields, "save", name="Another", message="No")

    after = ValidationRule.objects.get(pk=rule.pk)
    assert (after.name, after.error) == ("Another", {"message": "No"})
    assert (after.rules, after.version) == (rule.rules, rule.version + 1)

    fields["value.n1-0"] = "60.00"
    pressed(person, page(rule), fields, "save")
    after.refresh_from_db()
    assert after.rules["1"]["conditions"] == {"$more_than_or_equal": [6000]}
    assert after.rules["logic"] == "1 or (2 and 3)"


def test_what_is_not_complete_is_refused_beside_the_field(shop, person):
    rule = stored(shop)
    fields = opened(person, page(rule))
    fields["value.n1-0"] = "a lot"

    response = pressed(person, page(rule), fields, "save", name=" ")

    text = text_of(response)
    assert response.status_code == 200
    assert response.context["refusals"] == {
        "name": "Say what the rule is called.",
        "all": "Some conditions are not complete: see what is marked.",
    }
    assert "Type an amount, such as 50.00." in text
    assert 'value="a lot"' in text
    assert ValidationRule.objects.get(pk=rule.pk).version == rule.version


def test_what_the_service_refuses_is_said(shop, person):
    fields = opened(person, NEW)
    gone = json.dumps(
        {"id": "pc_0123456789abcdef0123456789abcdef", "object": "products_collection"}
    )
    fields.setlist("value.only-0", [gone])

    response = pressed(person, NEW, fields, "save", name="Mine")

    assert "pc_0123456789abcdef0123456789abcdef" in response.context["refusals"]["all"]
    assert shop.validation_rules.count() == 0


def test_typing_brings_the_sentence_and_what_is_wrong(shop, person):
    rule = stored(shop)
    fields = opened(person, page(rule))
    fields["value.n1-0"] = "many"

    response = pressed(person, page(rule), fields, "check", live=True)

    text = text_of(response)
    assert 'id="problem-n1-0" hx-swap-oob="true">Type an amount, such' in text
    assert (
        "Either order amount …, or (customer&#x27;s level needs gold or platinum"
        in text
    )
    assert "<select" not in text


def test_buttons_change_the_tree_in_place(shop, person):
    rule = stored(shop)
    fields = opened(person, page(rule))

    response = pressed(person, page(rule), fields, "remove:n1", live=True)

    assert 'id="rule-tree"' in text_of(response)
    assert "<html" not in text_of(response)
    fields = sent_by(text_of(response))
    assert fields.getlist("node") == ["root", "n2", "n3", "n4", "n5", "n6"]


def test_a_button_that_loads_the_whole_page_leads_to_the_new_condition(person):
    fields = opened(person, NEW)

    whole = text_of(pressed(person, NEW, fields, "rule:root"))

    assert whole.count("autofocus") == 1
    assert 'id="name-n1"' in whole.partition("autofocus")[0].rpartition("<")[2]


def test_json_is_taken_over_both_ways(shop, person):
    fields = opened(person, NEW)

    taken = pressed(person, NEW, fields, "json", as_json=json.dumps(RULES))
    shown = sent_by(text_of(taken))

    assert json.loads(shown["as_json"])["logic"] == "1 or (2 and 3)"
    assert shown["value.n1-0"] == "50.00"
    for text, refusal in (
        ("{", "This is not JSON"),
        ('{"1": {"name": "order.nothing"}}', "order.nothing"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must be object"),
        ('{"a": "\\u0000"}', "cannot be kept"),
        ("null", "cannot be kept"),
    ):
        refused = pressed(person, NEW, shown, "json", as_json=text)
        assert refusal in refused.context["refusal"]
        assert sent_by(text_of(refused))["value.n1-0"] == "50.00"


def test_a_stored_order_and_customer_turn_rules_green_or_red(shop, person):
    CustomerFactory(
        project=shop,
        source_id="anna",
        email="anna@example.com",
        metadata={"level": "gold"},
    )
    coupon(shop, "SAVE20")
    bought = buy(shop, "SAVE20", now=NOW)
    rule = stored(shop)
    fields = opened(person, page(rule))

    response = pressed(
        person,
        page(rule),
        fields,
        "check",
        live=True,
        try_order=bought.order_id,
        try_customer="anna@example.com",
    )

    trial, marks = response.context["trial"], response.context["marks"]
    assert not trial.passed
    assert marks == {"n1": False, "n3": True, "n4": False, "n6": None}
    assert [step.text for step in trial.steps[:2]] == [
        "1. Order amount was 40.00 EUR, needs at least 50.00 EUR.",
        "2. Customer's level was gold, needs gold or platinum.",
    ]
    fields["value.n1-0"] = "40.00"
    better = pressed(
        person, page(rule), fields, "check", live=True, try_order=bought.order_id
    )
    assert better.context["trial"].passed
    assert better.context["marks"]["n1"] is True
    unknown = pressed(
        person, page(rule), fields, "check", live=True, try_order="nothing"
    )
    assert unknown.context["trial"].refusal == "There is no such order."
    nobody = pressed(
        person,
        page(rule),
        fields,
        "check",
        live=True,
        try_customer="cust_0123456789abcdef0123456789abcdef",
    )
    assert "cust_0123456789abcdef0123456789abcdef" in nobody.context["trial"].refusal


def test_rules_on_counters_and_results_can_be_tried(shop, person):
    rules = {
        "1": {
            "name": "campaign.redemptions.count",
            "conditions": {"$less_than_or_equal": [1]},
        },
        "2": {"name": "order.total_amount", "conditions": {"$more_than": [1]}},
        "3": {
            "name": "redemption.reward.pay_with_points.points_used",
            "conditions": {"$is": [0]},
        },
    }
    coupon(shop, "SAVE20")
    bought = buy(shop, "SAVE20", now=NOW)
    rule = stored(shop, rules=rules)
    fields = opened(person, page(rule))

    response = pressed(
        person, page(rule), fields, "check", live=True, try_order=bought.order_id
    )

    assert response.context["marks"] == {"n1": True, "n2": True, "n3": True}


def test_items_and_segments_are_found_and_chosen(shop, person):
    shoes = CollectionFactory(project=shop, name="Shoes")
    boot = ProductFactory(project=shop, name="Boot")
    SkuFactory(project=shop, product=boot, sku="boot-42")
    regulars = SegmentFactory(project=shop, name="Regulars")
    ProductFactory(project=make_project("Other"), name="Boot of others")
    choices = reverse("rule-choices")

    found = person.client.get(
        choices, {"kind": "items", "q": "boot", "leaf": "only", "at": "0"}
    )
    segments = person.client.get(choices, {"kind": "segments", "q": "reg"})

    assert [one["name"] for one in found.context["found"]] == ["Boot", "boot-42"]
    assert [one["name"] for one in segments.context["found"]] == ["Regulars"]
    fields = typed(
        pressed(person, NEW, opened(person, NEW), "rule:root:customer.segment")
    )
    fields = typed(pressed(person, NEW, fields, f'pick:n1:0:"{regulars.pk}"'))
    entry = json.dumps({"id": shoes.pk, "object": "products_collection"})
    fields = typed(pressed(person, NEW, fields, f"pick:only:0:{entry}"))
    fields = typed(pressed(person, NEW, fields, f"pick:not:0:{entry}"))
    fields = typed(pressed(person, NEW, fields, "unpick:not:0:0"))
    assert "Regulars" in text_of(pressed(person, NEW, fields, "shape"))

    pressed(person, NEW, fields, "save", name="Regulars in shoes")

    rule = shop.validation_rules.get()
    assert rule.rules["1"]["conditions"] == {"$is": [regulars.pk]}
    assert [one["id"] for one in rule.applicable_to["included"]] == [shoes.pk]
    assert rule.applicable_to["excluded"] == []


def test_declared_metadata_are_offered_and_typed(shop, person):
    define(shop, "customer", vip={"type": "boolean"}, born={"type": "date"})
    fields = typed(
        pressed(person, NEW, opened(person, NEW), "rule:root:customer.metadata")
    )
    fields["property.n1"] = "vip"

    response = pressed(person, NEW, fields, "shape")

    [leaf] = response.context["set"].root.members
    assert leaf.paths == ["born", "vip"]
    assert leaf.conditions[0].shape == "yes_no"
    assert "$more_than" not in dict(leaf.conditions[0].operators)


def test_who_may_not_comes_no_further(shop):
    rule = stored(shop)
    viewer = sign_in(shop, "VIEWER")
    foreign = stored(make_project("Other"))

    assert Client().get(NEW).status_code == 302
    assert Client().get(page(rule)).status_code == 302
    assert Client().get(reverse("rule-choices")).status_code == 302
    assert viewer.client.get(NEW).status_code == 403
    shown = viewer.client.get(page(rule))
    assert shown.status_code == 200
    assert "Save</button>" not in text_of(shown)
    fields = sent_by(text_of(shown))
    assert pressed(viewer, page(rule), fields, "save", name="X").status_code == 403
    assert viewer.client.get(page(foreign)).status_code == 404
    assert viewer.client.get(reverse("rule-choices")).status_code == 403
    assert ValidationRule.objects.get(pk=rule.pk).name == "Two ways"


def test_the_list_and_the_page_of_a_rule_lead_to_the_builder(shop, person):
    rule = stored(shop)

    assert person.run(rule, "build_on")["Location"] == page(rule)
    listed = person.client.get(reverse("admin:campaigns_validationrule_build"))
    assert listed["Location"] == NEW
    assert "Open in the builder" in text_of(person.client.get(page_of(rule)))


def test_the_page_costs_few_statements_however_long_the_rule(shop, person):
    many = {
        str(n): {
            "name": "customer.segment",
            "conditions": {"$in": [SegmentFactory(project=shop).pk]},
        }
        for n in range(1, 9)
    }
    small, large = stored(shop), stored(shop, rules=many)

    for_large = statements_of(lambda: person.client.get(page(large)))

    assert for_large <= 12
    assert for_large - statements_of(lambda: person.client.get(page(small))) <= 1
