"""What campaigns keep about a customer: the codes held, and what was given."""

from datetime import datetime

from campaigns.models import Publication
from campaigns.wire.holder import redeemable_as_json
from campaigns.wire.publication import listed_publication
from customers.models import Customer
from customers.services.records import PORTION, Records


def records_of(customer: Customer, *, now: datetime) -> Records:
    """Return the wallet of a customer, and each time a code was given."""
    held = customer.holdings.alive().with_related().order_by("pk")
    given = Publication.objects.filter(customer=customer).with_related().order_by("pk")
    return {
        "codes": (redeemable_as_json(one, now=now) for one in held.iterator(PORTION)),
        "publications": (listed_publication(one) for one in given.iterator(PORTION)),
    }
