"""Forgetting a person at the checkout: orders go, accounting rows stay anonymous."""

from datetime import datetime
from typing import Any

from django.db import connection

from customers.models import Customer
from promo import ids
from redemptions.engine.counters import customer_part
from redemptions.models import Order, Redemption

# The order as answered names the customer; what it cost and took off stays.
_BLANK_ORDER_STATES = """
UPDATE redemptions_redemption
SET order_state = (order_state - 'customer' - 'metadata')
    || '{"customer_id": null, "metadata": {}}'::jsonb
WHERE customer_id = %s AND jsonb_typeof(order_state) = 'object'
"""

# What counted for the person alone has nobody to count for any more.
_FORGET_COUNTERS = """
DELETE FROM redemptions_counter c USING (
  SELECT DISTINCT r.project_id, right(s.key, 32)::uuid AS subject
  FROM redemptions_redemption r, jsonb_object_keys(r.claims) AS s (key)
  WHERE r.customer_id = %(customer)s) t
WHERE c.project_id = t.project_id AND c.subject = t.subject
AND strpos(c.bucket, %(part)s) > 0
"""
_FORGET_CLAIMS = """
UPDATE redemptions_redemption r SET claims = coalesce((
  SELECT jsonb_object_agg(s.key, coalesce((
    SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(s.value) b
    WHERE strpos(b.key, %(part)s) = 0), '{}'))
  FROM jsonb_each(r.claims) s), '{}')
WHERE r.customer_id = %(customer)s
"""


def forget_customer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Delete the customer's orders and blank redemptions; return what was counted.

    Redemptions stay as anonymous rows, so that counters and budgets stay right.

    Source: data specification, "Delete and erase".
    """
    key = ids.parse("cust_", customer.pk)
    named: dict[str, Any] = {"customer": key, "part": customer_part(customer.pk)}
    with connection.cursor() as cursor:
        cursor.execute(_BLANK_ORDER_STATES, [key])
        cursor.execute(_FORGET_COUNTERS, named)
        cursor.execute(_FORGET_CLAIMS, named)
    Redemption.objects.filter(customer=customer).update(
        tracking_id="", metadata=None, trace={}
    )
    orders = Order.objects.filter(customer=customer)
    count = orders.count()
    orders.delete()
    return {"orders": count}
