"""What a marketer should think of twice before a campaign goes live.

None of it is forbidden; each is a slip that has cost shops money.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A campaign before it goes live, as far as slips can be seen in it.

    ``overlapping`` are the names of campaigns that run at the same time, ``hidden``
    how many more there are. ``codes`` is None where there are none to count;
    ``uses_of_each`` None for no limit. ``percent_off`` is None for other discounts.
    """

    ends: datetime | None = None
    starts: datetime | None = None
    now: datetime
    needs_code: bool = True
    is_card: bool = False
    has_rule: bool = False
    has_limit: bool = False
    codes: int | None = None
    is_generic: bool = False
    uses_of_each: int | None = None
    percent_off: Decimal | None = None
    has_cap: bool = False
    takes_amount: bool = False
    overlapping: Sequence[str] = ()
    hidden: int = 0
    stacks: bool = True


def warnings_about(plan: Planned) -> tuple[str, ...]:
    """Return the warnings, the most expensive first."""
    return (*_money(plan), *_limits(plan), *_time(plan), *_company(plan))


def _money(plan: Planned) -> Iterator[str]:
    if plan.percent_off is not None and plan.percent_off >= 100:  # noqa: PLR2004 - all of it
        yield "It takes everything off: the order is free."
    elif plan.percent_off is not None and plan.percent_off > 50 and not plan.has_cap:  # noqa: PLR2004 - more than half
        yield "It takes off more than half, without a cap on the amount."
    if not plan.has_rule and not plan.needs_code:
        yield "It applies to every order of everybody: it has no condition and no code."
    elif not plan.has_rule and not plan.is_card:
        yield "It has no condition: whoever has a code can use it on every order."
    if plan.takes_amount and not plan.has_rule:
        yield "Small orders can be free: no condition asks for a least amount."


def _limits(plan: Planned) -> Iterator[str]:
    if plan.is_card:
        return
    if not plan.needs_code and not plan.has_limit:
        yield "There is no limit and no budget: it can be used any number of times."
    if plan.needs_code and plan.uses_of_each is None and not plan.has_limit:
        whose = "The code" if plan.is_generic else "Each code"
        yield f"{whose} can be used any number of times: there is no limit or budget."
    if plan.needs_code and plan.codes == 0:
        yield "It has no codes yet: nobody can use it before some are made."


def _time(plan: Planned) -> Iterator[str]:
    if plan.ends is None:
        if not plan.is_card:
            yield "It has no end date: it runs until somebody disables it."
    elif plan.ends < plan.now:
        yield "Its end date has passed: it will never run."
    if plan.starts is not None and plan.starts < plan.now:
        yield "Its start date has passed: it runs from the moment of publishing."


def _company(plan: Planned) -> Iterator[str]:
    if not plan.overlapping or plan.is_card:
        return
    names = ", ".join(f"“{name}”" for name in plan.overlapping)
    more = f" and {plan.hidden:,} more" if plan.hidden else ""
    yield f"It runs at the same time as {names}{more}."
    if plan.stacks:
        yield "The project's stacking rules let one order use it together with these."
