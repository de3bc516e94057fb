from redemptions.admin import (
    export,
    ledger,
    order,
    redemption,
    scheduled_export,
)

__all__ = [
    "export",
    "ledger",
    "order",
    "redemption",
    "scheduled_export",
]
