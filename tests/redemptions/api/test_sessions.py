"""Validation sessions: what is locked, against whom, and until when."""

import threading
from collections import Counter as Tally
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from promo.tenancy.models import Project
from redemptions.models import Redemption, SessionLock
from redemptions.services.ledger_check import unexplained_balances, unexplained_holds
from redemptions.services.sessions import sweep_sessions
from redemptions.tasks import sweep_expired_sessions
from tests.factories.campaigns import GiftCardFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as frozen:
        yield frozen


def body(*codes: Any, session: Any = None, **rest: Any) -> dict[str, Any]:
    redeemables = [
        one if isinstance(one, dict) else {"object": "voucher", "id": one}
        for one in codes
    ]
    asked = {"redeemables": redeemables, "order": {"amount": 3000}, **rest}
    return asked if session is None else {**asked, "session": session}


def locking(key: str | None = None, **rest: Any) -> dict[str, Any]:
    return {"type": "LOCK", **({"key": key} if key else {}), **rest}


def validate(api: ApiClient, *codes: Any, session: Any = None, **rest: Any) -> Any:
    return api.post("/v1/validations", body(*codes, session=session, **rest)).json()


def redeem(api: ApiClient, *codes: Any, session: Any = None, **rest: Any) -> Any:
    return api.post("/v1/redemptions", body(*codes, session=session, **rest)).json()


def error_of(shown: Any) -> str:
    key: str = shown["redeemables"][0]["result"]["error"]["key"]
    return key


def limited(api: ApiClient, quantity: int | None = 1, **values: Any) -> Voucher:
    made: Voucher = VoucherFactory(
        project=api.project, code="CODE", redemption_quantity=quantity, **values
    )
    return made


def held(voucher: Voucher) -> tuple[int, int]:
    voucher.refresh_from_db()
    assert list(unexplained_holds()) == []
    return voucher.held_quantity, voucher.held_amount


@pytest.mark.spec("engine 8 `type`")
@pytest.mark.spec("engine 8 `key`")
def test_a_valid_validation_opens_the_session_it_asks_for(api: ApiClient) -> None:
    code = limited(api)

    shown = validate(api, "CODE", session={"type": "LOCK"})

    key = shown["session"]["key"]
    assert shown["session"] == {
        "key": key,
        "type": "LOCK",
        "ttl": 7,
        "ttl_unit": "DAYS",
    }
    assert key.startswith("ssn_")
    lock = SessionLock.objects.get()
    assert (lock.key, lock.quantity, lock.amount) == (key, 1, 0)
    assert lock.expires_at == NOW + timedelta(days=7)
    assert held(code) == (1, 0)
    assert code.redeemed_quantity == 0


@pytest.mark.spec("engine 8 `type`")
@pytest.mark.parametrize("session", [None, {}, {"key": "mine"}, {"ttl": 5}])
def test_without_its_type_no_session_is_opened(api: ApiClient, session: Any) -> None:
    code = limited(api)

    shown = validate(api, "CODE", session=session)

    assert shown["valid"] is True
    assert "session" not in shown
    assert held(code) == (0, 0)


def test_an_invalid_validation_opens_nothing(api: ApiClient) -> None:
    code = limited(api, active=False)

    shown = validate(api, "CODE", session=locking("mine"))

    assert shown["valid"] is False
    assert "session" not in shown
    assert held(code) == (0, 0)
    assert not SessionLock.objects.exists()


def test_what_a_session_holds_is_not_there_for_others(api: ApiClient) -> None:
    code = limited(api)
    validate(api, "CODE", session=locking("mine"))

    for other in (None, locking("other"), {"key": "other"}):
        assert error_of(validate(api, "CODE", session=other)) == "quantity_exceeded"
        assert redeem(api, "CODE", session=other)["key"] == "quantity_exceeded"
    assert held(code) == (1, 0)
    assert code.redeemed_quantity == 0


def test_a_code_of_four_uses_admits_four_sessions(api: ApiClient) -> None:
    code = limited(api, 4)

    answers = [validate(api, "CODE", session=locking(f"s{n}")) for n in range(5)]

    assert [one["valid"] for one in answers] == [True, True, True, True, False]
    assert error_of(answers[4]) == "quantity_exceeded"
    assert held(code) == (4, 0)


