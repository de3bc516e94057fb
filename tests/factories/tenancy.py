"""Organisations and projects."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from promo.tenancy.models import Organisation, Project

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Team {n}")
    created_at = NOW


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Shop {n}")
    created_at = NOW
