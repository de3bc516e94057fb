"""HTML as plain text and back, and how many text messages a text takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.engine.messages.trying import tried
from webhooks.engine.messages.plain import as_html, as_plain
from webhooks.engine.messages.sms_length import sms_parts


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<h1>Hello</h1>\n<p>a &amp; b<br>c</p>", "Hello\n\na & b\nc"),
        ("<p>Two\n  <b>words</b></p>", "Two words"),
        ('<a href="https://x.example">Shop</a>!', "Shop (https://x.example)!"),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ("<a>Nowhere</a></a>", "Nowhere"),
        ("<style>p {}</style><p>Seen</p></style>", "Seen"),
        ('<img src="x" alt="Code SAVE20"><img src="y">', "Code SAVE20"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("", ""),
    ],
)
def test_what_html_says(html: str, plain: str) -> None:
    assert as_plain(html) == plain


def test_plain_text_becomes_paragraphs() -> None:
    html = as_html("Hello <Ada>\r\nand all\n\n\n\nBye\n")

    assert html == "<p>Hello &lt;Ada&gt;<br>\nand all</p>\n<p>Bye</p>"


@tried
@given(st.text(alphabet="ab<&>; ", min_size=1))
def test_what_became_html_still_says_the_same(text: str) -> None:
    assert as_plain(as_html(text)).split() == text.split()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ő" * 70, 1),
        ("ő" * 71, 2),
        ("🎁" * 36, 2),
    ],
)
def test_how_many_messages_a_text_takes(text: str, parts: int) -> None:
    assert sms_parts(text) == parts
