"""Who looks at a page, in which project, and what the role allows there."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from promo.clock import utc_now
from promo.ids import parse_or_none
from promo.tenancy.models import Membership, Project, User
from promo.tenancy.permissions import ALL, OWNER
from promo.tenancy.services.people import Granter

SESSION_KEY = "project"
_CHOICE_LIMIT = 100
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person: the project chosen and the permissions in it.

    ``choices`` are the projects the person may switch to, at most a hundred.
    ``project`` is None for somebody without any. What is ``limited`` only makes a
    request that somebody else approves; ``permissions`` hold none of it.
    """

    user: User | None
    project: Project | None
    permissions: frozenset[str]
    choices: tuple[Project, ...]
    now: datetime
    membership: Membership | None = None
    limited: frozenset[str] = _NOTHING

    @property
    def granter(self) -> Granter:
        """The person as who gives roles to others."""
        person, held = self.user, self.membership
        is_owner = bool(
            (person and person.is_superuser) or (held and held.role.name == OWNER)
        )
        return Granter(self.permissions, is_owner)

    def needs_approval(self, permission: str) -> bool:
        """Whether what ``permission`` allows only makes a request."""
        return permission in self.limited

    def may_ask(self, permission: str) -> bool:
        """Whether the role may do it, at once or after somebody approves."""
        return self.may(permission) or self.needs_approval(permission)

    @property
    def sees_requests(self) -> bool:
        """Whether the person decides on requests, or makes them."""
        if self.may("approvals.decide") or self.limited:
            return True
        asks = self.project is not None and self.project.limits_adjustments
        return asks and self.may("vouchers.modify")

    def may(self, permission: str) -> bool:
        """Whether the role holds ``permission``, such as ``campaigns.read``."""
        return permission in self.permissions


def visit(request: HttpRequest) -> Visit:
    """Return the visit behind ``request``, read once per request."""
    known: Visit | None = getattr(request, "_visit", None)
    if known is None:
        known = _read(request)
        request._visit = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept on the request it describes
    return known


def project_of(request: HttpRequest) -> Project:
    """Return the chosen project; pages that need one are hidden without it."""
    project = visit(request).project
    if project is None:
        msg = "no project chosen"
        raise LookupError(msg)
    return project


def choose(request: HttpRequest, project_id: str) -> bool:
    """Remember another project for this session; False when out of reach."""
    person = request.user
    if not isinstance(person, User) or _find(person, project_id) is None:
        return False
    request.session[SESSION_KEY] = project_id
    return True


def _read(request: HttpRequest) -> Visit:
    person = getattr(request, "user", None)
    if not isinstance(person, User) or not person.is_staff:
        return Visit(None, None, _NOTHING, (), utc_now())
    rows = _reachable(person)
    chosen = request.session.get(SESSION_KEY)
    found = next((row for row in rows if row[0].pk == chosen), None)
    if found is None and chosen and len(rows) == _CHOICE_LIMIT:
        found = _find(person, chosen)
    if found is None and rows:
        found = rows[0]
    project, held = found or (None, None)
    choices = tuple(row[0] for row in rows)
    if held is None:
        permissions = ALL if project else _NOTHING
        return Visit(person, project, permissions, choices, utc_now())
    limited = held.limited
    return Visit(
        person,
        project,
        held.permissions - limited,
        choices,
        utc_now(),
        held,
        limited,
    )


# A project and the membership in it, which a superuser needs not.
Reach = tuple[Project, Membership | None]
_WITH = ("project", "role", "custom_role")


def _reachable(person: User) -> list[Reach]:
    if person.is_superuser:
        return [(row, None) for row in Project.objects.order_by("name")[:_CHOICE_LIMIT]]
    memberships = person.memberships.select_related(*_WITH)
    return [
        (one.project, one)
        for one in memberships.order_by("project__name")[:_CHOICE_LIMIT]
    ]


def _find(person: User, project_id: str) -> Reach | None:
    if parse_or_none("proj_", project_id) is None:
        return None
    if person.is_superuser:
        project = Project.objects.filter(pk=project_id).first()
        return (project, None) if project else None
    memberships = person.memberships.filter(project_id=project_id)
    one = memberships.select_related(*_WITH).first()
    return (one.project, one) if one else None
