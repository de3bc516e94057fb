"""Where the pictures of a code are: addresses that nobody guesses, and ask for no key.

The id of a picture is the voucher's, signed with the installation's key. It is derived
each time, so nothing is kept, and an answer with a thousand codes needs no statement.

Source: campaigns specification, "Voucher object".
"""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from campaigns.models.voucher import VOUCHER_PREFIX
from promo.ids import parse, show

Json = dict[str, Any]
KINDS = ("qr", "barcode")
_SIGNED_BYTES = 16
_SIGNATURE_BYTES = 16


def assets_as_json(voucher_id: str) -> Json:
    """Return the id and address of the pictures of the voucher with an id."""
    asset = asset_id(voucher_id)
    there = f"{settings.PUBLIC_URL}/v1/assets"
    return {kind: {"id": asset, "url": f"{there}/{kind}/{asset}"} for kind in KINDS}


def asset_id(voucher_id: str) -> str:
    """Return the id of the pictures of a voucher; the same one every time."""
    signed = parse(VOUCHER_PREFIX, voucher_id).bytes
    whole = signed + _signature(signed)
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def voucher_id_behind(asset: str) -> str | None:
    """Return the id of the voucher that ``asset`` is a picture of, None if forged."""
    try:
        signed = base64.b64decode(f"{asset}=", altchars=b"-_")[:_SIGNED_BYTES]
        found = show(VOUCHER_PREFIX, UUID(bytes=signed))
    except ValueError:
        return None
    # The whole text: several texts can stand for the same bytes.
    return found if hmac.compare_digest(asset_id(found), asset) else None


def _signature(signed: bytes) -> bytes:
    made = hmac.digest(_key(settings.SECRET_KEY), signed, "sha256")
    return made[:_SIGNATURE_BYTES]


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    """Return a key for pictures alone: other signatures of ours are none of them."""
    return hashlib.sha256(b"promo.campaigns.assets" + secret.encode()).digest()
