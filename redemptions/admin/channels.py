"""Through which key, or by whom, redemptions came in."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from promo import ids
from promo.tenancy.models import ApiKey, Project, User


def names_of_channels(project: Project, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of API keys and people of the project, by what redemptions keep.

    One statement. People who have left the project have none.
    """
    apps = [key for key in keys if _is_uuid(key)]
    people = [key for key in keys if ids.parse_or_none("user_", key)]
    used = ApiKey.objects.filter(project=project, app_id__in=apps)
    seen = User.objects.filter(pk__in=people, memberships__project=project)
    named = used.values_list(Cast("app_id", TextField()), "name")
    named = named.union(seen.values_list(Cast("pk", TextField()), "email"), all=True)
    found = {key: name or f"API key {key[:8]}" for key, name in named}
    return found | {ids.show("user_", UUID(key)): name for key, name in found.items()}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
