"""Asking for a change, and deciding on it: the change is made by the same services.

A request is rehearsed first: the services run and everything is rolled back, so that
what they would refuse is refused at once, and what would change is known.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.db import transaction
from django.urls import reverse

from promo.approvals.actions import Action, action_called
from promo.approvals.models import (
    OPEN,
    ApprovalComment,
    ApprovalRequest,
    RequestStatus,
)
from promo.approvals.payloads import opened, sealed
from promo.errors import (
    Conflict,
    Forbidden,
    InvalidPayload,
    PromoError,
    ResourceNotFound,
)
from promo.tenancy.models import Membership, Project, User
from promo.tenancy.services.letters import write_letters

Json = dict[str, Any]
_DECIDES = "approvals.decide"
#: What stands for nothing in words.
_NOTHING = "-"
_ASKED = """{author} asks for your approval in {project}: {title}

{changes}

Look at it and decide: {address}
"""
_DECIDED = """{title} ({project}): {status}, by {who}.

{text}

{address}
"""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: a person, with what they may do in the project."""

    user: User
    permissions: frozenset[str]


def ask_for(
    name: str,
    *,
    author: Membership,
    target: Any = None,
    payload: Json,
    now: datetime,
) -> ApprovalRequest:
    """Return a request for a change; the approvers get a letter.

    Asking again for the same target changes the open request; what adds is another
    request, unless all of it is the same.

    Raises:
        PromoError: what the services would answer; nothing is kept then.
        InvalidPayload: nothing would change.
    """
    action, project = action_called(name), author.project
    changes, called = _rehearsed(action, project, target, payload, now)
    with transaction.atomic():
        same = {"payload": sealed(payload)} if action.adds else {}
        request, what = _open_one(name, author, target, same, now)
        request.payload = sealed(payload)
        request.changes = changes
        request.title = action.title.format(name=called)[:300]
        request.status = RequestStatus.PENDING
        request.asked_at = now
        request.save()
        role = author.custom_role
        request.approvers.set(role.approvers.all() if role else ())
        _say(request, author.user, what, "", now)
        _tell_approvers(request, now)
    return request


@transaction.atomic
def ask_again(request: ApprovalRequest, *, by: User, now: datetime) -> ApprovalRequest:
    """Send a request as it is once more, after changes were requested.

    Raises:
        Forbidden: by somebody else than the author.
        Conflict: it waits already, or is over.
        PromoError: what the services would answer now.
    """
    held = _held(request)
    if held.author != by:
        raise Forbidden(message="Only its author can send a request again")
    if held.status != RequestStatus.CHANGES_REQUESTED:
        raise _over(held)
    action = action_called(held.action)
    target = _target(action, held)
    held.changes, _ = _rehearsed(
        action, held.project, target, opened(held.payload), now
    )
    held.status, held.asked_at = RequestStatus.PENDING, now
    held.save(update_fields=["changes", "status", "asked_at"])
    _say(held, by, "asked again", "", now)
    _tell_approvers(held, now)
    return held


@transaction.atomic
def approve(
    request: ApprovalRequest, *, by: Decider, now: datetime, text: str = ""
) -> ApprovalRequest:
    """Agree, and make the change through the services.

    Where they refuse it, changes are requested instead, with what they say.

    Raises:
        Forbidden: the author, or somebody who may not decide or not do it.
        Conflict: it does not wait any more.
    """
    held = _to_decide(request, by)
    action = action_called(held.action)
    if not action.needs(held.payload) <= by.permissions:
        raise Forbidden(message="You may not do yourself what this asks for")
    try:
        with transaction.atomic():
            action.perform(
                project=held.project,
                target=_target(action, held),
                now=now,
                **opened(held.payload),
                **({"request": held.pk} if action.adds else {}),
            )
    except PromoError as refused:
        said = f"{refused.message}: {refused.details}" if refused.details else ""
        words = said or refused.message
        _decide(held, RequestStatus.CHANGES_REQUESTED, by.user, now)
        _say(held, None, "could not be done", words, now)
        _tell_author(held, by.user, f"It could not be done. {words}", now)
        return held
    _decide(held, RequestStatus.APPROVED, by.user, now)
    _say(held, by.user, "approved", text, now)
    _tell_author(held, by.user, text, now)
    return held


