"""Making, hashing and sealing the secrets of keys."""

import base64
import hashlib
import hmac
import secrets
import uuid

from cryptography.fernet import Fernet
from django.conf import settings


def new_secret() -> str:
    """Return a fresh secret: 122 random bits, written as a UUID."""
    return str(uuid.uuid4())


def new_salt() -> str:
    """Return a fresh salt of 32 hex digits."""
    return secrets.token_hex(16)


def digest(secret: str, salt: str) -> str:
    """Return the salted SHA-256 of ``secret``.

    One fast round suffices: the secret is random, not somebody's password.
    """
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()


def matches(secret: str, salt: str, expected: str) -> bool:
    """Whether ``secret`` is the one behind ``expected``, in constant time."""
    return hmac.compare_digest(digest(secret, salt), expected)


def _fernet() -> Fernet:
    key = hashlib.sha256(b"promo sandbox secrets" + settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key.digest()))


def seal(secret: str) -> str:
    """Return ``secret`` encrypted with the installation's key."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret behind ``sealed``.

    Raises:
        cryptography.fernet.InvalidToken: it was sealed with another key.
    """
    return _fernet().decrypt(sealed.encode()).decode()
