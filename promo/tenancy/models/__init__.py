"""Organisations, projects, keys and people."""

from promo.tenancy.models.access import ApiKey, Integration, KeyKind
from promo.tenancy.models.areas import Area, AreaStore, KeyAssignment
from promo.tenancy.models.people import (
    CustomRole,
    Invitation,
    Letter,
    Membership,
    User,
)
from promo.tenancy.models.project import Organisation, Project
from promo.tenancy.models.views import SavedView

__all__ = [
    "ApiKey",
    "Area",
    "AreaStore",
    "CustomRole",
    "Integration",
    "Invitation",
    "KeyAssignment",
    "KeyKind",
    "Letter",
    "Membership",
    "Organisation",
    "Project",
    "SavedView",
    "User",
]
