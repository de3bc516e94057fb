"""What other stacking rules would change: settings, and whose offers they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.admin.stacking_form import LIMIT_OF, StackingForm
from campaigns.engine.stacking_settings import CATEGORY_LIMITS, CATEGORY_LISTS
from campaigns.models import Category
from promo.tenancy.models import Project

Json = Mapping[str, Any]
_NAMED = 5
#: What has nothing to do with how an order is decided.
_NOT_AT_CHECKOUT = frozenset({"redeemables_rollback_order_mode"})


@dataclass(frozen=True, slots=True)
class Changed:
    """One setting: what it is called, what it was, and what it would be."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Affected:
    """Running campaigns whose offers would be treated otherwise; some by name."""

    count: int
    names: Sequence[str]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.names)


def changed_in_words(
    form: StackingForm, before: Json, after: Json, categories: Sequence[Category]
) -> list[Changed]:
    """Return the settings that differ, in the order of the form."""
    names = {one.pk: one.name for one in categories}
    return [
        Changed(str(field.label), _shown(field, was, names), _shown(field, now, names))
        for name, field in form.fields.items()
        if (was := _value(before, name)) != (now := _value(after, name))
    ]


def affected_by(project: Project, before: Json, after: Json, now: datetime) -> Affected:
    """Return the running campaigns that the difference concerns; two statements.

    A setting that names categories concerns theirs, any other one all of them.
    """
    changed = {name for name in after if after[name] != before[name]}
    changed -= _NOT_AT_CHECKOUT
    if not changed:
        return Affected(0, ())
    rows = project.campaigns.running_at(now)
    if changed <= {*CATEGORY_LISTS, CATEGORY_LIMITS}:
        touched = {key for name in changed for key in _touched(before, after, name)}
        # What stands alone leaves out the offers of every other category.
        if "exclusive_categories" not in changed:
            rows = rows.filter(category__in=touched)
    names = rows.order_by("-created_at", "-pk").values_list("name", flat=True)
    return Affected(rows.count(), tuple(names[:_NAMED]))


def _touched(before: Json, after: Json, name: str) -> Iterator[str]:
    was, now = before[name], after[name]
    if name == CATEGORY_LIMITS:
        yield from (key for key in {*was, *now} if was.get(key) != now.get(key))
    else:
        yield from {*was} ^ {*now}


def _value(settings: Json, name: str) -> Any:
    if name.startswith(LIMIT_OF):
        return settings[CATEGORY_LIMITS].get(name.removeprefix(LIMIT_OF))
    return settings.get(name)


def _shown(field: Any, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(name for key, name in names.items() if key in value) or "None"
    choices = dict(getattr(field, "choices", ()) or ())
    return str(choices.get(value, "No limit of its own" if value is None else value))
