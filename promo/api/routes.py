"""How ids stand in addresses."""

from urllib.parse import quote, unquote


class Reference:
    """One path segment, decoded once: an id, a source id or a code."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        text = unquote(value)
        if "\x00" in text:
            raise ValueError(text)
        return text

    def to_url(self, value: str) -> str:
        return quote(value, safe="")
