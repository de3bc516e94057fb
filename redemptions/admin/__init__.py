from redemptions.admin import (
    export,
    ledger,
    order,
    redemption,
    scheduled_export,
    scheduled_report,
)

__all__ = [
    "export",
    "ledger",
    "order",
    "redemption",
    "scheduled_export",
    "scheduled_report",
]
