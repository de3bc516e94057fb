"""What can be done to a thing, said once for the API and the admin."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

M = TypeVar("M")


@dataclass(frozen=True)  # slots break a generic class that is called with its type
class Operations(Generic[M]):
    """The services behind a resource.

    ``create(*, project, now, **values)`` returns the thing, ``update(thing, *, now,
    **values)`` too; ``delete(thing, *, now, force)`` removes it. A command takes
    ``(thing, *, now)``.
    """

    create: Callable[..., M] | None = None
    update: Callable[..., M] | None = None
    delete: Callable[..., Any] | None = None
    commands: Mapping[str, Callable[..., M]] = field(default_factory=dict)
