"""Forgetting a person at the checkout: orders go, accounting rows stay anonymous."""

from datetime import datetime

from django.db import connection

from customers.models import Customer
from promo import ids
from redemptions.models import Order, Redemption

# The order as answered names the customer; what it cost and took off stays.
_BLANK_ORDER_STATES = """
UPDATE redemptions_redemption
SET order_state = (order_state - 'customer' - 'metadata')
    || '{"customer_id": null, "metadata": {}}'::jsonb
WHERE customer_id = %s AND jsonb_typeof(order_state) = 'object'
"""


def forget_customer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Delete the customer's orders and blank redemptions; return what was counted.

    Redemptions stay as anonymous rows, so that counters and budgets stay right.

    Source: data specification, "Delete and erase".
    """
    with connection.cursor() as cursor:
        cursor.execute(_BLANK_ORDER_STATES, [ids.parse("cust_", customer.pk)])
    Redemption.objects.filter(customer=customer).update(
        tracking_id="", metadata=None, trace={}
    )
    orders = Order.objects.filter(customer=customer)
    count = orders.count()
    orders.delete()
    return {"orders": count}
