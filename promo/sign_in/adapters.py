"""How allauth finds its way about: addresses and secrets."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from promo.api.client_address import client_address
from promo.tenancy.models import User
from promo.tenancy.secrets import seal, unseal

#: Stands for an address that is not known.
_NOWHERE = "::"


def address_of(request: HttpRequest) -> str:
    """Return where a visitor comes from, as for keys."""
    return client_address(request) or _NOWHERE


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Nobody signs up: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def reauthenticate(self, user: User, password: str) -> bool:
        return user.check_password(password)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Secrets are sealed with the installation's key."""

    def get_totp_issuer(self) -> str:
        return "Promo"

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
