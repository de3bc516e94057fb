"""Doing at once what a role may do, and asking for what it may only ask for."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from promo.admin.visit import project_of, visit
from promo.approvals.actions import action_called
from promo.approvals.models import ApprovalRequest
from promo.approvals.services import ask_for

_WORDS = "Your request is sent: “{title}”. Nothing changes until it is approved."


class NeedsApproval(Exception):
    """What the person wants is to become a request; leaves every transaction."""

    def __init__(self, name: str, target: Any, payload: dict[str, Any]) -> None:
        super().__init__(name)
        self.name = name
        self.target = target
        self.payload = payload


def do(request: HttpRequest, name: str, target: Any = None, **payload: Any) -> Any:
    """Perform the action ``name`` and return what it made or changed.

    Raises:
        NeedsApproval: the role may only ask for it, or nobody does so much alone;
            ``asked`` makes the request.
        PermissionDenied: the role may not even ask.
    """
    seen, action = visit(request), action_called(name)
    needed = action.needs(payload)
    if not all(seen.may_ask(one) for one in needed):
        raise PermissionDenied
    if any(seen.needs_approval(one) for one in needed) or action.needs_second(
        target, payload
    ):
        raise NeedsApproval(name, target, payload)
    return action.perform(
        project=project_of(request), target=target, now=seen.now, **payload
    )


def asked(request: HttpRequest, wanted: NeedsApproval) -> ApprovalRequest:
    """Make the request, and say so on the next page.

    Raises:
        PromoError: the services would refuse it.
    """
    seen = visit(request)
    if seen.membership is None:
        raise PermissionDenied
    made = ask_for(
        wanted.name,
        author=seen.membership,
        target=wanted.target,
        payload=wanted.payload,
        now=seen.now,
    )
    messages.success(request, _WORDS.format(title=made.title))
    return made


def page_of(made: ApprovalRequest) -> str:
    """Return where a request is looked at."""
    return reverse("admin:approvals_approvalrequest_change", args=[quote(made.pk)])
