"""People a project sells to."""

from customers.models.customer import Customer

__all__ = ["Customer"]
