"""The least valid customer."""

from datetime import UTC, datetime

import factory

from customers.models import Customer
from tests.factories.tenancy import ProjectFactory


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    project = factory.SubFactory(ProjectFactory)
    source_id = factory.Sequence(lambda n: f"customer-{n}")
    created_at = datetime(2027, 1, 1, tzinfo=UTC)
