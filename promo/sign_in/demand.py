"""Projects that demand a second factor of everybody."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from promo.admin.commands import after
from promo.admin.middleware import is_page
from promo.admin.visit import visit

Answer = Callable[[HttpRequest], HttpResponseBase]
_WORDS = "{project} asks everybody for two-factor sign-in: switch it on to go on."
#: What stays open: one's own account, another project, the way out.
_OPEN = ("/admin/account/", "/admin/login/", "/admin/logout/", "/admin/join/")


class SecondFactorDemand:
    """Leads who has no second factor to where it is switched on.

    Only pages of a project that demands one are held back.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._held_back(request) or self.get_response(request)

    def _held_back(self, request: HttpRequest) -> HttpResponseBase | None:
        if not is_page(request) or not request.path.startswith("/admin/"):
            return None
        if request.path.startswith(_OPEN) or request.path.endswith("/choose/"):
            return None
        seen = visit(request)
        if not (seen.user and seen.project and seen.project.demands_second_factor):
            return None
        if is_mfa_enabled(seen.user):
            return None
        page = reverse("mfa_activate_totp")
        if request.headers.get("HX-Request"):
            return after(request, page)
        messages.warning(request, _WORDS.format(project=seen.project.name))
        return HttpResponseRedirect(page)
