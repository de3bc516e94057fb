"""Who referred whom: converted once, summed up, placed and forgotten."""

from functools import partial

import pytest

from campaigns.models import ReferralConversion
from campaigns.services.custom_event import EventToTrack, track_event
from customers.models import Customer, CustomEvent, CustomEventCount, SegmentMember
from customers.services.erasure import erase_customer
from customers.services.upsert import CustomerDraft
from promo.clock import isoformat
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from redemptions.services.customer_summary import hear_events
from tests.factories.campaigns import ReferralCampaignFactory, VoucherFactory
from tests.factories.customers import (
    CustomerFactory,
    EventSchemaFactory,
    SegmentFactory,
)
from tests.factories.tenancy import NOW, ProjectFactory
from tests.outbox import events_of
from tests.races import at_once

pytestmark = pytest.mark.django_db


def scene(project, referrer=None, *, name="Invite", schema=None):
    """Return a referral code of a programme that counts an event."""
    schema = schema or EventSchemaFactory.create(project=project, name="signed_up")
    campaign = ReferralCampaignFactory.create(project=project, counts=schema, name=name)
    return VoucherFactory.create(
        campaign=campaign,
        holder=referrer or CustomerFactory.create(project=project, source_id="eve"),
        is_referral_code=True,
    )


def track(code, source_id="ada", **values):
    event = EventToTrack(
        name="signed_up",
        customer=CustomerDraft(source_id=source_id, values=values),
        referral_code=code.code,
    )
    return track_event(project=code.project, event=event, now=NOW)


def test_both_sides_of_a_referral_are_summed_up(project):
    code = scene(project)
    second = scene(
        project, code.holder, name="More", schema=project.custom_event_schemas.get()
    )
    Customer.objects.filter(pk=code.holder_id).update(
        loyalty={
            "points": 5,
            "referred_customers": 0,
            "campaigns": {"Invite": {"points": 5, "loyalty_tier": "ltr_1"}},
        }
    )

    first = track(code, "ada")
    track(code, "bob")
    again = track(second, "ada")
    publish_batch(now=NOW)

    ada = Customer.objects.get(source_id="ada")
    eve = Customer.objects.get(pk=code.holder_id)
    date = isoformat(NOW)
    rows = [
        {
            "campaign_id": voucher.campaign_id,
            "referrer_id": eve.pk,
            "related_object_id": event.pk,
            "related_object_type": "custom_event",
            "date": date,
        }
        for voucher, event in ((code, first), (second, again))
    ]
    assert ada.referrals == {"total": 2, "campaigns": rows}
    assert ada.loyalty == {"points": 0, "referred_customers": 0, "campaigns": {}}
    assert eve.loyalty == {
        "points": 0,
        "referred_customers": 2,
        "campaigns": {
            "Invite": {"points": 0, "loyalty_tier": "ltr_1", "referred_customers": 2},
            "More": {"points": 0, "referred_customers": 1},
        },
    }
    assert eve.referrals == {"total": 0, "campaigns": []}
    assert (ada.updated_at, eve.updated_at) == (None, None)


def test_hearing_of_referrals_costs_the_same_for_one_and_for_twenty(
    project, django_assert_num_queries
):
    code = scene(project)
    for number in range(20):
        track(code, f"customer-{number}")
    told = list(DomainEvent.objects.select_related("project").order_by("pk"))
    referred = [one for one in told if one.type == "customer.referred"]

    with django_assert_num_queries(8):
        hear_events(referred[:1], now=NOW)
    with django_assert_num_queries(8):
        hear_events(told, now=NOW)

    eve = Customer.objects.get(pk=code.holder_id)
    assert eve.loyalty["referred_customers"] == 20


