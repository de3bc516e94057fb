"""What holds of the counters that a redemption moves and a rollback moves back."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import assume, given

from redemptions.engine.claims import Claim, CounterClaim, QuantityClaim, TierClaim
from redemptions.engine.decide import decide
from redemptions.engine.facts import Facts
from tests.redemptions.engine.situations import accepted, situations, thorough

Key = tuple[str, str]


def keys_of(claim: Claim) -> list[tuple[Key, int]]:
    """The counters that a claim moves, and by how much."""
    if isinstance(claim, QuantityClaim):
        uses = (("uses", claim.voucher_id), claim.times)
        return [uses, (("credits", claim.voucher_id), claim.amount)]
    if isinstance(claim, TierClaim):
        return [(("uses", claim.tier_id), claim.times)]
    assert isinstance(claim, CounterClaim)
    return [((claim.subject_id, claim.bucket), claim.amount)]


def moved_by(claims: Iterable[Claim]) -> Counter[Key]:
    moved: Counter[Key] = Counter()
    for claim in claims:
        for key, count in keys_of(claim):
            moved[key] += count
    return moved


@thorough
@given(accepted())
def test_rolling_back_every_redemption_restores_every_counter(request: Facts):
    decision = decide(request)
    assert decision.valid
    counters = moved_by(decision.claims)

    for entry in decision.applicable:
        counters.subtract(moved_by(entry.claims))

    assert set(counters.values()) <= {0}


@thorough
@given(situations())
def test_what_is_refused_moves_nothing(request: Facts):
    decision = decide(request)

    for entry in (*decision.inapplicable, *decision.skipped):
        assert entry.claims == ()
    if not decision.valid:
        assert decision.claims == ()


@thorough
@given(situations())
def test_claims_are_sorted_and_each_counter_is_claimed_once(request: Facts):
    claims = decide(request).claims

    keys = [key for claim in claims for key, _ in keys_of(claim)[:1]]
    kinds = [(QuantityClaim, TierClaim, CounterClaim).index(type(c)) for c in claims]
    assert kinds == sorted(kinds)
    assert len(set(keys)) == len(keys)


@thorough
@given(situations())
def test_a_decision_that_is_valid_fits_the_limits_it_claims(request: Facts):
    decision = decide(request)
    assume(decision.valid)
    used: dict[Key, int] = dict(request.used)
    for offer in request.redeemables:
        used["uses", offer.id or ""] = offer.redeemed_quantity

    for claim in decision.claims:
        (key, count), *_ = keys_of(claim)
        limit = None if isinstance(claim, TierClaim) else claim.limit
        if limit is not None:
            assert used.get(key, 0) + count <= limit
