"""How the demo shop grows: more of what it has, made by PostgreSQL itself.

New rows are copies of rows that the services made, with names, people and moments of
their own. The texts take ``project``, ``now`` and how many rows are wanted.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import models

from campaigns.models import Voucher
from customers.models import Customer
from customers.models.customer import empty_loyalty, empty_referrals, empty_summary
from promo.ids import NEW_UUID_SQL
from redemptions.models import Order, Redemption


def _copies(model: type[models.Model], values: Mapping[str, str]) -> tuple[str, str]:
    """Return all columns that a row of ``model`` has, and what a copy of ``t`` has."""
    columns = [
        str(field.column)
        for field in model._meta.concrete_fields
        if not isinstance(field, models.GeneratedField)
    ]
    taken = [values.get(column, f't."{column}"') for column in columns]
    return ", ".join(f'"{column}"' for column in columns), ", ".join(taken)


def _constant(value: Any) -> str:
    return f"'{json.dumps(value)}'::jsonb"


def _hex(column: str) -> str:
    return f"replace({column}::text, '-', '')"


def _replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Return ``text`` with the first of each pair replaced by the second."""
    for old, new in pairs:
        text = f"replace({text}, {old}, {new})"
    return text


_CODE = "split_part(t.code, '-', 1) || '-' || upper(left(s.random, 12))"
_VOUCHER, _OF_VOUCHER = _copies(
    Voucher,
    {
        "id": NEW_UUID_SQL,
        "code": _CODE,
        "code_key": (
            f"CASE WHEN p.case_sensitive_codes THEN {_CODE} ELSE upper({_CODE}) END"
        ),
        "created_at": "t.created_at + s.share * (%(now)s - t.created_at)",
        "updated_at": "NULL",
        "async_action_id": "NULL",
    },
)
#: Adds ``count`` codes, spread over the campaigns whose codes are generated.
CODES = f"""
WITH offers AS (
  SELECT c.id, row_number() OVER (ORDER BY c.id) - 1 AS place, count(*) OVER () AS total
  FROM campaigns_campaign c
  WHERE c.project_id = %(project)s AND c.deleted_at IS NULL AND c.vouchers_count > 1),
templates AS MATERIALIZED (
  SELECT o.place, o.total, v.* FROM offers o CROSS JOIN LATERAL (
    SELECT * FROM campaigns_voucher v
    WHERE v.campaign_id = o.id AND v.deleted_at IS NULL AND v.holder_id IS NULL
    AND v.redeemed_quantity = 0 AND v.publications_count = 0
    AND v.type = 'DISCOUNT_VOUCHER' AND v.held_quantity = 0
    ORDER BY v.id LIMIT 1) v),
made AS (
  INSERT INTO campaigns_voucher ({_VOUCHER})
  SELECT {_OF_VOUCHER} FROM (
    SELECT n, random() AS share, {_hex("gen_random_uuid()")} AS random
    FROM generate_series(1, %(count)s) n) s
  JOIN templates t ON t.place = s.n %% t.total
  JOIN tenancy_project p ON p.id = t.project_id
  ON CONFLICT (project_id, code_key) DO NOTHING
  RETURNING campaign_id)
UPDATE campaigns_campaign c SET vouchers_count = c.vouchers_count + m.count
FROM (SELECT campaign_id, count(*) FROM made GROUP BY 1) m WHERE c.id = m.campaign_id
"""  # noqa: S608 - put together from names of our own

_NUMBER = "(%(present)s + s.n)"
_CUSTOMER, _OF_CUSTOMER = _copies(
    Customer,
    {
        "id": NEW_UUID_SQL,
        "source_id": f"'guest-' || {_NUMBER}",
        "email": f"regexp_replace(t.email, '[0-9]+@', {_NUMBER} || '@')",
        "summary": _constant(empty_summary()),
        "loyalty": _constant(empty_loyalty()),
        "referrals": _constant(empty_referrals()),
        "created_at": "%(now)s - random() * interval '400 days'",
        "updated_at": "NULL",
    },
)
#: Adds ``count`` people after those ``present``.
PEOPLE = f"""
WITH templates AS MATERIALIZED (
  SELECT row_number() OVER () - 1 AS place, c.*
  FROM (SELECT * FROM customers_customer WHERE project_id = %(project)s
        AND deleted_at IS NULL ORDER BY created_at DESC, id LIMIT 1000) c),
reach AS (SELECT count(*) AS total FROM templates)
INSERT INTO customers_customer ({_CUSTOMER})
SELECT {_OF_CUSTOMER} FROM reach CROSS JOIN generate_series(1, %(count)s) AS s (n)
JOIN templates t ON t.place = s.n %% reach.total
ON CONFLICT (project_id, source_id) WHERE deleted_at IS NULL AND source_id > ''
DO NOTHING
"""  # noqa: S608 - as above

