"""Ways into the API log from what a call has caused."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from promo.admin.summary import list_address

#: How the ids of requests begin; work of our own has others, and no call.
_REQUEST = "v-"


def calls_link(request_id: str) -> SafeString | str:
    """Return a request id that leads to its call; plain where there is none."""
    if not request_id.startswith(_REQUEST):
        return request_id or "-"
    link = list_address("call_log_apicall", q=request_id)
    return format_html('<a class="promo-link" href="{}">{}</a>', link, request_id)


def calls_about_link(named: str, moment: datetime) -> SafeString:
    """Return a link to the calls of that day which name a thing by its id."""
    day = localdate(moment).isoformat()
    days = {"created_at_from": day, "created_at_to": day}
    link = list_address("call_log_apicall", q=named, **days)
    return format_html('<a class="promo-link" href="{}">API log</a>', link)
