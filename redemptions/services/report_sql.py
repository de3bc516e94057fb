"""How reports read the rows of redemptions: one text for keeping and for proving.

A fact is what one row adds: a redemption, a refusal, a rollback, a share of a return.
It never changes, so sums of facts can be kept as they come, in any order. Both texts
take conditions that say which facts are meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from promo.ids import shown_sql

_LOCAL = "r.created_at AT TIME ZONE p.timezone"
#: When the hour of the project's clock begins: right in any zone, also when the clock
#: goes back and an hour comes twice.
HOUR = f"(r.created_at - (({_LOCAL}) - date_trunc('hour', {_LOCAL})))"
DAY = f"(({_LOCAL})::date)"
SINGLE = "(r.voucher_id IS NOT NULL OR r.promotion_tier_id IS NOT NULL)"
STANDING = f"r.object = 'redemption' AND r.status = 'SUCCEEDED' AND {SINGLE}"

#: Events that nobody has been told of: what they name is not counted yet.
WAITING = """
waiting AS MATERIALIZED (
  SELECT type, entity_id, payload #>> '{order_return,id}' AS order_return
  FROM outbox_domainevent WHERE published_at IS NULL AND (
    type LIKE '%%redemption.%%' OR type = 'order.returned'))
"""


def _told(type_: str, row: str, prefix: str) -> str:
    return (
        "NOT EXISTS (SELECT FROM waiting w "
        f"WHERE w.type = '{type_}' AND w.entity_id = {shown_sql(prefix, f'{row}.id')})"
    )


#: Rows ``r`` of a project, or of all.
OURS = "(%(project)s::uuid IS NULL OR r.project_id = %(project)s)"
_RETURN_TOLD = (
    "NOT EXISTS (SELECT FROM waiting w WHERE w.type = 'order.returned' "
    f"AND w.order_return = {shown_sql('ret_', 's.order_return_id')})"
)
_REDEEMED = "r.object = 'redemption' AND r.result = 'SUCCESS'"
_ROLLBACK = "b.object = 'redemption_rollback' AND b.result = 'SUCCESS'"
# Points buy rewards and are no money.
_CREDITS = "CASE WHEN r.reward IS NULL THEN coalesce({}, 0) ELSE 0 END"
_PROJECT = "JOIN tenancy_project p ON p.id = r.project_id"
_ORIGINAL = "FROM redemptions_redemption b JOIN redemptions_redemption r "
_ORIGINAL += f"ON r.id = b.original_id {_PROJECT}"
_SHARES = "FROM redemptions_returnedshare s JOIN redemptions_redemption r "
_SHARES += f"ON r.id = s.redemption_id {_PROJECT}"
_REDEMPTIONS = f"FROM redemptions_redemption r {_PROJECT}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Which facts are meant: conditions on a redemption ``r`` and a rollback ``b``.

    ``back`` is what returns took back: discount, credits, and where from.
    """

    succeeded: str
    failed: str
    undone: str
    customers: str
    lost: str
    back: tuple[tuple[str, str, str], ...]


