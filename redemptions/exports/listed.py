"""What lists of the dashboard are narrowed by, as filters of their files.

A list and its file find the same rows: each filter says what its list says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Value
from django.db.models.lookups import Exact
from django.utils.text import smart_split, unescape_string_literal

from campaigns.models import Publication
from campaigns.services.code_search import USES, starts_with
from campaigns.services.states import (
    DISABLED,
    ENDED,
    RUNNING,
    SCHEDULED,
    USED_UP,
    voucher_state,
)
from customers.models import Customer
from customers.services.customer_search import find_customers
from promo.api.columns import Column, TextColumn
from promo.call_log.search import about_calls, answered
from promo.errors import InvalidQueryParams
from promo.filter_grammar import Condition
from promo.ids import parse_or_none
from promo.tenancy.models import ApiKey, Project
from redemptions.models.ledger import ENTRY_PREFIX
from redemptions.services.redemption_search import about

_STATES = (RUNNING, SCHEDULED, ENDED, DISABLED, USED_UP)


@dataclass(frozen=True)
class Listed(Column):
    """The rows that a list shows for a text; ``find`` says which, as of a moment."""

    find: Callable[[str, datetime], Q]
    operators = frozenset(["$is"])

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that the list shows.

        Raises:
            InvalidQueryParams: the list knows no such choice.
        """
        text = str(condition.values[0]).strip() if condition.values else ""
        try:
            return self.find(text, now)
        except KeyError as unknown:
            details = f"Property {path} cannot be {text}"
            raise InvalidQueryParams(details) from unknown

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return all rows: nobody can ask for those without a value."""
        return Q()


def of_codes(project: Project) -> dict[str, Column]:
    """Return what the list of codes is narrowed by: search, state and uses."""
    return {
        "search": Listed(lambda text, _: starts_with(project, text)),
        "state": Listed(_in_state),
        "uses": Listed(lambda text, _: USES[text]),
    }


def of_customers(project: Project) -> dict[str, Column]:
    """Return what the list of customers is narrowed by: search and segment."""
    return {"search": Listed(_named(project)), "segment": Listed(_in_segment)}


def of_redemptions(project: Project) -> dict[str, Column]:
    """Return what the log of redemptions is searched by."""
    return {"search": Listed(lambda text, _: about(project, text))}


def of_orders() -> dict[str, Column]:
    """Return what the list of orders is searched by: a whole id, yours or ours."""
    return {"search": Listed(_by_id("ord_"))}


def of_movements() -> dict[str, Column]:
    """Return what the ledger is searched by: a whole id, yours or ours."""
    return {"search": Listed(_by_id(ENTRY_PREFIX))}


def of_calls() -> dict[str, Column]:
    """Return what the API log is narrowed by, beside days, channel and endpoint."""
    return {
        "search": Listed(lambda text, _: about_calls(text)),
        "answer": Listed(lambda text, _: answered(text)),
        "channel_start": Listed(lambda text, _: Q(channel__istartswith=text)),
        "endpoint": TextColumn("endpoint"),
        "user_email": TextColumn("user_email"),
        "key": Listed(_by_key),
    }


def of_publications() -> dict[str, Column]:
    """Return what the list of publications is searched by."""
    return {"search": Listed(_published)}


def of_goods(name: str, prefix: str, *more: str) -> dict[str, Column]:
    """Return what a list of goods is searched by: a part of a name, or an id.

    ``name`` is the lookup of the name, ``more`` those of further names.
    """
    lookups = (
        "source_id__exact",
        *(f"{each}__icontains" for each in (name, *more)),
    )

    def find(text: str, _: datetime) -> Q:
        known = parse_or_none(prefix, text) is not None
        return Q(pk=text) if known else _by_words(text, lookups)

    return {"search": Listed(find)}


def _by_words(text: str, lookups: Sequence[str]) -> Q:
    """Return the rows that have each word of ``text`` somewhere, as lists search."""
    every = Q()
    for part in smart_split(text):
        word = part
        if part[0] in "\"'" and part[0] == part[-1]:
            word = unescape_string_literal(part)
        some = Q()
        for lookup in lookups:
            some |= Q(**{lookup: word})
        every &= some
    return every


def _by_id(prefix: str) -> Callable[[str, datetime], Q]:
    def find(text: str, _: datetime) -> Q:
        known = parse_or_none(prefix, text)
        return Q(source_id=text) if known is None else Q(pk=text) | Q(source_id=text)

    return find


def _by_key(text: str, _: datetime) -> Q:
    """Return the calls made with a key; what is no key's id has made none."""
    if parse_or_none("key_", text) is None:
        return Q(pk__in=())
    app_id = ApiKey.objects.filter(pk=text).values("app_id")
    return Q(app_id__in=app_id) | Q(client_app_id__in=app_id)


def _in_state(text: str, now: datetime) -> Q:
    if text not in _STATES:
        raise KeyError(text)
    return Q(Exact(voucher_state(now), Value(text)))


def _named(project: Project) -> Callable[[str, datetime], Q]:
    return lambda text, _: Q(pk__in=find_customers(project, text))


def _in_segment(text: str, _: datetime) -> Q:
    if parse_or_none("seg_", text) is None:
        raise KeyError(text)
    members = Customer.objects.filter(memberships__segment=text)
    return Q(pk__in=members.order_by().values("pk"))


def _published(text: str, _: datetime) -> Q:
    if parse_or_none("pub_", text) is not None:
        return Q(pk=text)
    found = Publication.objects.filter(
        Q(vouchers__code__exact=text)
        | Q(customer__source_id__exact=text)
        | Q(source_id__exact=text)
    )
    return Q(pk__in=found.order_by().values("pk"))
