"""The page about rules tells what the engine does."""

import json
import re
from pathlib import Path

from tests.redemptions.engine.rule_cases import outcome

PAGE = Path(__file__).parents[3] / "docs" / "algorithms" / "rules.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_the_page_comes_out_as_told():
    found = outcome(json.loads(block("json")))

    assert not found.passed
    assert found.key == "customer_rules_violated"
    assert found.error_message == "Trade members only"
    assert list(found.sentences()) == block("text").splitlines()
    assert [trace.key for trace in found.failed[0].contributing] == ["1", "2"]
