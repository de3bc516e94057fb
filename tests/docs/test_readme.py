"""The README's tour runs as it stands."""

import json
import re

from django.conf import settings

from tests.fixtures.serving import Serving


def test_the_tour_goes_as_told(serving: Serving) -> None:
    readme = (settings.BASE_DIR / "README.md").read_text()
    found = re.search(r"## A tour with curl\n\n```sh\n(.*?)```", readme, re.DOTALL)
    assert found is not None
    tour = found[1].replace("http://127.0.0.1:8000", serving.url)
    tour = tour.replace(".venv/bin/python", '"$PYTHON"')

    done = serving.run("sh", "-c", tour)

    lines = [line for line in done.stdout.splitlines() if line]
    made, validated, redeemed, refused = map(json.loads, lines)
    assert made["code"] == "WELCOME"
    assert (validated["valid"], validated["order"]["total_amount"]) == (True, 4500)
    assert redeemed["redemptions"][0]["result"] == "SUCCESS"
    assert refused["key"] == "quantity_exceeded"
