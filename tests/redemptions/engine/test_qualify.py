from redemptions.engine.decide import qualify
from tests.redemptions.engine.carts import amount_off, facts, voucher


def test_each_candidate_is_calculated_alone():
    candidates = [
        voucher("A", amount_off(1000)),
        voucher("X", active=False),
        voucher("B", amount_off(2000)),
    ]

    found = qualify(facts(*candidates), frozenset())

    assert [each.redeemable.code for each in found.entries] == ["A", "X", "B"]
    assert [each.redeemable.code for each in found.applicable] == ["A", "B"]
    assert [each.order.total_amount for each in found.applicable] == [10346, 9346]
