"""The link at the end of an e-mail, and HTML as a document."""

from webhooks.engine.messages.content import Email
from webhooks.engine.messages.footer import as_document, with_link

LINK = "https://promo.example/preferences/a&b/"


def test_the_link_is_last_in_both_forms() -> None:
    email = with_link(Email("xx", "S", "<p>Hi</p>", "Hi"), LINK)

    assert email.html.startswith("<p>Hi</p>\n<p style=")
    assert 'href="https://promo.example/preferences/a&amp;b/"' in email.html
    assert email.text == (
        f"Hi\n\n-- \nChoose what you hear from us, or stop these messages:\n{LINK}\n"
    )


def test_an_email_that_shows_it_or_goes_to_nobody_stays_as_it_is() -> None:
    shows = Email("en", "S", "<p>Hi</p>", "Hi", has_preferences=True)
    to_nobody = Email("en", "S", "<p>Hi</p>", "Hi")

    assert with_link(shows, LINK) == shows
    assert with_link(to_nobody, "") == to_nobody


def test_a_body_ends_after_the_link() -> None:
    html = "<html><body>Hi</body></html>"

    email = with_link(Email("pt-BR", "S", html, "Hi"), LINK)

    assert email.html.startswith("<html><body>Hi<p style=")
    assert "Escolher" in email.html
    assert email.html.endswith("</p>\n</body></html>")


def test_letters_that_grow_when_they_are_made_small_move_nothing() -> None:
    email = with_link(Email("en", "S", "<body>İ</body>", "I"), LINK)

    assert email.html.startswith("<body>İ</body>\n<p style=")


def test_a_document_is_made_once() -> None:
    made = as_document(Email("en", "S", "<p>Hi</p>", "Hi"))

    assert made.html == (
        '<!doctype html>\n<html lang="en">\n'
        '<body style="color: #1c2b2e; font: 16px/1.5 system-ui, sans-serif">\n'
        "<p>Hi</p>\n</body>\n</html>\n"
    )
    assert as_document(made) == made
