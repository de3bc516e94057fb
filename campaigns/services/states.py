"""Where an offer stands at a moment: one word, for every offer the same."""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, F, Q, Value, When

from campaigns.models.campaign import DisabledFor

RUNNING = "Running"
SCHEDULED = "Scheduled"
ENDED = "Ended"
DISABLED = "Disabled"
USED_UP = "Used up"
PAUSED = "Paused: budget"
#: What begins or ends so soon is worth a look.
SOON = timedelta(days=7)


def dated_state(
    now: datetime,
    *,
    off: Q,
    before: tuple[When, ...] = (),
    first: tuple[When, ...] = (),
) -> Case:
    """Return the state of an offer with dates; ``off`` says what disables it."""
    return Case(
        *first,
        When(off, then=Value(DISABLED)),
        When(expiration_date__lt=now, then=Value(ENDED)),
        *before,
        When(start_date__gt=now, then=Value(SCHEDULED)),
        default=Value(RUNNING),
        output_field=CharField(),
    )


def campaign_state(now: datetime) -> Case:
    """Return where a campaign stands."""
    paused = When(active=False, disabled_for=DisabledFor.BUDGET, then=Value(PAUSED))
    return dated_state(now, off=Q(active=False), first=(paused,))


def tier_state(now: datetime) -> Case:
    """Return where a tier stands; its campaign's dates count where it has none."""
    campaign = "campaign__"
    ended = Q(expiration_date=None, **{f"{campaign}expiration_date__lt": now})
    early = Q(start_date=None, **{f"{campaign}start_date__gt": now})
    return dated_state(
        now,
        off=Q(active=False) | Q(campaign__active=False),
        before=(
            When(ended, then=Value(ENDED)),
            When(early, then=Value(SCHEDULED)),
        ),
    )


def voucher_state(now: datetime) -> Case:
    """Return where a voucher stands."""
    used = Q(redeemed_quantity__gte=F("redemption_quantity"))
    return dated_state(
        now,
        off=Q(active=False) | Q(campaign__active=False),
        before=(When(used, then=Value(USED_UP)),),
    )
