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

    What ``adds`` does it twice when it is done twice. So an open request is never
    changed by asking again, and ``perform`` gets the id of the approved request as
    ``request``, by which it refuses a second time. ``too_much(target, **payload)`` says
    that nobody does so much alone, and ``reasons(target, **payload)`` tells in words
    what the target will not show.
    """

    permission: str
    title: str
    perform: Callable[..., Any]
    find: Callable[[Project, str], Any] | None = None
    makes: bool = False
    describe: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    adds: bool = False
    too_much: Callable[..., bool] | None = None
    reasons: str = ""

    def needs(self, payload: Mapping[str, Any]) -> frozenset[str]:
        """Return the permissions that doing it with ``payload`` needs."""
        more = {code for part, code in self.also.items() if payload.get(part)}
        return frozenset({self.permission, *more})

    def needs_second(self, target: Any, payload: Mapping[str, Any]) -> bool:
        """Whether somebody else has to agree, whatever the role may do."""
        return self.too_much is not None and self.too_much(target, **payload)

    def reasons_for(
        self, target: Any, payload: Mapping[str, Any]
    ) -> list[tuple[str, str]]:
        """Return what is asked for in words, label by label."""
        if not self.reasons:
            return []
        told: Mapping[str, str] = import_string(self.reasons)(target, **payload)
        return list(told.items())

    def in_words(self, thing: Any) -> dict[str, str]:
        """Return a thing in words, label by label."""
        told: Mapping[str, str] = import_string(self.describe)(thing)
        return dict(told)


@lru_cache
def action_called(name: str) -> Action:
    """Return the action that the settings name."""
    found: Action = import_string(settings.APPROVAL_ACTIONS[name])
    return found
