"""The months of the call log."""

from promo.call_log.models import ApiCall
from promo.months import Months

MONTHS = Months(ApiCall._meta.db_table)
