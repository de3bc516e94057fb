"""Who looks at a page, in which project, and what the role allows there."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from promo.clock import utc_now
from promo.ids import parse_or_none
from promo.tenancy.models import Project, User
from promo.tenancy.permissions import ALL, BY_ROLE

SESSION_KEY = "project"
_CHOICE_LIMIT = 100
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person: the project chosen and the permissions in it.

    ``choices`` are the projects the person may switch to, at most a hundred.
    ``project`` is None for somebody without any.
    """

    user: User | None
    project: Project | None
    permissions: frozenset[str]
    choices: tuple[Project, ...]
    now: datetime

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
    project, permissions = found or (None, _NOTHING)
    return Visit(person, project, permissions, tuple(r[0] for r in rows), utc_now())


Reach = tuple[Project, frozenset[str]]


def _reachable(person: User) -> list[Reach]:
    if person.is_superuser:
        return [(row, ALL) for row in Project.objects.order_by("name")[:_CHOICE_LIMIT]]
    memberships = person.memberships.select_related("project", "role")
    return [
        (one.project, BY_ROLE.get(one.role.name, _NOTHING))
        for one in memberships.order_by("project__name")[:_CHOICE_LIMIT]
    ]


def _find(person: User, project_id: str) -> Reach | None:
    if parse_or_none("proj_", project_id) is None:
        return None
    if person.is_superuser:
        project = Project.objects.filter(pk=project_id).first()
        return (project, ALL) if project else None
    memberships = person.memberships.filter(project_id=project_id)
    one = memberships.select_related("project", "role").first()
    return (one.project, BY_ROLE.get(one.role.name, _NOTHING)) if one else None
