"""Two ticked campaigns, compared on a page of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


@admin.action(description="Compare two", permissions=["view"])
def compare_two(_: Any, __: HttpRequest, rows: Any) -> HttpResponseBase:
    """Go to the page that compares the ticked campaigns, which wants two of them."""
    named = [("campaign", one) for one in rows.values_list("pk", flat=True)[:3]]
    address = reverse("campaign-comparison")
    # Three are refused as well as one: the page would leave out the third unseen.
    return HttpResponseRedirect(
        f"{address}?{urlencode(named)}" if len(named) == 2 else address  # noqa: PLR2004 - a pair
    )
