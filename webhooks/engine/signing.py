"""Signing what is sent, in two ways: the compatible one, and Standard Webhooks.

Source: platform specification, "Delivery contract"; Standard Webhooks 1.0.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

SIGNATURE = "x-voucherify-signature"
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a fresh secret: ``whsec_`` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(body: str, secret: str) -> str:
    """Return the hexadecimal HMAC-SHA256 of a body; the whole secret is the key."""
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def signed_headers(
    body: str, *, secrets_held: Sequence[str], message_id: str, now: datetime
) -> dict[str, str]:
    """Return the headers that prove where ``body`` comes from.

    ``secrets_held`` are the valid secrets, the newest first: it alone makes the
    compatible signature, each of them one of the standard ones. The timestamp is
    ``now`` in whole seconds.
    """
    standard = [Webhook(secret).sign(message_id, now, body) for secret in secrets_held]
    name_of_id, name_of_time, name_of_signature = STANDARD
    return {
        SIGNATURE: signature(body, secrets_held[0]),
        name_of_id: message_id,
        name_of_time: str(int(now.timestamp())),
        name_of_signature: " ".join(standard),
    }