@transaction.atomic
def request_changes(
    request: ApprovalRequest, *, by: Decider, now: datetime, text: str
) -> ApprovalRequest:
    """Give a request back to its author, with what to change.

    Raises:
        Forbidden: the author, or somebody who may not decide.
        Conflict: it does not wait any more.
        InvalidPayload: nothing is said.
    """
    return _turn_down(request, RequestStatus.CHANGES_REQUESTED, by, now, text)


@transaction.atomic
def reject(
    request: ApprovalRequest, *, by: Decider, now: datetime, text: str
) -> ApprovalRequest:
    """Refuse a request for good, and say why; raises as ``request_changes``."""
    return _turn_down(request, RequestStatus.REJECTED, by, now, text)


@transaction.atomic
def withdraw(request: ApprovalRequest, *, by: User, now: datetime) -> ApprovalRequest:
    """Take one's own request back.

    Raises:
        Forbidden: by somebody else than the author.
        Conflict: it is over.
    """
    held = _held(request)
    if held.author != by:
        raise Forbidden(message="Only its author can withdraw a request")
    if not held.is_open:
        raise _over(held)
    _decide(held, RequestStatus.WITHDRAWN, by, now)
    _say(held, by, "withdrawn", "", now)
    return held


@transaction.atomic
def comment(
    request: ApprovalRequest, *, by: User, now: datetime, text: str
) -> ApprovalRequest:
    """Say something about a request, without deciding.

    Raises:
        InvalidPayload: nothing is said.
    """
    if not text.strip():
        raise InvalidPayload("Property .text must be set")
    _say(request, by, "said", text, now)
    return request


def may_decide(request: ApprovalRequest, by: Decider) -> bool:
    """Whether a person may decide: not the author, and among the approvers if any."""
    if _DECIDES not in by.permissions or request.author_id == by.user.pk:
        return False
    named = [one.user_id for one in request.approvers.all()]
    return not named or by.user.pk in named


def moved_since(request: ApprovalRequest) -> list[tuple[str, str]]:
    """Return what stands otherwise than when an open request was made, as it is now.

    Only of what adds: the sum that it leads to is another one by then. A target that
    is gone has nothing.
    """
    action = action_called(request.action)
    if not (request.is_open and action.adds and action.find):
        return []
    target = action.find(request.project, request.target_id)
    if target is None:
        return []
    asked = {label: before for label, before, _ in request.changes if before}
    now = action.in_words(target)
    return [(label, now[label]) for label, was in asked.items() if now[label] != was]


def _rehearsed(
    action: Action, project: Project, target: Any, payload: Json, now: datetime
) -> tuple[list[list[str]], str]:
    """Return what would change, in words, and what it is called; undo it all."""
    with transaction.atomic():
        fresh = target
        if target is not None and action.find:
            fresh = action.find(project, target.pk)
        before = {} if action.makes or fresh is None else action.in_words(fresh)
        made = action.perform(project=project, target=fresh, now=now, **payload)
        made.refresh_from_db()
        after = action.in_words(made)
        called = str(made)
        transaction.set_rollback(True)
    changes = [
        [label, before.get(label, ""), text]
        for label, text in after.items()
        if before.get(label, "") != text and (before or text != _NOTHING)
    ]
    if not changes:
        raise InvalidPayload("Nothing would change")
    told = [[label, "", text] for label, text in action.reasons_for(fresh, payload)]
    return [*changes, *told], called


