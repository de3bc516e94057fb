"""Taking back codes that an import has made."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, F, Value, When

from campaigns.models import Campaign, Voucher
from campaigns.services.removal import erase
from campaigns.services.rule_assignments import forget_rules
from promo.references import is_referred_to
from promo.tenancy.models import Project


def undo_vouchers(
    project: Project, ids: Sequence[str], *, now: datetime
) -> dict[str, tuple[str, str]]:
    """Erase codes that nobody has used, got or changed; return which stay, and why.

    By id: the code, and the reason. Campaigns are held first, then codes: whoever is
    about to use one waits, and then finds none.
    """
    chosen = Voucher.objects.filter(project=project, pk__in=ids)
    campaigns = Campaign.objects.filter(pk__in=chosen.values("campaign"))
    list(campaigns.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    held = list(chosen.order_by("pk").select_for_update(of=("self",)))
    used = Voucher.objects.filter(is_referred_to(Voucher), pk__in=ids)
    in_use = set(used.values_list("pk", flat=True))
    reasons = {one.pk: (one.code, _why(one, in_use)) for one in held}
    gone = [one for one in held if not reasons[one.pk][1] and one.erased_at is None]
    keys = [one.pk for one in gone]
    forget_rules(project=project, related_ids=keys)
    _uncount(gone)
    erase(Voucher.objects.filter(pk__in=keys), now)
    return {pk: told for pk, told in reasons.items() if told[1]}


def _why(one: Voucher, in_use: set[str]) -> str:
    """Return why a code stays; empty for one that can go, or has gone."""
    if one.deleted_at is not None:
        return ""
    if one.redeemed_quantity > 0:
        return "It was used"
    if one.holder_id:
        return "A customer holds it"
    if one.pk in in_use or one.held_quantity:
        return "It was given out, or its balance has moved"
    return "Changed since the import" if one.updated_at is not None else ""


def _uncount(gone: Sequence[Voucher]) -> None:
    """Take living codes off the counts of their campaigns, with one statement."""
    counts = Counter(
        one.campaign_id for one in gone if one.campaign_id and one.deleted_at is None
    )
    if not counts:
        return
    less = Case(
        *(When(pk=pk, then=Value(count)) for pk, count in counts.items()),
        default=Value(0),
    )
    rows = Campaign.objects.filter(pk__in=list(counts))
    rows.update(vouchers_count=F("vouchers_count") - less)
