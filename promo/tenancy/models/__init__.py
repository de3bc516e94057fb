"""Organisations, projects, keys and people."""

from promo.tenancy.models.access import ApiKey, KeyKind
from promo.tenancy.models.people import Membership, User
from promo.tenancy.models.project import Organisation, Project

__all__ = ["ApiKey", "KeyKind", "Membership", "Organisation", "Project", "User"]
