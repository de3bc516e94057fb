"""What can be asked for: each action is named in the settings by a dotted path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from promo.tenancy.models import Project


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is done through services, at once or after approval.

    ``perform(project=, target=, now=, **payload)`` returns what was made or changed;
    ``find(project, id)`` returns the target, None where it is gone. ``title`` is in
    words, with ``{name}``. ``makes`` says that nothing was there before. ``describe``
    is the dotted path of what tells a thing in words, label by label. ``also`` names
    what a part of the payload needs besides, where it is there.
    """

    permission: str
    title: str
    perform: Callable[..., Any]
    find: Callable[[Project, str], Any] | None = None
    makes: bool = False
    describe: str = ""
    also: Mapping[str, str] = field(default_factory=dict)

    def needs(self, payload: Mapping[str, Any]) -> frozenset[str]:
        """Return the permissions that doing it with ``payload`` needs."""
        more = {code for part, code in self.also.items() if payload.get(part)}
        return frozenset({self.permission, *more})

    def in_words(self, thing: Any) -> dict[str, str]:
        """Return a thing in words, label by label."""
        told: Mapping[str, str] = import_string(self.describe)(thing)
        return dict(told)


@lru_cache
def action_called(name: str) -> Action:
    """Return the action that the settings name."""
    found: Action = import_string(settings.APPROVAL_ACTIONS[name])
    return found
