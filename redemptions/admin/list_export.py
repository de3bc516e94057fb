"""From what a list of the dashboard is narrowed by to the form of its file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unfold.utils import parse_date_str

from promo.call_log.search import SHOWN, names_calls
from promo.clock import isoformat
from promo.errors import InvalidQueryParams
from redemptions.admin.export_form import DATES
from redemptions.admin.redemption_filters import OUTCOMES

Json = dict[str, Any]

_SEARCH = {"q": ("search", "what was searched for")}
_CAMPAIGN = {"campaign__id__exact": ("campaign", "the campaign")}
_DAYS = {"created_at_from": "since", "created_at_to": "until"}
#: What an address may hold beside what narrows the list: its page and its order.
_PASSED_OVER = frozenset({"p", "e", "o", "all", "_popup", "_to_field"})


@dataclass(frozen=True, slots=True)
class List:
    """A list: its address, its kind of rows, what it is narrowed by.

    ``filters`` are by the name in the address: the filter of the file, and how people
    call it.
    """

    model: str
    exported_object: str
    filters: Mapping[str, tuple[str, str]] = field(default_factory=dict)


LISTS: Mapping[str, List] = {
    "voucher": List(
        "campaigns_voucher",
        "voucher",
        {
            **_SEARCH,
            "state": ("state", "status"),
            "uses": ("uses", "uses"),
            "kind": ("voucher_type", "kind"),
            "campaign__id__exact": ("campaign_id", "the campaign"),
            "category__id__exact": ("category_ids", "the category"),
            "holder__id__exact": ("holder_id", "who holds them"),
        },
    ),
    "customer": List(
        "customers_customer",
        "customer",
        {**_SEARCH, "segment": ("segment", "the segment")},
    ),
    "redemption": List(
        "redemptions_redemption",
        "redemption",
        {
            **_SEARCH,
            **_CAMPAIGN,
            "reason": ("failure_code", "the reason"),
            "voucher__id__exact": ("voucher", "the code"),
            "promotion_tier__id__exact": ("promotion_tier", "the promotion tier"),
            "customer__id__exact": ("customer", "the customer"),
        },
    ),
    "order": List(
        "redemptions_order",
        "order",
        {
            **_SEARCH,
            "status__exact": ("status", "status"),
            "customer__id__exact": ("customer_id", "the customer"),
        },
    ),
    "product": List("campaigns_product", "product", _SEARCH),
    "sku": List(
        "campaigns_sku",
        "sku",
        {**_SEARCH, "product__id__exact": ("product_id", "the product")},
    ),
    "ledgerentry": List(
        "redemptions_ledgerentry",
        "voucher_transactions",
        {
            **_SEARCH,
            "type__exact": ("type", "what moved them"),
            "voucher__id__exact": ("voucher_id", "the card"),
            "campaign__id__exact": ("campaign_id", "the campaign"),
        },
    ),
    "apicall": List(
        "call_log_apicall",
        "api_log",
        {
            **_SEARCH,
            "status": ("answer", "status"),
            "channel": ("channel_start", "the channel"),
            "endpoint": ("endpoint", "the endpoint"),
            "key": ("key", "the key"),
            "person": ("user_email", "the person"),
        },
    ),
    "publication": List(
        "campaigns_publication",
        "publication",
        {**_SEARCH, **_CAMPAIGN, "result__exact": ("result", "the outcome")},
    ),
}


def form_values(listed: str, sent: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return what the form of a file begins with, for the address of a list.

    Raises:
        InvalidQueryParams: something in it is not understood; the file would hold
            other rows than were shown.
    """
    kind = LISTS[listed]
    values: dict[str, str] = {}
    filters: Json = {}
    for name, text in _narrowing(sent).items():
        if name in _DAYS and parse_date_str(text):
            values |= {_DAYS[name]: text, "period": DATES}
        elif name == "outcome" and listed == "redemption" and text in OUTCOMES:
            for column, value in OUTCOMES[text].items():
                filters[column] = {"conditions": {"$is": [str(value)]}}
        elif name in kind.filters:
            filters[kind.filters[name][0]] = {"conditions": {"$is": [text]}}
        else:
            details = f"{name} cannot be {text}"
            raise InvalidQueryParams(details)
    if listed == "apicall" and not values and not names_calls(sent.get("q", "")):
        filters["created_at"] = {"conditions": {"$after": [isoformat(now - SHOWN)]}}
    told = {"filters": json.dumps(filters, ensure_ascii=False)} if filters else {}
    return {"exported_object": kind.exported_object, **values, **told}


def said(listed: str, sent: Mapping[str, str]) -> str:
    """Return in words what narrows a list, ``status, the campaign``; empty if nothing.

    Words of the list's own choices are said, ids and dates only named.
    """
    words = {"outcome": "result", **dict.fromkeys(_DAYS, "the days")}
    words |= {name: text for name, (_, text) in LISTS[listed].filters.items()}
    spoken = {"q", "state", "uses", "outcome"}
    found = {
        f"{words[name]} {text}" if name in spoken else words[name]: None
        for name, text in _narrowing(sent).items()
        if name in words
    }
    return ", ".join(found)


def _narrowing(sent: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text.strip()
        for name, text in sent.items()
        if text.strip() and name not in _PASSED_OVER
    }
