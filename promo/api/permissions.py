"""Which permission a resource's verbs need."""

from promo.tenancy.permissions import ALL

_VERBS = {
    "list": "read",
    "retrieve": "read",
    "create": "create",
    "update": "modify",
    "destroy": "delete",
    "command": "modify",
}


def permission_for(resource: str, action: str | None) -> str:
    """Return the code that ``action`` on ``resource`` needs; empty for none.

    Where a resource has no code for creating or deleting, ``modify`` covers it.
    """
    verb = _VERBS.get(action or "")
    if verb is None or not resource:
        return ""
    code = f"{resource}.{verb}"
    if verb in {"create", "delete"} and code not in ALL:
        return f"{resource}.modify"
    return code
