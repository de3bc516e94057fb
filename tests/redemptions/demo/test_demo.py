"""The demo shop adds up, comes once, and lets one in."""

import json
import stat
from collections import Counter as Tally
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db.models import Count, Q

from campaigns.models import Campaign, PromotionTier, Voucher
from customers.models import Customer
from promo.ids import parse_shown
from promo.outbox.models import DomainEvent
from promo.tenancy.models import User
from redemptions.demo.access import EMAIL, access_to, as_card
from redemptions.demo.load import find_shop
from redemptions.models import Counter, Redemption
from redemptions.models.redemption import Kind, Status
from redemptions.services.claims import customer_bucket
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    call_command("load_demo", scale=0.01, verbosity=0)
    return find_shop()


def counters(shop: Any) -> dict[tuple[UUID, str], int]:
    """Return what the shop's counters say, by subject and bucket."""
    rows = Counter.objects.filter(project=shop, used__gt=0)
    return {(row.subject, row.bucket): row.used for row in rows}


def uses(shop: Any) -> dict[tuple[UUID, str], int]:
    """Return how often each customer used an incentive and its campaign."""
    found: Tally[tuple[UUID, str]] = Tally()
    for row in Redemption.objects.filter(project=shop).standing():
        bucket = customer_bucket(row.customer_id)
        incentive = row.voucher_id or row.promotion_tier_id
        found[parse_shown(incentive), bucket] += 1
        found[parse_shown(row.campaign_id), bucket] += 1
    return dict(found)


def test_the_shop_adds_up(shop: Any) -> None:
    standing = Q(
        redemptions__object=Kind.REDEMPTION, redemptions__status=Status.SUCCEEDED
    )
    rows = Voucher.objects.filter(project=shop).annotate(
        kept=Count("redemptions", filter=standing)
    )
    tiers = PromotionTier.objects.filter(project=shop).annotate(
        kept=Count("redemptions", filter=standing)
    )

    assert [one.code for one in rows if one.kept != one.redeemed_quantity] == []
    assert [one.name for one in tiers if one.kept != one.redeemed_quantity] == []
    assert sum(one.kept for one in rows) > 0
    assert counters(shop) == uses(shop)
    told = DomainEvent.objects.filter(project=shop, published_at=None)
    assert told.count() == 0
    for customer in Customer.objects.filter(project=shop).annotate(
        kept=Count("redemptions", filter=standing)
    ):
        totals = customer.summary["redemptions"]
        back = totals["total_rollback_succeeded"]
        assert totals["total_succeeded"] - back == customer.kept


def test_the_shop_has_twelve_campaigns_and_comes_once(shop: Any) -> None:
    before = Redemption.objects.count()

    call_command("load_demo", scale=0.01, verbosity=0)

    assert Campaign.objects.filter(project=shop).count() == 12
    assert Redemption.objects.count() == before


def test_the_way_in_stays_the_same_and_is_kept_from_others(
    shop: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path

    first, second = access_to(shop, now=NOW), access_to(shop, now=NOW)

    file = tmp_path / "demo-access.json"
    assert first == second == json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert User.objects.get(email=EMAIL).check_password(first["password"])
    keys = {"X-App-Id": first["app_id"], "X-App-Token": first["app_token"]}
    assert ApiClient(shop, keys).get("/v1/campaigns").json()["total"] == 12


def test_a_lost_file_is_replaced_by_a_new_way_in(
    shop: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    first = access_to(shop, now=NOW)
    (tmp_path / "demo-access.json").unlink()

    second = access_to(shop, now=NOW)

    assert second["password"] != first["password"]
    assert User.objects.get(email=EMAIL).check_password(second["password"])


def test_the_card_says_how_to_get_in(shop: Any, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    access = access_to(shop, now=NOW)

    card = as_card(access, "http://127.0.0.1:8000")

    for shown in ("email", "password", "app_id", "app_token", "client_token"):
        assert access[shown] in card
    assert "http://127.0.0.1:8000/admin/" in card
