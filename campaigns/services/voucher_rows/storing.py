"""Storing the vouchers of many rows, row by row right or wrong.

Source: campaigns specification, "Import rules".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from campaigns.models import ValidationRule, Voucher
from campaigns.models.voucher import VoucherQuerySet, code_key
from campaigns.services.codes import count_new_codes, most_codes, too_many_codes
from campaigns.services.generation import pending_codes
from campaigns.services.voucher_rows.categories import (
    Known,
    check_category,
    known_categories,
    with_new_categories,
)
from campaigns.services.voucher_rows.drafts import VoucherDraft
from campaigns.services.voucher_rows.fresh import Target, new_voucher
from campaigns.services.voucher_rows.reach import Reached, check_reached, reached_of
from campaigns.services.voucher_rows.telling import assign_and_tell
from promo.errors import Duplicate, PromoError
from promo.ids import show
from promo.jobs.rows.cells import RowRefused
from promo.jobs.rows.work import Row, RowResult, refused
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

WRITER = RowWriter(Voucher)

Draft = tuple[Row, VoucherDraft]


@dataclass(slots=True)
class _Plan:
    """What rows lead to, by the key of their code.

    ``fresh`` become vouchers, ``known`` change what is there; rows that were refused
    are in ``results``.
    """

    fresh: dict[str, tuple[Row, VoucherDraft, Voucher]] = field(default_factory=dict)
    known: list[tuple[Row, VoucherDraft, str]] = field(default_factory=list)
    results: dict[int, RowResult] = field(default_factory=dict)

    @property
    def categories(self) -> list[str]:
        """The categories of all rows that were not refused."""
        fresh = [draft.category for _, draft, _ in self.fresh.values()]
        return [*fresh, *(draft.category for _, draft, _ in self.known)]

    def refuse(self, row: Row, draft: VoucherDraft, why: PromoError) -> None:
        """Leave a row out."""
        self.results[row.number] = refused(row, draft.code, why)


def write_vouchers(target: Target, drafts: Sequence[Draft]) -> list[RowResult]:
    """Create vouchers, or change those that are there; return the rows refused.

    1. Judge the rows in their order; those beyond the free capacity of the campaign
       are refused.
    2. Make the categories that are missing, then the new vouchers, in the order of
       their keys. Whom somebody else made first is known then.
    3. Hold the known ones in the order of their ids and change them.

    Whoever waits in the second step holds no voucher that another transaction can see,
    so that nobody waits in a circle. A constant number of statements.

    Raises:
        RowRefused: something went away meanwhile; try again with fewer rows.
    """
    rules = _rules(target.project, drafts)
    target = replace(target, rules=rules)
    known = known_categories(target.project, {d.category for _, d in drafts} - {""})
    plan = _plan(target, drafts, known)
    categories = with_new_categories(target.project, plan.categories, known, target.now)
    made = _insert(target, plan, categories)
    changed = _change_known(target, plan, categories)
    assign_and_tell(target, made, changed)
    return list(plan.results.values())


def _rules(project: Project, drafts: Sequence[Draft]) -> Mapping[str, ValidationRule]:
    wanted = {draft.rule_id for _, draft in drafts} - {""}
    if not wanted:
        return {}
    found = project.validation_rules.by_references(wanted)
    return {rule.pk: rule for rule in found}


def _plan(target: Target, drafts: Sequence[Draft], categories: Known) -> _Plan:
    project, plan = target.project, _Plan()
    keyed = [(row, draft, code_key(project, draft.code)) for row, draft in drafts]
    rows = project.vouchers.filter(code_key__in={key for _, _, key in keyed})
    stored = {one.code_key: one for one in _with_campaigns(rows)}
    reached, free = reached_of(project, stored.values()), _capacity(target)
    for row, draft, key in keyed:
        try:
            check_category(draft.category, categories)
            if key in stored:
                _check_may_change(target, stored[key], draft, reached)
            if key in stored or key in plan.fresh:
                plan.known.append((row, draft, key))
                continue
            voucher = new_voucher(target, draft)
            if free is not None and len(plan.fresh) >= free:
                raise too_many_codes()
            plan.fresh[key] = (row, draft, voucher)
        except PromoError as why:
            plan.refuse(row, draft, why)
    return plan


def _capacity(target: Target) -> int | None:
    """Return how many codes the campaign still takes; None without a campaign."""
    if target.campaign is None:
        return None
    promised = target.campaign.vouchers_count + pending_codes(target.campaign)
    return max(most_codes() - promised, 0)


def _check_may_change(
    target: Target, stored: Voucher, draft: VoucherDraft, reached: Reached
) -> None:
    """Refuse a code that is in the bin, out of reach, or must not be known yet."""
    campaign = stored.campaign
    is_gone = stored.deleted_at or (campaign and campaign.deleted_at)
    if is_gone or not target.changes_known:
        raise Duplicate("voucher", draft.code)
    check_reached(stored, reached)


def _insert(
    target: Target, plan: _Plan, categories: Known
) -> list[tuple[Voucher, VoucherDraft]]:
    """Store the new vouchers and count them; those somebody else has are known."""
    if not plan.fresh:
        return []
    for _, draft, voucher in plan.fresh.values():
        voucher.category = categories.get(draft.category)
    ordered = [plan.fresh[key][2] for key in sorted(plan.fresh)]
    stored = {show("v_", key) for key in WRITER.insert_new(ordered)}
    made = []
    for key, (row, draft, voucher) in plan.fresh.items():
        if voucher.pk in stored:
            made.append((voucher, draft))
        else:
            plan.known.append((row, draft, key))
    plan.known.sort(key=lambda each: each[0].number)
    if target.campaign is not None:
        count_new_codes(target.campaign, len(made))
    return made


def _change_known(target: Target, plan: _Plan, categories: Known) -> list[Voucher]:
    """Change the codes that are there; return the voucher of each row taken."""
    if not plan.known:
        return []
    rows = target.project.vouchers.filter(code_key__in={key for *_, key in plan.known})
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    held = {one.code_key: one for one in _with_campaigns(locked)}
    reached = reached_of(target.project, held.values())
    named, changed = [], {}
    for row, draft, key in plan.known:
        voucher = held.get(key)
        if voucher is None:
            details = "The code was freed while it was imported"
            raise RowRefused(details)
        try:
            _check_may_change(target, voucher, draft, reached)
        except PromoError as why:
            plan.refuse(row, draft, why)
            continue
        named.append(voucher)
        if _change(voucher, draft, categories):
            voucher.updated_at = target.now
            changed[voucher.pk] = voucher
    if changed:
        names = ["active", "category_id", "updated_at"]
        WRITER.update(list(changed.values()), names)
    return named


def _change(voucher: Voucher, draft: VoucherDraft, categories: Known) -> bool:
    """Take over what a row says of a known code; return whether that changes it."""
    before = voucher.active, voucher.category_id
    voucher.active = draft.sent.get("active", voucher.active)
    if draft.category:
        voucher.category = categories[draft.category]
    return (voucher.active, voucher.category_id) != before


def _with_campaigns(rows: VoucherQuerySet) -> VoucherQuerySet:
    return rows.select_related("campaign__category", "category")
