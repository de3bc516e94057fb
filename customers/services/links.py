"""Addresses that let one person in: signed, so that nobody guesses another's.

Source: data specification, "Consents, double opt-in, preference centre".
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from customers.models import Customer, UnconfirmedCustomer

_PREFERENCES = "customers.preferences"
_CONFIRMATION = "customers.confirmation"


def preference_address(customer: Customer) -> str:
    """Return where a customer sees and changes what is agreed to."""
    return preference_address_of(customer.pk)


def preference_address_of(customer_id: str) -> str:
    """Return the same for the customer with an id."""
    return _absolute("preference-centre", _signed(customer_id, _PREFERENCES))


def unsubscribe_address_of(customer_id: str) -> str:
    """Return where a mail program says that a customer wants no more e-mails."""
    return _absolute("stop-emails", _signed(customer_id, _PREFERENCES))


def confirmation_address(pending: UnconfirmedCustomer) -> str:
    """Return where a pending person confirms the address."""
    return _absolute("confirm-address", _signed(pending.pk, _CONFIRMATION))


def customer_behind(token: str) -> Customer | None:
    """Return the living customer whose preferences a token opens."""
    customer_id = _read(token, _PREFERENCES)
    rows = Customer.objects.alive().select_related("project")
    return rows.filter(pk=customer_id).first() if customer_id else None


def pending_behind(token: str) -> UnconfirmedCustomer | None:
    """Return the pending person whom a token confirms, expired or not."""
    pending_id = _read(token, _CONFIRMATION)
    rows = UnconfirmedCustomer.objects.select_related("project")
    return rows.filter(pk=pending_id).first() if pending_id else None


def _signed(key: str, salt: str) -> str:
    """Return the token of a key; the same one every time."""
    return signing.Signer(salt=salt).sign_object(key)


def _read(token: str, salt: str) -> str | None:
    try:
        return str(signing.Signer(salt=salt).unsign_object(token))
    except signing.BadSignature:
        return None


def _absolute(name: str, token: str) -> str:
    address: str = settings.PUBLIC_URL + reverse(name, args=(token,))
    return address
