"""Handing out what points buy of a campaign: one of its codes, or a balance on a card.

Source: engine specification, "Loyalty card"; campaigns specification, "Rewards".
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.db.models import F, Q

from campaigns.engine.numbers import LARGEST
from campaigns.models import Campaign, CampaignType, Reward, RewardType, Voucher
from campaigns.services.publication import PublicationRequest, publish
from campaigns.wire import voucher_as_json
from customers.models import Customer
from customers.services.upsert import CustomerDraft
from promo.errors import BadRequest, PromoError
from promo.tenancy.models import Project
from redemptions.services.voucher_uses import ClaimLost


@dataclass(frozen=True, slots=True)
class Delivered:
    """The code that was given, or the card that got ``amount``, as it is by then."""

    voucher: Voucher
    amount: int = 0


class NotDelivered(Exception):
    """A reward cannot be handed out; the transaction must be rolled back."""

    def __init__(self, reward_id: str, refusal: PromoError) -> None:
        super().__init__(refusal.key)
        self.reward_id = reward_id
        self.refusal = refusal


def deliver(
    project: Project, reward: Reward, customer: Customer, now: datetime
) -> Delivered | None:
    """Give ``customer`` what ``reward`` hands out of a campaign; None for others.

    A coupon campaign gives a code. Of gift cards and programmes the customer's own
    card gets the balance, or a new one that starts as the campaign says. The caller
    holds the card that pays, so a card that is busy is not waited for.

    Raises:
        NotDelivered: ``no_voucher_suitable_for_publication``.
        ClaimLost: another request moves the customer's card right now.
    """
    if reward.type != RewardType.CAMPAIGN:
        return None
    try:
        campaign = _living(project, reward)
        if campaign.campaign_type == CampaignType.DISCOUNT_COUPONS:
            return Delivered(_published(project, campaign, customer, now))
        held = _own_card(campaign, customer, now)
        if held is None:
            held = _published(project, campaign, customer, now)
        return _credited(held, reward.balance or 0, now)
    except PromoError as refusal:
        raise NotDelivered(reward.pk, refusal) from refusal


def as_kept(delivered: Delivered) -> dict[str, object]:
    """Return the code or card as the redemption keeps it beside the reward."""
    return voucher_as_json(delivered.voucher)


def _living(project: Project, reward: Reward) -> Campaign:
    found = None
    if reward.campaign_id is not None:
        found = project.campaigns.alive().filter(pk=reward.campaign_id).first()
    if found is None or not found.active:
        raise _nothing_left()
    found.project = project
    return found


def _published(
    project: Project, campaign: Campaign, customer: Customer, now: datetime
) -> Voucher:
    """Return a code that the customer did not have before."""
    draft = CustomerDraft(id=customer.pk)
    request = PublicationRequest(customer=draft, campaign=campaign.pk)
    made = publish(project=project, request=request, now=now)
    if made.row.created_at != now:
        # Who joins once is answered with the code of that time.
        raise _nothing_left()
    return made.vouchers[0]


def _own_card(campaign: Campaign, customer: Customer, now: datetime) -> Voucher | None:
    """Return the customer's oldest card of the campaign that can be used, held."""
    usable = Q(expiration_date=None) | Q(expiration_date__gte=now)
    rows = campaign.vouchers.alive().filter(usable, holder=customer, active=True)
    rows = rows.select_related("campaign__category", "category")
    held = rows.select_for_update(no_key=True, nowait=True, of=("self",))
    try:
        return held.order_by("created_at", "pk").first()
    except OperationalError as busy:
        raise ClaimLost from busy


def _credited(card: Voucher, amount: int, now: datetime) -> Delivered:
    room = LARGEST - amount
    rows = Voucher.objects.filter(pk=card.pk, credited_amount__lte=room)
    credited = F("credited_amount") + amount
    if not amount or not rows.update(credited_amount=credited, updated_at=now):
        raise _nothing_left()
    card.refresh_from_db(fields=["credited_amount", "balance", "updated_at"])
    return Delivered(card, amount)


def _nothing_left() -> BadRequest:
    message = "Couldn't find any voucher suitable for publication"
    return BadRequest("no_voucher_suitable_for_publication", message)
