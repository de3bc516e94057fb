"""How many text messages a text is billed as.

Source: 3GPP TS 23.038: 160 characters of the basic alphabet, 153 where several are
joined; with any other character 70 and 67 units of UTF-16.
"""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def sms_parts(text: str) -> int:
    """Return how many messages ``text`` takes; an empty one takes one."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        units = len(text) + sum(letter in _EXTENDED for letter in text)
        alone, joined = 160, 153
    else:
        units = len(text.encode("utf-16-le", "replace")) // 2
        alone, joined = 70, 67
    return 1 if units <= alone else -(-units // joined)
