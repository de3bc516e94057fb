"""How pages write values: moments, money, percentages, metadata."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from promo.money import in_major_units


def moment(at: datetime) -> str:
    """Return a moment by the clock of the project at work, ``3 Mar 2027, 14:05``."""
    return date_format(localtime(at), "j M Y, H:i")


def money(amount: int | None, currency: str) -> str:
    """Return minor units as people read them, ``1,234.50 EUR``; a dash for none."""
    return "-" if amount is None else f"{in_major_units(amount):,.2f} {currency}"


def percent(value: Any) -> str:
    """Return a percentage without trailing zeros, ``12.5 %``."""
    text = f"{Decimal(str(value)):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def minor_units(value: Decimal | None) -> int | None:
    """Return typed major units as minor units; None for an empty field."""
    if value is None:
        return None
    return int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def pairs(values: Mapping[str, Any] | None) -> str:
    """Return a mapping as one readable line, ``colour: red, size: 4``."""
    return ", ".join(f"{name}: {value}" for name, value in (values or {}).items())


def json_block(value: Any) -> SafeString:
    """Return JSON laid out for reading, for the detail pages of logs."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="promo-json" tabindex="0">{}</pre>', text)
