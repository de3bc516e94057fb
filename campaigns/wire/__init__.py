"""Campaigns and vouchers as the API, events and exports show them.

``campaign_as_json``, ``simple_campaign``, ``voucher_as_json`` and
``simple_voucher`` need no view and no request: redemptions, distributions and
exports import them from here. They run no query where the row was loaded with
``select_related("campaign__category", "category")``.
"""

from campaigns.wire.campaign import campaign_as_json, category_as_json, simple_campaign
from campaigns.wire.limits import as_list
from campaigns.wire.voucher import simple_voucher, voucher_as_json

__all__ = [
    "as_list",
    "campaign_as_json",
    "category_as_json",
    "simple_campaign",
    "simple_voucher",
    "voucher_as_json",
]
