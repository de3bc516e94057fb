"""HTML as plain text and plain text as HTML, where only one of them was written."""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "div", "dl", "dd", "dt"),
        *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)
_HIDDEN = frozenset(("head", "script", "style", "title", "template"))


class _Reader(HTMLParser):
    """Collects what a reader sees; links keep their address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._hidden: list[str] = []
        self._links: list[str] = []

    def handle_starttag(
        self, tag: str, attrs: Sequence[tuple[str, str | None]]
    ) -> None:
        held = dict(attrs)
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag in _BLOCKS:
            self._break()
        elif tag == "br":
            self.lines.append("")
        elif tag == "a":
            self._links.append(held.get("href") or "")
        elif tag == "img":
            self.handle_data(held.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            self._hidden.remove(tag)
        elif tag in _BLOCKS:
            self._break()
        elif tag == "a" and self._links:
            address = self._links.pop()
            if address and address not in self.lines[-1]:
                self.handle_data(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.lines[-1] += data.replace("\n", " ")

    def _break(self) -> None:
        if self.lines[-1].strip():
            self.lines += ["", ""]


def as_plain(html: str) -> str:
    """Return what HTML says, a paragraph's end as an empty line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in reader.lines]
    kept = [
        line for place, line in enumerate(lines) if line or (place and lines[place - 1])
    ]
    return "\n".join(kept).strip()


def as_html(text: str) -> str:
    """Return plain text as HTML: paragraphs at empty lines, breaks at line ends."""
    parts = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    shown = (escape(part.strip("\n")).replace("\n", "<br>\n") for part in parts)
    return "\n".join(f"<p>{each}</p>" for each in shown)
