"""What happened: orders, redemptions, returns, the ledger, counters, and exports."""

from redemptions.models.budget import BudgetAlert, BudgetWatch
from redemptions.models.calendar_feed import CalendarFeed
from redemptions.models.counter import Counter
from redemptions.models.export import Export, ScheduledExport
from redemptions.models.ledger import LedgerEntry
from redemptions.models.ledger_verification import LedgerVerification
from redemptions.models.order import Order
from redemptions.models.order_return import (
    OrderReturn,
    ReturnedLine,
    ReturnedShare,
    SoldLine,
)
from redemptions.models.redemption import Redemption
from redemptions.models.report import ReportOrder, ReportState, ReportSum, ReportTally
from redemptions.models.scheduled_report import ScheduledReport
from redemptions.models.session_lock import SessionLock

__all__ = [
    "BudgetAlert",
    "BudgetWatch",
    "CalendarFeed",
    "Counter",
    "Export",
    "LedgerEntry",
    "LedgerVerification",
    "Order",
    "OrderReturn",
    "Redemption",
    "ReportOrder",
    "ReportState",
    "ReportSum",
    "ReportTally",
    "ReturnedLine",
    "ReturnedShare",
    "ScheduledExport",
    "ScheduledReport",
    "SessionLock",
    "SoldLine",
]