#: Facts of events, by the ids that they name.
NAMED = Facts(
    succeeded="r.id = ANY(%(succeeded)s::uuid[])",
    failed="r.id = ANY(%(failed)s::uuid[])",
    undone="b.id = ANY(%(undone)s::uuid[])",
    customers="r.id = ANY(%(customers)s::uuid[])",
    lost="b.id = ANY(%(lost)s::uuid[])",
    back=(
        (
            "-s.discount_amount",
            "-s.card_amount",
            (
                f"{_SHARES} WHERE s.order_return_id = ANY(%(returned)s::uuid[])"
                " AND s.rollback_id IS NULL"
            ),
        ),
    ),
)
#: All facts of a project, or of all projects, that have been counted. The shares of
#: returns go with orders of forgotten people; what they came to stays on the row.
COUNTED = Facts(
    succeeded=f"{OURS} AND {_REDEEMED} AND {_told('redemption.succeeded', 'r', 'r_')}",
    failed=f"{OURS} AND r.object = 'redemption' AND r.result = 'FAILURE' AND "
    + _told("redemption.failed", "r", "rf_"),
    undone=f"{OURS} AND {_ROLLBACK} AND "
    + _told("redemption.rollback.succeeded", "b", "rr_"),
    customers=f"{OURS} AND {_REDEEMED} AND "
    + _told("customer.redemption.succeeded", "r", "r_"),
    lost=f"{OURS} AND {_ROLLBACK} AND "
    + _told("customer.redemption.rollback.succeeded", "b", "rr_"),
    back=(
        (
            "-r.returned_amount",
            "-r.returned_card_amount",
            (
                f"{_REDEMPTIONS} WHERE {OURS} AND {_REDEEMED}"
                f" AND {SINGLE} AND r.returned_amount + r.returned_card_amount > 0"
            ),
        ),
        (
            "s.discount_amount",
            "s.card_amount",
            f"{_SHARES} WHERE {OURS} AND s.rollback_id IS NULL AND NOT {_RETURN_TOLD}",
        ),
    ),
)
_SCOPES = """
CROSS JOIN LATERAL (
  SELECT f.project_id AS scope UNION ALL
  SELECT f.campaign_id WHERE f.campaign_id IS NOT NULL) c
"""


def sums(which: Facts) -> str:
    """Return what yields the sums of facts but for what orders come to.

    Columns: project_id, scope, at, channel, redemptions, rolled_back, refused,
    discount, credits.
    """
    columns = f"r.project_id, r.campaign_id, {HOUR} AS at, r.channel_id"
    return f"""
SELECT f.project_id, c.scope, f.at, f.channel_id AS channel,
  sum(f.n)::bigint AS redemptions, sum(f.undone)::bigint AS rolled_back,
  sum(f.refused)::bigint AS refused, sum(f.discount)::bigint AS discount,
  sum(f.credits)::bigint AS credits
FROM (
  SELECT {columns}, 1 AS n, 0 AS undone, 0 AS refused, r.applied_amount AS discount,
    {_CREDITS.format("r.card_amount")} AS credits
  {_REDEMPTIONS} WHERE {which.succeeded} AND {SINGLE}
  UNION ALL
  SELECT {columns}, 0, 1, 0, b.applied_amount, {_CREDITS.format("b.card_amount")}
  {_ORIGINAL} WHERE {which.undone} AND {SINGLE}
  UNION ALL
  SELECT {columns}, 0, 0, 1, 0, 0 {_REDEMPTIONS} WHERE {which.failed}
  UNION ALL
  {" UNION ALL ".join(_taken_back(which, f"{columns}, 0, 0, 0"))}
) f {_SCOPES}
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - put together from texts of our own


def _taken_back(
    which: Facts, columns: str, *, credits_too: bool = True
) -> Iterator[str]:
    for discount, credits_, rest in which.back:
        amounts = [discount, *([_CREDITS.format(credits_)] if credits_too else [])]
        yield f"SELECT {columns}, {', '.join(amounts)} {rest}"


def tallies(which: Facts) -> str:
    """Return what yields the tallies of facts but for products.

    Columns: project_id, scope, kind, day, name, count, amount.
    """
    columns = f"r.project_id, r.campaign_id, {DAY} AS day"
    thing = "CASE WHEN r.voucher_id IS NULL THEN 't' ELSE 'c' END AS kind, "
    thing += "coalesce(r.voucher_id, r.promotion_tier_id)::text AS name"
    person = "'s', r.customer_id::text"
    known = "r.customer_id IS NOT NULL"
    return f"""
SELECT f.project_id, c.scope, f.kind, f.day, f.name,
  sum(f.n)::bigint AS count, sum(f.amount)::bigint AS amount
