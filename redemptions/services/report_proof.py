"""Building the figures of reports from the rows, and proving that they equal them."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from promo import ids
from promo.outbox.models import Shard
from promo.outbox.relay import make_shards
from promo.tenancy.models import Project
from redemptions.models import ReportState
from redemptions.services import report_sql
from redemptions.services.report_days import DAYS_BEFORE, LINK_ALL
from redemptions.services.report_sums import SUMS
from redemptions.services.verification import Check, Drift

_WITH = f"WITH {report_sql.WAITING}"
_WITH_ORDERS = f"{_WITH}, {report_sql.UNSETTLED}"
_ORDERS = report_sql.orders(report_sql.SETTLED)
_ORDER_COLUMNS = (
    'project_id, scope, "order", at, day, channel, order_value, revenue, products'
)
_OF_ORDERS = ("orders", "order_value", "revenue")
_OF_ROWS = tuple(name for name in SUMS if name not in _OF_ORDERS)
_ALL_SUMS = f"""
SELECT project_id, scope, at, channel, {", ".join(_OF_ROWS)}, 0::bigint AS orders,
  0::bigint AS order_value, 0::bigint AS revenue
FROM ({report_sql.sums(report_sql.COUNTED)}) f
UNION ALL
SELECT r.project_id, r.scope, r.at, r.channel, 0, 0, 0, 0, 0, 1, r.order_value,
  r.revenue
FROM redemptions_reportorder r
WHERE %(project)s::uuid IS NULL OR r.project_id = %(project)s
"""  # noqa: S608 - put together from texts of our own
_SUMS = f"""
SELECT project_id, scope, at, channel,
  {", ".join(f"sum({name})::bigint AS {name}" for name in SUMS)}
FROM ({_ALL_SUMS}) a GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - as above
_TALLIES = f"""
SELECT project_id, scope, kind, day, name, sum(count)::bigint AS count,
  sum(amount)::bigint AS amount
FROM (
  {report_sql.tallies(report_sql.COUNTED)}
  UNION ALL
  SELECT r.project_id, r.scope, 'p', r.day, u.key, 1, u.value::bigint
  FROM redemptions_reportorder r, jsonb_each_text(r.products) u
  WHERE %(project)s::uuid IS NULL OR r.project_id = %(project)s
) a GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - as above
_KEY, _TALLY_KEY = (
    "project_id, scope, at, channel",
    "project_id, scope, kind, day, name",
)

_REBUILD = (
    # Orders of forgotten people are gone; what they came to stays.
    """DELETE FROM redemptions_reportorder r WHERE r.project_id = %(project)s
       AND EXISTS (SELECT FROM redemptions_order o WHERE o.id = r."order")""",
    # Also those about to change: they are worked out anew whenever they are heard of.
    f"""INSERT INTO redemptions_reportorder ({_ORDER_COLUMNS})
        {report_sql.orders(report_sql.OURS)}""",
    "DELETE FROM redemptions_reportsum WHERE project_id = %(project)s",
    f"""{_WITH} INSERT INTO redemptions_reportsum ({_KEY}, {", ".join(SUMS)})
        SELECT * FROM ({_SUMS}) n
        WHERE ({", ".join(SUMS)}) <> ({", ".join("0" for _ in SUMS)})""",  # noqa: S608 - as above
    "DELETE FROM redemptions_reporttally WHERE project_id = %(project)s",
    f"""{_WITH} INSERT INTO redemptions_reporttally ({_TALLY_KEY}, count, amount)
        SELECT * FROM ({_TALLIES}) n WHERE (count, amount) <> (0, 0)""",  # noqa: S608 - as above
    LINK_ALL,
)

_CHECK_SUMS = """
{begin}, recorded AS ({recorded})
SELECT v.name || ' of ' || coalesce(k.scope, r.scope) || ' at '
    || coalesce(k.at, r.at) AS thing, v.kept, v.recorded
