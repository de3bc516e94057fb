"""The events of telling the world itself.

Source: platform specification, "Distribution events".
"""

from promo.outbox.declaring import Audience, declare
from promo.outbox.shapes import TEXT, thing

SHAPES = {"distribution": thing("distribution", name=TEXT)}

EVENTS = tuple(
    declare(
        "manual_distribution_schedule",
        data="distribution customer? segment? campaign? promotion_tier? voucher? "
        "publication?",
        to=Audience.DISTRIBUTION,
    )
)