def test_a_code_without_limit_admits_any_session(api: ApiClient) -> None:
    code = limited(api, None)

    answers = [validate(api, "CODE", session=locking(f"s{n}")) for n in range(6)]

    assert all(one["valid"] for one in answers)
    assert held(code) == (6, 0)


def test_a_session_ignores_its_own_locks_and_replaces_them(api: ApiClient) -> None:
    code = limited(api)
    other = VoucherFactory(project=api.project, code="OTHER", redemption_quantity=1)
    validate(api, "CODE", session=locking("mine"))

    again = validate(api, "CODE", session=locking("mine", ttl=1, ttl_unit="HOURS"))
    moved = validate(api, "OTHER", session=locking("mine"))

    assert (again["valid"], moved["valid"]) == (True, True)
    assert again["session"]["ttl_unit"] == "HOURS"
    assert held(code) == (0, 0)
    assert held(other) == (1, 0)
    assert validate(api, "CODE")["valid"] is True


@pytest.mark.spec("engine 6.1 balance = amount")
def test_credits_are_held_too(api: ApiClient) -> None:
    card = GiftCardFactory(project=api.project, code="CARD")
    gift = {"object": "voucher", "id": "CARD", "gift": {"credits": 2500}}
    validate(api, gift, session=locking("mine"))

    more = validate(api, {**gift, "gift": {"credits": 2501}})
    rest = validate(api, "CARD")

    assert held(card) == (1, 2500)
    assert error_of(more) == "gift_amount_exceeded"
    assert rest["redeemables"][0]["result"]["gift"] == {
        "credits": 2500,
        "balance": 2500,
    }
    again = validate(api, {**gift, "gift": {"credits": 3000}}, session=locking("mine"))
    assert again["valid"] is True
    assert held(card) == (1, 3000)


@pytest.mark.spec("engine 9.2 session")
def test_redeeming_with_the_session_uses_what_it_holds(api: ApiClient) -> None:
    code = limited(api)
    card = GiftCardFactory(project=api.project, code="CARD", credited_amount=1000)
    spare = VoucherFactory(project=api.project, code="SPARE", redemption_quantity=1)
    validate(api, "CODE", "SPARE", "CARD", session=locking("mine"))

    shown = redeem(api, "CARD", "CODE", session=locking("mine"))

    assert [one["session"] for one in shown["redemptions"]] == [{"key": "mine"}] * 2
    assert [held(one) for one in (code, card, spare)] == [(0, 0)] * 3
    assert (code.redeemed_quantity, card.balance, spare.redeemed_quantity) == (1, 0, 0)
    assert not SessionLock.objects.exists()
    assert list(unexplained_balances()) == []


def test_a_refused_redemption_keeps_the_session(api: ApiClient) -> None:
    code = limited(api)
    validate(api, "CODE", session=locking("mine"))

    refused = redeem(api, "CODE", "NOBODY", session=locking("mine"))

    assert refused["key"] == "not_found"
    assert held(code) == (1, 0)
    assert Redemption.objects.get().session_key == "mine"


def test_an_unknown_session_redeems_like_anybody(api: ApiClient) -> None:
    code = limited(api, 2)
    validate(api, "CODE", session=locking("mine"))

    shown = redeem(api, "CODE", session=locking("unknown"))

    assert shown["redemptions"][0]["result"] == "SUCCESS"
    assert held(code) == (1, 0)
    assert code.redeemed_quantity == 1


def test_an_expired_session_holds_nothing(api: ApiClient, clock: Any) -> None:
    code = limited(api)
    validate(api, "CODE", session=locking("mine", ttl=90, ttl_unit="SECONDS"))
    clock.shift(timedelta(seconds=89))
    before = validate(api, "CODE")

    clock.shift(timedelta(seconds=1))

    assert before["valid"] is False
    assert validate(api, "CODE")["valid"] is True
    assert held(code) == (1, 0)
    assert redeem(api, "CODE")["redemptions"][0]["result"] == "SUCCESS"
    assert held(code) == (0, 0)
    assert not SessionLock.objects.exists()


