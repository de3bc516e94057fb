"""Every operation of the data platform answers as the reference's schemas say."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from promo.management.commands.list_endpoints import endpoints
from promo.tenancy.models import Project
from tests.contract.promised import bulk, catalogue, people
from tests.contract.promised.deviations import DEVIATIONS
from tests.contract.promised.reference import (
    OPERATIONS,
    RESULTS,
    TEXT,
    broken,
    broken_event,
    schemas_of_the_reference,
)
from tests.contract.promised.world import Case, World

CASES = (*people.CASES, *catalogue.CASES, *bulk.CASES)
_FAMILIES = re.compile(
    r"/(customers|segments|events|orders|products|skus|product-collections"
    r"|metadata-schemas|custom-event-schemas|locations|trash-bin|async-actions|exports"
    r"|consents)(/|$)|/(import|importCSV|bulk/async|metadata/async|export)$"
)
#: Returns of units are Promo's own and have their own tests.
_ELSEWHERE = "/returns"
_PARAMETER = re.compile(r"\{\w+\}")


def shape(operation: str) -> str:
    """Return an operation with its parameters nameless."""
    return _PARAMETER.sub("{}", operation)


def test_every_operation_has_a_case() -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)
    assert {
        name for name, times in Counter(map(str, CASES)).items() if times > 1
    } == set()


def test_every_promised_status_has_a_case() -> None:
    several = {name for name, statuses in OPERATIONS.items() if len(statuses) > 1}
    shown = {(case.operation, case.status) for case in CASES if case.status}

    assert shown == {(name, each) for name in several for each in OPERATIONS[name]}


def test_every_operation_is_routed() -> None:
    routed = {shape(f"{one.method} {one.path}") for one in endpoints()}

    assert {shape(operation) for operation in OPERATIONS} - routed == set()


def test_every_route_of_the_families_is_promised() -> None:
    routed = {
        shape(f"{one.method} {one.path}")
        for one in endpoints()
        if "/v1/" in one.path
        and _FAMILIES.search(one.path)
        and _ELSEWHERE not in one.path
    }

    assert routed - {shape(operation) for operation in OPERATIONS} == set()


def test_every_deviation_changes_how_a_schema_is_read() -> None:
    schemas = schemas_of_the_reference()
    for deviation in DEVIATIONS:
        before = schemas[deviation.schema]
        schemas[deviation.schema] = deviation.applied(before)
        assert schemas[deviation.schema] != before, deviation
        assert deviation.reason


def test_a_wrong_answer_is_found_out() -> None:
    sound = {"async_action_id": "aa_1"}

    assert broken("AsyncActions", sound) == []
    assert broken("AsyncActions", {}) == [': "async_action_id" is a required property']
    assert broken("AsyncActions", {"async_action_id": 1}) == [
        'async_action_id: 1 is not of type "string"'
    ]
    assert broken("AsyncActions", {**sound, "id": "aa_1"}) == [
        ": Unevaluated properties are not allowed ('id' was unexpected)"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_is_as_the_reference_says(project: Project, case: Case) -> None:
    world = World(project)
    promised = OPERATIONS[case.operation]
    status = case.status or next(iter(promised))

    answer = case.send(world)

    assert answer.status_code == int(status), answer.content
    name = case.schema or promised[status]
    if name is None:
        assert answer.content == b""
    elif name == TEXT:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert b"".join(answer.streaming_content).startswith(b"Code,")
    else:
        assert answer.headers["Content-Type"] == "application/json"
        body = answer.json()
        assert [*broken(name, body), *inside(body)] == []
        assert {key: body[key] for key in case.shows} == case.shows


def inside(body: Any) -> Iterator[str]:
    """Yield what is wrong within parts whose form depends on their type."""
    if body.get("object") == "async_action" and body["operation_status"] != "UNKNOWN":
        yield from broken(RESULTS[body["type"]], body["result"])
    if body.get("object") == "list":
        rows = body[body["data_ref"]]
        assert rows
        for row in rows:
            if row.get("id", "").startswith("evcus_"):
                yield from broken_event(row["type"], row["data"])
