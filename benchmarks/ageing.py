"""Making a shop old: many vouchers, a code used often, a customer with a history.

What would take hours through the checkout is copied from one real row.
"""

from datetime import datetime

from django.db import connection, transaction

from benchmarks.shop import Shop, add_codes
from campaigns.models import Voucher
from redemptions.models import Redemption
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef


def fill(shop: Shop, vouchers: int, *, now: datetime) -> None:
    """Add ``vouchers`` codes to the shop."""
    add_codes(shop, vouchers, now=now)
    analyse()


def use_often(shop: Shop, times: int, *, now: datetime) -> None:
    """Let the shop's hot code have been redeemed ``times``, by nobody in particular."""
    row = _redeemed(shop, shop.hot, None, now)
    _copy(row, times)
    Voucher.objects.filter(pk=row.voucher_id).update(redeemed_quantity=times + 1)
    analyse()


def give_history(shop: Shop, customer: str, times: int, *, now: datetime) -> None:
    """Let the customer have redeemed the hot code ``times``."""
    row = _redeemed(shop, shop.hot, customer, now)
    _copy(row, times)
    Voucher.objects.filter(pk=row.voucher_id).update(redeemed_quantity=times + 1)
    analyse()


def _redeemed(shop: Shop, code: str, customer: str | None, now: datetime) -> Redemption:
    items = shop.cart()
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", code),),
        customer={"source_id": customer or "customer-0"},
        order={"items": items, "amount": sum(item["amount"] for item in items)},
    )
    redeem(project=shop.project, request=request, now=now)
    return Redemption.objects.filter(voucher__code=code).latest("created_at")


@transaction.atomic
def _copy(row: Redemption, times: int) -> None:
    """Repeat a redemption's row under new ids."""
    columns = [
        connection.ops.quote_name(str(field.column))
        for field in Redemption._meta.local_concrete_fields
        if not field.primary_key
    ]
    names = ", ".join(columns)
    sql = f"""
    INSERT INTO redemptions_redemption (id, {names})
    SELECT gen_random_uuid(), {names}
    FROM redemptions_redemption, generate_series(1, %s) WHERE id = %s
    """  # noqa: S608 - our own columns
    with connection.cursor() as cursor:
        cursor.execute(sql, [times, row.pk])


def analyse() -> None:
    """Tell the planner what tables hold, as autovacuum does within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
