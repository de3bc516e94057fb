"""Permission codes and the roles that hold them.

Source: platform specification, "Roles and permissions".
"""

from collections.abc import Mapping
from types import MappingProxyType

_CRUD = ("read", "create", "modify", "delete")
_VERBS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "campaigns": _CRUD,
        "vouchers": (*_CRUD, "publish"),
        "promotions": _CRUD,
        "rewards": _CRUD,
        "loyalties": _CRUD,
        "validation_rules": _CRUD,
        "customers": ("read", "details.read", "modify", "delete"),
        "segments": _CRUD,
        "consents": ("read", "modify"),
        "locations": _CRUD,
        "orders": _CRUD,
        "products": _CRUD,
        "collections": _CRUD,
        "categories": _CRUD,
        "redemptions": ("read", "redeem", "rollback"),
        "validations": ("read", "validate"),
        "qualifications": ("qualify",),
        "distributions": _CRUD,
        "async_actions": ("read",),
        "metadata_schemas": _CRUD,
        "event_schemas": _CRUD,
        "exports": ("read", "create", "delete"),
        "logs": ("read",),
        "stacking_rules": ("read", "modify"),
        "project": ("read", "modify"),
        "webhooks": ("read", "modify"),
        "api_keys": ("read", "modify"),
        "areas": ("read", "manage"),
        "users": ("read", "modify"),
        "approvals": ("decide",),
    }
)
_SETTINGS = {
    "project",
    "api_keys",
    "users",
    "stacking_rules",
    "webhooks",
    "approvals",
}
#: Settings that everybody may read.
_DEFINITIONS = {
    f"{resource}.{verb}"
    for resource in ("metadata_schemas", "event_schemas")
    for verb in ("create", "modify", "delete")
}

ALL = frozenset(
    f"{resource}.{verb}" for resource, verbs in _VERBS.items() for verb in verbs
)
_READ = frozenset(
    code
    for code in ALL
    if code.endswith(".read") and code.split(".")[0] not in _SETTINGS
)
_USE = frozenset(
    {"redemptions.redeem", "validations.validate", "qualifications.qualify"}
)

BY_ROLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ADMIN": ALL,
        "USER": frozenset(
            code for code in ALL - _DEFINITIONS if code.split(".")[0] not in _SETTINGS
        ),
        "VIEWER": _READ | {"exports.create"},
        "MERCHANT": _READ | _USE,
    }
)
OWNER, ADMIN, CUSTOM = "OWNER", "ADMIN", "CUSTOM"
#: Roles of people; those of keys and some that look after one part of the work.
BY_PERSON_ROLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        OWNER: ALL,
        ADMIN: ALL,
        "MANAGER": BY_ROLE["USER"]
        | _DEFINITIONS
        | {
            "approvals.decide",
            "stacking_rules.read",
            "stacking_rules.modify",
            "users.read",
            "webhooks.read",
        },
        "USER": BY_ROLE["USER"],
        "ANALYST": (_READ - {"customers.details.read"}) | {"exports.create"},
        "SUPPORT": _READ
        | _USE
        | {
            "consents.modify",
            "customers.modify",
            "redemptions.rollback",
            "vouchers.publish",
        },
        "MERCHANT": BY_ROLE["MERCHANT"],
        "VIEWER": BY_ROLE["VIEWER"],
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {
        OWNER: "Owner",
        ADMIN: "Administrator",
        "MANAGER": "Manager",
        "USER": "Marketer",
        "ANALYST": "Analyst",
        "SUPPORT": "Support",
        "MERCHANT": "Merchant",
        "VIEWER": "Read-only",
    }
)
#: What a role of one's own may do only after somebody else has agreed.
LIMITABLE = (
    "campaigns.create",
    "campaigns.modify",
    "vouchers.create",
    "vouchers.modify",
    "validation_rules.create",
    "validation_rules.modify",
)
#: Each resource with what can be done to it, in the order in which people read them.
VERBS: Mapping[str, tuple[str, ...]] = _VERBS

#: The role of keys that reach some areas and stores alone; people do not have it.
RESTRICTED = "USER_RESTRICTED"
BY_KEY_ROLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {**BY_ROLE, RESTRICTED: BY_ROLE["USER"] - {"areas.manage"}}
)
#: The most that a platform may do with a key of its own: what its templates, flows and
#: carts need, and nothing that defines or deletes.
_INTEGRATION = (
    _READ
    | _USE
    | {
        "customers.modify",
        "orders.create",
        "orders.modify",
        "products.create",
        "products.modify",
        "redemptions.rollback",
        "vouchers.create",
        "vouchers.modify",
        "vouchers.publish",
    }
)


def of_key(role: str, integration: str) -> frozenset[str]:
    """Return the codes of a key with this role, a platform's own where it has one."""
    held = BY_KEY_ROLE.get(role, frozenset())
    return held & _INTEGRATION if integration else held
