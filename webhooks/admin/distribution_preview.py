"""What the page of a distribution shows of it while it is built."""

import json
from typing import Any

import segno
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.tenancy.models import Project
from webhooks.admin.distribution_fields import filled
from webhooks.channels.email import PICTURE
from webhooks.engine.messages.occasions import in_plain_words
from webhooks.engine.messages.sentence import sentence
from webhooks.engine.messages.sms_length import sms_parts
from webhooks.services.distributions.names import names_in
from webhooks.services.distributions.preview import preview_design
from webhooks.services.distributions.previewing import Preview, Shown

Json = dict[str, Any]
#: The field of the preview that is none of the form's.
CUSTOMER = "preview_customer"
MADE_UP_CODE = "PREVIEW-CODE"


def preview_of(request: HttpRequest, form: Any) -> Json:
    """Return the sentence, and what a customer would get, for the fields as typed.

    ``refusal`` says what is missing or wrong; the sentence is there without a preview.
    """
    form.fields["name"].required = False
    if not form.is_valid():
        return {"refusal": " ".join(_errors(form))}
    project, parts = project_of(request), form.parts
    kind = parts.pop("kind")
    parts.pop("name")
    wanted = request.POST.get(CUSTOMER, "").strip()
    names = names_in(project, [parts])
    said = {"sentence": sentence({"kind": kind, **parts}, names), "customer": wanted}
    try:
        found = preview_design(
            project=project,
            kind=kind,
            parts=parts,
            customer=wanted,
            now=visit(request).now,
        )
    except PromoError as refused:
        return {**said, "refusal": form.in_words(refused)}
    return {**said, **_shown(found, project)}


def _errors(form: Any) -> list[str]:
    return [
        f"{form[name].label}: {error}" if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]


def _shown(found: Preview | None, project: Project) -> Json:
    if found is None:
        return {"refusal": "There is no customer yet to show it for."}
    person = project.customers.get(pk=found.customer_id)
    due = found.due_at
    return {
        "person": str(person),
        "is_made_up": found.event_id is None,
        "due": date_format(localtime(due), "DATETIME_FORMAT") if due else "",
        "messages": [_message(each) for each in found.messages],
    }


def _message(shown: Shown) -> Json:
    message = shown.message
    text, body = str(message.get("text", "")), message.get("body") or {}
    parts = sms_parts(text)
    told = body.get("data") if body.get("raw") else filled(body)
    return {
        "kind": shown.channel,
        "to": shown.to,
        "why_not": in_plain_words(shown.reason) if shown.reason else "",
        "subject": message.get("subject", ""),
        "text": text,
        "html": _with_picture(str(message.get("html", ""))),
        "language": message.get("language", ""),
        "length": f"{len(text)} characters, {parts} text message"
        + ("" if parts == 1 else "s"),
        "body": json.dumps(told, indent=2, ensure_ascii=False),
    }


def _with_picture(html: str) -> str:
    """Return an e-mail with a picture of nobody's code where it shows one."""
    picture = segno.make_qr(MADE_UP_CODE, error="m").png_data_uri(scale=6)
    return html.replace(f"cid:{PICTURE}", picture)