def _open_one(
    name: str, author: Membership, target: Any, same: Json, now: datetime
) -> tuple[ApprovalRequest, str]:
    """Return the author's open request for the same target, else a new one.

    ``same`` is what else has to be equal. With it goes what the author does: ask, or
    ask again.
    """
    # A double click asks once: the second finds what the first has made.
    list(Membership.objects.select_for_update(no_key=True).filter(pk=author.pk))
    target_id = "" if target is None else str(target.pk)
    rows = author.project.approval_requests.filter(
        action=name,
        target_id=target_id,
        author=author.user,
        status__in=OPEN,
        **same,
    )
    found = rows.select_for_update().first() if target_id else None
    if found is not None:
        return found, "asked again"
    made = ApprovalRequest(
        project=author.project,
        author=author.user,
        action=name,
        target_id=target_id,
        created_at=now,
    )
    return made, "asked"


def _target(action: Action, held: ApprovalRequest) -> Any:
    if action.find is None or not held.target_id:
        return None
    found = action.find(held.project, held.target_id)
    if found is None:
        raise ResourceNotFound("target", held.target_id)
    return found


def _held(request: ApprovalRequest) -> ApprovalRequest:
    rows = ApprovalRequest.objects.select_for_update(of=("self",))
    return rows.select_related("project", "author").get(pk=request.pk)


def _to_decide(request: ApprovalRequest, by: Decider) -> ApprovalRequest:
    held = _held(request)
    if not may_decide(held, by):
        raise Forbidden(message="This request is not yours to decide")
    if held.status != RequestStatus.PENDING:
        raise _over(held)
    return held


def _over(held: ApprovalRequest) -> Conflict:
    status = RequestStatus(held.status).label.lower()
    return Conflict("request_not_waiting", f"The request stands as: {status}")


def _turn_down(
    request: ApprovalRequest,
    status: RequestStatus,
    by: Decider,
    now: datetime,
    text: str,
) -> ApprovalRequest:
    held = _to_decide(request, by)
    if not text.strip():
        raise InvalidPayload("Property .text must be set")
    _decide(held, status, by.user, now)
    _say(held, by.user, status.label.lower(), text, now)
    _tell_author(held, by.user, text, now)
    return held


def _decide(
    held: ApprovalRequest, status: RequestStatus, by: User, now: datetime
) -> None:
    held.status, held.decided_by, held.decided_at = status, by, now
    held.save(update_fields=["status", "decided_by", "decided_at"])


def _say(
    request: ApprovalRequest, by: User | None, what: str, text: str, now: datetime
) -> None:
    ApprovalComment.objects.create(
        request=request, said_by=by, what=what, text=text.strip(), created_at=now
    )


def _tell_approvers(request: ApprovalRequest, now: datetime) -> None:
    named = request.approvers.select_related("user", "role", "custom_role")
    people = list(named) or list(
        request.project.memberships.select_related("user", "role", "custom_role")
    )
    told = [
        one.user.email
        for one in people
        if _DECIDES in one.permissions
        and one.user_id != request.author_id
        and one.user.is_active
    ]
    text = _ASKED.format(
        author=request.author.get_full_name() or request.author.email,
        project=request.project.name,
        title=request.title,
        changes="\n".join(
            f"- {label}: {after}"
            for label, _, after in request.changes
            if not label.endswith("in detail")
        ),
        address=_address(request),
    )
    subject = f"{request.project.name}: {request.title}"
    write_letters(told, subject=subject, text=text, now=now)


def _tell_author(request: ApprovalRequest, by: User, text: str, now: datetime) -> None:
    status = RequestStatus(request.status).label
    letter = _DECIDED.format(
        title=request.title,
        project=request.project.name,
        status=status.lower(),
        who=by.get_full_name() or by.email,
        text=text,
        address=_address(request),
    )
    subject = f"{status}: {request.title}"
    write_letters([request.author.email], subject=subject, text=letter, now=now)


def _address(request: ApprovalRequest) -> str:
    page = reverse("admin:approvals_approvalrequest_change", args=[quote(request.pk)])
    return f"{settings.PUBLIC_URL}{page}"
