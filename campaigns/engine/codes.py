"""What codes look like: the pattern a marketer chose, and drawing from it.

Source: campaigns specification, "Code rules", "Code generation".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from random import Random
from typing import Any

from promo.errors import BadRequest, InvalidPayload

DEFAULT_CHARSET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DEFAULT_LENGTH = 8
MAX_CODE_LENGTH = 255
BLANK = "#"
_BYTES = 256


def invalid_code_config(details: str) -> BadRequest:
    """Build the refusal of a code configuration."""
    return BadRequest("invalid_code_config", "Invalid code config", details)


@dataclass(frozen=True, slots=True)
class CodeConfig:
    """How codes are made: every ``#`` of the pattern becomes a random character.

    ``charset`` holds every character once.
    """

    charset: str = DEFAULT_CHARSET
    pattern: str = BLANK * DEFAULT_LENGTH
    prefix: str = ""
    postfix: str = ""

    @property
    def template(self) -> str:
        """The whole code, blanks included.

        A pattern that shows prefix and postfix already, as answers do, does not
        get them twice.
        """
        text = self.pattern
        if not text.startswith(self.prefix):
            text = self.prefix + text
        return text if text.endswith(self.postfix) else text + self.postfix

    @property
    def blanks(self) -> int:
        """How many characters are random."""
        return self.template.count(BLANK)

    def space(self, *, case_sensitive: bool) -> int:
        """Return how many different codes there are."""
        charset = self.charset if case_sensitive else self.charset.upper()
        return int(len(set(charset)) ** self.blanks)

    def draw(self, count: int, random: Random) -> list[str]:
        """Return ``count`` codes, independent of each other, so they may repeat.

        ``random`` decides how guessable they are. Every character of the charset is
        as likely as any other.
        """
        start, *parts = self.template.split(BLANK)
        letters = _draw_letters(self.charset, count * len(parts), random)
        columns: list[Iterable[str]] = [repeat(start, count)]
        for index, part in enumerate(parts):
            columns += [letters[index :: len(parts)], repeat(part, count)]
        # Column by column, as this takes a fraction of the time of code by code.
        return list(map("".join, zip(*columns, strict=True)))

    def matching(self, *, case_sensitive: bool) -> str:
        """Return a regular expression for the keys of all codes of this pattern."""
        template = self.template if case_sensitive else self.template.upper()
        charset = self.charset if case_sensitive else self.charset.upper()
        blank = f"[{re.escape(''.join(dict.fromkeys(charset)))}]"
        return f"^{blank.join(re.escape(part) for part in template.split(BLANK))}$"

    def as_json(self) -> dict[str, Any]:
        """Return the configuration as campaigns show it."""
        shown: dict[str, Any] = {
            "length": self.blanks,
            "charset": self.charset,
            "pattern": self.pattern,
        }
        affixes = {"prefix": self.prefix, "postfix": self.postfix}
        return shown | {name: text for name, text in affixes.items() if text}


def parse_code_config(
    body: Mapping[str, Any] | None,
    *,
    default_charset: str = "",
    path: str = ".code_config",
) -> CodeConfig:
    """Read a ``code_config``; what is not sent is the default.

    Raises:
        InvalidPayload: a value of another type.
        BadRequest: ``invalid_code_config``, for an empty charset, a length below 1,
            or codes that would be too long.
    """
    if body is not None and not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    given = body or {}
    charset = _text(given, "charset", path) or default_charset or DEFAULT_CHARSET
    prefix = _text(given, "prefix", path)
    postfix = _text(given, "postfix", path)
    pattern = _text(given, "pattern", path)
    length = _length(given.get("length"), path)
    config = CodeConfig(
        charset="".join(dict.fromkeys(charset)),
        pattern=pattern or prefix + BLANK * length + postfix,
        prefix=prefix,
        postfix=postfix,
    )
    _check_text(config)
    return config


def check_code(code: Any, path: str = ".code") -> str:
    """Return a code that was given literally.

    Raises:
        InvalidPayload: no text of 1 to 255 characters, or one with control
            characters or spaces at its ends.
    """
    if not isinstance(code, str):
        raise InvalidPayload(f"Property {path} must be string")
    if not 1 <= len(code) <= MAX_CODE_LENGTH:
        raise InvalidPayload(
            f"Property {path} must have between 1 and {MAX_CODE_LENGTH} characters"
        )
    if code != code.strip() or not code.isprintable():
        raise InvalidPayload(
            f"Property {path} must not have control characters, or spaces at its ends"
        )
    return code


def check_room(space: int, taken: int, wanted: int, blanks: int) -> None:
    """Refuse a pattern that more than half fills with the ``wanted`` codes.

    Raises:
        BadRequest: ``invalid_code_config``.
    """
    if wanted > 1 and blanks == 0:
        raise invalid_code_config("Pattern must have a '#' to make more than one code")
    if wanted > 1 and wanted * 2 > space - taken:
        raise invalid_code_config(
            f"Pattern has room for {max(space - taken, 0)} codes, which is less than "
            f"twice the {wanted} wanted"
        )


def _draw_letters(charset: str, wanted: int, random: Random) -> str:
    """Return ``wanted`` characters of ``charset``, each drawn by itself.

    A byte stands for one character, and the bytes that are left over after giving
    every character the same number of them are drawn again.
    """
    size = len(charset)
    if size > _BYTES:
        return "".join(random.choice(charset) for _ in range(wanted))
    fair = _BYTES - _BYTES % size
    place, unfair = bytes(n % size for n in range(_BYTES)), bytes(range(fair, _BYTES))
    places = b""
    while len(places) < wanted:
        lacking = (wanted - len(places)) * _BYTES // fair + 1
        places += random.randbytes(lacking).translate(place, unfair)
    return places[:wanted].decode("latin-1").translate(charset)


def _text(given: Mapping[str, Any], name: str, path: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidPayload(f"Property {path}.{name} must be string")
    return value


def _length(value: Any, path: str) -> int:
    if value is None:
        return DEFAULT_LENGTH
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidPayload(f"Property {path}.length must be integer")
    if not 1 <= value <= MAX_CODE_LENGTH:
        raise invalid_code_config(f"Length must be between 1 and {MAX_CODE_LENGTH}")
    return value


def _check_text(config: CodeConfig) -> None:
    """Refuse a pattern whose codes could not be given literally either."""
    sample = config.template.replace(BLANK, "0")
    if len(sample) > MAX_CODE_LENGTH:
        raise invalid_code_config(
            f"Codes must not have more than {MAX_CODE_LENGTH} characters"
        )
    if sample != sample.strip() or not (sample + config.charset).isprintable():
        raise invalid_code_config("Codes must not have control characters")
    if any(letter.isspace() for letter in config.charset):
        raise invalid_code_config("Charset must not have spaces")
