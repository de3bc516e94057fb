"""What the demo shop sells: coffee and what belongs to it."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from campaigns.models import Product, ProductCollection, Sku
from campaigns.services.category import create_category
from campaigns.services.collection import create_collection
from promo.tenancy.models import Project

_ORIGINS = [
    "Ethiopia",
    "Kenya",
    "Rwanda",
    "Colombia",
    "Brazil",
    "Guatemala",
    "Peru",
    "Honduras",
    "Sumatra",
    "Java",
]
_ROASTS = ("Light Roast", "Medium Roast", "Dark Roast", "Espresso", "Decaf")
_COLOURS = ("White", "Black", "Sage", "Terracotta", "Indigo")
_THINGS = {
    "Mug": (900, 1_900),
    "Travel Cup": (1_900, 3_400),
    "Pour-Over Dripper": (2_400, 4_900),
    "French Press": (2_900, 6_900),
    "Hand Grinder": (5_900, 14_900),
    "Kettle": (4_900, 12_900),
    "Tea Towel": (800, 1_600),
    "Storage Jar": (1_200, 2_900),
}
_SIZES = {"250 g": 1.0, "1 kg": 3.4}


def stock_up(
    project: Project, *, count: int, random: Random, now: datetime
) -> list[Product]:
    """Store ``count`` products with two SKUs each; return the products."""
    products = Product.objects.bulk_create(
        _product(project, number, random, now) for number in range(count)
    )
    Sku.objects.bulk_create(
        sku for product in products for sku in _skus(project, product, now)
    )
    return products


def _product(project: Project, number: int, random: Random, now: datetime) -> Product:
    if number % 2 == 0:
        origin = _ORIGINS[number // 2 % len(_ORIGINS)]
        name = f"{origin} {_ROASTS[number // 20 % len(_ROASTS)]}"
        kind, attribute, price = "coffee", "size", random.randrange(890, 1_890, 10)
    else:
        thing = list(_THINGS)[number // 2 % len(_THINGS)]
        name = f"{thing} {random.choice(['Classic', 'Studio', 'Everyday', 'No. 7'])}"
        kind, attribute = thing.lower().replace(" ", "-"), "colour"
        price = random.randrange(*_THINGS[thing], 10)
    return Product(
        project=project,
        source_id=f"{kind}-{number + 1:03}",
        name=name,
        price=price,
        attributes=[attribute],
        metadata={"kind": kind, "margin": random.choice(["low", "normal", "high"])},
        created_at=now,
    )


def _skus(project: Project, product: Product, now: datetime) -> list[Sku]:
    price = product.price or 0
    if product.attributes == ["size"]:
        variants = {size: int(price * factor) for size, factor in _SIZES.items()}
    else:
        variants = dict.fromkeys(_COLOURS[:2], price)
    return [
        Sku(
            project=project,
            product=product,
            source_id=f"{product.source_id}-{variant.lower().replace(' ', '')}",
            sku=variant,
            price=variant_price,
            attributes={product.attributes[0]: variant},
            created_at=now,
        )
        for variant, variant_price in variants.items()
    ]


def sort_shelves(project: Project, *, now: datetime) -> dict[str, ProductCollection]:
    """Make the collections that offers name; return them by their short names."""
    shelves = {
        "coffee": ("All coffee", ["coffee"]),
        "mugs": ("Mugs", ["mug"]),
        "brewing": ("Brewing gear", ["pour-over-dripper", "french-press", "kettle"]),
    }
    return {
        short: create_collection(
            project=project,
            now=now,
            name=name,
            type="AUTO_UPDATE",
            filter={"metadata.kind": {"conditions": {"$in": kinds}}},
        )
        for short, (name, kinds) in shelves.items()
    }


def rank_offers(project: Project, *, now: datetime) -> Sequence[str]:
    """Make the categories of offers; return their ids, the first applied first."""
    names = ("Always on", "Seasonal", "Partners")
    return [
        create_category(project=project, now=now, name=name, hierarchy=place).pk
        for place, name in enumerate(names, start=1)
    ]
