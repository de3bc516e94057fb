"""The steps of the builder, and what of a page belongs to which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.admin.discount import NAMES as DISCOUNT
from redemptions.campaign_builder.form import CART, GENERIC, GIFT, LOYALTY, is_discount

KIND, OFFER, WHO, LIMITS = "kind", "offer", "who", "limits"
CODES, SCHEDULE, REVIEW = "codes", "schedule", "review"
#: Rows of the example cart.
EXAMPLE_ROWS = 3
EXAMPLE = (
    *(f"example_item_{row}" for row in range(EXAMPLE_ROWS)),
    *(f"example_quantity_{row}" for row in range(EXAMPLE_ROWS)),
    *(f"example_price_{row}" for row in range(EXAMPLE_ROWS)),
    "example_customer",
)
_SPLIT = ("start_date", "expiration_date")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how its address calls it, its title, and its fields."""

    name: str
    title: str
    fields: Sequence[str] = ()

    @property
    def posted(self) -> frozenset[str]:
        """The names under which its fields are sent."""
        split = {f"{name}_{part}" for name in _SPLIT for part in (0, 1)}
        names = {name for name in self.fields if name not in _SPLIT}
        own = {name for name in split if name.rsplit("_", 1)[0] in self.fields}
        return frozenset(names | own)


def steps_of(what: str) -> list[Step]:
    """Return the steps of a kind of campaign; of one not chosen yet, the first."""
    first = Step(KIND, "Kind", ("what", "name", "description"))
    if not what:
        return [first]
    offer = Step(OFFER, "Offer", _offer(what))
    who = Step(WHO, "Who and what")
    return [
        first,
        offer,
        *([] if what == LOYALTY else [who]),
        Step(LIMITS, "Limits and budget", _limits(what)),
        *([] if what == CART else [Step(CODES, "Codes", _codes(what))]),
        Step(
            SCHEDULE,
            "Schedule",
            ("start_date", "expiration_date", "weekdays", "hours_from", "hours_until"),
        ),
        Step(REVIEW, "Review"),
    ]


def step_called(steps: Sequence[Step], name: str) -> Step:
    """Return the step of an address, the first for a name that none has."""
    return next((step for step in steps if step.name == name), steps[0])


def after(steps: Sequence[Step], step: Step) -> Step:
    """Return the step behind one, the last itself for the last."""
    place = min(steps.index(step) + 1, len(steps) - 1)
    return steps[place]


def merged(
    fields: Mapping[str, list[str]], sent: Mapping[str, list[str]], step: Step
) -> dict[str, list[str]]:
    """Return a draft's fields with what one step has sent; what it lacks is empty."""
    example = {name: sent[name] for name in EXAMPLE if name in sent}
    kept = {name: texts for name, texts in fields.items() if name not in step.posted}
    own = {name: sent[name] for name in step.posted if name in sent}
    return {**kept, **own, **example}


def _offer(what: str) -> Sequence[str]:
    if is_discount(what):
        return DISCOUNT
    return ("credits", "pays") if what == GIFT else ("points",)


def _limits(what: str) -> Sequence[str]:
    if what == LOYALTY:
        return ("category",)
    uses = () if what == CART else ("quantity",)
    return (*uses, "per_customer", "per_day", "total_uses", "budget", "category")


def _codes(what: str) -> Sequence[str]:
    return ("code",) if what == GENERIC else ("vouchers_count", "pattern")
