"""Forgetting a person in what was given out, and in what others are told of."""

from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.models import Holder, Publication, Voucher
from customers.models import Customer
from promo import ids

# Whom somebody referred stands with the events that came by the referral code.
_FORGET_REFERRER = """
WITH referees AS (
  SELECT DISTINCT 'cust_' || replace(customer_id::text, '-', '') AS shown
  FROM customers_customevent WHERE referrer_id = %(key)s
)
UPDATE outbox_domainevent e SET payload = jsonb_set(
  e.payload,
  CASE e.type WHEN 'customer.referred' THEN '{referrer}'::text[]
              ELSE '{referral,referrer}'::text[] END,
  jsonb_build_object('id', %(shown)s::text, 'object', 'customer'))
FROM referees r
WHERE e.project_id = %(project)s AND e.customer_id = r.shown AND e.customer_id <> ''
  AND e.type IN ('customer.custom_event', 'customer.referred')
  AND coalesce(e.payload #>> '{referrer,id}', e.payload #>> '{referral,referrer,id}')
      = %(shown)s::text
"""
#: Characters; a shorter name stands in sentences that mean something else.
_SHORTEST = 6


def release_codes(customer: Customer) -> None:
    """Leave the codes of a customer without a holder; they keep their history.

    They are held in key order first, as baskets take them.

    Source: loyalty specification, "Daily job, rollback, errors".
    """
    mine = Voucher.objects.filter(holder=customer).order_by("pk")
    held = list(mine.select_for_update(no_key=True).values_list("pk", flat=True))
    Voucher.objects.filter(pk__in=held).update(holder=None)
    Holder.objects.filter(customer=customer).delete()


def forget_customer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Release the codes and blank the publications, which stay without a name.

    Source: data specification, "Delete and erase".
    """
    release_codes(customer)
    given = Publication.objects.filter(customer=customer)
    given.update(metadata={}, source_id=None, failure_message="")
    for called in (customer.source_id, customer.email, customer.name):
        if called and len(called) >= _SHORTEST:
            named = customer.project.campaign_versions.filter(reason__contains=called)
            named.update(reason="")
    return {}


def forget_referrer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Leave of a referrer nothing but the id in what is told of referees.

    Source: data specification, "Delete and erase".
    """
    arguments: dict[str, Any] = {
        "key": ids.parse("cust_", customer.pk),
        "shown": customer.pk,
        "project": ids.parse("proj_", customer.project_id),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_REFERRER, arguments)
    return {}
