"""The months of the events; one with an event that nobody has been told stays."""

from promo.months import Months
from promo.outbox.models import DomainEvent

MONTHS = Months(DomainEvent._meta.db_table, wanted="published_at IS NULL")