#: What is to be redeemed: for each code a redemption to copy, somebody and a moment.
#: More of them lately.
PLANNED = f"""
CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
WITH templates AS MATERIALIZED (
  SELECT r.id, r.campaign_id, r.order_id,
    row_number() OVER (PARTITION BY r.campaign_id ORDER BY r.id) - 1 AS place,
    count(*) OVER (PARTITION BY r.campaign_id) AS total
  FROM redemptions_redemption r JOIN redemptions_order o ON o.id = r.order_id
  JOIN campaigns_voucher v ON v.id = r.voucher_id
  WHERE r.project_id = %(project)s AND r.object = 'redemption'
  AND r.status = 'SUCCEEDED' AND r.parent_id IS NULL AND o.returned_amount IS NULL
  AND v.type = 'DISCOUNT_VOUCHER'
  AND (SELECT count(*) FROM redemptions_redemption x WHERE x.order_id = o.id) = 1),
totals AS (SELECT DISTINCT campaign_id, total FROM templates),
codes AS MATERIALIZED (
  SELECT row_number() OVER () AS n, v.* FROM (
    SELECT v.id, v.code, v.campaign_id, t.total FROM campaigns_voucher v
    JOIN totals t USING (campaign_id)
    WHERE v.project_id = %(project)s AND v.deleted_at IS NULL AND v.holder_id IS NULL
    AND v.redeemed_quantity = 0 AND v.held_quantity = 0 AND v.publications_count = 0
    AND v.redemption_quantity IS NOT NULL
    ORDER BY v.id LIMIT %(count)s) v),
people AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY random()) - 1 AS place, c.id, c.source_id
  FROM customers_customer c
  WHERE c.project_id = %(project)s AND c.deleted_at IS NULL
  AND c.source_id LIKE 'guest-%%'),
reach AS (SELECT count(*) AS total FROM people),
paired AS (
  SELECT c.*, floor(random() * c.total)::bigint AS template,
    floor(random() * r.total)::bigint AS person,
    %(now)s - power(random(), 1.25) * interval '90 days' AS at
  FROM codes c CROSS JOIN reach r)
SELECT c.id AS voucher_id, c.code, c.campaign_id, t.id AS template_id, c.at,
  t.order_id AS template_order_id, p.id AS customer_id, p.source_id AS customer,
  {NEW_UUID_SQL} AS redemption_id, {NEW_UUID_SQL} AS order_id,
  'grown-' || {_hex("c.id")} AS source_id
FROM paired c
JOIN templates t ON t.campaign_id = c.campaign_id AND t.place = c.template
JOIN people p ON p.place = c.person
"""  # noqa: S608 - as above

_ORDER, _OF_ORDER = _copies(
    Order,
    {
        "id": "p.order_id",
        "source_id": "p.source_id",
        "customer_id": "p.customer_id",
        "referrer_id": "NULL",
        "created_at": "p.at",
        "updated_at": "NULL",
    },
)
ORDERS = f"""
INSERT INTO redemptions_order ({_ORDER})
SELECT {_OF_ORDER} FROM planned p JOIN redemptions_order t ON t.id = p.template_order_id
"""  # noqa: S608 - as above


def _window(sign: str, unit: str) -> tuple[str, str]:
    """Return how claims call a window of the template's moment, and of the new one."""
    zoned = "date_trunc('{unit}', {at} AT TIME ZONE z.timezone)::date"
    old, new = (
        f"':{sign}' || {zoned.format(unit=unit, at=at)}"
        for at in ("t.created_at", "p.at")
    )
    return old, new


