"""Publications at the dashboard."""

import pytest

from campaigns.models import Publication, Voucher
from campaigns.services.publication import PublicationRequest, publish
from customers.services.upsert import CustomerDraft
from promo.errors import BadRequest
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.admin_site import (
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


def give(project: Project, code: str, customer: str = "ada") -> None:
    draft = CustomerDraft(source_id=customer)
    request = PublicationRequest(customer=draft, voucher=code)
    publish(project=project, request=request, now=NOW)


def test_the_list_tells_who_got_what_and_what_failed():
    project = make_project()
    eve = CustomerFactory(project=project)
    VoucherFactory(project=project, code="MINE")
    VoucherFactory(project=project, code="HERS", holder=eve)
    give(project, "MINE")
    with pytest.raises(BadRequest):
        give(project, "HERS")

    shown = text_of(sign_in(project, "VIEWER").list(Publication))

    assert "MINE" in shown
    assert "Voucher already published" in shown


def test_the_list_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    counts = []
    for number in (1, 20):
        for one in range(number):
            code = f"CODE-{number}-{one}"
            VoucherFactory(project=project, code=code)
            give(project, code, f"customer-{number}-{one}")
        counts.append(statements_of(lambda: person.list(Publication)))

    assert counts[0] == counts[1]
    assert len(rows_of(person.list(Publication))) == 21


def test_a_code_is_given_to_a_customer_by_hand():
    project = make_project()
    ada = CustomerFactory(project=project, source_id="ada")
    voucher = VoucherFactory(project=project, code="MINE")
    person = sign_in(project, "USER")

    answer = person.run(voucher, "give", customer="ada")

    voucher.refresh_from_db()
    made = Publication.objects.get()
    assert messages_of(answer) == ["ada has MINE."]
    assert (voucher.holder, voucher.publications_count) == (ada, 1)
    assert (made.channel, made.result, made.customer) == ("Dashboard", "SUCCESS", ada)
    told = DomainEvent.objects.get(type="publication.succeeded")
    assert told.payload["user"] == {"id": told.source["user"]["id"]}


def test_a_campaign_gives_its_oldest_code_and_once_where_it_is_joined_once():
    project = make_project()
    campaign = CampaignFactory(project=project, join_once=True)
    for code in "AB":
        VoucherFactory(campaign=campaign, code=code)
    person = sign_in(project, "USER")

    first = person.run(campaign, "give", customer="ada")
    again = person.run(campaign, "give", customer="ada")

    assert messages_of(first) == ["ada has A."]
    assert messages_of(again)[-1] == "ada already has A."
    assert Publication.objects.count() == 1


def test_a_code_that_cannot_be_given_says_why_inside_the_dialog():
    project = make_project()
    voucher = VoucherFactory(
        project=project, code="HERS", holder=CustomerFactory(project=project)
    )
    person = sign_in(project, "USER")

    answer = person.run(voucher, "give", customer="ada")

    held = Voucher.objects.get()
    assert "already been published" in text_of(answer)
    assert (held.holder, held.publications_count) == (voucher.holder, 0)
    assert Publication.objects.get().result == "FAILURE"


def test_who_may_only_look_gives_nothing_away():
    project = make_project()
    voucher = VoucherFactory(project=project, code="MINE")

    answer = sign_in(project, "VIEWER").run(voucher, "give", customer="ada")

    assert answer.status_code == 403
    assert Publication.objects.count() == 0
    assert Voucher.objects.get().publications_count == 0


def test_a_publication_shows_what_it_was_asked_with():
    project = make_project()
    VoucherFactory(project=project, code="MINE")
    draft = CustomerDraft(source_id="ada")
    request = PublicationRequest(
        customer=draft, voucher="MINE", source_id="mail-1", metadata={"lang": "en"}
    )
    made = publish(project=project, request=request, now=NOW).row

    shown = text_of(sign_in(project, "VIEWER").open(made))

    assert "mail-1" in shown
    assert "lang" in shown
