"""The demo shop adds up, comes once, and lets one in."""

import json
import stat
from collections import Counter as Tally
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Q, Sum

from campaigns.models import Campaign, PromotionTier, Voucher
from customers.models import Customer
from promo.ids import parse_shown
from promo.outbox.models import DomainEvent
from promo.tenancy.models import ApiKey, User
from redemptions.demo.access import EMAIL, access_to, as_card
from redemptions.demo.load import Size, load_shop
from redemptions.models import Counter, Order, Redemption
from redemptions.models.redemption import Kind, Result, Status
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


STANDING = Q(redemptions__object=Kind.REDEMPTION) & Q(
    redemptions__status=Status.SUCCEEDED
)
# A stacked redemption counts by its parts, not by what holds them together.
SINGLE = STANDING & ~Q(redemptions__related_object_type="redemption")


@pytest.fixture
def shop() -> Any:
    return load_shop(Size.scaled(0.06), now=NOW)


def tally(rows: Any, *names: str) -> Mapping[Any, int]:
    """Return how many rows have each combination of ``names``."""
    return Tally(rows.values_list(*names, flat=len(names) == 1).order_by())


def counters(shop: Any) -> dict[tuple[UUID, str], int]:
    """Return what the shop's counters say, by subject and bucket."""
    rows = Counter.objects.filter(project=shop)
    return {(row.subject, row.bucket): row.used for row in rows}


def uses(shop: Any) -> dict[tuple[UUID, str], int]:
    """Return what the redemptions that stand count towards."""
    found: Tally[tuple[UUID, str]] = Tally()
    for row in Redemption.objects.filter(project=shop).standing():
        for subject, counted in row.claims.items():
            for bucket, amount in counted.items():
                found[parse_shown(subject), bucket] += amount
    return dict(found)


def test_quantities_and_counters_equal_the_redemptions_that_stand(shop: Any) -> None:
    kept = Count("redemptions", filter=SINGLE)
    given = Sum("redemptions__applied_amount", filter=SINGLE, default=0)
    vouchers = Voucher.objects.filter(project=shop).annotate(kept=kept)
    tiers = PromotionTier.objects.filter(project=shop).annotate(kept=kept, given=given)

    assert [one.code for one in vouchers if one.kept != one.redeemed_quantity] == []
    assert [one.name for one in tiers if one.kept != one.redeemed_quantity] == []
    assert [one.name for one in tiers if one.given != one.discounted_amount] == []
    assert sum(one.kept for one in vouchers) > 0
    assert sum(one.kept for one in tiers) > 0
    counted = uses(shop)
    assert {key: counted.get(key, 0) for key in counters(shop)} == counters(shop)


def test_summaries_and_orders_equal_the_redemptions_that_stand(shop: Any) -> None:
    kept = Count("redemptions", filter=SINGLE)
    given = Sum("redemptions__applied_amount", filter=SINGLE, default=0)
    customers = Customer.objects.filter(project=shop).annotate(kept=kept)
    orders = Order.objects.filter(project=shop).annotate(given=given)

    for customer in customers:
        totals = customer.summary["redemptions"]
        back = totals["total_rollback_succeeded"]
        assert totals["total_succeeded"] - back == customer.kept
    wrong = [one for one in orders if one.given != one.total_discount_amount]
    assert wrong == []
    assert sum(one.given for one in orders) > 0
    assert not DomainEvent.objects.filter(project=shop, published_at=None).exists()


def test_campaigns_count_their_codes_and_are_in_every_state(shop: Any) -> None:
    running = Campaign.objects.running_at(NOW)
    campaigns = Campaign.objects.filter(project=shop)
    used_up = Voucher.objects.filter(
        project=shop, redemption_quantity=F("redeemed_quantity")
    )

    for campaign in campaigns.annotate(codes=Count("vouchers")):
        assert campaign.vouchers_count == campaign.codes
    assert campaigns.count() == 12
    assert campaigns.intersection(running).count() == 8
    assert campaigns.filter(active=False).count() == 1
    assert campaigns.filter(expiration_date__lt=NOW).count() == 2
    assert campaigns.filter(start_date__gt=NOW).count() == 1
    assert tally(campaigns, "type") == {"STATIC": 8, "STANDALONE": 4}
    assert used_up.filter(campaign=None).exists()
    assert Voucher.objects.filter(project=shop, campaign=None).count() == 20


def test_the_history_holds_successes_refusals_and_rollbacks(shop: Any) -> None:
    rows = Redemption.objects.filter(project=shop)

    assert tally(rows, "object", "result") == {
        (Kind.REDEMPTION, Result.SUCCESS): 231,
        (Kind.REDEMPTION, Result.FAILURE): 85,
        (Kind.ROLLBACK, Result.SUCCESS): 6,
    }
    assert tally(rows.filter(result=Result.FAILURE), "failure_code") == {
        "customer_rules_violated": 7,
        "not_found": 4,
        "order_rules_violated": 48,
        "promotion_inactive": 4,
        "quantity_exceeded": 1,
        "redemption_rules_violated": 2,
        "voucher_expired": 15,
        "voucher_not_active": 1,
        "voucher_not_active_now": 3,
    }
    assert rows.filter(related_object_type="redemption").count() == 9
    assert rows.filter(created_at__gt=NOW).count() == 0
    assert rows.filter(created_at__lt=NOW - timedelta(days=90)).count() == 0


def test_loading_again_changes_nothing() -> None:
    call_command("load_demo", scale=0.001, verbosity=0)
    before = tally(Redemption.objects, "pk"), tally(Voucher.objects, "pk")

    call_command("load_demo", scale=0.001, verbosity=0)

    assert Campaign.objects.count() == 12
    assert (tally(Redemption.objects, "pk"), tally(Voucher.objects, "pk")) == before


def test_whoever_comes_second_gets_the_shop_that_is_there(shop: Any) -> None:
    assert load_shop(Size.scaled(0.001), now=NOW) == shop


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

    assert {str(key.app_id) for key in ApiKey.objects.all()} == {
        second["app_id"],
        second["client_application_id"],
    }
    assert second["password"] != first["password"]
    assert User.objects.get(email=EMAIL).check_password(second["password"])


def test_the_card_says_how_to_get_in(shop: Any, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    access = access_to(shop, now=NOW)

    card = as_card(access, "http://127.0.0.1:8000")

    for shown in ("email", "password", "app_id", "app_token", "client_token"):
        assert access[shown] in card
    assert "http://127.0.0.1:8000/admin/" in card
