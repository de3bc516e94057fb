"""The page about qualification names the scenarios there are, as they are."""

from django.conf import settings

from redemptions.services.qualify import FIRST_LOOK
from redemptions.services.scenarios import SCENARIOS

PAGE = settings.BASE_DIR / "docs" / "algorithms" / "qualification.md"


def test_the_table_of_scenarios_is_the_one_that_is_used():
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines()]
    told = {
        row[0].strip("`"): row[2:] for row in rows if row[0].strip("`") in SCENARIOS
    }

    yes = {True: "yes", False: "no"}
    assert told == {
        name: [yes[one.customer_rules], yes[one.order_rules]]
        for name, one in SCENARIOS.items()
    }


def test_the_first_look_is_at_a_hundred_of_each_kind():
    assert FIRST_LOOK == 100
    assert "the newest hundred of each kind" in PAGE.read_text()
