"""What can be done to a resource, said once for the API and the dashboard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations(Generic[M]):
    """The services behind a resource; None where there is no such operation.

    ``create(project=…, now=…, **values)``, ``update(row, now=…, **values)``,
    ``delete(row, now=…)``; a command takes the row, ``now`` and its own arguments.
    """

    create: Callable[..., M] | None = None
    update: Callable[..., M] | None = None
    delete: Callable[..., Any] | None = None
    commands: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