def test_segments_of_both_sides_are_placed_anew(project):
    referrers = {"loyalty.referred_customers": {"conditions": {"$more_than": [0]}}}
    renters = {"events.signed_up.count": {"conditions": {"$is": [1]}}}
    active = {"project": project, "type": "auto-update", "completed_at": NOW}
    bring = SegmentFactory.create(filter=referrers, **active)
    come = SegmentFactory.create(filter=renters, **active)
    code = scene(project)

    track(code)
    publish_batch(now=NOW)

    ada = Customer.objects.get(source_id="ada")
    places = SegmentMember.objects.values_list("segment_id", "customer_id")
    assert set(places) == {(bring.pk, code.holder_id), (come.pk, ada.pk)}
    assert events_of(project)[-2:] == ["customer.segment.entered"] * 2


def test_erasing_a_referrer_leaves_an_id_in_what_is_told_of_referees(project):
    eve = CustomerFactory.create(
        project=project, name="Eve", email="eve@example.com", metadata={"age": 40}
    )
    code = scene(project, eve)
    other = scene(
        project,
        CustomerFactory.create(project=project, name="Bob"),
        name="More",
        schema=project.custom_event_schemas.get(),
    )
    track(code)
    track(code)
    track(other)

    erase_customer(project, eve.pk, now=NOW)

    told = list(DomainEvent.objects.filter(type__startswith="customer."))
    text = str([one.payload for one in told])
    assert "Eve" not in text
    assert "eve@example.com" not in text
    assert "Bob" in text
    referrers = [
        one.payload["referrer"] for one in told if one.type == "customer.referred"
    ]
    assert {"id": eve.pk, "object": "customer"} in referrers
    kept = ReferralConversion.objects.get(campaign=code.campaign)
    assert (kept.referrer_id, kept.voucher_id) == (None, code.pk)
    assert kept.referee_id is not None


def test_erasing_a_referee_leaves_the_number_to_the_referrer(project):
    code = scene(project)
    track(code, "ada", name="Ada")
    track(code, "bob")
    ada = Customer.objects.get(source_id="ada")

    erased = erase_customer(project, ada.pk, now=NOW)
    publish_batch(now=NOW)

    assert erased.counts["events"] == 1
    assert "Ada" not in str(list(DomainEvent.objects.values_list("payload")))
    eve = Customer.objects.get(pk=code.holder_id)
    assert eve.loyalty["referred_customers"] == 2
    assert ReferralConversion.objects.filter(referee=None).count() == 1


def test_a_deleted_referrer_refers_nobody(project):
    code = scene(project)
    Customer.objects.filter(pk=code.holder_id).update(deleted_at=NOW)

    track(code)

    assert CustomEvent.objects.get().referrer_id is None
    assert not ReferralConversion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_hands_convert_a_referee_once():
    project = ProjectFactory.create()
    code = scene(project)
    holder = CustomerFactory.create(project=project)
    other = VoucherFactory.create(
        campaign=code.campaign, holder=holder, is_referral_code=True
    )

    outcomes = at_once(*[partial(track, one) for one in (code, other) * 4])

    assert all(isinstance(one, CustomEvent) for one in outcomes)
    assert ReferralConversion.objects.count() == 1
    told = events_of(project)
    assert told.count("customer.created") == 1
    assert told.count("customer.custom_event") == 8
    assert told.count("customer.referred") == 1
    assert CustomEventCount.objects.get().count == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("erased", ["ada", "eve"])
def test_a_referral_during_an_erasure_leaves_nothing_of_the_person(erased):
    for _ in range(5):
        project = ProjectFactory.create()
        eve = CustomerFactory.create(project=project, source_id="eve", name="Eve")
        ada = CustomerFactory.create(project=project, source_id="ada", name="Ada")
        code = scene(project, eve)
        person = {"ada": ada, "eve": eve}[erased]

        outcomes = at_once(
            partial(erase_customer, project, person.pk, now=NOW),
            partial(track, code),
            partial(track, code),
        )

        assert sum(isinstance(one, CustomEvent) for one in outcomes) == 2
        told = DomainEvent.objects.filter(project=project)
        assert person.name not in str(list(told.values_list("payload")))
        assert not CustomEvent.objects.filter(
            project=project, customer=person.pk
        ).exists()
