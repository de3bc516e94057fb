"""Limits hold exactly while clients race, collide and die: ``make proof``.

The suite runs it small; ``PROOF_CLIENTS`` makes it larger.
"""

import os
from functools import partial

import pytest

from redemptions.services.verification import CHECKS
from tests.proofs.clients import NOTHING_LEFT, Crowd
from tests.proofs.conftest import Shown
from tests.proofs.proofs import PROOFS, Proof

CLIENTS = int(os.environ.get("PROOF_CLIENTS", "4"))
USES = 12 * (CLIENTS // 2)


@pytest.mark.spec("rules 5.2 Concurrency")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_a_limit_is_reached_and_never_exceeded(proof: Proof, shown: Shown) -> None:
    scene = proof.scene(USES)
    crowd = Crowd(partial(proof.step, scene), CLIENTS)

    crowd.run()

    reached, allowed = proof.reached(scene), USES * proof.worth
    drifts = [drift for check in CHECKS for drift in check.find()]
    shown(proof.name, reached, allowed, crowd.outcomes, len(drifts))
    assert reached == allowed
    assert drifts == []
    assert set(crowd.outcomes) <= {"done", "killed", "multiple_requests", NOTHING_LEFT}
