"""Signing in, joining, and what people set for their own account."""

from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.usersessions.views import ListUserSessionsView
from django.urls import path
from django.views.generic import RedirectView

from promo.sign_in.join import join
from promo.sign_in.views import SignIn, framed, leave

_AGAIN = "Is it you?"
_CODES = "Recovery codes"

urlpatterns = [
    path("login/", SignIn.as_view()),
    path("join/<str:token>/", join, name="join"),
    # The names under which allauth looks for them.
    path(
        "account/sign-in/",
        RedirectView.as_view(pattern_name="admin:login", query_string=True),
        name="account_login",
    ),
    path("account/leave/", leave, name="account_logout"),
    path(
        "account/password-again/",
        framed(ReauthenticateView, _AGAIN),
        name="account_reauthenticate",
    ),
    path(
        "account/sessions/",
        framed(ListUserSessionsView, "Where you are signed in"),
        name="usersessions_list",
    ),
    path(
        "account/two-factor/",
        framed(mfa.IndexView, "Two-factor sign-in"),
        name="mfa_index",
    ),
    path(
        "account/two-factor/code/",
        framed(mfa.AuthenticateView, "One more step"),
        name="mfa_authenticate",
    ),
    path(
        "account/two-factor/again/",
        framed(mfa.ReauthenticateView, _AGAIN),
        name="mfa_reauthenticate",
    ),
    path(
        "account/two-factor/app/on/",
        framed(totp.ActivateTOTPView, "Switch two-factor sign-in on"),
        name="mfa_activate_totp",
    ),
    path(
        "account/two-factor/app/off/",
        framed(totp.DeactivateTOTPView, "Switch two-factor sign-in off"),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/two-factor/recovery/",
        framed(codes.ViewRecoveryCodesView, _CODES),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/two-factor/recovery/new/",
        framed(codes.GenerateRecoveryCodesView, "New recovery codes"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/two-factor/recovery/download/",
        codes.DownloadRecoveryCodesView.as_view(),
        name="mfa_download_recovery_codes",
    ),
]
