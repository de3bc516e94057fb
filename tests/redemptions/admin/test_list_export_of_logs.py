"""Files of the ledger and of the API log: the rows that their lists show."""

from datetime import timedelta

import pytest

from promo.call_log.models import ApiCall
from promo.clock import utc_now
from promo.tenancy.models import KeyKind, Project
from promo.tenancy.services.roles import create_role
from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from tests.admin_site import NOW, Person, make_project, messages_of, sign_in
from tests.factories.campaigns import (
    GiftCampaignFactory,
    GiftCardFactory,
)
from tests.redemptions.admin.test_list_export import exported, of_list, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project(timezone="Europe/Warsaw")


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "ADMIN")


def call(project: Project, **values: object) -> ApiCall:
    given = {
        "created_at": utc_now(),
        "status": 200,
        "request_id": "v-" + "0" * 18,
        "channel": "API",
        "method": "GET",
        "endpoint": "GET_v1_vouchers",
        "url": "/v1/vouchers",
        "user_email": "",
        "request_duration": 5,
        "request_body": "",
        "response_body": "",
    }
    return ApiCall.objects.create(
        organisation_id=project.organisation_id, project=project, **{**given, **values}
    )


def test_movements_are_exported_as_they_are_listed(
    person: Person, shop: Project
) -> None:
    card = GiftCardFactory(campaign=GiftCampaignFactory(project=shop))
    other = GiftCardFactory(project=shop)
    now = utc_now()
    added = change_balance(card, amount=5, now=now, source_id="till-7")
    change_balance(card, amount=-2, now=now)
    change_balance(other, amount=9, now=now - timedelta(days=40))
    change_balance(GiftCardFactory(), amount=1, now=now)
    today = now.astimezone(shop.zone).date().isoformat()

    for query, count in (
        ({}, 3),
        ({"q": "till-7"}, 1),
        ({"q": added.pk}, 1),
        ({"type__exact": "CREDITS_REMOVAL"}, 1),
        ({"voucher__id__exact": card.pk}, 2),
        ({"campaign__id__exact": card.campaign_id}, 2),
        ({"created_at_from": today}, 2),
    ):
        found = shown(person, LedgerEntry, **query)
        assert exported(person, "ledgerentry", **query) == found, query
        assert len(found) == count, query


def test_calls_are_exported_as_they_are_listed(person: Person, shop: Project) -> None:
    now, key = utc_now(), shop.keys.get(kind=KeyKind.SERVER)
    call(shop, app_id=key.app_id, url="/v1/vouchers/TEN")
    call(shop, status=404, channel="Till 7", user_email=person.user.email)
    call(
        shop,
        created_at=now - timedelta(days=3),
        request_id="v-" + "1" * 18,
        endpoint="POST_v1_redemptions",
    )
    call(make_project("Other"))
    days = (now - timedelta(days=5)).date().isoformat()

    for query, count in (
        ({}, 2),
        ({"created_at_from": days}, 3),
        ({"q": "v-" + "1" * 18}, 1),
        ({"q": "TEN"}, 1),
        ({"status": "4"}, 1),
        ({"channel": "till"}, 1),
        ({"created_at_from": days, "endpoint": "POST_v1_redemptions"}, 1),
        ({"key": key.pk}, 1),
        ({"person": person.user.email}, 1),
    ):
        found = shown(person, ApiCall, **query)
        assert exported(person, "apicall", **query) == found, query
        assert len(found) == count, query


def test_calls_of_the_organisation_make_no_file_of_a_project(person: Person) -> None:
    answer = of_list(person, "apicall", surface="management")

    assert messages_of(answer) == [
        "This list cannot be exported: surface cannot be management."
    ]


def test_who_may_not_read_the_log_makes_no_file_of_it(shop: Project) -> None:
    codes_only = ["vouchers.read", "exports.read", "exports.create"]
    role = create_role(project=shop, now=NOW, name="Files", permissions=codes_only)
    clerk = sign_in(shop, role.pk, "clerk@example.com")
    led = of_list(clerk, "apicall")

    form = clerk.client.get(led["Location"]).context["adminform"].form

    assert "api_log" not in dict(form.fields["exported_object"].choices)