FROM (
  SELECT {columns}, {thing}, 1 AS n, r.applied_amount AS amount
  {_REDEMPTIONS} WHERE {which.succeeded} AND {SINGLE}
  UNION ALL
  SELECT {columns}, {thing}, -1, b.applied_amount
  {_ORIGINAL} WHERE {which.undone} AND {SINGLE}
  UNION ALL
  {" UNION ALL ".join(_taken_back(which, f"{columns}, {thing}, 0", credits_too=False))}
  UNION ALL
  SELECT {columns}, 'f', r.failure_code, 1, 0
  {_REDEMPTIONS} WHERE {which.failed}
  UNION ALL
  SELECT {columns}, {person}, 1, r.applied_amount
  {_REDEMPTIONS} WHERE {which.customers} AND {SINGLE} AND {known}
  UNION ALL
  SELECT {columns}, {person}, -1, b.applied_amount
  {_ORIGINAL} WHERE {which.lost} AND {SINGLE} AND {known}
) f {_SCOPES}
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - as above


def orders(which: str) -> str:
    """Return what yields what orders come to; ``which`` is a condition on ``r``.

    An order is worth what the last redemption that stands left of it, without what
    came back. Columns: project_id, scope, order, at, day, channel, order_value,
    revenue, products.
    """
    return f"""
SELECT o.project_id, o.scope, o.order_id AS "order", o.at, o.day, o.channel,
  greatest(0, coalesce((h.order_state ->> 'amount')::bigint, 0)
    - coalesce(b.amount, 0))::bigint AS order_value,
  greatest(0, coalesce((h.order_state ->> 'total_amount')::bigint, 0)
    - coalesce(b.refund_amount, 0))::bigint AS revenue,
  coalesce(i.products, '{{}}') AS products
FROM (
  SELECT DISTINCT ON (f.order_id, c.scope) f.project_id, c.scope, f.order_id, f.at,
    f.day, f.channel_id AS channel,
    last_value(f.head) OVER (PARTITION BY f.order_id, c.scope
      ORDER BY f.created_at, f.id
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS head
  FROM (
    SELECT r.project_id, r.campaign_id, r.order_id, {HOUR} AS at, {DAY} AS day,
      r.channel_id, r.created_at, r.id, coalesce(r.parent_id, r.id) AS head
    {_REDEMPTIONS} WHERE {which} AND r.order_id IS NOT NULL AND {STANDING}
  ) f {_SCOPES}
  ORDER BY f.order_id, c.scope, f.created_at, f.id
) o
JOIN redemptions_redemption h ON h.id = o.head
LEFT JOIN LATERAL (
  SELECT sum(t.amount) AS amount, sum(t.refund_amount) AS refund_amount
  FROM redemptions_orderreturn t WHERE t.order_id = o.order_id) b ON true
LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(l.name, l.units) AS products FROM (
    SELECT left(coalesce(v ->> 'product_id', v #>> '{{product,source_id}}',
        v ->> 'source_id', v ->> 'sku_id', v #>> '{{product,name}}'), 512) AS name,
      sum((v ->> 'quantity')::numeric)::bigint AS units
    FROM jsonb_array_elements(CASE jsonb_typeof(h.order_state -> 'items')
      WHEN 'array' THEN h.order_state -> 'items' ELSE '[]' END) v
    GROUP BY 1) l WHERE l.name IS NOT NULL) i ON true
"""  # noqa: S608 - as above


#: Orders with an event that nobody has been told of: they are about to change.
UNSETTLED = """
unsettled AS MATERIALIZED (
  SELECT x.order_id FROM redemptions_redemption x
  JOIN waiting w ON x.id = right(w.entity_id, 32)::uuid
  WHERE w.type <> 'order.returned' AND x.order_id IS NOT NULL
  UNION SELECT right(w.entity_id, 32)::uuid FROM waiting w
  WHERE w.type = 'order.returned')
"""
SETTLED = f"{OURS} AND r.order_id NOT IN (SELECT order_id FROM unsettled)"  # noqa: S608 - as above
