"""Who gets something while the limits last."""

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from webhooks.engine.distributions.admission import (
    Admission,
    Bounds,
    Occasion,
    admit,
    keys_asked,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def occasion(number: int, customer: str = "ada", messages: int = 1) -> Occasion:
    return Occasion(
        id=f"o{number}", distribution_id="d", customer_id=customer, messages=messages
    )


def bounds(ceiling: int | None = None, **limits: int) -> Bounds:
    return Bounds(
        project_id="p", day="2026-03-10", limits={"d": limits}, ceiling=ceiling
    )


def test_without_limits_everybody_is_admitted_and_nothing_counted() -> None:
    assert admit([occasion(1)], bounds(), {}) == Admission({}, {})
    assert keys_asked([occasion(1)], bounds()) == {}


def test_a_distribution_without_limits_of_its_own_has_none() -> None:
    nobodys = Bounds(project_id="p", day="2026-03-10", limits={})

    assert admit([occasion(1)], nobodys, {}) == Admission({}, {})


def test_every_limit_is_counted_under_its_own_key() -> None:
    limits = bounds(9, max_total=5, max_per_customer=2, per_day=3)

    found = admit([occasion(1, messages=2)], limits, {})

    assert found.claims == {
        ("d", "total"): 1,
        ("d", "customer:ada"): 1,
        ("d", "day:2026-03-10"): 1,
        ("p", "day:2026-03-10"): 2,
    }
    assert keys_asked([occasion(1)], limits) == {
        ("d", "total"): 5,
        ("d", "customer:ada"): 2,
        ("d", "day:2026-03-10"): 3,
        ("p", "day:2026-03-10"): 9,
    }


def test_the_last_of_a_limit_goes_to_who_is_first() -> None:
    used = {("d", "total"): 1}

    found = admit([occasion(1), occasion(2)], bounds(max_total=2), used)

    assert found == Admission({("d", "total"): 1}, {"o2": "limit_total"})


def test_who_is_refused_by_one_limit_takes_nothing_of_another() -> None:
    limits = bounds(max_total=5, max_per_customer=1)
    asked = [occasion(1, "ada"), occasion(2, "ada"), occasion(3, "bob")]

    found = admit(asked, limits, {})

    assert found.refused == {"o2": "limit_customer"}
    assert found.claims[("d", "total")] == 2


def test_the_day_and_the_ceiling_refuse_by_their_own_reasons() -> None:
    full_day = {("d", "day:2026-03-10"): 1}
    full_project = {("p", "day:2026-03-10"): 2}

    by_day = admit([occasion(1)], bounds(per_day=1), full_day)
    by_ceiling = admit([occasion(1, messages=2)], bounds(3), full_project)

    assert by_day.refused == {"o1": "limit_day"}
    assert by_ceiling.refused == {"o1": "daily_ceiling"}


@given(
    people=st.lists(st.sampled_from("abc"), max_size=30),
    total=st.integers(1, 10),
    each=st.integers(1, 4),
    used=st.integers(0, 10),
)
def test_no_limit_is_ever_exceeded_and_none_is_left_without_reason(
    people: list[str], total: int, each: int, used: int
) -> None:
    asked = [occasion(number, person) for number, person in enumerate(people)]
    before: Mapping[tuple[str, str], int] = {("d", "total"): used}

    found = admit(asked, bounds(max_total=total, max_per_customer=each), before)

    admitted = [one for one in asked if one.id not in found.refused]
    by_person = Counter(one.customer_id for one in admitted)
    assert len(admitted) <= max(0, total - used)
    assert all(number <= each for number in by_person.values())
    if "limit_total" in found.refused.values():
        assert len(admitted) == max(0, total - used)
