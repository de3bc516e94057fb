"""What the discount may touch: the lists of an offer's items, as chosen on the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from campaigns.engine.applicability_parsing import EVERY
from campaigns.engine.rule_values import target_of
from campaigns.models import ValidationRule
from promo.tenancy.models import Project
from redemptions.admin.voice import voice_for
from redemptions.engine.rule_sentences import target_in_words
from redemptions.engine.rule_values import as_json
from redemptions.rule_builder.fields import can_be_chosen, chosen_text, json_of
from redemptions.rule_builder.page import Chip

Json = dict[str, Any]
#: How the page calls the two lists.
INCLUDED, EXCLUDED = "only", "not"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Limited:
    """The entries of both lists, each as its field holds it."""

    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def over(self, stored: Mapping[str, Any] | None) -> Json | None:
        """Return the lists as the service takes them; what else is stored stays."""
        if not (self.included or self.excluded or stored):
            return None
        return {
            **(stored or {}),
            "included": [json_of(text, text) for text in self.included],
            "excluded": [json_of(text, text) for text in self.excluded],
        }

    def shown(self, project: Project) -> Json:
        """Return both lists with names, as the page shows them."""
        entries = {
            INCLUDED: [json_of(text, text) for text in self.included],
            EXCLUDED: [json_of(text, text) for text in self.excluded],
        }
        voice = voice_for(project, entries)
        return {
            name: [
                Chip(
                    chosen_text(entry),
                    target_in_words(as_json(target_of(entry)), voice),
                )
                for entry in listed
            ]
            for name, listed in entries.items()
        }


def limited_of(rule: ValidationRule | None) -> Limited:
    """Return the lists of a stored rule."""
    return limited_in(rule.applicable_to if rule else None)


def limited_in(applicable_to: Mapping[str, Any] | None) -> Limited:
    """Return the lists as rules have them."""
    lists = applicable_to or {}
    return Limited(_texts(lists.get("included")), _texts(lists.get("excluded")))


def limited_from(sent: QueryDict) -> Limited:
    """Return the lists of a page, after the button that was pressed."""
    verb, _, rest = (sent.get("do", "") or "").partition(":")
    name, _, rest = rest.partition(":")
    _, _, extra = rest.partition(":")
    lists = []
    for each in (INCLUDED, EXCLUDED):
        texts = [
            text for text in sent.getlist(f"value.{each}-0")[:_MOST] if is_item(text)
        ]
        if verb == "pick" and name == each and is_item(extra):
            entry = json_of(extra, {})
            chosen = {**entry, "effect": EVERY} if isinstance(entry, dict) else entry
            texts.append(chosen_text(chosen))
        if verb == "unpick" and name == each:
            texts = [text for at, text in enumerate(texts) if str(at) != extra]
        lists.append(tuple(dict.fromkeys(texts)))
    return Limited(*lists)


def is_item(text: str) -> bool:
    """Say whether a text names a product, SKU or collection."""
    entry = json_of(text, None)
    return isinstance(entry, Mapping) and can_be_chosen(entry)


def _texts(entries: Any) -> tuple[str, ...]:
    return tuple(chosen_text(entry) for entry in entries or ())
