"""Shops go on redeeming while nobody can be told of it: ``make proof``.

``PROOF_OUTAGE`` is for how many seconds Kafka's brokers and a receiver are away.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from promo.clock import utc_now
from promo.outbox.models import DomainEvent
from redemptions.services.verification import CHECKS
from tests.fixtures.kafka import Kafka
from tests.fixtures.processes import wait_until
from tests.fixtures.serving import free_port, running
from tests.proofs.conftest import Shown
from tests.proofs.receivers import BAD, MORTAL, Receivers, kept_of, received
from tests.proofs.scenes import Scene
from tests.proofs.silencing import let_a_minute_pass, nothing_is_owed
from tests.proofs.telling import (
    MANY_ROWS,
    events_to_tell,
    on_the_bus,
    one_before_another,
    out_of_order,
    wait_until_published,
)
from tests.proofs.tills import Answer, Tills
from webhooks.models import Delivery
from webhooks.services.bus.backlog import backlog
from webhooks.services.webhook import create_webhook
from webhooks.wire.bus import bus_events

OUTAGE = float(os.environ.get("PROOF_OUTAGE", "3"))
REDEEMED = "redemption.succeeded"
#: So many redemptions at least lie before the outage, and as many after it.
SOME = 20

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _same_settings(
    monkeypatch: pytest.MonkeyPatch, settings: Any, kafka: Kafka
) -> None:
    """Let what is served reach this machine, and read secrets that the test sealed."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.servers)


@contextmanager
def served_tills(scene: Scene, folder: Path) -> Iterator[Tills]:
    """Serve Promo, bus relay included, and let tills redeem at it meanwhile."""
    port = free_port()
    with running("serve", data_folder=folder, port=port) as (said, _):
        url = f"http://127.0.0.1:{port}"
        assert said.readline() == f"Promo is ready on {url}\n"
        tills = Tills(scene, url)
        with tills.open():
            yield tills
        wait_until(_time_passes_until_nothing_is_owed, "webhooks have all", seconds=240)
        wait_until_published()


def wait_for_more(tills: Tills) -> None:
    enough = len(tills.answers) + SOME
    wait_until(lambda: len(tills.answers) >= enough, "redemptions are asked for")


def take_away(kafka: Kafka, receivers: Receivers, tills: Tills) -> list[Answer]:
    """Have nobody to tell for a while; return what tills were answered meanwhile."""
    kafka.down()
    receivers.kill_the_mortal()
    start = time.monotonic()
    time.sleep(OUTAGE)
    meanwhile = tills.between(start, time.monotonic())
    wait_until(lambda: backlog(MANY_ROWS).waiting > 0, "the bus is owed events")
    owed = Delivery.objects.pending().filter(webhook__target_url__endswith=MORTAL)
    assert owed.count() > 0
    receivers.revive_the_mortal()
    kafka.up()
    return meanwhile


def test_redemptions_go_on_while_nobody_can_be_told(
    tmp_path: Path, kafka: Kafka, shown: Shown
) -> None:
    scene = Scene.of_codes()
    with received(tmp_path) as receivers:
        for url in receivers.urls():
            create_webhook(
                project=scene.project, now=utc_now(), target_url=url, events=[REDEEMED]
            )
        with served_tills(scene, tmp_path / "data") as tills:
            wait_for_more(tills)
            meanwhile = take_away(kafka, receivers, tills)
            wait_for_more(tills)
            receivers.mend()
        arrivals = receivers.arrived()

    assert_all_were_served(shown, "redemptions while nobody hears", meanwhile)
    assert_all_were_served(shown, "redemptions before and after, too", tills.answers)
    assert_kept(scene, tills)
    assert_all_is_on_the_bus(shown, scene, kafka)
    told = events_to_tell(scene.project, [REDEEMED])
    assert len(told) == len(tills.answers)
    for path in (*BAD, MORTAL):
        here = [one for one in arrivals if one.path == path]
        kept = kept_of(here, one_before_another(told))
        refused = {"refused": len(kept.statuses) - kept.taken}
        name, outcomes = f"redemptions at a {path[1:]} receiver", {"done": kept.taken}
        events, overtaken = len(kept.events), len(kept.overtaken)
        shown(name, events, len(told), outcomes | refused, overtaken)
        assert sorted(kept.events) == sorted(told)
        assert kept.overtaken == []


def assert_all_were_served(shown: Shown, name: str, answers: list[Answer]) -> None:
    statuses = Counter(one.status for one in answers)
    served = statuses[200]
    shown(name, served, len(answers), {"done": served}, len(answers) - served)
    assert answers != []
    assert statuses == {200: len(answers)}, [one for one in answers if one.failed]


def assert_kept(scene: Scene, tills: Tills) -> None:
    kept = {row.shown_id for row in scene.project.redemptions.all()}
    assert kept == {one.said for one in tills.answers}
    assert len(kept) == len(tills.answers)
    assert [drift for check in CHECKS for drift in check.find()] == []


def assert_all_is_on_the_bus(shown: Shown, scene: Scene, kafka: Kafka) -> None:
    told = events_to_tell(scene.project, bus_events())
    got = on_the_bus(kafka, scene.project, told)
    distinct, astray = {one.headers["ce_id"] for one in got}, out_of_order(got, told)
    outcomes = {"done": len(got)}
    shown("their events on the bus", len(distinct), len(told), outcomes, len(astray))
    assert distinct == set(told)
    assert astray == []
    assert not DomainEvent.objects.filter(published_at=None).exists()


def _time_passes_until_nothing_is_owed() -> bool:
    let_a_minute_pass()
    return nothing_is_owed()
