"""Validation rules compiled for the decision, remembered by version.

One statement says which rules guard what, and in which version; a second reads only
the rules that this process has not compiled yet. A rule that no longer parses
becomes one that never passes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.applicability_parsing import parse_applicable_to
from campaigns.engine.bundle_parsing import parse_bundle
from campaigns.engine.bundles import Bundle
from campaigns.engine.rule_parsing import parse_error_message, parse_rules
from campaigns.engine.rules import Key, Rule, RuleSet
from campaigns.models import ValidationRule
from campaigns.models.validation_rule import RULE_PREFIX
from promo import ids, sql_arrays
from promo.errors import PromoError
from promo.recent import Recent
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project

log = structlog.get_logger()

CACHE_SIZE = 5_000

#: No value is in an empty list, whatever the facts.
NEVER = RuleSet(
    {"1": Rule("1", "redemption.api_key", None, {"$in": ()})}, logic=Key("1")
)

_ASSIGNED = """
SELECT a.related_object_id, r.id, r.version, r.updated_at
FROM campaigns_validationruleassignment a
JOIN campaigns_validationrule r ON r.id = a.rule_id
WHERE a.project_id = %s AND a.related_object_id = ANY(%s::text[])
ORDER BY a.created_at, a.id
"""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One version of a validation rule, ready to be evaluated.

    ``is_readable`` is False for a stored definition that the grammar refuses: then
    ``rules`` never pass.
    """

    rule_id: str
    name: str
    version: int
    rules: RuleSet
    applicable_to: ApplicableTo | None = None
    error_message: str | None = None
    bundle: Bundle | None = None
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Edition:
    """What makes a compiled rule current.

    The moment stands beside the version because a version number of a transaction
    that was rolled back is given once more.
    """

    rule_id: UUID
    version: int
    updated_at: datetime | None


_cache: Recent[Edition, CompiledRule] = Recent(CACHE_SIZE)


def assigned_rules(
    project: Project, related_ids: Sequence[str]
) -> dict[str, tuple[CompiledRule, ...]]:
    """Return the rules of objects by their shown ids, oldest assignment first.

    One statement, and one more when a rule has not been compiled yet. Objects
    without a rule are left out.
    """
    return rules_found(project, ask_rules(project, related_ids))


def ask_rules(project: Project, related_ids: Sequence[str]) -> Asked | None:
    """Ask which rules these objects have; ``rules_found`` reads the answer."""
    if not related_ids:
        return None
    arguments = [ids.parse("proj_", project.pk), sql_arrays.texts(set(related_ids))]
    return Asked(_ASSIGNED, arguments)


def rules_found(
    project: Project, asked: Asked | None
) -> dict[str, tuple[CompiledRule, ...]]:
    """Return the rules that ``ask_rules`` asked for, as ``assigned_rules`` does."""
    found_rows = asked.rows() if asked else ()
    rows = [(row[0], Edition(*row[1:])) for row in found_rows]
    editions = {edition for _, edition in rows}
    compiled = _cache.find(editions)
    missing = editions - compiled.keys()
    if missing:
        compiled |= _compile(project, missing)
    found: dict[str, tuple[CompiledRule, ...]] = {}
    for related_id, edition in rows:
        # A rule deleted since the first statement has lost its assignments too.
        if edition in compiled:
            found[related_id] = (*found.get(related_id, ()), compiled[edition])
    return found


def compile_rule(rule: ValidationRule) -> CompiledRule:
    """Compile a stored rule; one that does not parse never passes."""
    try:
        return CompiledRule(
            rule_id=rule.pk,
            name=rule.name,
            version=rule.version,
            rules=parse_rules(rule.rules),
            applicable_to=parse_applicable_to(rule.applicable_to),
            error_message=parse_error_message(rule.error),
            bundle=parse_bundle(rule.bundle_rules),
        )
    except PromoError as failure:
        log.error("validation_rule_unreadable", rule_id=rule.pk, reason=str(failure))
        return CompiledRule(
            rule_id=rule.pk,
            name=rule.name,
            version=rule.version,
            rules=NEVER,
            is_readable=False,
        )


def forget() -> None:
    """Drop what this process remembers."""
    _cache.clear()


def _compile(
    project: Project, editions: Collection[Edition]
) -> dict[Edition, CompiledRule]:
    """Compile what ``editions`` name, as it is stored now.

    A rule changed since the first statement is used as it has become, and kept
    under what it has become.
    """
    asked = {ids.show(RULE_PREFIX, one.rule_id): one for one in editions}
    current, answers = {}, {}
    for rule in project.validation_rules.filter(pk__in=list(asked)):
        compiled = compile_rule(rule)
        edition = asked[rule.pk]
        answers[edition] = compiled
        current[Edition(edition.rule_id, rule.version, rule.updated_at)] = compiled
    _cache.keep(current)
    return answers
