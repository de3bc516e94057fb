"""Organisations, projects and keys."""

from datetime import UTC, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from promo.tenancy.models import KeyKind, Organisation, Project
from promo.tenancy.services.keys import IssuedKey, issue_key

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Team {n}")
    created_at = NOW


class ProjectFactory(DjangoModelFactory[Project]):
    """A project whose client keys work from anywhere."""

    class Meta:
        model = Project

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Shop {n}")
    client_trusted_domains = ["*"]
    created_at = NOW


def server_key(project: Project, **values: Any) -> IssuedKey:
    """Return a fresh server key of ``project``."""
    return issue_key(kind=KeyKind.SERVER, project=project, now=NOW, **values)


def client_key(project: Project, **values: Any) -> IssuedKey:
    """Return a fresh client key of ``project``."""
    return issue_key(kind=KeyKind.CLIENT, project=project, now=NOW, **values)


def management_key(organisation: Organisation, **values: Any) -> IssuedKey:
    """Return a fresh management key of ``organisation``."""
    return issue_key(
        kind=KeyKind.MANAGEMENT, organisation=organisation, now=NOW, **values
    )
