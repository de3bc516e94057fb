"""Distributions as validation rules know them: something that rules are put on."""

from campaigns.services.guarded import GuardedKind
from promo.tenancy.models import Project
from webhooks.models import Distribution
from webhooks.services.distributions.lifecycle import hold
from webhooks.wire.distribution import simple_distribution


def _find(project: Project, reference: str) -> Distribution | None:
    rows = Distribution.objects.filter(project=project).by_reference(reference)
    return rows.select_related("project").first()


GUARDED = GuardedKind(Distribution, _find, simple_distribution, hold)
