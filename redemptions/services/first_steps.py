"""How far a new project has come, told by what is in it."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign, Product
from campaigns.models.catalogue import SHIPPING_SOURCE_ID
from customers.models import Customer
from promo.tenancy.models import ApiKey, KeyKind, Project
from redemptions.models import Redemption


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a project has, or has seen, at least once.

    The product that stands for shipping does not count. ``key`` is a server or client
    key that somebody has called with: every project starts with some.
    """

    campaign: bool
    people_or_products: bool
    key: bool
    redemption: bool


def first_steps(project: Project) -> FirstSteps:
    """Return how far ``project`` has come; one statement, which stops at first rows."""
    used = ApiKey.objects.filter(last_used_at__isnull=False)
    own_products = Product.objects.alive().exclude(source_id=SHIPPING_SOURCE_ID)
    kinds = (KeyKind.SERVER, KeyKind.CLIENT)
    row = (
        Project.objects.filter(pk=project.pk)
        .order_by()
        .annotate(
            has_campaign=_any(Campaign.objects.alive()),
            has_product=_any(own_products),
            has_customer=_any(Customer.objects.alive()),
            has_key=_any(used.filter(kind__in=kinds)),
            has_redemption=_any(Redemption.objects.succeeded()),
        )
        .values_list(
            *("has_campaign", "has_product", "has_customer"),
            *("has_key", "has_redemption"),
        )
        .get()
    )
    campaign, product, customer, key, redemption = row
    return FirstSteps(campaign, product or customer, key, redemption)


def _any(rows: QuerySet) -> Exists:  # type: ignore[type-arg]  # of whatever model
    return Exists(rows.filter(project=OuterRef("pk")).order_by())
