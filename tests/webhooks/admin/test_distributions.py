"""Distributions at the dashboard: built, looked at, run, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns.services.rule_assignments import assign_rule
from promo.tenancy.models import Project
from tests.admin_site import (
    Person,
    address,
    errors_of,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory
from tests.factories.consents import ConsentFactory
from tests.factories.customers import SegmentFactory
from tests.factories.distributions import ada, draft, order_event, running, send, tell
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW, ProjectFactory
from webhooks.models import Distribution, DistributionMessage

pytestmark = pytest.mark.django_db
WORDS = '{"default_language": "en", "languages": {"en": {"subject": "S", "text": "T"}}}'
USUAL: dict[str, Any] = {
    "name": "Thanks",
    "occasion": "customer.order.paid",
    "action": "MESSAGE",
    "by_email": "on",
    "email": WORDS,
    "delay": "NONE",
}


@pytest.fixture
def marketer(project: Project) -> Person:
    return sign_in(project, "USER")


def preview(person: Person, **values: Any) -> str:
    path = address(Distribution, "preview")
    return text_of(person.client.post(path, {**USUAL, **values}))


def test_a_distribution_is_built_from_its_fields(
    project: Project, marketer: Person
) -> None:
    campaign = CampaignFactory.create(project=project, name="Winter")
    consent = ConsentFactory.create(project=project)

    answer = marketer.add(
        Distribution,
        **{
            **USUAL,
            "action": "PUBLISH_CODES",
            "campaign": campaign.pk,
            "email_consent": consent.pk,
            "by_webhook": "on",
            "target_url": "https://shop.example/hook",
            "headers": "X-Shop: 7",
            "payload": '{"who": "{{customer.name}}"}',
            "raw": "on",
            "delay": "AT_LOCAL_TIME",
            "delay_value": "2",
            "delay_unit": "DAY",
            "delay_from": "EVENT",
            "delay_time": "09:30",
            "cancel_happens": "customer.order.canceled",
            "max_per_customer": "1",
        },
    )

    made = Distribution.objects.get()
    email, hook = made.channels
    assert answer.status_code == 302
    assert (made.name, made.kind, made.status) == ("Thanks", "AUTOMATIC", "DRAFT")
    assert made.trigger == {"type": "customer.order.paid"}
    assert made.action == {"type": "PUBLISH_CODES", "campaign_id": campaign.pk}
    assert email["consent_id"] == consent.pk
    assert email["content"]["languages"] == {"en": {"subject": "S", "text": "T"}}
    assert hook["content"] == {
        "target_url": "https://shop.example/hook",
        "headers": {"x-shop": "7"},
        "payload": '{"who": "{{customer.name}}"}',
        "raw": True,
    }
    assert made.delay == {
        "type": "AT_LOCAL_TIME",
        "from": "EVENT",
        "value": 2,
        "unit": "DAY",
        "time": "09:30",
    }
    assert made.cancel_if == {"happens": "customer.order.canceled"}
    assert made.limits == {"max_per_customer": 1}


def test_what_is_shown_is_saved_again_as_it_was(
    project: Project, marketer: Person
) -> None:
    parts: dict[str, Any] = {
        "trigger": {"type": "customer.custom_event", "event": "trip_booked"},
        "channels": [
            {"type": "EMAIL", "content": {"subject": "S", "text": "T"}},
            {"type": "SMS", "content": {"text": "T"}},
            {
                "type": "WEBHOOK",
                "content": {
                    "target_url": "https://shop.example/hook",
                    "headers": {"x-shop": "7"},
                },
            },
        ],
        "delay": {
            "type": "AFTER",
            "value": -2,
            "unit": "DAY",
            "from": "METADATA_DATE",
            "property": "event.trip",
        },
        "cancel_if": {"happens": "customer.custom_event", "event": "trip_canceled"},
        "limits": {"max_total": 9, "per_day": 3},
    }
    made = draft(project, **parts)
    before = Distribution.objects.values().get(pk=made.pk)

    form = marketer.open(made).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent["email"], sent["sms"] = (
        str(sent[name]).replace("'", '"') for name in ("email", "sms")
    )
    answer = marketer.change(
        made, **{name: value for name, value in sent.items() if value}
    )

    after = Distribution.objects.values().get(pk=made.pk)
    assert answer.status_code == 302
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }


def test_one_that_is_started_by_hand_names_its_people(
    project: Project, marketer: Person
) -> None:
    person = ada(project, source_id="ada")
    segment = SegmentFactory.create(project=project)
    campaign = CampaignFactory.create(project=project)
    manual = {
        **USUAL,
        "occasion": "MANUAL",
        "action": "PUBLISH_CODES",
        "campaign": campaign.pk,
    }

    marketer.add(
        Distribution, **{**manual, "audience": "customer", "audience_customer": "ada"}
    )
    marketer.add(
        Distribution,
        **{**manual, "audience": "segment", "audience_segment": segment.pk},
    )

    second, first = Distribution.objects.order_by("-pk")
    assert (first.kind, first.audience) == ("MANUAL", {"customer_id": person.pk})
    assert second.audience == {"segment_id": segment.pk}


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"by_email": ""}, "by_email", "Must NOT have fewer than 1 items."),
        ({"email": "{"}, "email", "Must not be empty (subject, en)."),
        (
            {"email": WORDS.replace('"T"', '"{{x"')},
            "email",
            "Must close every placeholder with }}, found {{x (text, en).",
        ),
        ({"email": WORDS.replace('{"subject": "S", "text": "T"}', "7")}, "email", ""),
        ({"by_sms": "on"}, "sms", "Must not be empty (text, en)."),
        ({"by_webhook": "on", "target_url": "ftp://x"}, "target_url", ""),
        (
            {"by_webhook": "on", "target_url": "https://x.example", "payload": "{"},
            "payload",
            "",
        ),
        ({"headers": "no colon"}, "headers", ""),
        ({"occasion": "customer.segment.entered"}, "occasion", ""),
        ({"occasion": "customer.custom_event"}, "occasion", ""),
        ({"occasion": "MANUAL", "action": "PUBLISH_CODES"}, "audience", ""),
        (
            {"occasion": "MANUAL", "audience_customer": "nobody"},
            "audience_customer",
            "There is no such customer.",
        ),
        ({"action": "PUBLISH_CODES"}, "campaign", "Must be string."),
        ({"action": "NOTIFY_PROMOTION"}, "tier", "Must be string."),
        ({"delay": "AFTER", "delay_unit": "DAY"}, "delay_value", "Must be integer."),
        (
            {"delay": "AT_LOCAL_TIME", "delay_unit": "DAY", "delay_time": "9"},
            "delay_time",
            "Must be a time of day such as 09:30.",
        ),
        ({"max_total": "0"}, "max_total", ""),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    marketer: Person, values: dict[str, Any], field: str, words: str
) -> None:
    answer = marketer.add(Distribution, **{**USUAL, **values})

    found = errors_of(answer)
    assert list(found) == [field]
    assert words in (*found[field], "")
    assert Distribution.objects.count() == 0


def test_the_sentence_and_the_messages_follow_the_fields(
    project: Project, marketer: Person
) -> None:
    person = ada(project, source_id="ada")
    CampaignFactory.create(project=project, name="Winter")
    html = WORDS.replace('"text": "T"', '"html": "<b>{{order.amount}}</b> {{qr}}"')
    tell(project, order_event(person, amount=4_200))

    page = preview(marketer, email=html, preview_customer="ada")

    assert "As soon as an order is paid, e-mail the customer." in page
    assert "Shown for Ada, with the last such event." in page
    assert "&lt;b&gt;4200&lt;/b&gt;" in page
    assert "ada@example.com" in page
    assert Distribution.objects.count() == DistributionMessage.objects.count() == 0


def test_a_code_that_is_previewed_is_nobodys(
    project: Project, marketer: Person
) -> None:
    ada(project)
    campaign = CampaignFactory.create(project=project, name="Winter")
    html = WORDS.replace('"text": "T"', '"html": "{{voucher.code}} {{qr}}"')

    page = preview(
        marketer, email=html, action="PUBLISH_CODES", campaign=campaign.pk, by_sms=""
    )

    assert "a code from &#x27;Winter&#x27;" in page
    assert "PREVIEW-CODE &lt;img src=&quot;data:image/png;base64," in page
    assert project.vouchers.count() == 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"preview_customer": "nobody"}, "Resource not found"),
        ({"by_email": ""}, "By e-mail: Must NOT have fewer than 1 items."),
        ({"max_total": "many"}, "In all: Enter a whole number."),
        ({"by_sms": "on", "sms": WORDS.replace('"subject": "S", ', "")}, "no phone"),
    ],
)
def test_what_is_missing_is_said_in_the_preview(
    project: Project, marketer: Person, values: dict[str, Any], words: str
) -> None:
    ada(project)

    assert words in preview(marketer, **values)


def test_without_customers_there_is_nobody_to_show_it_for(marketer: Person) -> None:
    page = preview(marketer, name="")

    assert "There is no customer yet to show it for." in page


def test_it_is_activated_paused_and_resumed(project: Project, marketer: Person) -> None:
    made = draft(project)

    marketer.run(made, "activate")
    told = messages_of(marketer.run(made, "pause"))
    made.refresh_from_db()
    paused = made.status
    offered = text_of(marketer.open(made))
    marketer.run(made, "resume")

    made.refresh_from_db()
    assert told == ["It runs from now on.", "It rests. What it owes is kept."]
    assert (paused, made.status) == ("PAUSED", "ACTIVE")
    assert "Resume" in offered
    assert ">Activate<" not in offered


def test_what_became_of_its_messages_is_said_in_words(
    project: Project, marketer: Person
) -> None:
    email = {
        "type": "EMAIL",
        "content": {"subject": "For {{customer.name}}", "text": "T"},
    }
    made = running(project, channels=[email])
    tell(project, order_event(ada(project)), order_event(ada(project, email="")))
    send(NOW + timedelta(minutes=1))

    listed = text_of(marketer.list(Distribution))
    page = text_of(marketer.open(made))
    log = text_of(marketer.list(DistributionMessage))
    sent = DistributionMessage.objects.get(state="SENT")

    assert "As soon as an order is paid" in listed
    assert "The customer has no e-mail address" in page
    assert "The customer has no e-mail address" in log
    assert ">Ada</a>" in log
    assert len(rows_of(marketer.list(DistributionMessage, state__exact="SENT"))) == 1
    assert "For Ada" in text_of(marketer.open(sent))


def test_pages_cost_the_same_for_one_as_for_many(
    project: Project, marketer: Person
) -> None:
    CampaignFactory.create(project=project)
    made = running(project)
    tell(project, order_event(ada(project)))
    pages = [
        lambda: marketer.list(Distribution),
        lambda: marketer.open(made),
        lambda: marketer.list(DistributionMessage),
        lambda: preview(marketer),
    ]
    for_one = [statements_of(page) for page in pages]
    for _ in range(3):
        running(project)
        CampaignFactory.create(project=project)
    tell(project, *[order_event(ada(project)) for _ in range(3)])

    assert [statements_of(page) for page in pages] == for_one
    assert max(for_one) <= 20


def test_a_list_without_any_teaches(marketer: Person) -> None:
    assert "A distribution sends customers a message" in text_of(
        marketer.list(Distribution)
    )


def test_who_may_only_look_sees_the_sentence_and_changes_nothing(
    project: Project,
) -> None:
    made = draft(project)
    viewer = sign_in(project, "VIEWER")

    page = text_of(viewer.open(made))
    answers = [
        viewer.change(made, **USUAL),
        viewer.run(made, "activate"),
        viewer.client.post(address(Distribution, "preview"), USUAL),
        viewer.add(Distribution, **USUAL),
        viewer.delete(made),
    ]

    made.refresh_from_db()
    assert "As soon as an order is paid, tell shop.example about the customer." in page
    assert [answer.status_code for answer in answers] == [403] * 5
    assert (made.name, made.status) == ("Thank you", "DRAFT")


def test_nobody_without_sign_in_sees_anything(project: Project) -> None:
    draft(project)

    for page in ("changelist", "add", "preview"):
        answer = Client().get(address(Distribution, page))
        assert answer.status_code == 302
        assert "login" in answer.headers["Location"]


def test_those_of_another_project_do_not_exist(marketer: Person) -> None:
    other: Project = ProjectFactory.create()
    made = running(other)
    tell(other, order_event(ada(other)))

    assert rows_of(marketer.list(Distribution)) == []
    assert rows_of(marketer.list(DistributionMessage)) == []
    assert marketer.open(made).status_code == 302
    assert marketer.run(made, "pause").status_code == 404
    assert made.name not in text_of(marketer.list(DistributionMessage))


def test_the_page_names_the_rule_that_was_put_on_it(
    project: Project, marketer: Person
) -> None:
    distribution = draft(project, name="Thank you")
    rule = ValidationRuleFactory.create(project=project, name="Big orders")
    before = text_of(marketer.open(distribution))
    assign_rule(project=project, rule_id=rule.pk, guarded=distribution, now=NOW)

    after = marketer.open(distribution)

    assert "put on this distribution" not in before
    assert ">Big orders</a> holds too: it was put on this" in text_of(after)
    assert "Thank you" in text_of(marketer.open(rule))
