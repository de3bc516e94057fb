"""`manage.py demo`, as somebody new starts it: twice, with the keys it prints."""

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.serving import free_port, running

LAST_LINE = "  Stop        Ctrl-C\n"

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def demo(data_folder: Path, port: int) -> Iterator[str]:
    """Run the command; yield all that it prints until it is ready."""
    command = ("demo", "--scale", "0.001")
    with running(*command, data_folder=data_folder, port=port) as (told, _):
        yield "".join(iter(told.readline, LAST_LINE))


def ask(url: str, keys: dict[str, str], body: Any) -> Any:
    headers = {**keys, "Content-Type": "application/json"}
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request) as response:  # noqa: S310 - our own
        return json.load(response)


def test_the_printed_keys_validate_and_a_second_start_prints_the_same(
    tmp_path: Path,
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    with demo(tmp_path, port) as first:
        keys = dict(re.findall(r"(X-App-\w+): ([0-9a-f-]{36})\n", first))
        offer = {"object": "voucher", "id": "DELIVERY"}
        order = {"amount": 4_000}
        body = {"redeemables": [offer], "order": order}
        answer = ask(f"{url}/v1/validations", keys, body)
    with demo(tmp_path, port) as second:
        pass

    loading, card = first.split("\n", 1)
    assert loading.startswith("Loading Demo Roastery, once")
    assert card.startswith(f"Promo is ready on {url}\n")
    assert f"Dashboard   {url}/admin/\n" in card
    assert answer["valid"] is True
    assert answer["order"]["total_discount_amount"] == 390
    assert second == f"Demo Roastery is there already.\n{card}"