def test_a_session_may_be_opened_over_expired_ones(api: ApiClient, clock: Any) -> None:
    code = limited(api)
    validate(api, "CODE", session=locking("old", ttl=1, ttl_unit="MINUTES"))
    clock.shift(timedelta(minutes=1))

    shown = validate(api, "CODE", session=locking("new"))

    assert shown["valid"] is True
    assert held(code) == (1, 0)
    assert [lock.key for lock in SessionLock.objects.all()] == ["new"]


def test_sweeping_frees_what_has_expired_and_nothing_else(
    api: ApiClient, clock: Any
) -> None:
    code = limited(api, 3)
    card = GiftCardFactory(project=api.project, code="CARD")
    for key in ("old", "older"):
        session = locking(key, ttl=1, ttl_unit="MINUTES")
        validate(api, "CODE", session=session)
    validate(api, "CARD", session=locking("old", ttl=1, ttl_unit="MINUTES"))
    validate(api, "CODE", session=locking("young"))
    clock.shift(timedelta(minutes=1))

    sweep_expired_sessions()

    assert (held(code), held(card)) == ((1, 0), (0, 0))
    assert [lock.key for lock in SessionLock.objects.all()] == ["young"]
    assert sweep_sessions(NOW + timedelta(minutes=1)) == 0


def test_deleting_a_session_frees_that_voucher_alone(api: ApiClient) -> None:
    code = limited(api)
    card = GiftCardFactory(project=api.project, code="CARD")
    validate(api, "CODE", "CARD", session=locking("mine/1"))

    answer = api.delete("/v1/vouchers/CODE/sessions/mine%2F1")

    assert answer.status_code == 204
    assert held(code) == (0, 0)
    assert held(card)[0] == 1
    assert validate(api, "CODE")["valid"] is True


@pytest.mark.parametrize(
    ("path", "kind"),
    [("NOBODY/sessions/mine", "voucher"), ("CODE/sessions/other", "session")],
)
def test_a_session_that_is_not_there_cannot_be_deleted(
    api: ApiClient, path: str, kind: str
) -> None:
    code = limited(api)
    validate(api, "CODE", session=locking("mine"))

    answer = api.delete(f"/v1/vouchers/{path}")

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    assert answer.json()["resource_type"] == kind
    assert held(code) == (1, 0)


def test_an_expired_session_cannot_be_deleted(api: ApiClient, clock: Any) -> None:
    limited(api)
    validate(api, "CODE", session=locking("mine", ttl=1, ttl_unit="MINUTES"))
    clock.shift(timedelta(minutes=1))

    assert api.delete("/v1/vouchers/CODE/sessions/mine").status_code == 404


def test_a_session_of_tiers_alone_holds_nothing(api: ApiClient) -> None:
    tier = TierFactory(project=api.project)
    named = {"object": "promotion_tier", "id": tier.pk}

    shown = validate(api, named, session=locking("mine"))

    assert shown["session"]["key"] == "mine"
    assert not SessionLock.objects.exists()


def test_two_projects_may_use_the_same_key(
    api: ApiClient, other_api: ApiClient
) -> None:
    mine = limited(api)
    theirs = limited(other_api)
    for caller in (api, other_api):
        assert validate(caller, "CODE", session=locking("same"))["valid"] is True

    redeem(api, "CODE", session=locking("same"))

    assert (held(mine), held(theirs)) == ((0, 0), (1, 0))


def test_qualifying_shows_what_sessions_hold_of_a_card(api: ApiClient) -> None:
    GiftCardFactory(project=api.project, code="CARD")
    gift = {"object": "voucher", "id": "CARD", "gift": {"credits": 2000}}
    wanted = {"order": {"amount": 9000}, "session": {"type": "LOCK"}}
    before = api.post("/v1/qualifications", wanted).json()
    validate(api, gift, session=locking("mine"))

    after = api.post("/v1/qualifications", wanted).json()
    plain = api.post("/v1/qualifications", {"order": {"amount": 9000}}).json()

    results = [
        one["redeemables"]["data"][0]["result"]["gift"]
        for one in (before, after, plain)
    ]
    assert results == [
        {"credits": 5000, "balance": 5000, "locked_credits": 0},
        {"credits": 3000, "balance": 3000, "locked_credits": 2000},
        {"credits": 3000, "balance": 3000},
    ]


