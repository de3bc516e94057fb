"""Finding customers among millions by what people type."""

from collections.abc import Iterator

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from customers.models import Customer
from customers.models.customer import LOW_EMAIL, WORDS
from promo.tenancy.models import Project

#: Of each kind of match so many are found at most: typing more narrows it.
FOUND = 200
#: Behind all that starts with what stands before it, in the order of bytes.
_LAST = "\U0010ffff"


def find_customers(project: Project, term: str) -> list[str]:
    """Return the ids of living customers whom ``term`` means, in one statement.

    It is an id, a source id, the start of an e-mail address, or starts of words of the
    name or the phone number in any order; upper and lower case are the same but in
    ids. Each kind is looked up by its own index.
    """
    alive = project.customers.alive()
    kinds = [alive.by_reference(term), _by_email(alive, term), _by_words(alive, term)]
    first, *others = (_keys(rows) for rows in kinds)
    return list(first.union(*others))


def _by_email(rows: QuerySet[Customer], term: str) -> QuerySet[Customer]:
    low = term.lower()
    named = rows.alias(low_email=LOW_EMAIL)
    return named.filter(low_email__gte=low, low_email__lt=low + _LAST)


def _by_words(rows: QuerySet[Customer], term: str) -> QuerySet[Customer]:
    starts = " & ".join(_starts(term))
    sought = SearchQuery(starts, config="simple", search_type="raw")
    return rows.alias(words=WORDS).filter(words=sought)


def _starts(term: str) -> Iterator[str]:
    """Yield what PostgreSQL takes for the start of a word, for each that was typed."""
    for word in term.split():
        quoted = word.replace("\\", "\\\\").replace("'", "''")
        yield f"'{quoted}':*"


def _keys(rows: QuerySet[Customer]) -> QuerySet[Customer, str]:
    return rows.order_by().values_list("pk", flat=True)[:FOUND]
