"""E-mail, by whichever backend Django sends with."""

import smtplib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.mime.image import MIMEImage
from email.utils import parseaddr
from io import BytesIO
from typing import Any, ClassVar

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from customers.services.links import preference_address_of, unsubscribe_address_of
from webhooks.channels import (
    Attachment,
    Message,
    Outcome,
    Recipient,
    Result,
)
from webhooks.channels.wording import WordedChannel, voice_of, wanted_by
from webhooks.engine.messages.content import (
    PREFERENCES,
    Problem,
    email_for,
    email_problems,
)
from webhooks.engine.messages.footer import as_document, with_link

#: The name by which the HTML shows the picture of the code: ``cid:code``.
PICTURE = "code"
_LAST_TEMPORARY = 499
_AWAY = "The mail server did not take it"


class EmailChannel(WordedChannel):
    """Subject, HTML and plain text, with the code as a picture where it is asked for.

    Every e-mail says how to stop: in a link at its end, and in the headers by which
    mail programs offer it with one click (RFC 8058).
    """

    kind: ClassVar[str] = "EMAIL"
    consent: ClassVar[str] = "EMAIL"
    missing_address: ClassVar[str] = "no_email"

    def problems_of(
        self, content: Mapping[str, Any], known: Collection[str]
    ) -> list[Problem]:
        """Return what is wrong with the content."""
        return email_problems(content, known)

    def address_of(self, customer: Recipient, content: Mapping[str, Any]) -> str:
        """Return the e-mail address, empty where it is none."""
        address = customer.email.strip()
        try:
            validate_email(address)
        except ValidationError:
            return ""
        return address

    def render(
        self, content: Mapping[str, Any], context: Mapping[str, Any], language: str
    ) -> Message:
        """Return the e-mail with its links and its picture."""
        customer_id = str((context.get("customer") or {}).get("id") or "")
        stop = preference_address_of(customer_id) if customer_id else ""
        picture = _picture_of(context)
        email = email_for(
            content,
            {PREFERENCES: stop, **context},
            wanted=wanted_by(context, language),
            voice=voice_of(context),
            qr_markup=_MARKUP if picture else "",
        )
        email = as_document(with_link(email, stop))
        return Message(
            subject=email.subject,
            text=email.text,
            html=email.html,
            language=email.language,
            attachments=picture if email.has_qr else (),
            headers=_ways_to_stop(customer_id) if customer_id else {},
        )

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Send over one connection, and over a new one after one that broke."""
        connection = get_connection()
        outcomes: list[Outcome] = []
        try:
            for each in messages:
                outcomes.append(self._send(connection, each))
                if outcomes[-1].result == Result.FAILED:
                    _close(connection)
        finally:
            _close(connection)
        return outcomes

    def _send(self, connection: Any, message: Message) -> Outcome:
        try:
            # One that is open stays open.
            connection.open()
            connection.send_messages([_built(message, connection)])
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            return _refusal(min(codes), "The mail server knows no such address")
        except smtplib.SMTPResponseException as refused:
            return _refusal(refused.smtp_code, _AWAY)
        except ValueError:
            return Outcome(Result.REFUSED, "The address cannot be written to")
        except OSError:
            return Outcome(Result.FAILED, _AWAY)
        return Outcome(Result.SENT)


def _refusal(code: int, reason: str) -> Outcome:
    """Return what an answer of a mail server comes to: from 500 on it is for good."""
    final = code > _LAST_TEMPORARY
    return Outcome(Result.REFUSED if final else Result.FAILED, f"{reason} ({code})")


_MARKUP = f'<img src="cid:{PICTURE}" alt="" width="180" height="180">'


def _picture_of(context: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return the code of the voucher as a picture that a till can scan, if any."""
    voucher = context.get("voucher")
    code = voucher.get("code") if isinstance(voucher, Mapping) else None
    if not isinstance(code, str) or not code:
        return ()
    written = BytesIO()
    segno.make_qr(code, error="m").save(written, kind="png", scale=6, border=4)
    return (
        Attachment(
            name="code.png",
            content=written.getvalue(),
            media_type="image/png",
            content_id=PICTURE,
        ),
    )


def _ways_to_stop(customer_id: str) -> dict[str, str]:
    return {
        "List-Unsubscribe": f"<{unsubscribe_address_of(customer_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


class _WithPictures(EmailMultiAlternatives):
    """An e-mail whose files are part of what its HTML shows."""

    mixed_subtype = "related"


def _built(message: Message, connection: Any) -> EmailMultiAlternatives:
    sender = settings.DISTRIBUTION_FROM_EMAIL
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    built = _WithPictures(
        subject=message.subject,
        body=message.text,
        from_email=sender,
        to=[message.to],
        connection=connection,
        # The same in every attempt, so that whoever got it twice sees it once.
        headers={"Message-ID": f"<{message.id}@{domain}>", **message.headers},
    )
    built.attach_alternative(message.html, "text/html")
    for each in message.attachments:
        image = MIMEImage(each.content, each.media_type.partition("/")[2])
        image.add_header("Content-ID", f"<{each.content_id}>")
        image.add_header("Content-Disposition", "inline", filename=each.name)
        built.attach(image)
    return built


def _close(connection: Any) -> None:
    with suppress(OSError):
        connection.close()
