"""Everything that happened is told, whoever is killed meanwhile: ``make proof``.

The suite kills everybody once; ``PROOF_ROUNDS`` makes it more often.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from promo.clock import utc_now
from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import Audience
from promo.tenancy.models import Project
from redemptions.models import Redemption
from redemptions.services.verification import CHECKS, Drift
from tests.proofs.checkouts import Checkouts
from tests.proofs.conftest import Shown
from tests.proofs.own_database import own_database
from tests.proofs.receivers import (
    BAD,
    MORTAL,
    Arrival,
    Kept,
    Receivers,
    kept_of,
    received,
)
from tests.proofs.scenes import Scene
from tests.proofs.silencing import BETWEEN, DEATHS, Silencer
from tests.proofs.telling import events_to_tell, one_before_another
from tests.proofs.workers import installed
from webhooks.engine.signing import signature
from webhooks.models import Delivery, Status, Webhook
from webhooks.services.secrets import secret_of
from webhooks.services.webhook import create_webhook

ROUNDS = int(os.environ.get("PROOF_ROUNDS", "1"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _same_settings(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Let workers reach this machine, and read secrets that the test has sealed."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)


def ask_to_be_told(project: Project, receivers: Receivers) -> None:
    for url in receivers.urls():
        create_webhook(project=project, now=utc_now(), target_url=url, all_events=True)


@dataclass(frozen=True)
class Told:
    """What was there when nothing was owed any more.

    ``keys`` says whose each event is, ``kept`` what each receiver has.
    """

    keys: Mapping[str, str]
    arrivals: Sequence[Arrival]
    kept: Mapping[str, Kept]
    secret: str
    redemptions: frozenset[str]
    statuses: Counter[str]
    drifts: Sequence[Drift]
    webhooks: int

    @classmethod
    def of(cls, project: Project, receivers: Receivers) -> "Told":
        """Read what our side and the receivers have."""
        keys = events_to_tell(project, heard_by(Audience.PROJECT))
        arrivals = receivers.arrived()
        before = one_before_another(keys)
        return cls(
            keys=keys,
            arrivals=arrivals,
            kept={
                path: kept_of([one for one in arrivals if one.path == path], before)
                for path in (*BAD, MORTAL)
            },
            secret=secret_of(project, now=utc_now()),
            redemptions=frozenset(
                row.shown_id for row in Redemption.objects.filter(project=project)
            ),
            statuses=Counter(Delivery.objects.values_list("status", flat=True)),
            drifts=[drift for check in CHECKS for drift in check.find()],
            webhooks=Webhook.objects.active().count(),
        )


def test_what_happened_is_told_in_order_whoever_dies(
    tmp_path: Path, shown: Shown
) -> None:
    with (
        own_database() as database,
        received(tmp_path) as receivers,
        installed(tmp_path / "data", web=False) as installation,
    ):
        scene = Scene.of_codes()
        ask_to_be_told(scene.project, receivers)
        checkouts = Checkouts(scene)
        silencer = Silencer(installation, receivers, database, rounds=ROUNDS)
        checkouts.serve_one()
        silencer.wait_for_workers()
        with checkouts.open():
            silencer.go_through(checkouts)
        receivers.mend()
        silencer.wait_until_all_is_told()
        told = Told.of(scene.project, receivers)

    for path, kept in told.kept.items():
        show(shown, path, kept, told, len(silencer.deaths))
    for kept in told.kept.values():
        assert_told_at_least_once(kept, told)
        assert_known_again_by_id(kept)
    assert_ours_and_no_others(told)
    assert_nobody_waited(checkouts, silencer)
    assert_rolled_back_is_never_told(checkouts, told)


def show(shown: Shown, path: str, kept: Kept, told: Told, deaths: int) -> None:
    refused = {"refused": len(kept.statuses) - kept.taken}
    outcomes = {"done": kept.taken, "killed": deaths, **refused}
    name = f"events at a {path[1:]} receiver"
    shown(name, len(kept.events), len(told.keys), outcomes, len(kept.overtaken))


def assert_told_at_least_once(kept: Kept, told: Told) -> None:
    assert sorted(kept.events) == sorted(told.keys)
    assert kept.overtaken == []


def assert_known_again_by_id(kept: Kept) -> None:
    names = [name for names in kept.ids.values() for name in names]
    assert Counter(map(len, kept.ids.values())) == {1: len(kept.events)}
    assert len(set(names)) == len(names)
    assert Counter(map(len, kept.bodies.values())) == {1: len(kept.events)}


def assert_ours_and_no_others(told: Told) -> None:
    signed = [signature(each.body, told.secret) for each in told.arrivals]
    assert [each.signature for each in told.arrivals] == signed
    # Nothing went where a redirect leads.
    assert {each.path for each in told.arrivals} == set(told.kept)
    assert told.webhooks == len(told.kept)
    assert told.statuses == {Status.SUCCEEDED: len(told.keys) * len(told.kept)}


def assert_nobody_waited(checkouts: Checkouts, silencer: Silencer) -> None:
    assert len(silencer.served) == len(DEATHS) * ROUNDS
    assert min(silencer.served) >= BETWEEN
    assert checkouts.given_up != []


def assert_rolled_back_is_never_told(checkouts: Checkouts, told: Told) -> None:
    bodies = "".join(each.body for each in told.arrivals)
    assert [one for one in checkouts.given_up if one in bodies] == []
    assert told.redemptions.isdisjoint(checkouts.given_up)
    assert told.redemptions >= set(checkouts.made)
    assert told.drifts == []
