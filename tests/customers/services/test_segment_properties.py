"""Whom the database holds in a segment, and whom a plain reading of its filter does.

People and what they did are stored, a filter is stored, everybody is placed: the rows
of members are compared with what the filter says of each, told the plain way.
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.engine.segments import parse_segment_filter
from customers.models import Customer, CustomEventCount, SegmentMember
from customers.models.customer import empty_referrals, empty_summary
from customers.services.segment_placing import place_again
from promo.tenancy.models import Project
from tests.customers import plain
from tests.factories.customers import LocationFactory, SegmentFactory
from tests.factories.metadata import define
from tests.redemptions.engine.situations import thorough

_PLAIN = ("source_id", "name", "email", "phone", "description")
_DAYS = ("birthdate", "birthday")
#: The database is rolled back after each situation, not made anew.
over_and_over = settings(thorough, suppress_health_check=list(HealthCheck))


@pytest.fixture
def shop(project: Project) -> Project:
    """A project of Warsaw that declares metadata, and a location called HERE."""
    Project.objects.filter(pk=project.pk).update(timezone=plain.ZONE.key)
    project.refresh_from_db()
    define(project, "customer", **{k: {"type": v} for k, v in plain.DECLARED.items()})
    LocationFactory.create(project=project)
    return project


def stored(project: Project, facts: plain.Facts) -> Customer:
    """Return the unstored row of somebody."""
    shown = plain.nested(facts)
    summary = empty_summary()
    for block, values in shown["summary"].items():
        summary[block] = {**summary[block], **values}
    texts = {name: facts[name] or "" for name in _PLAIN}
    moments = {name: facts[name] for name in ("created_at", "updated_at")}
    return Customer(
        id=facts["id"],
        project=project,
        **texts,
        **{name: shown.get(name) for name in _DAYS},
        address=shown.get("address"),
        metadata=shown.get("metadata", {}),
        system_metadata=shown.get("system_metadata", {}),
        summary=summary,
        loyalty=shown["loyalty"],
        referrals=empty_referrals(),
        source=facts["source"],
        **{name: plain.moment(each) for name, each in moments.items()},
    )


def counts_of(facts: plain.Facts) -> list[CustomEventCount]:
    of = "events.car.rented."
    if not facts[f"{of}count"]:
        return []
    parts = ("count", "first_occurred_at", "last_occurred_at")
    known = {part: facts[f"{of}{part}"] for part in parts}
    return [CustomEventCount(customer_id=facts["id"], name="car.rented", **known)]


def named(body: dict[str, Any], location_id: str) -> dict[str, Any]:
    """Return a filter that says HERE by the id of the stored location."""
    text = {plain.HERE: location_id}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [renamed(each) for each in value]
        return text.get(value, value) if isinstance(value, str) else value

    whole: dict[str, Any] = renamed(body)
    return whole


@pytest.mark.django_db
def test_the_database_holds_whom_a_plain_reading_does(shop: Project) -> None:
    location_id = shop.locations.get().pk
    people = st.lists(
        plain.people(), min_size=1, max_size=3, unique_by=lambda facts: facts["id"]
    )

    @over_and_over
    @given(st.data(), people)
    def try_it(data: Any, everybody: list[dict[str, Any]]) -> None:
        for number, facts in enumerate(everybody):
            # A source id is there once.
            facts["source_id"] = facts["source_id"] and f"{number} {facts['source_id']}"
        body = data.draw(plain.filters(everybody[0]))
        expected = {f["id"] for f in everybody if plain.belongs(body, f)}
        before = transaction.savepoint()
        try:
            held = members(everybody, parse_segment_filter(named(body, location_id)))
        finally:
            transaction.savepoint_rollback(before)
        assert held == expected, (body, everybody)

    def members(everybody: list[dict[str, Any]], parsed: Any) -> set[str]:
        rows = [stored(shop, facts) for facts in everybody]
        Customer.objects.bulk_create(rows)
        counts = [count for facts in everybody for count in counts_of(facts)]
        CustomEventCount.objects.bulk_create(counts)
        segment = SegmentFactory.create(project=shop, filter=parsed.to_json())
        place_again(shop, [row.pk for row in rows], now=plain.NOW)
        found = SegmentMember.objects.filter(segment=segment)
        return set(found.values_list("customer_id", flat=True))

    try_it()
    assert not Customer.objects.exists()
