"""The last lines of an e-mail: where people say what they want to hear."""

from dataclasses import replace
from html import escape

from webhooks.engine.messages.content import Email

_WORDS = {
    "en": "Choose what you hear from us, or stop these messages",
    "de": "Auswählen, was Sie von uns hören, oder abbestellen",
    "fr": "Choisir ce que vous recevez de nous, ou vous désabonner",
    "es": "Elegir qué recibe de nosotros o darse de baja",
    "it": "Scegliere cosa ricevere da noi o annullare l'iscrizione",
    "nl": "Kiezen wat u van ons ontvangt, of afmelden",
    "pl": "Wybierz, co od nas otrzymujesz, lub zrezygnuj",
    "pt": "Escolher o que recebe de nós ou cancelar a subscrição",
}
_STYLE = "color: #6b7280; font: 12px system-ui, sans-serif; margin-top: 32px"
_BODY = "color: #1c2b2e; font: 16px/1.5 system-ui, sans-serif"


def with_link(email: Email, address: str) -> Email:
    """Return the e-mail with the link, unless it shows it already or there is none."""
    if email.has_preferences or not address:
        return email
    words = _WORDS.get(email.language.partition("-")[0], _WORDS["en"])
    link = f'<a href="{escape(address)}" style="color: inherit">{escape(words)}</a>'
    line = f'<p style="{_STYLE}">{link}</p>'
    return replace(
        email,
        html=_before_the_end(email.html, line),
        text=f"{email.text}\n\n-- \n{words}:\n{address}\n",
    )


def as_document(email: Email) -> Email:
    """Return the e-mail with its HTML as a whole document."""
    if "<html" in email.html.lower():
        return email
    language = escape(email.language)
    head = f'<!doctype html>\n<html lang="{language}">\n<body style="{_BODY}">\n'
    return replace(email, html=f"{head}{email.html}\n</body>\n</html>\n")


def _before_the_end(html: str, line: str) -> str:
    """Return HTML with ``line`` last; a document ends at its last ``</body>``."""
    end = html.lower().rfind("</body>")
    if end < 0 or len(html.lower()) != len(html):
        return f"{html}\n{line}"
    return f"{html[:end]}{line}\n{html[end:]}"
