"""How many workers send at the same time, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from tests.fixtures.processes import wait_until
from webhooks.services.senders import place_among_senders

pytestmark = pytest.mark.django_db(transaction=True)


def asked_elsewhere() -> bool:
    """Return whether another connection finds a place, which it leaves again."""

    def ask() -> bool:
        try:
            with place_among_senders() as there_is_one:
                return there_is_one
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(ask).result()


@pytest.mark.parametrize(("places", "found"), [(1, [True, False]), (2, [True, True])])
def test_who_finds_all_places_taken_leaves_sending_to_others(
    settings: Any, places: int, found: list[bool]
) -> None:
    settings.WEBHOOK_SENDERS = places

    with place_among_senders() as there_is_one:
        while_it_sends = asked_elsewhere()

    assert [there_is_one, while_it_sends] == found
    assert asked_elsewhere() is True


def test_a_failure_leaves_the_place(settings: Any) -> None:
    settings.WEBHOOK_SENDERS = 1

    with pytest.raises(RuntimeError), place_among_senders():
        raise RuntimeError

    assert asked_elsewhere() is True


def test_whoever_dies_leaves_the_place(settings: Any) -> None:
    settings.WEBHOOK_SENDERS = 1

    with place_among_senders() as there_is_one:
        connection.connection.close()
        connection.close()
        # The server hears of it when its own process gets to it.
        wait_until(asked_elsewhere, "the place is free")

    assert there_is_one is True
