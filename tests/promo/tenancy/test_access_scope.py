"""How far a restricted caller reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.tenancy.access_scope import Place, covers, overlaps

A, B, C = (Place(name) for name in "ABC")
ALL_A, ALL_B, ALL_C = (Place(name, all_stores=True) for name in "ABC")
A1, B1, B2, C1, C2 = (
    Place(name[0], store=name) for name in ["A1", "B1", "B2", "C1", "C2"]
)


@pytest.mark.parametrize(
    ("actor", "thing", "sees", "changes"),
    [
        ([A], [A], True, True),
        ([A], [A1], False, False),
        ([A], [ALL_A], False, False),
        ([ALL_A], [A], False, False),
        ([ALL_B], [B1, B2], True, True),
        ([ALL_B], [B], False, False),
        ([ALL_B], [B1, B], True, False),
        ([C1, C2], [ALL_C], True, False),
        ([C1], [C1, C2], True, False),
        ([C1, C2], [C1], True, True),
        ([C1], [C2], False, False),
        ([A], [], False, False),
        ([], [A], False, False),
        ([A, ALL_B], [A, B1], True, True),
    ],
)
def test_who_sees_and_who_changes_what(actor, thing, sees, changes):
    assert (overlaps(actor, thing), covers(actor, thing)) == (sees, changes)


PLACES = st.frozensets(
    st.sampled_from([A, B, C, ALL_A, ALL_B, ALL_C, A1, B1, B2, C1, C2])
)


@given(PLACES, PLACES)
def test_whoever_may_change_something_sees_it(actor, thing):
    assert not covers(actor, thing) or overlaps(actor, thing)


@given(PLACES, PLACES, PLACES)
def test_more_places_never_take_anything_away(actor, more, thing):
    assert not covers(actor, thing) or covers(actor | more, thing)
    assert not overlaps(actor, thing) or overlaps(actor | more, thing)


@given(PLACES)
def test_everybody_reaches_what_is_where_he_is(places):
    assert covers(places, places) is bool(places)