_WINDOWS = tuple(
    _window(sign, unit) for sign, unit in (("d", "day"), ("w", "week"), ("m", "month"))
)
_NAMES = (
    (_hex("t.voucher_id"), _hex("p.voucher_id")),
    (f"coalesce({_hex('t.customer_id')}, '-')", _hex("p.customer_id")),
)
_SHOWN_AT = (
    "to_jsonb(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))"
)
_TRACKING = (
    "'track_' || rtrim(translate(encode(convert_to({}, 'UTF8'), 'base64'),"
    " '+/', '-_'), '=')"
)
_REDEMPTION, _OF_REDEMPTION = _copies(
    Redemption,
    {
        "id": "p.redemption_id",
        "created_at": "p.at",
        "customer_id": "p.customer_id",
        "tracking_id": _TRACKING.format("p.customer"),
        "related_object_id": f"'v_' || {_hex('p.voucher_id')}",
        "voucher_id": "p.voucher_id",
        "voucher_code": "p.code",
        "order_id": "p.order_id",
        "session_key": "''",
        "order_state": (
            _replaced(
                "t.order_state::text",
                (_hex("t.order_id"), _hex("p.order_id")),
                _NAMES[1],
            )
            + "::jsonb || jsonb_build_object('source_id', p.source_id,"
            f" 'created_at', {_SHOWN_AT.format('p.at')})"
        ),
        "claims": _replaced("t.claims::text", *_NAMES, *_WINDOWS) + "::jsonb",
        "trace": _replaced("t.trace::text", *_NAMES, ("t.voucher_code", "p.code"))
        + "::jsonb",
    },
)
REDEMPTIONS = f"""
INSERT INTO redemptions_redemption ({_REDEMPTION})
SELECT {_OF_REDEMPTION} FROM planned p
JOIN redemptions_redemption t ON t.id = p.template_id
JOIN tenancy_project z ON z.id = t.project_id
"""  # noqa: S608 - as above
USES = """
UPDATE campaigns_voucher v SET redeemed_quantity = v.redeemed_quantity + 1
FROM planned p WHERE v.id = p.voucher_id
"""
#: Counters that are kept move by what the new redemptions count towards.
COUNTERS = f"""
WITH kept AS MATERIALIZED (
  SELECT c.id, c.subject, c.bucket,
    substring(c.bucket FROM 'customer:([0-9a-f]{{32}})')::uuid AS customer
  FROM redemptions_counter c WHERE c.project_id = %(project)s
  AND c.subject IN (SELECT DISTINCT campaign_id FROM planned)),
moved AS (
  SELECT k.id, sum((r.claims -> ('camp_' || {_hex("k.subject")})
      ->> k.bucket)::bigint) AS amount
  FROM kept k JOIN planned p ON p.campaign_id = k.subject
    AND (k.customer IS NULL OR k.customer = p.customer_id)
  JOIN redemptions_redemption r ON r.id = p.redemption_id
  GROUP BY 1)
UPDATE redemptions_counter c SET used = c.used + m.amount FROM moved m
WHERE c.id = m.id AND m.amount <> 0
"""  # noqa: S608 - as above
_REFUSAL, _OF_REFUSAL = _copies(
    Redemption,
    {
        "id": NEW_UUID_SQL,
        "created_at": "%(now)s - power(random(), 1.25) * interval '90 days'",
        "customer_id": "p.id",
        "tracking_id": _TRACKING.format("p.source_id"),
        "session_key": "''",
    },
)
#: Adds ``count`` refusals, of the reasons that the shop knows.
REFUSALS = f"""
WITH templates AS MATERIALIZED (
  SELECT row_number() OVER () - 1 AS place, r.*
  FROM redemptions_redemption r WHERE r.project_id = %(project)s
  AND r.object = 'redemption' AND r.status = 'FAILED' AND r.parent_id IS NULL
  AND r.order_id IS NULL LIMIT 1000),
people AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY random()) - 1 AS place, c.id, c.source_id
  FROM customers_customer c
  WHERE c.project_id = %(project)s AND c.deleted_at IS NULL
  AND c.source_id LIKE 'guest-%%'),
reach AS (
  SELECT (SELECT count(*) FROM templates) AS refusals,
    (SELECT count(*) FROM people) AS people)
INSERT INTO redemptions_redemption ({_REFUSAL})
SELECT {_OF_REFUSAL} FROM reach CROSS JOIN generate_series(1, %(count)s) AS s (n)
JOIN templates t ON t.place = s.n %% reach.refusals
JOIN people p ON p.place = s.n %% reach.people
"""  # noqa: S608 - as above
