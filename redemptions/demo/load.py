"""Loading the demo shop: all of it or nothing, and only once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from promo.outbox.relay import publish_batch
from promo.tenancy.models import Organisation, Project
from promo.tenancy.services.keys import delete_key
from promo.tenancy.services.projects import create_project
from redemptions.demo import goods, history, offers, people
from redemptions.demo.shop import Shop

NAME = "Demo Roastery"
_SEED = 20_260


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    products: int = 200
    customers: int = 2_000
    redemptions: int = 5_000
    scale: float = 1.0

    @classmethod
    def scaled(cls, scale: float) -> "Size":
        """Return the usual size times ``scale``, with at least a few of each."""
        return cls(
            products=max(20, int(cls.products * scale)),
            customers=max(20, int(cls.customers * scale)),
            redemptions=max(20, int(cls.redemptions * scale)),
            scale=scale,
        )


def find_shop() -> Project | None:
    """Return the demo shop's project where it has been loaded."""
    return Project.objects.filter(name=NAME, organisation__name=NAME).first()


@transaction.atomic
def load_shop(size: Size, *, now: datetime) -> Project:
    """Make the demo shop, without keys; of two who try at once, one makes it."""
    _wait_for_others()
    return find_shop() or _made(size, now)


def _wait_for_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEED])


def _made(size: Size, now: datetime) -> Project:
    opened = now - timedelta(days=history.DAYS + 5)
    random = Random(_SEED)  # noqa: S311 - the same shop every time, nothing secret
    owner = Organisation.objects.create(name=NAME, created_at=opened)
    made = create_project(
        name=NAME,
        now=opened,
        organisation=owner,
        currency="EUR",
        timezone="Europe/Berlin",
        client_trusted_domains=("*",),
        client_redeem_enabled=True,
    )
    project = made.project
    for unseen in (made.server, made.client, made.management):
        delete_key(unseen.key)
    products = goods.stock_up(project, count=size.products, random=random, now=opened)
    shelves = {
        short: collection.pk
        for short, collection in goods.sort_shelves(project, now=opened).items()
    }
    categories = goods.rank_offers(project, now=opened)
    shoppers = people.invite_people(
        project, count=size.customers, random=random, now=opened
    )
    campaigns = {
        offer.name: offers.launch(
            project,
            offer,
            shelves=shelves,
            categories=categories,
            scale=size.scale,
            opened=opened,
            now=now,
        )
        for offer in offers.OFFERS
    }
    apologies = offers.apologise(project, now=opened)
    shop = Shop(project, campaigns, apologies, products, shoppers, random)
    closing = [campaigns[offer.name] for offer in offers.OFFERS if offer.is_off]
    history.live_through(shop, count=size.redemptions, closing=closing, now=now)
    for extra in settings.DEMO_EXTRAS:
        import_string(extra)(project, now=now)
    while publish_batch(now=now):
        pass
    return project
