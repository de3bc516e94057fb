"""What the demo shop has of distributions: one that rests, to look at and resume."""

from datetime import datetime

from django.db import transaction

from promo.tenancy.models import Project
from webhooks.models import Distribution
from webhooks.services.distributions.lifecycle import (
    activate,
    create_distribution,
    pause,
)

_CAMPAIGN = "10 off from 50"
_WORDS = {
    "en": {
        "subject": 'A thank-you for {{customer.name or "you"}}',
        "text": (
            'Hello {{customer.name or "friend"}},\n\n'
            "thank you for your order of {{order.amount as money}}. Your next one is "
            "10 euros less with {{voucher.code}}, from 50 euros on."
        ),
    },
    "de": {
        "subject": "Ein Dankeschön",
        "text": (
            "Hallo {{customer.name}},\n\n"
            "danke für die Bestellung über {{order.amount as money}}. Die nächste ist "
            "mit {{voucher.code}} 10 Euro günstiger, ab 50 Euro."
        ),
    },
}


@transaction.atomic
def add_distribution(project: Project, *, now: datetime) -> Distribution | None:
    """Add a paused distribution; None where the shop lacks what it would give."""
    campaign = project.campaigns.alive().filter(name=_CAMPAIGN).first()
    if campaign is None:
        return None
    made = create_distribution(
        project=project,
        now=now,
        name="Thank-you, two days later",
        kind="AUTOMATIC",
        trigger={"type": "customer.order.paid"},
        action={"type": "PUBLISH_CODES", "campaign_id": campaign.pk},
        channels=[
            {
                "type": "EMAIL",
                "content": {"default_language": "en", "languages": _WORDS},
            }
        ],
        delay={"type": "AFTER", "value": 2, "unit": "DAY"},
        cancel_if={"happens": "customer.order.canceled"},
        limits={"max_per_customer": 1},
    )
    return pause(activate(made, now=now), now=now)