@pytest.mark.parametrize(
    ("session", "details"),
    [
        (
            {"type": "OPEN"},
            (
                "Property .session.type must be equal to one of the allowed values "
                "[ LOCK ]"
            ),
        ),
        ({"type": "LOCK", "key": 5}, "Property .session.key must be string"),
        ({"type": "LOCK", "ttl": "5"}, "Property .session.ttl must be number"),
        ({"type": "LOCK", "ttl": -1}, "Property .session.ttl must be >= 0"),
        (
            {"type": "LOCK", "ttl_unit": "WEEKS"},
            (
                "Property .session.ttl_unit must be equal to one of the allowed values "
                "[ DAYS, HOURS, MINUTES, SECONDS, MILLISECONDS, MICROSECONDS, "
                "NANOSECONDS ]"
            ),
        ),
        ("mine", "Property .session must be object"),
    ],
)
def test_a_malformed_session_is_refused(
    api: ApiClient, session: Any, details: str
) -> None:
    limited(api)

    answer = api.post("/v1/validations", body("CODE", session=session))

    assert (answer.status_code, answer.json()["details"]) == (400, details)
    assert not SessionLock.objects.exists()


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/validations", 8), ("/v1/redemptions", 11)]
)
def test_a_session_costs_the_same_for_ten_codes_as_for_one(
    project: Project, path: str, most: int
) -> None:
    project.stacking_rules = {"applicable_redeemables_limit": 30}
    project.save()
    api = server_client(project)
    costs = {}
    for count in (1, 1, 10):
        codes = [
            one.code for one in VoucherFactory.create_batch(count, project=project)
        ]
        session = locking(f"mine-{count}")
        validate(api, *codes, session=session, customer={"source_id": "ada"})
        asked = body(*codes, session=session, customer={"source_id": "ada"})
        with CaptureQueriesContext(connection) as found:
            assert api.post(path, asked).status_code == 200
        costs[count] = len(found)

    assert costs == {1: costs[1], 10: costs[1]}
    assert costs[1] <= most


def at_once(count: int, work: Any) -> Tally[str]:
    start, outcomes = threading.Barrier(count), Tally[str]()

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes[work(number)] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_sessions_at_once_a_code_of_four_admits_four(
    project: Project,
) -> None:
    api = server_client(project)
    code = limited(api, 4)

    def open_one(number: int) -> str:
        shown = validate(api, "CODE", session=locking(f"s{number}"))
        return "open" if shown["valid"] else error_of(shown)

    outcomes = at_once(16, open_one)

    assert outcomes == {"open": 4, "quantity_exceeded": 12}
    assert held(code) == (4, 0)
    assert SessionLock.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_sessions_and_redemptions_at_once_share_what_there_is(
    project: Project,
) -> None:
    api = server_client(project)
    card = GiftCardFactory(project=project, code="CARD", credited_amount=1000)
    gift = {"object": "voucher", "id": "CARD", "gift": {"credits": 200}}

    def use(number: int) -> str:
        if number % 2:
            shown = validate(api, gift, session=locking(f"s{number}"))
            return "held" if shown["valid"] else "refused"
        return "redeemed" if "redemptions" in redeem(api, gift) else "refused"

    outcomes = at_once(12, use)

    quantity, amount = held(card)
    assert outcomes["refused"] == 7
    assert (quantity, amount) == (outcomes["held"], 200 * outcomes["held"])
    assert card.redeemed_amount == 200 * outcomes["redeemed"]
    assert card.balance == amount
    assert list(unexplained_balances()) == []


@pytest.mark.django_db(transaction=True)
def test_one_session_redeemed_twice_at_once_is_used_once(project: Project) -> None:
    api = server_client(project)
    code = limited(api)
    validate(api, "CODE", session=locking("mine"))

    def use(_: int) -> str:
        shown = redeem(api, "CODE", session=locking("mine"))
        return "done" if "redemptions" in shown else str(shown["key"])

    outcomes = at_once(6, use)

    assert outcomes == {"done": 1, "quantity_exceeded": 5}
    assert held(code) == (0, 0)
    assert code.redeemed_quantity == 1
