"""Referrals by custom event: whom a code brought, once in a programme.

Source: campaigns specification, "Referral programs".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.engine.referrals import CUSTOM_EVENT, counts_event
from campaigns.models import Campaign, Voucher, VoucherType
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from campaigns.services.access import check_use
from campaigns.wire import simple_campaign, simple_voucher
from customers.models import Customer, CustomEvent
from customers.models.customer import ID_PREFIX
from customers.services.customer import find_customer
from customers.services.named import keep_customers
from customers.services.rendering import simple_customer
from promo.errors import BadRequest, ResourceNotFound
from promo.ids import parse
from promo.tenancy.models import Project

Json = dict[str, Any]

# Of two who bring the same referee at once the second waits, and finds the first.
_CONVERT = """
INSERT INTO campaigns_referralconversion
  (project_id, campaign_id, voucher_id, referee_id, referrer_id,
   related_object_type, related_object_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (campaign_id, referee_id) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral code that came with an event, and who gives it to others.

    ``referrer`` is None for a code that nobody has been given.
    """

    voucher: Voucher
    campaign: Campaign
    referrer: Customer | None

    def as_sent(self) -> Json:
        """Return the code as the event itself shows it."""
        return {
            "referrer_id": self.referrer.pk if self.referrer else None,
            "code": self.voucher.code,
            "id": self.voucher.pk,
        }

    def as_told(self) -> Json | None:
        """Return who and what referred; None where nobody did."""
        if self.referrer is None:
            return None
        return {
            "referrer": simple_customer(self.referrer),
            "voucher": simple_voucher(self.voucher),
            "campaign": simple_campaign(self.campaign),
        }


def find_referral(
    project: Project, customer: Customer, *, code: str, referrer_id: str | None
) -> Referral:
    """Return what a referral code refers to; its holder is the referrer.

    Raises:
        ResourceNotFound: the code is no referral code, or ``referrer_id``, an id or a
            source id, names nobody.
        BadRequest: ``referrer_not_permitted_to_redeem``; somebody refers himself.
        Forbidden: a restricted caller does not reach the campaign.
    """
    voucher = find_code(project, code)
    campaign = voucher.campaign
    if campaign is None or not voucher.is_referral_code:
        raise ResourceNotFound("voucher", code)
    named = find_customer(project, referrer_id).pk if referrer_id else None
    if customer.pk in {voucher.holder_id, named}:
        message = "voucher cannot be redeemed by referrer"
        raise BadRequest("referrer_not_permitted_to_redeem", message, code)
    held = keep_customers(project, [voucher.holder_id]) if voucher.holder_id else []
    return Referral(voucher, campaign, held[0] if held else None)


def find_card(project: Project, code: str) -> Voucher:
    """Return a loyalty card by its code.

    Raises:
        ResourceNotFound: there is none.
        Forbidden: a restricted caller does not reach its programme.
    """
    voucher = find_code(project, code)
    if voucher.type != VoucherType.LOYALTY_CARD:
        raise ResourceNotFound("voucher", code)
    return voucher


def find_code(project: Project, code: str) -> Voucher:
    """Return a living voucher by its code.

    Raises:
        ResourceNotFound: there is none.
        Forbidden: a restricted caller does not reach its campaign.
    """
    rows = project.vouchers.select_related("campaign__category", "category")
    found = rows.by_codes([code]).first()
    if found is None:
        raise ResourceNotFound("voucher", code)
    check_use(found)
    return found


def convert(
    event: CustomEvent, referral: Referral, *, schema_id: str, now: datetime
) -> bool:
    """Make the event's customer a referee, if it counts; say whether it did.

    It does for the event that the programme asks for, while code and campaign can be
    used, once for each customer of a campaign.
    """
    campaign, voucher, referrer = referral.campaign, referral.voucher, referral.referrer
    if referrer is None or not counts_event(campaign.referral_program, schema_id):
        return False
    if not (_is_usable(campaign, now) and _is_usable(voucher, now)):
        return False
    values: list[Any] = [
        parse("proj_", event.project_id),
        parse(CAMPAIGN_PREFIX, campaign.pk),
        parse(VOUCHER_PREFIX, voucher.pk),
        parse(ID_PREFIX, event.customer_id),
        parse(ID_PREFIX, referrer.pk),
        CUSTOM_EVENT,
        event.pk,
        now,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CONVERT, values)
        return cursor.fetchone() is not None


def _is_usable(one: Campaign | Voucher, now: datetime) -> bool:
    """Say whether a campaign or code is on, and its dates contain ``now``."""
    begun = one.start_date is None or one.start_date <= now
    over = one.expiration_date is not None and one.expiration_date < now
    return one.active and begun and not over
