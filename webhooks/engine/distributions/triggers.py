"""What an automatic distribution waits for, and whether an event is that.

Source: campaigns specification, "Distributions"; platform specification,
"Distribution events".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from webhooks.engine.distributions.reading import (
    Json,
    a_choice,
    a_flag,
    given,
    only,
    refuse,
)

MANUAL_START = "manual_distribution_schedule"
ENTERED, LEFT = "customer.segment.entered", "customer.segment.left"
CUSTOM_EVENT = "customer.custom_event"
ORDERS = frozenset(
    f"customer.order.{end}" for end in ("created", "updated", "paid", "canceled")
)
SEGMENTS = frozenset({ENTERED, LEFT})
#: What every action is for; the others can do no more than send a message.
FOR_ALL_ACTIONS = SEGMENTS | ORDERS | {CUSTOM_EVENT}
_TIERS = "customer.loyalty.tier."


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event, as far as triggers look at it; ``data`` is what listeners get."""

    type: str
    data: Mapping[str, Any]
    campaign_id: str = ""
    customer_id: str = ""

    @property
    def customer(self) -> str:
        """Whom it is about, empty for nobody."""
        return self.customer_id or str(_id_of(self.data, "customer"))


def parse_trigger(
    sent: Json, event_types: Collection[str], path: str = ".trigger"
) -> dict[str, Any]:
    """Return a trigger in the form in which it is kept.

    ``event_types`` are the events that somebody tells distributions of.

    Raises:
        InvalidPayload: an event nobody tells, or a setting that it does not take.
    """
    known = sorted(set(event_types) - {MANUAL_START})
    kind = a_choice(sent.get("type"), f"{path}.type", known)
    names = _settings_of(kind)
    only(sent, {"type", *names}, path)
    kept: dict[str, Any] = {"type": kind, **given(sent, names, path)}
    if kind in SEGMENTS and "segment_id" not in kept:
        raise refuse(path, "should have required property 'segment_id'")
    if kind == CUSTOM_EVENT and "event" not in kept:
        raise refuse(path, "should have required property 'event'")
    return kept


def parse_existing(sent: Json, path: str = ".trigger") -> tuple[dict[str, Any], bool]:
    """Return a trigger without ``include_existing``, and what that says.

    Raises:
        InvalidPayload: it is no flag, or the trigger is not about entering a segment.
    """
    rest = dict(sent)
    value = rest.pop("include_existing", None)
    existing = value is not None and a_flag(value, f"{path}.include_existing")
    if existing and sent.get("type") != ENTERED:
        raise refuse(f"{path}.include_existing", f"is for {ENTERED} only")
    return rest, existing


def _settings_of(kind: str) -> tuple[str, ...]:
    if kind in SEGMENTS:
        return ("segment_id",)
    if kind in ORDERS:
        return ("validation_rule_id",)
    if kind == CUSTOM_EVENT:
        return ("event", "validation_rule_id")
    if kind.startswith(_TIERS):
        return ("campaign_id", "loyalty_tier_id")
    return ("campaign_id",)


def matches(trigger: Json, distribution_id: str, told: Occurrence) -> bool:
    """Say whether a distribution waits for what has been told.

    A start that is told for one distribution is heard by that one alone, whatever its
    trigger: by a manual one, and by one that includes who is there already.
    """
    if told.type == MANUAL_START:
        return bool(_id_of(told.data, "distribution") == distribution_id)
    if trigger.get("type") != told.type or not told.customer:
        return False
    return all(_fits(name, wanted, told) for name, wanted in trigger.items())


def _fits(name: str, wanted: Any, told: Occurrence) -> bool:
    if name == "segment_id":
        return bool(_id_of(told.data, "segment") == wanted)
    if name == "campaign_id":
        found = told.campaign_id or _id_of(told.data, "campaign")
        return bool(found == wanted)
    if name == "event":
        return bool(_of(told.data, "event").get("type") == wanted)
    if name == "loyalty_tier_id":
        tiers = ("loyalty_tier", "loyalty_tier_to", "loyalty_tier_from")
        return wanted in {_id_of(told.data, tier) for tier in tiers}
    return True


def _of(data: Json, name: str) -> Json:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _id_of(data: Json, name: str) -> Any:
    return _of(data, name).get("id", "")
