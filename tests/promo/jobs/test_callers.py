"""Long work goes on as whoever asked for it."""

import pytest

from promo import request_context
from promo.tenancy.access_scope import Place

AREA, STORE = Place("ar_1"), Place("ar_2", store="ars_1")


@pytest.mark.parametrize(
    ("places", "stored"),
    [
        (None, None),
        (frozenset(), []),
        (
            frozenset({STORE, AREA}),
            [
                {"area": "ar_1", "store": None, "all_stores": False},
                {"area": "ar_2", "store": "ars_1", "all_stores": False},
            ],
        ),
    ],
)
def test_work_reaches_as_far_as_who_asked_for_it(places, stored):
    request_context.bind("v-1", "API")
    request_context.bind_caller(api_key={"name": "Shop"}, places=places)
    source = request_context.work_source()
    told = request_context.event_source()
    request_context.clear()

    with request_context.acting_for("v-1", source):
        context = request_context.current()
        again = request_context.event_source()

    assert source.get("places") == stored
    assert told == again == {"channel": "API", "api_key": {"name": "Shop"}}
    assert (context.request_id, context.places) == ("v-1", places)
