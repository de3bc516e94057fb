"""Whether kept numbers are what their records come to, for pages of health."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse

from promo.admin.visit import visit
from promo.health.fact import Fact
from promo.health.system import ago
from redemptions.services.ledger_verification import last_verification

#: A comparison that is older says little; one is made each night.
_OLD = timedelta(days=2)


def ledger_check(request: HttpRequest) -> Fact | None:
    """Return what the last comparison of all kept numbers has found."""
    seen = visit(request)
    if not seen.may("logs.read"):
        return None
    found, link = last_verification(), reverse("system-health")
    if found is None:
        note = "It is made each night, or by manage.py verify_ledger."
        return Fact("Ledger check", "Not made yet", "plain", note, link)
    age = seen.now - found.finished_at
    when = ago(age)
    if found.drifts:
        named = ", ".join(one["name"] for one in found.found if one["count"])
        note = f"Found {when}: {named}. manage.py verify_ledger names the rows."
        value = "1 number is not what its records come to"
        if found.drifts > 1:
            value = f"{found.drifts:,} numbers are not what their records come to"
        return Fact("Ledger check", value, "bad", note, link)
    if age > _OLD:
        note = "It is made each night: look whether a worker is running."
        return Fact("Ledger check", f"Balanced, {when}", "warn", note, link)
    note = f"{len(found.found)} checks, each over all records."
    return Fact("Ledger check", f"Balanced, {when}", "good", note, link)
