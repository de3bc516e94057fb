"""The tables of a report: the same rows on the screen and in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import quote
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.models import Campaign, Product, PromotionTier, Voucher
from promo import ids
from promo.admin.presentation import money
from promo.admin.summary import list_address, share_of
from promo.money import in_major_units
from promo.tenancy.models import Project
from redemptions.admin.channels import names_of_channels
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import REFUSED, SUCCEEDED
from redemptions.admin.report_query import Asked
from redemptions.models.report import Tallied
from redemptions.services import report as service
from redemptions.services.report import Step, Totals

#: So many rows a table shows; its file has all.
SHOWN = 10
#: Names are looked up for so many rows at once.
_PORTION = 500
_LOG = "redemptions_redemption"
TEXT, COUNT, MONEY, SHARE = "text", "count", "money", "share"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its cells, what they lead to, and what the bar is drawn of."""

    cells: Sequence[Any]
    link: str = ""
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, each with its kind, and its rows as they are asked for.

    ``lines`` takes how many rows are read at most, None for all of them: the first of
    a ranking cost the database less than its whole order. Cells of money are minor
    units, of a share percents; None is an empty cell.
    """

    name: str
    title: str
    columns: Sequence[tuple[str, str]]
    lines: Callable[[int | None], Iterable[Line]]
    empty: str
    shown: int = SHOWN


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as the page writes it; ``more`` where the file has more rows."""

    table: Table
    rows: Sequence[Mapping[str, Any]]
    more: bool
    file: str


def cell_text(kind: str, value: Any, currency: str) -> str:
    """Return a cell as people read it."""
    if value is None:
        return "-"
    if kind == MONEY:
        return money(value, currency)
    if kind == SHARE:
        return f"{value} %"
    return f"{value:,}" if kind == COUNT else str(value)


def cell_value(kind: str, value: Any) -> Any:
    """Return a cell as the file has it: money in major units."""
    return in_major_units(value) if kind == MONEY and value is not None else value


def shown(table: Table, currency: str, file: str) -> ShownTable:
    """Return the first rows of a table for the page."""
    lines = [*islice(table.lines(table.shown + 1), table.shown + 1)]
    more, lines = len(lines) > table.shown, lines[: table.shown]
    most = max((line.weight or 0 for line in lines), default=0)
    rows = [
        {
            "cells": [
                (cell_text(kind, value, currency), kind != TEXT)
                for (_, kind), value in zip(table.columns, line.cells, strict=True)
            ],
            "link": line.link,
            "share": None if line.weight is None else share_of(line.weight, most),
        }
        for line in lines
    ]
    return ShownTable(table, rows, more, file)


def header(table: Table, currency: str) -> list[str]:
    """Return the header of a file; columns of money name the currency."""
    return [
        f"{title} ({currency})" if kind == MONEY else title
        for title, kind in table.columns
    ]


def file_rows(table: Table) -> Iterator[list[Any]]:
    """Yield the rows of a file."""
    kinds = [kind for _, kind in table.columns]
    for line in table.lines(None):
        pairs = zip(kinds, line.cells, strict=True)
        yield [cell_value(kind, value) for kind, value in pairs]


def log_address(asked: Asked, **more: str) -> str:
    """Return where the log of the same days and campaign is."""
    days, campaign = asked.days, asked.scope.campaign
    named = {"campaign__id__exact": campaign.pk} if campaign else {}
    return list_address(
        _LOG,
        **named,
        **more,
        created_at_from=days.first.isoformat(),
        created_at_to=days.last.isoformat(),
    )


_FIGURES = (
    ("Redemptions", COUNT),
    ("Rolled back", COUNT),
    ("Refused", COUNT),
    ("Discount given", MONEY),
    ("Orders", COUNT),
    ("Revenue", MONEY),
    ("Average order", MONEY),
)


def _figures(totals: Totals) -> list[Any]:
    return [
        totals.redemptions,
        totals.rolled_back,
        totals.refused,
        totals.discount,
        totals.orders,
        totals.revenue,
        totals.average,
    ]


def step_name(asked: Asked, row: service.Row) -> str:
    """Return what a step of time is called."""
    at = row.at.astimezone(asked.scope.project.zone)
    if asked.step == Step.HOUR:
        return f"{at:%Y-%m-%d %H:%M}"
    return f"{at:%Y-%m}" if asked.step == Step.MONTH else f"{at:%Y-%m-%d}"


def time_table(asked: Asked, report: service.Report | None = None) -> Table:
    """Return what each step of time came to."""

    def lines(_: int | None) -> Iterator[Line]:
        found = report or service.report_of(asked.scope, asked.days, asked.step)
        for row in found.rows:
            people = [] if asked.step == Step.HOUR else [row.totals.customers]
            yield Line([step_name(asked, row), *people, *_figures(row.totals)])

    first = {Step.WEEK: "Week from", Step.MONTH: "Month", Step.HOUR: "Hour from"}
    people = [] if asked.step == Step.HOUR else [("Customers", COUNT)]
    columns = [(first.get(asked.step, "Day"), TEXT), *people, *_FIGURES]
    name = f"By {asked.step.value}"
    return Table("time", name, columns, lines, "No days.", shown=800)


