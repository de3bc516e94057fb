"""Changes that somebody else has to agree to: asked for, decided on, made."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from campaigns.models import Campaign, ValidationRule, Voucher
from campaigns.services.campaign import create_campaign, delete_campaign
from campaigns.services.validation_rule import create_rule
from promo.approvals.models import ApprovalRequest, RequestStatus
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from promo.tenancy.permissions import BY_PERSON_ROLE, LIMITABLE
from promo.tenancy.services.letters import send_letters
from promo.tenancy.services.roles import create_role
from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from tests.admin_site import (
    NOW,
    make_project,
    messages_of,
    page_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import (
    GiftCampaignFactory,
    GiftCardFactory,
    VoucherFactory,
)

pytestmark = pytest.mark.django_db
_TEN = {"type": "PERCENT", "percent_off": 10}


@pytest.fixture
def shop():
    return make_project(currency="EUR")


@pytest.fixture
def boss(shop):
    return sign_in(shop, "ADMIN", "boss@example.com")


@pytest.fixture
def junior(shop, boss):
    """Somebody who may do all that marketers do, but only ask for what is made."""
    role = create_role(
        project=shop,
        now=NOW,
        name="Junior",
        permissions=BY_PERSON_ROLE["USER"],
        limited=LIMITABLE,
        approvers=[boss.user.memberships.get()],
    )
    return sign_in(shop, role.pk, "junior@example.com")


def _campaign(shop, **values):
    return create_campaign(
        project=shop,
        now=NOW,
        name="Spring",
        campaign_type="DISCOUNT_COUPONS",
        voucher={"type": "DISCOUNT_VOUCHER", "discount": _TEN},
        **values,
    )


def _add(person, **values):
    given = {
        "name": "Spring",
        "campaign_type": "DISCOUNT_COUPONS",
        "kind": "PERCENT",
        "percent_off": "10",
        "effect": "APPLY_TO_ORDER",
        "codes": "STATIC",
        "start_date_0": "2026-04-01",
        "start_date_1": "00:00",
        "metadata": "{}",
        **values,
    }
    return person.add(Campaign, **given)


def _decide(person, request, command="approve", **values):
    return person.run(request, command, **values)


def test_adding_a_campaign_makes_a_request_and_no_campaign(junior):
    response = _add(junior)

    request = ApprovalRequest.objects.get()
    assert response["Location"] == page_of(request)
    assert request.title == "Create the campaign Spring"
    assert ["Gives", "", "10 % off"] in request.changes
    assert "Your request is sent" in messages_of(response)[0]
    assert not Campaign.objects.exists()
    assert not DomainEvent.objects.exists()


def test_approving_makes_what_was_asked_for(junior, boss):
    _add(junior, vouchers_count="1")
    request = ApprovalRequest.objects.get()

    _decide(boss, request, text="Nice")

    request.refresh_from_db()
    campaign = Campaign.objects.get()
    assert request.status == RequestStatus.APPROVED
    assert request.decided_by == boss.user
    assert campaign.start_date.isoformat() == "2026-04-01T00:00:00+00:00"
    assert campaign.voucher["discount"]["percent_off"] == 10
    assert Voucher.objects.count() == 1


def test_what_the_services_refuse_is_told_in_the_form(junior, shop):
    _campaign(shop)

    response = _add(junior)

    assert response.status_code == 200
    assert "exists with name" in text_of(response)
    assert not ApprovalRequest.objects.exists()


def test_a_change_is_shown_before_and_after_and_changes_nothing(junior, boss, shop):
    campaign = _campaign(shop)

    junior.change(
        campaign,
        description="For all",
        kind="PERCENT",
        percent_off="25",
        effect="APPLY_TO_ORDER",
        metadata="{}",
    )

    request = ApprovalRequest.objects.get()
    campaign.refresh_from_db()
    assert campaign.description == ""
    assert campaign.voucher["discount"]["percent_off"] == 10
    assert ["Description", "-", "For all"] in request.changes
    assert ["Gives", "10 % off", "25 % off"] in request.changes
    _decide(boss, request)
    campaign.refresh_from_db()
    assert campaign.description == "For all"
    assert campaign.voucher["discount"]["percent_off"] == 25


def test_asking_again_for_the_same_changes_the_open_request(junior, shop):
    campaign = _campaign(shop)
    same = {"kind": "PERCENT", "percent_off": "10", "effect": "APPLY_TO_ORDER"}

    junior.change(campaign, description="One", metadata="{}", **same)
    junior.change(campaign, description="Two", metadata="{}", **same)

    request = ApprovalRequest.objects.get()
    assert ["Description", "-", "Two"] in request.changes
    assert [one.what for one in request.comments.all()] == ["asked", "asked again"]


@pytest.mark.parametrize("command", ["enable", "disable"])
def test_switching_a_campaign_is_asked_for(junior, boss, shop, command):
    campaign = _campaign(shop, active=command == "disable")

    junior.run(campaign, command)

    campaign.refresh_from_db()
    assert campaign.active is (command == "disable")
    _decide(boss, ApprovalRequest.objects.get())
    campaign.refresh_from_db()
    assert campaign.active is (command == "enable")


def test_switching_several_from_their_list_asks_for_each(junior, shop):
    campaign = _campaign(shop)

    junior.run_on([campaign], "disable_selected")

    campaign.refresh_from_db()
    assert campaign.active
    assert ApprovalRequest.objects.get().title == "Disable the campaign Spring"


def test_codes_are_asked_for(junior, boss, shop):
    campaign = _campaign(shop)

    junior.run(campaign, "generate_codes", count="50", pattern="")
    junior.run(campaign, "add_code", code="SPRING-1")

    assert not Voucher.objects.exists()
    assert not AsyncAction.objects.exists()
    codes, code = ApprovalRequest.objects.order_by("created_at")
    assert codes.changes == [["Codes", "0", "50"]]
    assert ["Code", "", "SPRING-1"] in code.changes
    _decide(boss, code)
    _decide(boss, codes)
    assert Voucher.objects.get().code == "SPRING-1"
    assert AsyncAction.objects.get().arguments["count"] == 50


def test_a_code_of_its_own_is_asked_for(junior, boss):
    junior.add(
        Voucher,
        code="WELCOME",
        kind="PERCENT",
        percent_off="10",
        effect="APPLY_TO_ORDER",
        metadata="{}",
    )

    assert not Voucher.objects.exists()
    _decide(boss, ApprovalRequest.objects.get())
    voucher = Voucher.objects.get()
    assert voucher.code == "WELCOME"
    junior.run(voucher, "disable")
    voucher.refresh_from_db()
    assert voucher.active


def test_rules_are_asked_for(junior, boss, shop):
    junior.add(ValidationRule, name="Big", builder="simple", least_amount="20")

    assert not ValidationRule.objects.exists()
    _decide(boss, ApprovalRequest.objects.get())
    rule = ValidationRule.objects.get()
    junior.change(rule, name="Bigger", builder="simple", least_amount="30")
    rule.refresh_from_db()
    assert rule.name == "Big"
    asked = ApprovalRequest.objects.first()
    assert asked.title == "Change the rule Bigger"
    assert ["Name", "Big", "Bigger"] in asked.changes


def test_the_rule_builder_asks(junior, shop):
    rule = create_rule(project=shop, now=NOW, name="Big", rules={})
    address = reverse("rule-builder", args=[rule.pk.replace("_", "_5F")])

    response = junior.client.post(address, {"do": "save", "name": "Bigger"})

    rule.refresh_from_db()
    assert rule.name == "Big"
    assert response["Location"] == page_of(ApprovalRequest.objects.get())


def test_who_may_not_even_ask_is_refused(shop):
    person = sign_in(shop, "VIEWER")

    assert _add(person).status_code == 403
    assert not ApprovalRequest.objects.exists()


def test_the_approver_gets_a_letter_and_the_author_the_answer(junior, boss, shop):
    sign_in(shop, "ADMIN", "another@example.com")
    _add(junior)
    send_letters(now=utc_now())
    request = ApprovalRequest.objects.get()
    _decide(boss, request, "reject", text="Too much")
    send_letters(now=utc_now() + timedelta(minutes=1))

    first, second = mail.outbox
    assert first.to == ["boss@example.com"]
    assert "Gives: 10 % off" in first.body
    assert page_of(request) in first.body
    assert second.to == ["junior@example.com"]
    assert "Too much" in second.body


def test_without_approvers_whoever_may_decide_is_asked(shop, boss):
    sign_in(shop, "MANAGER", "manager@example.com")
    sign_in(shop, "USER", "user@example.com")
    role = create_role(
        project=shop,
        now=NOW,
        name="Junior",
        permissions=["campaigns.read", "campaigns.create"],
        limited=["campaigns.create"],
    )
    _add(sign_in(shop, role.pk, "junior@example.com"))

    send_letters(now=utc_now())

    told = sorted(each.to[0] for each in mail.outbox)
    assert told == ["boss@example.com", "manager@example.com"]


def test_who_is_no_approver_cannot_decide(junior, shop):
    _add(junior)
    request = ApprovalRequest.objects.get()
    other = sign_in(shop, "ADMIN", "another@example.com")

    refused = _decide(other, request)

    assert "not yours to decide" in text_of(refused)
    request.refresh_from_db()
    assert request.status == RequestStatus.PENDING
    assert not Campaign.objects.exists()


def test_who_may_not_do_it_cannot_approve_it(shop, boss):
    junior = create_role(
        project=shop,
        now=NOW,
        name="Junior",
        permissions=["campaigns.read", "campaigns.create"],
        limited=["campaigns.create"],
    )
    decider = create_role(
        project=shop, now=NOW, name="Decider", permissions=["approvals.decide"]
    )
    _add(sign_in(shop, junior.pk, "junior@example.com"))
    request = ApprovalRequest.objects.get()

    refused = _decide(sign_in(shop, decider.pk, "d@example.com"), request)

    assert "may not do yourself" in text_of(refused)
    request.refresh_from_db()
    assert request.status == RequestStatus.PENDING
    assert not Campaign.objects.exists()


def test_the_author_cannot_approve(shop):
    role = create_role(
        project=shop,
        now=NOW,
        name="Junior",
        permissions=["campaigns.read", "campaigns.create", "approvals.decide"],
        limited=["campaigns.create"],
    )
    person = sign_in(shop, role.pk, "junior@example.com")
    _add(person)

    refused = _decide(person, ApprovalRequest.objects.get())

    assert "not yours to decide" in text_of(refused)
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("command", "status"),
    [("request_changes", "CHANGES_REQUESTED"), ("reject", "REJECTED")],
)
def test_turning_down_needs_a_word(junior, boss, command, status):
    _add(junior)
    request = ApprovalRequest.objects.get()

    _decide(boss, request, command, text=" ")
    request.refresh_from_db()
    silent = request.status
    _decide(boss, request, command, text="Less, please")

    request.refresh_from_db()
    assert silent == "PENDING"
    assert request.status == status
    assert request.comments.last().text == "Less, please"
    assert not Campaign.objects.exists()


def test_a_change_that_fails_by_now_goes_back_to_its_author(junior, boss, shop):
    campaign = _campaign(shop)
    junior.run(campaign, "disable")
    request = ApprovalRequest.objects.get()
    delete_campaign(campaign, now=NOW, force=False)

    response = _decide(boss, request)

    request.refresh_from_db()
    assert request.status == RequestStatus.CHANGES_REQUESTED
    assert "could not be done" in messages_of(response)[0]
    assert "Cannot find" in request.comments.last().text


def test_the_author_sends_it_again_once_it_can_be_done(junior, boss, shop):
    _add(junior)
    request = ApprovalRequest.objects.get()
    other = _campaign(shop)
    _decide(boss, request)
    other.name = "Other"
    other.save()

    junior.run(request, "ask_again")
    _decide(boss, request)

    request.refresh_from_db()
    assert request.status == RequestStatus.APPROVED
    assert Campaign.objects.filter(name="Spring").count() == 1


def test_a_request_is_decided_once(junior, boss):
    _add(junior)
    request = ApprovalRequest.objects.get()
    _decide(boss, request)

    again = _decide(boss, request, "reject", text="No")

    assert "stands as: approved" in text_of(again)
    assert Campaign.objects.count() == 1


def test_withdrawing_is_for_the_author(junior, boss):
    _add(junior)
    request = ApprovalRequest.objects.get()

    refused = boss.run(request, "withdraw")
    junior.run(request, "withdraw")

    assert "Only its author" in text_of(refused)
    request.refresh_from_db()
    assert request.status == RequestStatus.WITHDRAWN


def test_a_comment_decides_nothing(junior, boss):
    _add(junior)
    request = ApprovalRequest.objects.get()

    boss.run(request, "comment", text="Why so much?")

    request.refresh_from_db()
    assert request.status == RequestStatus.PENDING
    assert "Why so much?" in text_of(junior.open(request))


def test_people_see_their_own_and_deciders_all(junior, boss, shop):
    _add(junior)
    other = sign_in(shop, "USER", "user@example.com")
    stranger = sign_in(make_project("Other"), "ADMIN", "x@example.com")
    request = ApprovalRequest.objects.get()

    assert rows_of(junior.list(ApprovalRequest)) == [request]
    assert rows_of(boss.list(ApprovalRequest)) == [request]
    assert other.list(ApprovalRequest).status_code == 403
    assert rows_of(stranger.list(ApprovalRequest)) == []
    assert stranger.run(request, "approve").status_code == 404
    assert not Campaign.objects.exists()


def test_a_role_with_limits_brings_no_files_of_codes_in(junior):
    page = text_of(junior.client.get(reverse("imports")))

    assert "VOUCHERS_IMPORT" not in page


def test_the_inbox_costs_the_same_for_one_as_for_ten(junior, boss):
    _add(junior)
    for_one = statements_of(lambda: boss.list(ApprovalRequest))
    for number in range(9):
        _add(junior, name=f"Spring {number}")

    assert statements_of(lambda: boss.list(ApprovalRequest)) == for_one
    assert for_one <= 20
    assert statements_of(lambda: boss.open(ApprovalRequest.objects.first())) <= 20


def test_another_end_of_a_code_is_asked_for(junior, boss, shop):
    code = VoucherFactory(project=shop, code="TEN")

    junior.run(code, "extend", expiration_date_0="2031-05-01")

    request = ApprovalRequest.objects.get()
    code.refresh_from_db()
    assert code.expiration_date is None
    _decide(boss, request)
    code.refresh_from_db()
    assert f"{code.expiration_date:%Y-%m-%d}" == "2031-05-01"


def test_a_balance_is_not_for_who_may_only_ask(junior, shop):
    card = GiftCardFactory(campaign=GiftCampaignFactory(project=shop))
    change_balance(card, amount=100, now=NOW)

    refused = junior.run(card, "change_balance", amount="1.00", reason="Sorry")

    card.refresh_from_db()
    assert refused.status_code == 403
    assert (card.balance, LedgerEntry.objects.count()) == (5_100, 1)
    assert not ApprovalRequest.objects.exists()
