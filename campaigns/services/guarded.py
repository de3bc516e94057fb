"""What validation rules may be put on: each kind, how it is found and told of.

Apps above this one name theirs in ``settings.GUARDED_KINDS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from campaigns.models import (
    Campaign,
    PromotionTier,
    RelatedObjectType,
    RewardAssignment,
    Voucher,
)
from campaigns.wire import (
    reward_assignment_as_json,
    simple_campaign,
    simple_tier,
    simple_voucher,
)
from promo.tenancy.models import Project

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GuardedKind:
    """One kind of object that rules are put on.

    ``find`` returns the one behind a reference, or None; ``show`` what events embed.
    ``hold`` keeps one from going while the transaction runs, and raises
    ``ResourceNotFound`` once it is gone.
    """

    model: type[Model]
    find: Callable[[Project, str], Any]
    show: Callable[[Any], Json]
    hold: Callable[[Any], Any] | None = None

    def of_project(self, project: Project) -> QuerySet[Any]:
        """Return all of the kind that a project has."""
        rows: QuerySet[Any] = self.model._default_manager.filter(project=project)  # noqa: SLF001 - documented by Django
        return rows


@cache
def guarded_kinds() -> Mapping[str, GuardedKind]:
    """Return every kind by its name, those of the apps above included."""
    above = settings.GUARDED_KINDS.items()
    return {**_OWN, **{kind: import_string(path) for kind, path in above}}


def kind_of(guarded: Any) -> str:
    """Return the name of the kind that an object is of.

    Raises:
        LookupError: rules are not put on such objects.
    """
    for name, kind in guarded_kinds().items():
        if isinstance(guarded, kind.model):
            return name
    raise LookupError(type(guarded).__name__)


def shown(guarded: Any) -> Json:
    """Return an object as events embed it."""
    return guarded_kinds()[kind_of(guarded)].show(guarded)


def hold(guarded: Any) -> None:
    """Keep an object from going while the transaction runs, where its kind can.

    Raises:
        ResourceNotFound: it is gone already.
    """
    keep = guarded_kinds()[kind_of(guarded)].hold
    if keep is not None:
        keep(guarded)


def _voucher(project: Project, reference: str) -> Voucher | None:
    vouchers = project.vouchers.by_reference(reference)
    return vouchers.select_related("campaign__category", "category").first()


def _campaign(project: Project, reference: str) -> Campaign | None:
    found = project.campaigns.by_reference(reference)
    return found.select_related("category").first()


def _tier(project: Project, reference: str) -> PromotionTier | None:
    found = project.promotion_tiers.by_reference(reference)
    return found.select_related("campaign").first()


def _reward(project: Project, reference: str) -> RewardAssignment | None:
    return project.reward_assignments.by_reference(reference).first()


_OWN: Mapping[str, GuardedKind] = {
    RelatedObjectType.VOUCHER: GuardedKind(Voucher, _voucher, simple_voucher),
    RelatedObjectType.CAMPAIGN: GuardedKind(Campaign, _campaign, simple_campaign),
    RelatedObjectType.PROMOTION_TIER: GuardedKind(PromotionTier, _tier, simple_tier),
    RelatedObjectType.REWARD_ASSIGNMENT: GuardedKind(
        RewardAssignment, _reward, reward_assignment_as_json
    ),
}
