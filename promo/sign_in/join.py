"""The page behind the link of an invitation."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from promo.admin.forms import in_words
from promo.admin.visit import SESSION_KEY, visit
from promo.clock import utc_now
from promo.errors import PromoError
from promo.tenancy.models import Invitation, User
from promo.tenancy.services import invitations as service


class JoinForm(forms.Form):
    """What somebody new says of themselves."""

    first_name = forms.CharField(
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "family-name"}),
    )
    password = forms.CharField(
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()[1:]),
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password"), cleaned.get("again")
        if first and second and first != second:
            self.add_error("again", "The two passwords differ.")
        return cleaned


@never_cache
@sensitive_post_parameters()
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show an invitation; after a POST let the invited in.

    Somebody new chooses a password and is signed in; who is known signs in as ever.
    """
    found = service.find_invitation(token, now=utc_now())
    if found is None:
        return _page(request, None, None, status=404)
    is_known = User.objects.filter(email__iexact=found.email).exists()
    form = None if is_known else JoinForm(request.POST or None)
    if request.method != "POST" or (form and not form.is_valid()):
        return _page(request, found, form)
    values = dict(form.cleaned_data) if form else {}
    values.pop("again", None)
    try:
        user = service.accept_invitation(token, now=utc_now(), **values)
    except PromoError as refused:
        if form is None:
            return _page(request, None, None, status=404)
        form.add_error("password", refused.details or in_words(refused))
        return _page(request, found, form)
    if is_known:
        return _known(request, found, user)
    step = Login(user=user, redirect_url=reverse("admin:index"))
    answer: HttpResponseBase = perform_password_login(
        request, {"email": user.email}, step
    )
    return answer


def _known(request: HttpRequest, found: Invitation, user: User) -> HttpResponseBase:
    """Lead on who had an account before: the link does not sign them in."""
    messages.success(request, f"You are in {found.project.name} now.")
    if visit(request).user == user:
        request.session[SESSION_KEY] = found.project_id
    return HttpResponseRedirect(reverse("admin:index"))


def _page(
    request: HttpRequest,
    found: Invitation | None,
    form: JoinForm | None,
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {
        **admin.site.each_context(request),
        "title": f"Join {found.project.name}" if found else "Invitation",
        "invitation": found,
        "form": form,
    }
    return TemplateResponse(request, "sign_in/join.html", context, status=status)
