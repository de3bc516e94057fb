"""What the checkout feels of events that nobody has told yet."""

from statistics import median

from django.db import connection

from benchmarks import load
from benchmarks.checkout import CONNECTIONS, Asking
from benchmarks.shop import Shop
from promo.ids import NEW_UUID_SQL
from promo.outbox.events import shard_sql
from promo.tenancy.models import Project

# As emit() writes them, a month's partition and its indexes included.
_FILL = f"""
INSERT INTO outbox_domainevent (id, project_id, type, category, entity_id, customer_id,
  campaign_id, payload, source, group_id, key, shard, created_at)
SELECT {NEW_UUID_SQL}, %s, 'customer.created', 'ACTION', k, k, '', '{{}}', '{{}}', '',
  k, {shard_sql("k")}, now()
FROM (SELECT 'cust_' || replace(gen_random_uuid()::text, '-', '') AS k
      FROM generate_series(1, %s)) AS keys
"""  # noqa: S608 - texts of our own
_EMPTY = "DELETE FROM outbox_domainevent WHERE project_id = %s AND type = %s"
_ROUNDS = 3


def slowdown(shop: Shop, port: int, project: Project, *, events: int) -> float:
    """Return redemptions a second beside ``events`` that wait, over those without.

    The floor lies on both sides of it, as the machine changes its mind.
    """
    asking, codes = Asking(shop, port), iter(shop.distinct)

    def rate() -> float:
        requests = (
            asking.one("/v1/redemptions", number, code)
            for number, code in enumerate(codes)
        )
        measured = load.measure(port, requests, seconds=2, connections=CONNECTIONS)
        return measured.rate

    def rates() -> list[float]:
        return [rate() for _ in range(_ROUNDS)]

    rate()
    before = rates()
    _run(_FILL, project, events)
    _settle()
    beside = rates()
    _run(_EMPTY, project, "customer.created")
    _settle()
    after = rates()
    return median(beside) / median(before + after)


def _run(sql: str, project: Project, value: object) -> None:
    key = Project._meta.pk.get_prep_value(project.pk)
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, value])


def _settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE outbox_domainevent")
        cursor.execute("CHECKPOINT")
