"""Who buys at the demo shop."""

from datetime import datetime, timedelta
from random import Random

from customers.models import Customer
from promo.tenancy.models import Project

_FIRST = [
    "Ada",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Leon",
    "Mia",
    "Noah",
    "Olga",
    "Paul",
    "Quinn",
    "Rosa",
    "Sami",
    "Tara",
    "Uma",
    "Viktor",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoe",
]
_LAST = [
    "Adler",
    "Brandt",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quist",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ueda",
    "Vogel",
    "Weber",
    "Yilmaz",
    "Zimmer",
]
_CITIES = {"Berlin": "DE", "Paris": "FR", "Lisbon": "PT", "Oslo": "NO", "Milan": "IT"}


def invite_people(
    project: Project, *, count: int, random: Random, now: datetime
) -> list[str]:
    """Store ``count`` customers who joined before ``now``; return their source ids."""
    people = [_person(project, number, random, now) for number in range(count)]
    Customer.objects.bulk_create(people, batch_size=1_000)
    return [person.source_id for person in people]


def _person(project: Project, number: int, random: Random, now: datetime) -> Customer:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    city = random.choice(list(_CITIES))
    return Customer(
        project=project,
        source_id=f"shopper-{number + 1:05}",
        name=f"{first} {last}",
        email=f"{first}.{last}.{number + 1}@example.com".lower(),
        address={"city": city, "country": _CITIES[city]},
        metadata={
            "student": random.choices((True, False), (15, 85))[0],
            "newsletter": random.choices((True, False), (40, 60))[0],
        },
        source="API",
        created_at=now - timedelta(days=random.randrange(1, 400)),
    )
