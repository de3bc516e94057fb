"""Lists of items that a rule names, in words."""

from collections.abc import Sequence

from campaigns.engine.rule_values import target_of
from redemptions.engine.rule_sentences import Voice, target_in_words
from redemptions.engine.rule_values import as_json
from redemptions.rule_builder.fields import json_of


def items_in_words(listed: Sequence[str], voice: Voice) -> str:
    """Return the items of a list by the names that ``voice`` has for them."""
    entries = [json_of(text, text) for text in listed]
    named = (target_in_words(as_json(target_of(each)), voice) for each in entries)
    return ", ".join(named) or "Everything" if listed else ""
