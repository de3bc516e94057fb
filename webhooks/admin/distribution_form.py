"""The form that builds a distribution, from what starts it to how often."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from promo.admin.forms import ProjectForm, in_words
from promo.admin.visit import project_of
from promo.errors import PromoError
from promo.tenancy.models import Project
from webhooks.admin.distribution_fields import (
    MOST_CHOICES,
    UNITS,
    Json,
    OneOf,
    WordsField,
    number,
    search,
    select,
    text,
)
from webhooks.admin.distribution_parts import (
    CONTENT_PLACES,
    PLACES,
    initial_of,
    parts_of,
)
from webhooks.engine.distributions.definition import (
    MANUAL,
    MESSAGE,
    NOTIFY_PROMOTION,
    PUBLISH_CODES,
)
from webhooks.engine.distributions.triggers import MANUAL_START
from webhooks.engine.messages.occasions import occasion
from webhooks.models import Distribution
from webhooks.services.distributions.definitions import told_events

_CONTENT = re.compile(r"^\.channels\[(\d+)\]\.content(\S*)")
_FIRST = ("customer.order.paid", "customer.segment.entered", "customer.custom_event")
_WHOEVER = "Whoever has not said no"
_SEGMENTS = (
    *("trigger_segment", "audience_segment", "condition_segment"),
    *("cancel_left", "cancel_entered"),
)


def _events() -> list[tuple[str, str]]:
    told = [name for name in told_events() if name != MANUAL_START]
    ordered = sorted(told, key=lambda name: (name not in _FIRST, name))
    return [(name, occasion(name)) for name in ordered]


def _occasions() -> list[tuple[str, str]]:
    return [*_events(), (MANUAL, "I start it by hand, for people whom I name")]


def _calling_off() -> list[tuple[str, str]]:
    return [("", "Nothing else calls it off"), *_events()]


def _switch(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(
        label=label,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=help_text,
    )


class DistributionForm(ProjectForm):
    """Fields of a distribution; ``parts`` is what the services get for them."""

    occasion = forms.ChoiceField(
        label="What starts it", choices=_occasions, widget=select("").widget
    )
    trigger_segment = search("Which segment", "Choose a segment")
    include_existing = _switch(
        "Whoever is in it already, too", "They are told when it is activated."
    )
    custom_event = text("Name of the event", "trip_booked", "As your shop sends it.")
    trigger_campaign = search("Of which campaign", "Any campaign")
    audience = select(
        "Who gets it",
        [("segment", "Everybody in a segment"), ("customer", "One customer")],
    )
    audience_segment = search("Segment", "Choose a segment")
    audience_customer = text("Customer", "crm-1001", "An id, or the id in your shop.")
    condition_segment = search("Only who is in", "Anybody")
    rule = search(
        "Only if this rule holds",
        "No rule",
        "The rule is asked when the message is due, with the order if there is one.",
    )
    action = forms.ChoiceField(
        label="What they get",
        choices=[
            (PUBLISH_CODES, "A code of their own from a campaign"),
            (NOTIFY_PROMOTION, "A promotion that they can use"),
            (MESSAGE, "Just a message"),
        ],
        widget=select("").widget,
    )
    campaign = search("Campaign", "Choose a campaign")
    tier = search("Promotion", "Choose a promotion tier")
    by_email = _switch("By e-mail")
    email = WordsField("admin/words_of_email.html", label="E-mail")
    email_consent = search("Who may get the e-mail", _WHOEVER)
    by_sms = _switch("By text message")
    sms = WordsField("admin/words_of_sms.html", label="Text message")
    sms_consent = search("Who may get the text message", _WHOEVER)
    by_webhook = _switch("To another system, by a webhook")
    target_url = text("Target URL", "https://shop.example/hooks")
    headers = forms.CharField(
        label="Headers",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="One a line, names in lower case: authorization: Bearer x.",
    )
    event_name = text(
        "Name of the event", "winter.code.sent", "Empty for the name of what happened."
    )
    payload = forms.CharField(
        label="Payload",
        required=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 8, "spellcheck": "false", "class": "promo-code"}
        ),
        help_text=(
            'JSON with placeholders: {"name": "{{customer.name}}", "total": '
            "{{order.amount}}}. Empty sends all that happened."
        ),
    )
    raw = _switch(
        "The payload is the whole body", "Else it stands in the envelope, as data."
    )
    delay = select(
        "When it is sent",
        [
            ("NONE", "At once"),
            ("AFTER", "Some time before or after"),
            ("AT_LOCAL_TIME", "At a time of day"),
        ],
    )
    delay_value = number("How many", least=-525_600)
    delay_unit = select("Of what", UNITS)
    delay_from = select(
        "Counted from",
        [
            ("EVENT", "The moment it happens"),
            ("METADATA_DATE", "A date in the metadata"),
        ],
    )
    delay_property = text(
        "Which date",
        "order.trip_end",
        "In the metadata of the customer, order or event. How many may be below 0: "
        "before it.",
    )
    delay_time = text("Time of day", "09:00", "By the clock of the project.")
    cancel_left = search("Called off unless still in", "No segment")
    cancel_entered = search("Called off if in", "No segment")
    cancel_happens = forms.ChoiceField(
        label="Called off if this happens meanwhile",
        choices=_calling_off,
        required=False,
        widget=select("").widget,
    )
    cancel_event = text("Name of that event", "trip_canceled")
    max_per_customer = number("For one customer", "Empty for no limit.")
    max_total = number("In all", "Empty for no limit.")
    per_day = number("A day", "Empty for no limit.")

    class Meta:
        model = Distribution
        fields = ("name",)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial.update(initial_of(self.instance))
            self.fields["occasion"].disabled = self.instance.kind == MANUAL
        else:
            self.initial.setdefault("by_email", True)
            self.initial.setdefault("delay_unit", "DAY")
        self._offer(project_of(self.request))

    def _offer(self, project: Project) -> None:
        """Offer the project's things, one statement a kind."""
        for names, rows in _offers(project):
            offered = [(row.pk, str(row)) for row in rows]
            for name in names:
                field = self.fields[name]
                if isinstance(field, OneOf):
                    field.offer(offered, str(self.initial.get(name) or ""))

    def clean_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in str(self.cleaned_data["headers"]).splitlines():
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
            elif line.strip():
                msg = f"A line is a name, a colon and a value, not: {line}"
                raise forms.ValidationError(msg)
        return headers

    def clean_audience_customer(self) -> str:
        """Return the id of the customer behind what was typed."""
        typed = str(self.cleaned_data["audience_customer"]).strip()
        if not typed:
            return ""
        project = project_of(self.request)
        found = project.customers.by_reference(typed).first()
        if found is None:
            msg = "There is no such customer."
            raise forms.ValidationError(msg)
        return str(found.pk)

    @property
    def parts(self) -> Json:
        """What the services get, of fields that are valid."""
        stored = self.instance if self.instance.created_at else None
        return parts_of(self.cleaned_data, stored)

    def in_words(self, refused: PromoError) -> str:
        """Return a refusal with the field that is meant."""
        field, words = self._place(refused)
        return f"{self.fields[field].label}: {words}" if field else words

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        path, _, problem = (
            (refused.details or "").removeprefix("Property ").partition(" ")
        )
        field = self._field_at(path)
        if field is None or not problem:
            return None, in_words(refused)
        return field, f"{problem[:1].upper()}{problem[1:]}{_language_of(path)}."

    def _field_at(self, path: str) -> str | None:
        inside = _CONTENT.match(path)
        if inside:
            kinds = [each["type"] for each in self.parts["channels"]]
            places = CONTENT_PLACES[kinds[int(inside[1])]]
            path = inside[2]
        elif path == ".channels":
            return "by_email"
        else:
            places = PLACES
        return next((name for start, name in places if path.startswith(start)), None)


def _language_of(path: str) -> str:
    found = re.search(r"\.languages\.([\w-]+)\.(\w+)", path)
    return f" ({found[2]}, {found[1]})" if found else ""


def _offers(project: Project) -> list[tuple[tuple[str, ...], Any]]:
    campaigns = [*project.campaigns.alive()[:MOST_CHOICES]]
    tiers = project.promotion_tiers.alive().order_by("-created_at")
    by_name: tuple[str, ...] = ("name", "pk")
    return [
        (_SEGMENTS, project.segments.order_by(*by_name)[:MOST_CHOICES]),
        (("rule",), project.validation_rules.order_by(*by_name)[:MOST_CHOICES]),
        (("tier",), tiers[:MOST_CHOICES]),
        (("campaign",), [each for each in campaigns if each.has_codes]),
        (("trigger_campaign",), campaigns),
        (("email_consent", "sms_consent"), project.consents.order_by(*by_name)),
    ]
