"""A shop that has one of everything, and a request of somebody who may ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from promo.tenancy.models import Project
from tests.contract.inhabitants import inhabit
from tests.fixtures.api import client_of, server_client
from tests.fixtures.rows import run_to_end, send_csv

#: Parameter of an address → the kind of thing that it names.
KINDS = {
    "asyncActionId": "async_action",
    "binEntryId": "bin_entry",
    "campaignId": "campaign",
    "code": "voucher",
    "customEventSchemaId": "event_schema",
    "customerId": "customer",
    "exportId": "export",
    "export_Id": "export",
    "locationId": "location",
    "memberId": "member",
    "metadataSchemaId": "metadata_schema",
    "orderId": "order",
    "productCollectionId": "collection",
    "productId": "product",
    "projectId": "project",
    "resource": "metadata_schema",
    "segmentId": "segment",
    "skuId": "sku",
}


class World:
    """A project, the names of its things, and a back end that may do everything."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.names: dict[str, Any] = dict(inhabit(project))
        self.api = server_client(project)

    def post(self, path: str, body: Any) -> Any:
        """Return what a request answers that has to succeed."""
        answer = self.api.post(path, body)
        assert answer.status_code in {200, 202}, answer.content
        return answer.json()

    def make(self, kind: str, path: str, body: Any) -> None:
        """Create something, which addresses name from now on."""
        self.names[kind] = self.post(path, body)["id"]

    def run(self, path: str, body: Any) -> None:
        """Start an action and run it to its end; addresses name it from now on."""
        self._run(self.post(path, body))

    def run_csv(self, path: str, rows: str) -> None:
        """Upload a file and run what takes it in."""
        self._run(send_csv(self.api, path, rows).json())

    def _run(self, answer: Any) -> None:
        self.names["async_action"] = answer["async_action_id"]
        action = run_to_end(answer["async_action_id"])
        assert action.status == "DONE", action.result


Of = Callable[[World], Any]


@dataclass(frozen=True)
class Case:
    """One request: ``about`` says what it is like where there are several.

    ``body``, ``csv`` and ``query`` are what is sent, or make it of a world;
    ``arrange`` comes before. ``shows`` is a part of the answer, ``status`` which of
    the promised ones it has, and ``schema`` stands in for that of the operation.
    """

    operation: str
    about: str = ""
    body: Any = None
    csv: Any = None
    query: Any = field(default_factory=dict)
    arrange: Of | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    schema: str = ""

    def __str__(self) -> str:
        return f"{self.operation} {self.about}".strip()

    def send(self, world: World) -> Any:
        """Arrange what is needed and return the answer."""
        if self.arrange is not None:
            self.arrange(world)
        method, template = self.operation.split(" ")
        path = self.address(template, world.names)
        caller = client_of(template, world.project)
        if self.csv is not None:
            return send_csv(caller, path, made(self.csv, world))
        body, query = made(self.body, world), made(self.query, world)
        return caller.request(method, path, body, self.headers, query or None)

    def address(self, template: str, names: Mapping[str, str]) -> str:
        """Return the path with names of things for its parameters."""
        parts = template.split("/")
        for index, part in enumerate(parts):
            if part.startswith("{"):
                kind = self.named.get(part[1:-1], KINDS[part[1:-1]])
                parts[index] = names[kind]
        return "/".join(parts)


def made(value: Any, world: World) -> Any:
    """Return a value, or what is made of the world by it."""
    return value(world) if callable(value) else value