def reasons_table(asked: Asked) -> Table:
    """Return why attempts were refused, each with its rows in the log."""

    def lines(most: int | None) -> Iterator[Line]:
        rows = service.ranking(asked.scope, asked.days, Tallied.REASON)[:most]
        for _, key, count, _ in rows.iterator():
            link = log_address(asked, outcome=REFUSED, reason=key)
            yield Line([reason_in_words(key), count], link, count)

    columns = (("Reason", TEXT), ("Attempts", COUNT))
    return Table(
        "reasons", "Refused, by reason", columns, lines, "Nothing was refused."
    )


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    running = iter(rows)
    while portion := [*islice(running, _PORTION)]:
        yield portion


def codes_table(asked: Asked) -> Table:
    """Return which codes and promotion tiers were used most."""

    def lines(most: int | None) -> Iterator[Line]:
        kinds = (Tallied.CODE, Tallied.TIER)
        rows = service.ranking(asked.scope, asked.days, *kinds)[:most]
        for portion in _portions(rows.iterator()):
            names = _names_of_offers(portion)
            for kind, name, count, amount in portion:
                text, link = names.get(name, (name, ""))
                what = "Code" if kind == Tallied.CODE else "Promotion tier"
                yield Line([text, what, count, amount], link, count)

    columns = (
        *(("Code or tier", TEXT), ("What", TEXT)),
        *(("Redemptions", COUNT), ("Discount given", MONEY)),
    )
    return Table("codes", "Top codes and tiers", columns, lines, "No code was used.")


def _names_of_offers(rows: Sequence[Any]) -> dict[str, tuple[str, str]]:
    def keys(kind: Tallied, prefix: str) -> list[str]:
        return [ids.show(prefix, UUID(row[1])) for row in rows if row[0] == kind]

    codes = Voucher.objects.filter(pk__in=keys(Tallied.CODE, "v_"))
    tiers = PromotionTier.objects.filter(pk__in=keys(Tallied.TIER, "promo_"))
    named = codes.values_list(Value("v_"), _pk(), "code")
    named = named.union(tiers.values_list(Value("promo_"), _pk(), "name"), all=True)
    pages = {"v_": "voucher", "promo_": "promotiontier"}
    found = {}
    for prefix, key, name in named:
        pk = ids.show(prefix, UUID(key))
        link = reverse(f"admin:campaigns_{pages[prefix]}_change", args=(quote(pk),))
        found[key] = (name, link)
    return found


def _pk() -> Cast:
    return Cast("pk", TextField())


def products_table(asked: Asked) -> Table:
    """Return which products stood in orders with an offer."""

    def lines(most: int | None) -> Iterator[Line]:
        rows = service.ranking(asked.scope, asked.days, Tallied.PRODUCT)[:most]
        for portion in _portions(rows.iterator()):
            names = _names_of_products(asked.scope.project, [row[1] for row in portion])
            for _, name, orders, units in portion:
                text, link = names.get(name, (name, ""))
                yield Line([text, orders, units], link, orders)

    columns = (("Product", TEXT), ("Orders", COUNT), ("Units", COUNT))
    return Table("products", "Top products", columns, lines, "No items were sent.")


def _names_of_products(
    project: Project, keys: Sequence[str]
) -> dict[str, tuple[str, str]]:
    shown_ids = [key for key in keys if ids.parse_or_none("prod_", key)]
    rows = Product.objects.filter(
        Q(pk__in=shown_ids) | Q(source_id__in=[key for key in keys if key]),
        project=project,
    )
    found = {}
    for pk, source_id, name in rows.values_list("pk", "source_id", "name"):
        link = reverse("admin:campaigns_product_change", args=(quote(pk),))
        found[source_id] = found[pk] = (name or source_id or pk, link)
    return found


def channels_table(asked: Asked) -> Table:
    """Return what came through each key, or from whom at the dashboard."""

    def lines(_: int | None) -> Iterator[Line]:
        rows = service.channels(asked.scope, asked.days)
        names = names_of_channels(asked.scope.project, [name for name, _ in rows])
        for name, totals in rows:
            text = names.get(name) or name or "Unknown"
            yield Line([text, *_figures(totals)], weight=totals.redemptions)

    columns = (("Channel", TEXT), *_FIGURES)
    return Table("channels", "By channel", columns, lines, "Nothing came in.")


def campaigns_table(asked: Asked) -> Table:
    """Return what each campaign came to."""

    def lines(_: int | None) -> Iterator[Line]:
        rows = service.campaigns(asked.scope, asked.days)
        keys = [pk for pk, _ in rows]
        names = dict(
            Campaign.objects.filter(
                project=asked.scope.project, pk__in=keys
            ).values_list("pk", "name")
        )
        for pk, totals in rows:
            link = list_address(
                _LOG,
                campaign__id__exact=pk,
                outcome=SUCCEEDED,
                created_at_from=asked.days.first.isoformat(),
                created_at_to=asked.days.last.isoformat(),
            )
            cells = [names.get(pk, pk), *_figures(totals)]
            yield Line(cells, link, totals.redemptions)

    columns = (("Campaign", TEXT), *_FIGURES)
    return Table("campaigns", "By campaign", columns, lines, "No campaign was used.")


TABLES: Mapping[str, Callable[[Asked], Table]] = {
    "time": time_table,
    "reasons": reasons_table,
    "codes": codes_table,
    "products": products_table,
    "channels": channels_table,
    "campaigns": campaigns_table,
}
