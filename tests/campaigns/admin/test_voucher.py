"""Vouchers at the dashboard."""

from datetime import timedelta

import pytest

from campaigns.models import Voucher
from promo.clock import utc_now
from tests.admin_site import (
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.rules import ValidationRuleFactory

pytestmark = pytest.mark.django_db

_TEN_OFF = {
    "kind": "AMOUNT",
    "amount_off": "10.00",
    "effect": "APPLY_TO_ORDER",
    "metadata": "{}",
}


def test_adding_a_code_by_itself():
    project = make_project()
    rule = ValidationRuleFactory(project=project)

    response = sign_in(project, "USER").add(
        Voucher, **_TEN_OFF, code="SORRY10", quantity="1", rule=rule.pk
    )

    voucher = project.vouchers.get()
    assert response.status_code == 302
    assert (voucher.code, voucher.redemption_quantity) == ("SORRY10", 1)
    assert voucher.discount == {
        "type": "AMOUNT",
        "amount_off": 1000,
        "effect": "APPLY_TO_ORDER",
    }
    assert project.validation_rule_assignments.get().related_object_id == voucher.pk


def test_a_code_that_is_taken_shows_what_the_service_says():
    voucher = VoucherFactory(project=make_project(), code="SORRY10")

    response = sign_in(voucher.project, "USER").add(Voucher, **_TEN_OFF, code="SORRY10")

    assert "SORRY10" in str(errors_of(response)["__all__"])
    assert voucher.project.vouchers.count() == 1


def test_changing_a_code_writes_only_what_changed():
    project = make_project()
    campaign = CampaignFactory(project=project)
    voucher = VoucherFactory(campaign=campaign)
    category = CategoryFactory(project=project)

    response = sign_in(project, "USER").change(
        voucher,
        kind="PERCENT",
        percent_off="10",
        effect="APPLY_TO_ORDER",
        expiration_date_0="2030-01-31",
        additional_info="By phone",
        category=category.pk,
        metadata='{"by": "Anna"}',
    )

    voucher.refresh_from_db()
    assert response.status_code == 302
    assert voucher.own_fields == ["expiration_date"]
    assert voucher.additional_info == "By phone"
    assert voucher.category == category
    assert voucher.metadata == {"by": "Anna"}


def test_the_page_says_what_is_left_and_why_it_does_not_work():
    campaign = CampaignFactory(project=make_project(), active=False, name="Spring")
    voucher = VoucherFactory(
        campaign=campaign, redemption_quantity=4, redeemed_quantity=1
    )

    response = sign_in(voucher.project, "VIEWER").open(voucher)

    shown = {one.name: (one.value, one.note) for one in response.context["summary"]}
    assert shown == {
        "Status": ("Disabled", "Its campaign is disabled"),
        "Redemptions": ("1 of 4", "3 left"),
        "Given out": ("0", "times published"),
        "Campaign": ("Spring", ""),
    }


def test_disabling_and_enabling():
    voucher = VoucherFactory(project=make_project())
    person = sign_in(voucher.project, "USER")

    assert messages_of(person.run(voucher, "disable")) == [
        f"{voucher.code} is disabled."
    ]
    voucher.refresh_from_db()
    assert voucher.active is False

    person.run(voucher, "enable")
    voucher.refresh_from_db()
    assert voucher.active is True


def test_the_list_finds_by_the_start_of_a_code_by_id_and_by_status():
    project = make_project(case_sensitive_codes=False)
    person = sign_in(project, "VIEWER")
    spring = VoucherFactory(project=project, code="SPRING-1")
    used = VoucherFactory(project=project, redemption_quantity=1, redeemed_quantity=1)
    ended = VoucherFactory(
        project=project, expiration_date=utc_now() - timedelta(days=1)
    )

    def found(**query):
        return rows_of(person.list(Voucher, **query))

    assert found(q="spri") == [spring]
    assert found(q=used.pk) == [used]
    assert found(state="Used up") == [used]
    assert found(state="Ended") == [ended]
    assert found(state="Running") == [spring]


def test_the_list_filters_by_campaign():
    campaign = CampaignFactory(project=make_project())
    voucher = VoucherFactory(campaign=campaign)
    VoucherFactory(project=campaign.project)
    person = sign_in(campaign.project, "VIEWER")

    listed = person.list(Voucher, campaign__id__exact=campaign.pk)

    assert rows_of(listed) == [voucher]


def test_a_viewer_reads_and_changes_nothing():
    voucher = VoucherFactory(project=make_project())
    person = sign_in(voucher.project, "VIEWER")

    assert "10 % off" in text_of(person.open(voucher))
    assert person.add(Voucher, **_TEN_OFF).status_code == 403
    assert person.change(voucher, additional_info="x").status_code == 403
    assert person.run(voucher, "disable").status_code == 403
    assert person.delete(voucher).status_code == 403
    assert Voucher.objects.get().active is True


def test_vouchers_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = VoucherFactory(project=make_project("Other"))

    assert rows_of(person.list(Voucher)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "disable").status_code == 404
    assert Voucher.objects.get().active is True


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    VoucherFactory(campaign=CampaignFactory(project=project))
    for_one = statements_of(lambda: person.list(Voucher))

    for _ in range(19):
        VoucherFactory(campaign=CampaignFactory(project=project))

    assert statements_of(lambda: person.list(Voucher)) == for_one


def test_a_code_may_give_units_for_free():
    project = make_project()
    free = {
        "kind": "UNIT",
        "unit_off": "2",
        "unit_type": "prod_5h1pp1ng",
        "effect": "ADD_NEW_ITEMS",
        "metadata": "{}",
    }

    response = sign_in(project, "USER").add(Voucher, **free, code="SHIP")

    assert response.status_code == 302
    assert project.vouchers.get().discount == {
        "type": "UNIT",
        "unit_off": 2,
        "unit_type": "prod_5h1pp1ng",
        "effect": "ADD_NEW_ITEMS",
    }


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"unit_type": "prod_1"}, "unit_off", "Say how much."),
        ({"unit_off": "1"}, "unit_type", "Say what is free."),
        (
            {"unit_off": "1", "unit_type": "prod_1", "effect": "APPLY_TO_ORDER"},
            "effect",
            "Free items cannot be applied like this.",
        ),
    ],
)
def test_free_units_need_a_number_a_thing_and_their_own_effect(sent, field, message):
    project = make_project()
    free = {"kind": "UNIT", "effect": "ADD_NEW_ITEMS", "metadata": "{}", **sent}

    response = sign_in(project, "USER").add(Voucher, **free, code="SHIP")

    assert errors_of(response)[field] == [message]
    assert project.vouchers.count() == 0
