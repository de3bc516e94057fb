"""The proof finds every kind of drift, and none where there is none."""

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import PromotionTier, Reward, Voucher
from redemptions.demo.load import Size, load_shop
from redemptions.models import Counter
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.rewards import MaterialFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.redemptions.services.test_counters import use

pytestmark = pytest.mark.django_db


def drifts():
    return {check.name: len(list(check.find())) for check in CHECKS}


def test_a_shop_with_a_history_has_no_drift(capsys):
    load_shop(Size.scaled(0.02), now=NOW)

    call_command("verify_ledger")

    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in shown] == ["ok"] * len(CHECKS)


@pytest.fixture
def counted(project):
    """A voucher that was used once under a limit."""
    voucher = VoucherFactory(project=project, code="HOT")
    rule = {
        "name": "redemption.count.daily",
        "conditions": {"$less_than_or_equal": [5]},
    }
    AssignmentFactory(
        project=project,
        rule=ValidationRuleFactory(project=project, rules={"1": rule}),
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )
    assert use(project).status == "SUCCEEDED"
    return voucher


def test_a_counter_that_drifted_is_named_and_fails(counted, capsys):
    Counter.objects.update(used=3)

    with pytest.raises(CommandError, match="1 numbers are not"):
        call_command("verify_ledger")

    shown = capsys.readouterr().out
    assert ": kept 3, recorded 1" in shown
    assert shown.splitlines()[0].split() == ["counters", "1"]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("redeemed_quantity", "uses of codes"),
        ("held_quantity", "held by sessions"),
    ],
)
def test_a_voucher_that_drifted_is_found(counted, field, name):
    Voucher.objects.filter(pk=counted.pk).update(**{field: 7})

    found = drifts()

    assert found.pop(name) == 1
    assert set(found.values()) == {0}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("redeemed_quantity", "uses of tiers"),
        ("discounted_amount", "discounts of tiers"),
        ("orders_amount", "orders of tiers"),
    ],
)
def test_a_tier_that_drifted_is_found(project, field, name):
    tier = TierFactory(project=project)
    PromotionTier.objects.filter(pk=tier.pk).update(**{field: 7})

    found = drifts()

    assert found.pop(name) == 1
    assert set(found.values()) == {0}


def test_a_reward_that_drifted_is_found(project):
    reward = MaterialFactory(project=project)
    Reward.objects.filter(pk=reward.pk).update(redeemed_quantity=7)

    found = drifts()

    assert found.pop("rewards handed out") == 1
    assert set(found.values()) == {0}
