"""Consents, their groups, and people who have not confirmed yet."""

from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from customers.models import Consent, ConsentGroup, UnconfirmedCustomer
from tests.factories.tenancy import NOW, ProjectFactory


class ConsentGroupFactory(DjangoModelFactory[ConsentGroup]):
    class Meta:
        model = ConsentGroup

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Group {n}")
    created_at = NOW


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Consent {n}")
    created_at = NOW


class UnconfirmedFactory(DjangoModelFactory[UnconfirmedCustomer]):
    """Somebody whose link works for a day from ``created_at`` on."""

    class Meta:
        model = UnconfirmedCustomer

    project = factory.SubFactory(ProjectFactory)
    email = factory.Sequence(lambda n: f"person-{n}@example.com")
    profile = factory.LazyAttribute(lambda made: {"email": made.email})
    created_at = NOW
    expires_at = factory.LazyAttribute(lambda made: made.created_at + timedelta(days=1))
