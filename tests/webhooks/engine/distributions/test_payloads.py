"""Bodies of webhooks that a marketer designed."""

from typing import Any

import pytest

from webhooks.engine.distributions.payloads import filled, value_at

ADA = {
    "customer": {"name": 'Ada "the first"', "age": 36, "metadata": {"a.b": "dotted"}},
    "order": {"items": [{"name": "Tea"}, {"name": "Jam"}], "amount": 1250},
    "voucher": None,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("customer.name", 'Ada "the first"'),
        ("customer.metadata.a.b", "dotted"),
        ("order.items[1].name", "Jam"),
        ("order.items.0.name", "Tea"),
        ("order.items[2].name", None),
        ("order.items.first", None),
        ("voucher.code", None),
        ("customer.name.first", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path: str, expected: Any) -> None:
    assert value_at(path, ADA) == (ADA if path == "" else expected)


def test_a_name_with_dots_goes_first() -> None:
    assert value_at("a.b", {"a.b": 1, "a": {"b": 2}}) == 1


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ('{"name": {{customer.name}}}', {"name": 'Ada "the first"'}),
        ('{"age": {{ customer.age }}}', {"age": 36}),
        ('{"items": {{order.items}}}', {"items": ADA["order"]["items"]}),
        ('{"text": "Hi {{customer.name}}!"}', {"text": 'Hi Ada "the first"!'}),
        ('{"text": "{{order.amount}} cents"}', {"text": "1250 cents"}),
        ('{"text": "{{order.items}}"}', {"text": '[{"name": "Tea"}, {"name": "Jam"}]'}),
        ('{"code": {{voucher.code}}}', {"code": None}),
        ('{"code": "{{voucher.code}}"}', {"code": ""}),
        ('{"quoted": "\\"{{customer.age}}\\""}', {"quoted": '"36"'}),
        ('"{{customer.age}}"', "36"),
        ("{{order}}", ADA["order"]),
        ('{"plain": "{no place}"}', {"plain": "{no place}"}),
    ],
)
def test_placeholders_are_filled(design: str, expected: Any) -> None:
    assert filled(design, ADA) == expected


@pytest.mark.parametrize("design", ["{", '{"a": {{a b}}}', "", "{{a}}{{b}}"])
def test_what_is_no_json_around_its_placeholders_is_refused(design: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        filled(design, {})
