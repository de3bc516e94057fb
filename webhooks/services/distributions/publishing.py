"""Giving customers the codes that a distribution sends, once however often it tries.

Source: campaigns specification, "Distributions", "Publications".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from campaigns.services.publication import PublicationRequest, publish
from campaigns.wire import simple_campaign, simple_voucher
from campaigns.wire.publication import publication_as_json
from customers.services.upsert import CustomerDraft
from promo.errors import PromoError
from promo.tenancy.models import Project
from webhooks.services.distributions.situations import Occasion

Json = dict[str, Any]
CHANNEL = "DISTRIBUTION"
#: What the pool says when it is empty -> what we say.
_REASONS = {
    "no_voucher_suitable_for_publication": "no_codes_left",
    "not_found": "campaign_gone",
}
log = structlog.get_logger()


class NotGiven(Exception):
    """No code was given; ``reason`` is a key, ``is_failure`` whether that is amiss."""

    def __init__(self, reason: str, *, is_failure: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_failure = is_failure


@dataclass(frozen=True, slots=True)
class Given:
    """A publication by its id, and what messages tell of it."""

    publication_id: str
    told: Json


def source_id_of(occasion: Occasion) -> str:
    """Return what makes a publication the same one in every attempt."""
    return f"{occasion.distribution.pk}:{occasion.messages[0].event_id}"


def give_code(project: Project, occasion: Occasion, *, now: datetime) -> Given:
    """Publish a code of the distribution's campaign to the customer.

    Raises:
        NotGiven: ``already_joined`` a campaign that is joined once, or there is none
            to give.
    """
    source_id = source_id_of(occasion)
    request = PublicationRequest(
        customer=CustomerDraft(id=occasion.customer_id),
        campaign=occasion.distribution.action["campaign_id"],
        source_id=source_id,
        channel=CHANNEL,
    )
    try:
        made = publish(project=project, request=request, now=now)
    except PromoError as refused:
        log.info("code_not_published", reason=refused.key)
        reason = _REASONS.get(refused.key, refused.key)
        raise NotGiven(reason[:64], is_failure=True) from refused
    if made.row.source_id != source_id or made.row.customer_id != occasion.customer_id:
        raise NotGiven("already_joined", is_failure=False)
    voucher = made.vouchers[0]
    campaign = simple_campaign(voucher.campaign) if voucher.campaign else None
    return Given(
        made.row.pk,
        {
            "campaign": campaign,
            "voucher": simple_voucher(voucher),
            "publication": publication_as_json(made.row, made.vouchers),
        },
    )
