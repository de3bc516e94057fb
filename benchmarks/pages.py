"""Every page of the dashboard on a large shop: ``make bench-pages``.

The demo shop is grown to a million codes first, which takes some minutes;
``BENCH_CODES``, ``BENCH_CUSTOMERS`` and ``BENCH_REDEMPTIONS`` make it smaller. Pages
are found by their addresses, lists are opened with each of their filters as well.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.contrib.admin.utils import quote  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.report import keep, say  # noqa: E402
from campaigns.services.campaign_draft import create_draft  # noqa: E402
from promo.admin.pages import admin_pages, example_objects  # noqa: E402
from promo.clock import utc_now  # noqa: E402
from promo.server.static_files import collect_if_stale  # noqa: E402
from promo.tenancy.models import Project  # noqa: E402
from promo.tenancy.services.people import ADMIN, assign_role, create_person  # noqa: E402
from redemptions.demo.load import find_shop  # noqa: E402

MOST_STATEMENTS, MOST_MILLISECONDS = 20, 400.0
ROUNDS = 3
FOUND = 200
SIZES = {"codes": 1_000_000, "customers": 200_000, "redemptions": 500_000}
_DRAFT = {"fields": {"what": ["bulk"], "name": ["Autumn"], "kind": ["PERCENT"]}}
#: Choices of one filter that are tried; the rest are more of the same.
_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page costs: SQL statements, and the median of some times."""

    address: str
    status: int
    statements: int
    milliseconds: float

    @property
    def holds(self) -> bool:
        """Whether the page is cheap and quick enough."""
        few = self.statements <= MOST_STATEMENTS
        return few and self.milliseconds <= MOST_MILLISECONDS


def main() -> int:
    """Measure; return 0 if every page is as quick as it must be."""
    project = _grown_shop()
    client = _signed_in(project)
    measured, unseen = [], []
    values = _values(project)
    for page in admin_pages():
        address = page.address(values)
        if address is None:
            unseen.append(page.route)
            continue
        found = [_measure(client, one) for one in _variants(client, address)]
        measured += [one for one in found if one.status == FOUND]
    _show(measured, unseen)
    return 0 if all(one.holds for one in measured) else 1


def _grown_shop() -> Project:
    sizes = {
        name: int(os.environ.get(f"BENCH_{name.upper()}", usual))
        for name, usual in SIZES.items()
    }
    call_command("migrate", verbosity=0)
    collect_if_stale()
    call_command("load_demo")
    call_command("grow_demo", **sizes)
    project = find_shop()
    if project is None:
        msg = "the demo shop has been deleted meanwhile"
        raise LookupError(msg)
    return project


def _signed_in(project: Project) -> Client:
    """Return somebody new at the dashboard, who may do everything there."""
    email = f"pages-{time.time_ns()}@promo.example"
    person = create_person(email=email, password=None)
    assign_role(user=person, project=project, role=ADMIN)
    client = Client(headers={"host": "localhost"}, raise_request_exception=True)
    client.force_login(person)
    return client


def _values(project: Project) -> dict[str, str]:
    """Return what addresses go by: of each model the largest there is."""
    values = example_objects(project)
    campaign = project.campaigns.latest("vouchers_count")
    person = (
        project.redemptions.filter(customer__isnull=False)
        .values_list("customer", flat=True)
        .annotate(times=Count("pk"))
        .latest("times")
    )
    voucher = project.vouchers.latest("redeemed_quantity")
    largest = {
        "campaigns.Campaign": campaign,
        "campaigns.Voucher": voucher,
        "customers.Customer": project.customers.get(pk=person),
    }
    draft, template = (
        create_draft(
            project=project,
            owner=None,
            name="Autumn",
            step="offer",
            payload=_DRAFT,
            now=utc_now(),
            is_template=is_template,
        )
        for is_template in (False, True)
    )
    rule = project.validation_rules.earliest("pk")
    return {
        **values,
        **{label: quote(row.pk) for label, row in largest.items()},
        "campaign_id": campaign.pk,
        "draft_id": draft.pk,
        "template_id": template.pk,
        "step": "offer",
        "rule_id": rule.pk,
        "table": "codes",
        "app_label": "campaigns",
        "project_id": project.pk,
    }


def _variants(client: Client, address: str) -> Iterator[str]:
    """Yield a page, and a list also with its filters, searched, and its next page."""
    yield address
    answer: Any = client.get(address)
    shown = (getattr(answer, "context_data", None) or {}).get("cl")
    if shown is None:
        return
    for one in shown.filter_specs:
        name = getattr(one, "parameter_name", "") or getattr(one, "lookup_kwarg", "")
        for value, _ in list(getattr(one, "lookup_choices", ()))[:_CHOICES]:
            yield f"{address}?{urlencode({name: value})}"
    if shown.search_fields:
        yield f"{address}?{urlencode({'q': 'anna'})}"
    if getattr(shown, "older", ""):
        yield f"{address}{shown.older}"


def _measure(client: Client, address: str) -> Measured:
    status = client.get(address).status_code
    with CaptureQueriesContext(connection) as statements:
        client.get(address)
    # The next request empties the log.
    count = len(statements)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(address)
        times.append(1_000 * (time.perf_counter() - start))
    found = Measured(address, status, count, median(times))
    say(f"{found.milliseconds:>10.1f} ms  {address}")
    return found


def _show(measured: list[Measured], unseen: list[str]) -> None:
    say(f"{'page':<100}{'statements':>12}{'ms':>10}  verdict")
    for one in sorted(measured, key=lambda one: -one.milliseconds):
        verdict = "holds" if one.holds else "FAILS"
        figures = f"{one.statements:>12}{one.milliseconds:>10.1f}"
        say(f"{one.address[:99]:<100}{figures}  {verdict}")
    say(f"\nWithout anything to show: {', '.join(unseen) or 'none'}")
    failing = sum(not one.holds for one in measured)
    say(f"{len(measured)} pages, {failing} fail")
    keep("bench-pages.json", {"pages": [asdict(one) for one in measured]})


if __name__ == "__main__":
    sys.exit(main())
