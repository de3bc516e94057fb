"""Signing in: password, then a code of whom has a second factor; lock-out in words."""

from typing import Any, cast

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from axes.helpers import get_cool_off
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.views.decorators.http import require_POST
from unfold.forms import AuthenticationForm

from promo.tenancy.models import User

_LOCKED = (
    "Too many sign-ins with this address have failed. Try again in {minutes} minutes, "
    "or ask an administrator of your project to unlock you."
)
_LOCKED_FOR_GOOD = (
    "Too many sign-ins with this address have failed. Ask an administrator of your "
    "project to unlock you."
)
_TOO_MANY = 429


class SignIn(LoginView):
    """The sign-in page of the dashboard.

    A password that is right leads on to the second factor, where the person has one.
    """

    template_name = "admin/login.html"
    authentication_form = AuthenticationForm

    def dispatch(
        self, request: HttpRequest, *args: Any, **named: Any
    ) -> HttpResponseBase:
        person = request.user
        if request.method == "GET" and isinstance(person, User) and person.is_staff:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **named)

    def get_default_redirect_url(self) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def form_valid(self, form: Any) -> Any:
        person = form.get_user()
        step = Login(user=person, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"email": person.email}, step)

    def form_invalid(self, form: Any) -> Any:
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        form.errors.clear()
        form.add_error(None, _locked_words())
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=_TOO_MANY)

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**named),
            "title": "Log in",
            "app_path": self.request.get_full_path(),
        }


def _locked_words() -> str:
    span = get_cool_off()
    if span is None:
        return _LOCKED_FOR_GOOD
    return _LOCKED.format(minutes=int(span.total_seconds() // 60))


@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Sign out, halfway in or wholly, and show the sign-in page."""
    logout(request)
    return HttpResponseRedirect(reverse("admin:login"))


class Framed:
    """A page of allauth inside the dashboard's frame, its fields in our look."""

    request: HttpRequest
    title = ""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        own = cast("Any", super()).get_context_data(**named)
        # Not in get_form: the page of the second factor makes its form by itself.
        if own.get("form"):
            with_look(own["form"])
        return {**admin.site.each_context(self.request), "title": self.title, **own}


def with_look(form: forms.Form) -> None:
    """Give the fields of a form the look of ours."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "promo-input"
        field.widget.attrs.pop("placeholder", None)


def framed(view: type, title: str) -> Any:
    """Return a view of allauth's as a page of the dashboard."""
    own: Any = type(view.__name__, (Framed, view), {"title": title})
    return own.as_view()


def username_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return whom a sign-in is about, however the address is typed."""
    sent = (credentials or {}).get("username") or request.POST.get("username")
    return str(sent).strip().lower().replace("\0", "")[:255] if sent else None
