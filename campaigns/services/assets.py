"""Which code a picture shows."""

from campaigns.models import Voucher
from campaigns.wire.assets import voucher_id_behind


def code_behind(asset: str) -> str | None:
    """Return the code whose pictures have this id, None for a forged one.

    Codes in the bin have none, whether by themselves or with their campaign.
    """
    voucher_id = voucher_id_behind(asset)
    if voucher_id is None:
        return None
    rows = Voucher.objects.alive().filter(pk=voucher_id)
    return rows.values_list("code", flat=True).first()
