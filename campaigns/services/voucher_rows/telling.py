"""The rules that rows put on their vouchers, and the news of what rows did."""

from collections.abc import Iterable, Sequence
from typing import Any

from campaigns import events
from campaigns.models import (
    RelatedObjectType,
    ValidationRule,
    ValidationRuleAssignment,
    Voucher,
)
from campaigns.services.rendering import rendered_vouchers
from campaigns.services.voucher_rows.drafts import VoucherDraft
from campaigns.services.voucher_rows.fresh import Target
from campaigns.wire import (
    assignment_as_json,
    rule_as_json,
    simple_campaign,
    simple_voucher,
)
from promo.jobs.rows.cells import RowRefused
from promo.outbox.events import Event, emit
from promo.row_writer import RowWriter

_WRITER = RowWriter(ValidationRuleAssignment)


def assign_and_tell(
    target: Target,
    made: Sequence[tuple[Voucher, VoucherDraft]],
    changed: Sequence[Voucher],
) -> None:
    """Put the rules of rows on their new vouchers; tell, where the target does.

    ``changed`` has the known voucher of each row. A constant number of statements.

    Raises:
        RowRefused: a rule was deleted meanwhile.
    """
    wanted = {one.pk: draft.rule_id for one, draft in made if draft.rule_id}
    assignments = _assign(target, wanted)
    if not target.tells:
        return
    project = target.project
    rows = project.vouchers.filter(pk__in=[one.pk for one, _ in made])
    stored = rows.select_related("campaign__category", "category")
    by_id = {one.pk: one for one in stored} | {one.pk: one for one in changed}
    told = list(_assigned(target, assignments, by_id))
    rendered = rendered_vouchers(project, list(by_id.values()))
    shown = {one["id"]: (one, _campaign_of(by_id[one["id"]])) for one in rendered}
    told += [events.voucher_created(*shown[one.pk]) for one, _ in made]
    told += [events.voucher_updated(*shown[one.pk]) for one in changed]
    emit(project, told, now=target.now)


def _campaign_of(voucher: Voucher) -> dict[str, Any] | None:
    return simple_campaign(voucher.campaign) if voucher.campaign else None


def _assign(
    target: Target, wanted: dict[str, str]
) -> Sequence[ValidationRuleAssignment]:
    """Put rules on vouchers by their ids; the rules are held until the commit."""
    if not wanted:
        return []
    rules = target.project.validation_rules.by_references(set(wanted.values()))
    locked = rules.order_by("pk").select_for_update(no_key=True)
    held = {rule.pk: rule for rule in locked}
    if held.keys() != set(wanted.values()):
        details = "The validation rule was deleted while the code was imported"
        raise RowRefused(details)
    assignments = [
        ValidationRuleAssignment(
            project=target.project,
            rule=held[rule_id],
            related_object_id=voucher_id,
            related_object_type=RelatedObjectType.VOUCHER,
            created_at=target.now,
        )
        for voucher_id, rule_id in wanted.items()
    ]
    _WRITER.insert(assignments)
    return assignments


def _assigned(
    target: Target,
    assignments: Sequence[ValidationRuleAssignment],
    vouchers: dict[str, Voucher],
) -> Iterable[Event]:
    """Return the news of rules on vouchers; each rule shows its count after all."""
    if not assignments:
        return
    ids = {one.rule_id for one in assignments}
    counted = target.project.validation_rules.by_references(ids)
    rules: dict[str, ValidationRule] = {
        rule.pk: rule for rule in counted.with_assignment_counts()
    }
    for one in assignments:
        voucher = simple_voucher(vouchers[one.related_object_id])
        rule = rule_as_json(rules[one.rule_id])
        yield events.rule_assigned(rule, assignment_as_json(one), voucher)
