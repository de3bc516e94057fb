"""Limits hold exactly while clients race, collide and die: ``make proof``.

The suite runs it small; ``PROOF_CLIENTS`` makes it larger.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from redemptions.services.verification import CHECKS, Drift
from tests.proofs.clients import NOTHING_LEFT, Crowd
from tests.proofs.conftest import Shown
from tests.proofs.proofs import HOLDS, PROOFS, Hold, Proof
from tests.proofs.scenes import Scene
from tests.proofs.steps import Step, in_a_session, just

CLIENTS = int(os.environ.get("PROOF_CLIENTS", "4"))
USES = 12 * (CLIENTS // 2)
EXPECTED = {"done", "killed", "multiple_requests", NOTHING_LEFT}

pytestmark = pytest.mark.django_db(transaction=True)


def run(step: Step, scene: Scene) -> Mapping[str, int]:
    """Let the clients work; return what became of their attempts."""
    crowd = Crowd(partial(step, scene), CLIENTS)
    crowd.run()
    return crowd.outcomes


def drifts() -> list[Drift]:
    """Return every kept number that its records do not come to."""
    return [drift for check in CHECKS for drift in check.find()]


@pytest.mark.spec("rules 5.2 Concurrency")
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_a_limit_is_reached_and_never_exceeded(proof: Proof, shown: Shown) -> None:
    scene = proof.scene(USES)

    outcomes = run(proof.step, scene)

    reached, allowed = proof.reached(scene), USES * proof.worth
    drifted = drifts()
    shown(proof.name, reached, allowed, outcomes, len(drifted))
    assert reached == allowed
    assert drifted == []
    assert set(outcomes) <= EXPECTED


@pytest.mark.parametrize("hold", HOLDS, ids=lambda hold: hold.name)
def test_what_is_held_is_kept_from_others_until_it_expires(
    hold: Hold, shown: Shown
) -> None:
    scene, allowed = hold.scene(USES), USES * hold.worth
    session = run(in_a_session(hold.wish), scene)

    taken = hold.reached(scene) + scene.held(hold.held)
    drifted = drifts()
    shown(f"{hold.name}, used or held", taken, allowed, session, len(drifted))
    assert taken == allowed
    assert drifted == []
    assert set(session) <= EXPECTED

    later = replace(scene, now=scene.now + timedelta(days=8))
    outcomes = run(just(hold.wish), later)

    drifted = drifts()
    reached = hold.reached(scene)
    shown(f"{hold.name}, once locks expired", reached, allowed, outcomes, len(drifted))
    assert (reached, scene.held(hold.held)) == (allowed, 0)
    assert drifted == []
    assert set(outcomes) <= EXPECTED
