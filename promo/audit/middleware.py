"""Who works, told along with everything that a request writes."""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from promo.admin.middleware import is_page
from promo.admin.visit import visit
from promo.audit.telling import told

#: What records itself, and is too frequent to be recorded twice.
_CHECKOUT = re.compile(
    r"^/(client/)?v\d/(validations|redemptions?|qualifications|orders|publications|"
    r"events|promotions/(.*/)?validation|consents|"
    r"(vouchers|loyalties|promotions|gift-cards|referrals)/.*(redemption|validate))\b"
)
_REASON = "HTTP_X_CHANGE_REASON"
_REASON_FIELD = "_reason"


class TellWho:
    """Names the person or the key behind what is written; checkouts go without.

    Why something is changed is what the form's ``_reason`` says, at the API the header
    ``X-Change-Reason``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_page(request):
            return self._page(request)
        if request.method in {"GET", "HEAD", "OPTIONS"} or _CHECKOUT.match(
            request.path_info
        ):
            return self.get_response(request)
        with told(by_hand=True, reason=request.META.get(_REASON, "")):
            return self.get_response(request)

    def _page(self, request: HttpRequest) -> HttpResponseBase:
        person = visit(request).user
        name = person.email if person else ""
        reason = ""
        if request.method == "POST":
            reason = str(request.POST.get(_REASON_FIELD, ""))
        with told(by_hand=True, name=name, reason=reason):
            return self.get_response(request)
