"""Campaigns at the dashboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.utils import quote

from campaigns.models import Campaign, Voucher
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from tests.admin_site import (
    address,
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import (
    CampaignFactory,
    PromotionFactory,
    VoucherFactory,
    template,
)
from tests.factories.promotions import TierFactory
from tests.factories.rules import ValidationRuleFactory

pytestmark = pytest.mark.django_db

_SPRING = {
    "name": "Spring",
    "campaign_type": "DISCOUNT_COUPONS",
    "kind": "PERCENT",
    "percent_off": "12.5",
    "amount_limit": "20.00",
    "effect": "APPLY_TO_ORDER",
    "codes": "STATIC",
    "metadata": "{}",
}


def test_adding_a_campaign_stores_what_the_marketer_said():
    project = make_project(timezone="Europe/Paris")
    rule = ValidationRuleFactory(project=project)

    response = sign_in(project, "USER").add(
        Campaign,
        **_SPRING,
        quantity="1",
        vouchers_count="500",
        pattern="SPRING-######",
        start_date_0="2026-04-01",
        expiration_date_0="2026-04-30",
        weekdays=["1", "0"],
        rule=rule.pk,
    )

    campaign = project.campaigns.get()
    assert response.status_code == 302
    assert campaign.voucher["discount"] == {
        "type": "PERCENT",
        "percent_off": 12.5,
        "amount_limit": 2000,
        "effect": "APPLY_TO_ORDER",
    }
    assert campaign.voucher["redemption"] == {"quantity": 1}
    assert campaign.voucher["code_config"]["pattern"] == "SPRING-######"
    assert campaign.start_date == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert campaign.expiration_date == datetime(2026, 4, 30, 21, 59, 59, tzinfo=UTC)
    assert campaign.validity_day_of_week == [1, 0]
    assert project.validation_rule_assignments.get().related_object_id == campaign.pk
    assert AsyncAction.objects.get().arguments["count"] == 500


def test_adding_a_campaign_of_one_code_makes_that_code():
    project = make_project()

    sign_in(project, "USER").add(
        Campaign, **{**_SPRING, "codes": "STANDALONE", "code": "WELCOME"}
    )

    assert [voucher.code for voucher in Voucher.objects.all()] == ["WELCOME"]


def test_adding_a_promotion_makes_its_first_tier():
    project = make_project()

    sign_in(project, "USER").add(
        Campaign,
        **{**_SPRING, "campaign_type": "PROMOTION", "kind": "AMOUNT"},
        amount_off="5.00",
    )

    tier = project.promotion_tiers.get()
    assert (tier.name, tier.campaign.name) == ("Spring", "Spring")
    assert tier.action["discount"] == {
        "type": "AMOUNT",
        "amount_off": 500,
        "effect": "APPLY_TO_ORDER",
    }


def test_a_discount_without_its_value_is_refused_beside_the_field():
    project = make_project()

    response = sign_in(project, "USER").add(Campaign, **{**_SPRING, "percent_off": ""})

    assert errors_of(response) == {"percent_off": ["Say how much."]}
    assert not project.campaigns.exists()


def test_a_name_that_is_taken_shows_what_the_service_says():
    project = make_project()
    CampaignFactory(project=project, name="Spring")

    response = sign_in(project, "USER").add(Campaign, **_SPRING)

    assert "Spring" in str(errors_of(response)["__all__"])
    assert project.campaigns.count() == 1


def test_changing_a_campaign_writes_only_what_changed():
    project = make_project()
    campaign = CampaignFactory(
        project=project, metadata={"season": "spring", "old": True}
    )
    rule = ValidationRuleFactory(project=project)

    response = sign_in(project, "USER").change(
        campaign,
        kind="PERCENT",
        percent_off="15",
        effect="APPLY_TO_ORDER",
        quantity="2",
        metadata='{"season": "summer"}',
        rule=rule.pk,
    )

    campaign.refresh_from_db()
    assert response.status_code == 302
    assert campaign.voucher["discount"]["percent_off"] == 15
    assert campaign.voucher["redemption"] == {"quantity": 2}
    assert campaign.metadata == {"season": "summer"}
    assert project.validation_rule_assignments.get().rule == rule


def test_a_discount_of_the_api_that_the_form_cannot_say_stays_as_it_is():
    project = make_project()
    mug = {"unit_off": 1, "unit_type": "prod_1", "effect": "ADD_NEW_ITEMS"}
    unit = {"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": [mug]}
    campaign = CampaignFactory(project=project, voucher=template(discount=unit))
    person = sign_in(project, "USER")

    person.change(campaign, description="Free mug", quantity="", metadata="{}")

    campaign.refresh_from_db()
    assert campaign.description == "Free mug"
    assert campaign.voucher["discount"] == unit
    assert "1 free" in text_of(person.open(campaign))


def test_the_page_says_how_the_campaign_is_doing():
    project = make_project()
    campaign = CampaignFactory(
        project=project,
        voucher=template(redemption={"quantity": 2}),
        vouchers_count=10,
    )
    VoucherFactory(campaign=campaign, redeemed_quantity=3, initial_redeemed_quantity=3)

    response = sign_in(project, "VIEWER").open(campaign)

    shown = {one.name: (one.value, one.note) for one in response.context["summary"]}
    assert shown == {
        "Status": ("Running", "No end"),
        "Redemptions": ("3", "Rolled back ones do not count"),
        "Codes": ("10", "All made"),
        "Uses left": ("17", "of 20: each code 2 times"),
        "Discounts given": ("0.00 USD", ""),
        "Refused": ("0", "attempts"),
    }


def test_the_page_of_a_promotion_sums_up_its_tiers():
    project = make_project(currency="EUR")
    campaign = PromotionFactory(project=project)
    TierFactory(
        project=project,
        campaign=campaign,
        redeemed_quantity=4,
        orders_amount=20_000,
        discounted_amount=2_000,
    )

    response = sign_in(project, "VIEWER").open(campaign)

    shown = {one.name: (one.value, one.note) for one in response.context["summary"]}
    assert shown["Redemptions"][0] == "4"
    assert shown["Tiers"] == ("1", "")
    assert shown["Orders"] == ("200.00 EUR", "in total")


def test_copying_leads_to_the_builder_and_makes_nothing():
    campaign = CampaignFactory(project=make_project(), name="Spring")
    person = sign_in(campaign.project, "USER")

    page = person.client.get(address(Campaign, "copy", quote(campaign.pk)), follow=True)

    assert page.context["source"] == campaign
    assert "Start from “Spring”" in text_of(page)
    assert campaign.project.campaigns.count() == 1


def test_hours_that_only_the_api_sets_are_shown():
    project = make_project()
    daily = [{"start_time": "10:00", "expiration_time": "12:00", "days_of_week": [1]}]
    campaign = CampaignFactory(project=project, validity_hours={"daily": daily})

    shown = text_of(sign_in(project, "USER").open(campaign))

    assert "10:00 to 12:00 on Monday" in shown


def test_generating_codes_asks_a_worker():
    project = make_project()
    campaign = CampaignFactory(project=project)
    person = sign_in(project, "USER")

    response = person.run(campaign, "generate_codes", count="250", pattern="X-#####")

    action = AsyncAction.objects.get()
    assert response.status_code == 302
    assert messages_of(response) == ["250 codes are being made."]
    assert action.arguments == {
        "campaign_id": campaign.pk,
        "count": 250,
        "voucher": {"code_config": {"pattern": "X-#####"}},
    }


def test_a_pattern_without_room_is_refused_inside_the_dialog():
    campaign = CampaignFactory(project=make_project())
    person = sign_in(campaign.project, "USER")

    response = person.run(campaign, "generate_codes", count="250", pattern="X")

    assert response.status_code == 200
    assert "Pattern must have a" in text_of(response)
    assert not AsyncAction.objects.exists()


def test_adding_one_code_of_ones_own_choice():
    campaign = CampaignFactory(project=make_project())

    sign_in(campaign.project, "USER").run(campaign, "add_code", code="VIP")

    assert campaign.vouchers.get().code == "VIP"


def test_disabling_and_enabling():
    campaign = CampaignFactory(project=make_project())
    person = sign_in(campaign.project, "USER")

    assert messages_of(person.run(campaign, "disable")) == [
        f"{campaign.name} is disabled."
    ]
    campaign.refresh_from_db()
    assert campaign.active is False

    person.run(campaign, "enable")
    campaign.refresh_from_db()
    assert campaign.active is True


def test_several_are_switched_from_the_list_and_a_refusal_stops_no_other():
    project = make_project()
    first, second = CampaignFactory.create_batch(2, project=project)
    kept = CampaignFactory(project=project, name="Kept", protected=True)
    foreign = CampaignFactory(project=make_project("Other"))
    person = sign_in(project, "USER")

    response = person.run_on([first, second, kept, foreign], "disable_selected")

    told = messages_of(response)
    assert told[-1] == "2 campaigns disabled."
    assert [text.split(":")[0] for text in told[:-1]] == ["Kept"]
    active = set(Campaign.objects.filter(active=True))
    assert active == {kept, foreign}


def test_a_viewer_switches_nothing_from_the_list():
    campaign = CampaignFactory(project=make_project())

    sign_in(campaign.project, "VIEWER").run_on([campaign], "disable_selected")

    campaign.refresh_from_db()
    assert campaign.active is True


def test_a_viewer_reads_and_changes_nothing():
    campaign = CampaignFactory(project=make_project())
    person = sign_in(campaign.project, "VIEWER")

    assert person.open(campaign).status_code == 200
    assert person.add(Campaign, **_SPRING).status_code == 403
    assert person.change(campaign, description="x").status_code == 403
    assert person.delete(campaign).status_code == 403
    assert person.run(campaign, "disable").status_code == 403
    assert person.run(campaign, "generate_codes", count="1").status_code == 403
    campaign.refresh_from_db()
    assert (campaign.active, campaign.description) == (True, "")
    assert not AsyncAction.objects.exists()


def test_campaigns_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = CampaignFactory(project=make_project("Other"))

    assert rows_of(person.list(Campaign)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "disable").status_code == 404
    assert Campaign.objects.get(pk=foreign.pk).active is True


def test_the_list_finds_by_name_and_id_and_filters_by_status():
    project = make_project()
    person = sign_in(project, "VIEWER")
    running = CampaignFactory(project=project, name="Spring sale")
    ended = CampaignFactory(
        project=project, expiration_date=utc_now() - timedelta(days=1)
    )
    off = CampaignFactory(project=project, active=False)
    soon = CampaignFactory(project=project, start_date=utc_now() + timedelta(days=1))

    def found(**query):
        return rows_of(person.list(Campaign, **query))

    assert found(q="spring") == [running]
    assert found(q=ended.pk) == [ended]
    assert found(state="Running") == [running]
    assert found(state="Ended") == [ended]
    assert found(state="Disabled") == [off]
    assert found(state="Scheduled") == [soon]


def test_deleting_puts_the_campaign_into_the_bin():
    campaign = CampaignFactory(project=make_project())
    person = sign_in(campaign.project, "USER")

    person.delete(campaign)

    campaign.refresh_from_db()
    assert campaign.deleted_at is not None
    assert rows_of(person.list(Campaign)) == []


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    CampaignFactory(project=project)
    for_one = statements_of(lambda: person.list(Campaign))

    CampaignFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(Campaign)) == for_one