FROM redemptions_reportsum k FULL JOIN recorded r USING ({key})
CROSS JOIN LATERAL (VALUES {values}) v (name, kept, recorded)
WHERE v.kept <> v.recorded
"""
_CHECK_TALLIES = """
{begin}, recorded AS ({recorded})
SELECT coalesce(k.kind, r.kind) || ' ' || coalesce(k.name, r.name) || ' of '
    || coalesce(k.scope, r.scope) || ' on ' || coalesce(k.day, r.day) AS thing,
  v.kept, v.recorded
FROM redemptions_reporttally k FULL JOIN recorded r USING ({key})
CROSS JOIN LATERAL (VALUES {values}) v (name, kept, recorded)
WHERE v.kept <> v.recorded
"""
_CHECK_DAYS = f"""
SELECT 'day before ' || t.day || ' of ' || t.name || ' in ' || t.scope,
  coalesce(t.previous_day - date '2000-01-01', -1),
  coalesce(b.previous - date '2000-01-01', -1)
FROM redemptions_reporttally t JOIN ({DAYS_BEFORE}) b ON b.id = t.id
WHERE t.previous_day IS DISTINCT FROM b.previous
"""  # noqa: S608 - as above
_CHECK_ORDERS = f"""
{_WITH_ORDERS}, recorded AS ({_ORDERS}), kept AS (
  SELECT r.* FROM redemptions_reportorder r
  WHERE r."order" NOT IN (SELECT order_id FROM unsettled)
  AND EXISTS (SELECT FROM redemptions_order o WHERE o.id = r."order"))
SELECT 'order ' || coalesce(k."order", r."order") || ' of '
    || coalesce(k.scope, r.scope) AS thing,
  coalesce(k.revenue, -1), coalesce(r.revenue, -1)
FROM kept k FULL JOIN recorded r USING ("order", scope)
WHERE (k.at, k.day, k.channel, k.order_value, k.revenue, k.products)
  IS DISTINCT FROM (r.at, r.day, r.channel, r.order_value, r.revenue, r.products)
"""  # noqa: S608 - as above


def _values(names: tuple[str, ...]) -> str:
    return ", ".join(
        f"('{name}', coalesce(k.{name}, 0), coalesce(r.{name}, 0))" for name in names
    )


def _drifts(sql: str) -> Iterator[Drift]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"project": None})
        for row in cursor.fetchall():
            yield Drift(*row)


def _of_sums() -> Iterator[Drift]:
    return _drifts(
        _CHECK_SUMS.format(begin=_WITH, recorded=_SUMS, key=_KEY, values=_values(SUMS))
    )


def _of_tallies() -> Iterator[Drift]:
    return _drifts(
        _CHECK_TALLIES.format(
            begin=_WITH,
            recorded=_TALLIES,
            key=_TALLY_KEY,
            values=_values(("count", "amount")),
        )
    )


def _of_days() -> Iterator[Drift]:
    return _drifts(_CHECK_DAYS)


def _of_orders() -> Iterator[Drift]:
    return _drifts(_CHECK_ORDERS)


#: Each is one statement, so it sees one moment; what waits to be told is left out.
CHECKS = (
    Check("orders that count", _of_orders),
    Check("sums by the hour", _of_sums),
    Check("tallies by the day", _of_tallies),
    Check("days of customers", _of_days),
)


@transaction.atomic
def rebuild_reports(project: Project, *, now: datetime) -> None:
    """Add the figures of a project up from its rows.

    All relays wait meanwhile: events that they have not told yet count afterwards.
    """
    make_shards()
    list(Shard.objects.order_by("pk").select_for_update().values_list("pk"))
    arguments = {"project": ids.parse("proj_", project.pk)}
    with connection.cursor() as cursor:
        for statement in _REBUILD:
            cursor.execute(statement, arguments)
    ReportState.objects.update_or_create(
        project=project, defaults={"timezone": project.timezone, "built_at": now}
    )


def outdated_projects() -> list[Project]:
    """Return the projects without figures, or with those of another time zone."""
    current = Q(report_state__timezone=F("timezone"))
    return list(Project.objects.exclude(current).order_by("pk"))
