"""Reading a validation rule's definition: checked, canonical, compiled.

``canonical_rules`` is what is stored and answered, ``parse_rules`` what is
evaluated. Both refuse what the grammar does not know.

Source: rules specification, "Grammar".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.logic import LogicError, parse_logic
from campaigns.engine.rule_catalogue import (
    CATALOGUE,
    NAME_ALIASES,
    OPERATOR_ALIASES,
    RuleKind,
)
from campaigns.engine.rule_values import check_values, compiled_values, invalid
from campaigns.engine.rules import And, Key, Logic, Rule, RuleSet, key_order, keys_of
from promo.errors import InvalidPayload

LOGIC = "logic"
MAX_NESTING = 20
PATH = ".rules"


def parse_rules(definition: Any, path: str = PATH) -> RuleSet:
    """Compile the ``rules`` of a validation rule, as sent or as stored.

    Raises:
        InvalidPayload: the definition is no object.
        BadRequest: ``invalid_validation_rules``, the details naming rule and path.
    """
    if not isinstance(definition, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    return _rule_set(definition, path, 1)


def canonical_rules(definition: Any, path: str = PATH) -> dict[str, Any]:
    """Return the definition as stored: names, operators and arrays canonical.

    A set without ``logic`` joins its keys with AND; nested sets stay as they are.

    Raises:
        InvalidPayload: as ``parse_rules``.
        BadRequest: as ``parse_rules``.
    """
    parse_rules(definition, path)
    canonical = _canonical_set(definition)
    keys = _ordered_keys(definition)
    if LOGIC in canonical or keys:
        written = str(definition.get(LOGIC) or "")
        canonical[LOGIC] = written if written.strip() else " and ".join(keys)
    return canonical


def _canonical_set(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if key == LOGIC else _canonical_rule(value)
        for key, value in definition.items()
    }


def _canonical_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    canonical: dict[str, Any] = {
        "name": NAME_ALIASES.get(rule["name"], rule["name"]),
        "property": rule.get("property"),
        "conditions": {
            OPERATOR_ALIASES.get(operator, operator): _listed(values)
            for operator, values in (rule.get("conditions") or {}).items()
        },
    }
    if rule.get("rules") is not None:
        canonical["rules"] = _canonical_set(rule["rules"])
    if rule.get("error") is not None:
        canonical["error"] = rule["error"]
    return canonical


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _ordered_keys(definition: Mapping[str, Any]) -> list[str]:
    """Return the rule keys, numbers first and in their order."""
    return sorted((key for key in definition if key != LOGIC), key=key_order)


def _rule_set(definition: Mapping[str, Any], path: str, depth: int) -> RuleSet:
    if depth > MAX_NESTING:
        raise invalid(f"Rules at {path} are nested too deeply")
    keys = _ordered_keys(definition)
    rules = {key: _rule(key, definition[key], f"{path}.{key}", depth) for key in keys}
    logic = _logic(definition.get(LOGIC), path) or _all_of(keys)
    for key in keys_of(logic):
        if key not in rules:
            raise invalid(f"Logic at {path} uses the key '{key}' that has no rule")
    return RuleSet(rules, logic)


def _logic(text: Any, path: str) -> Logic | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise invalid(f"Property {path}.logic must be string")
    try:
        return parse_logic(text)
    except LogicError as failure:
        raise invalid(f"Property {path}.logic is no valid expression") from failure


def _all_of(keys: list[str]) -> Logic | None:
    if len(keys) == 1:
        return Key(keys[0])
    return And(tuple(Key(key) for key in keys)) if keys else None


def _rule(key: str, body: Any, path: str, depth: int) -> Rule:
    if not isinstance(body, Mapping):
        raise invalid(f"Property {path} must be object")
    kind = _kind(body.get("name"), path)
    nested = body.get("rules")
    if nested is not None and not isinstance(nested, Mapping):
        raise invalid(f"Property {path}.rules must be object")
    return Rule(
        key=key,
        name=kind.name,
        property=_property(body.get("property"), kind, path),
        conditions=_conditions(body.get("conditions"), kind, path),
        nested=_rule_set(nested, f"{path}.rules", depth + 1) if nested else None,
        error_message=parse_error_message(body.get("error"), f"{path}.error"),
    )


def _kind(name: Any, path: str) -> RuleKind:
    if not isinstance(name, str):
        raise invalid(f"Property {path}.name must be string")
    kind = CATALOGUE.get(NAME_ALIASES.get(name, name))
    if kind is None:
        raise invalid(f"Rule '{name}' at {path} is unknown")
    return kind


def _property(value: Any, kind: RuleKind, path: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise invalid(f"Property {path}.property must be string")
    if kind.needs_property and not value:
        raise invalid(f"Rule '{kind.name}' must have a 'property'")
    return value or None


def parse_error_message(error: Any, path: str = ".error") -> str | None:
    """Read ``{"message"}``, the text a marketer wrote; None when there is none.

    Raises:
        BadRequest: ``invalid_validation_rules``, it has another shape.
    """
    if error is None:
        return None
    if not isinstance(error, Mapping):
        raise invalid(f"Property {path} must be object")
    message = error.get("message")
    if message is not None and not isinstance(message, str):
        raise invalid(f"Property {path}.message must be string")
    return message or None


def _conditions(
    conditions: Any, kind: RuleKind, path: str
) -> dict[str, tuple[Any, ...]]:
    if conditions is None:
        return {}
    if not isinstance(conditions, Mapping):
        raise invalid(f"Property {path}.conditions must be object")
    read: dict[str, tuple[Any, ...]] = {}
    for sent, values in conditions.items():
        operator = OPERATOR_ALIASES.get(sent, sent)
        where = f"{path}.conditions.{sent}"
        if operator not in kind.operators:
            raise invalid(f"Rule '{kind.name}' does not know the operator at {where}")
        listed = _listed(values)
        check_values(kind, operator, listed, where)
        read[operator] = compiled_values(kind, listed)
    return read
