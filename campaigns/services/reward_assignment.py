"""Offering rewards in loyalty programmes.

Source: campaigns specification, "Rewards".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.engine.numbers import whole_number
from campaigns.models import Campaign, CampaignType, Reward, RewardAssignment
from campaigns.models.reward import REWARD_PREFIX, RewardType
from campaigns.services.access import check_change
from campaigns.services.reward import own_points
from campaigns.services.rule_assignments import assign_rules, forget_rules
from campaigns.services.worth import invalid_campaign
from campaigns.wire.campaign import simple_campaign
from campaigns.wire.reward import reward_assignment_as_json
from promo.clock import isoformat
from promo.errors import BadRequest, Duplicate, InvalidPayload, ResourceNotFound
from promo.ids import parse_or_none
from promo.outbox.events import emit

RESOURCE = "reward_assignment"


@transaction.atomic
def assign_reward(
    reward: Reward,
    *,
    campaign: str,
    now: datetime,
    parameters: Mapping[str, Any] | None = None,
    validation_rules: Sequence[str] | None = None,
) -> RewardAssignment:
    """Offer ``reward`` in the programme behind an id or a name.

    ``validation_rules`` holds the id of the rule that guards it there, if any.

    Raises:
        ResourceNotFound: no such campaign or rule.
        BadRequest: ``invalid_campaign`` for another kind or a reward in its own
            points, ``missing_param`` without the price in points.
        InvalidPayload: parameters of another shape.
        Duplicate: it is offered there already.
        Forbidden: a restricted caller is not everywhere that the programme runs.
    """
    project = reward.project
    found = project.campaigns.by_reference(campaign).select_related("category").first()
    if found is None:
        raise ResourceNotFound("campaign", campaign)
    if found.campaign_type != CampaignType.LOYALTY_PROGRAM:
        raise invalid_campaign("Rewards can be assigned to loyalty programs alone")
    return _offer(
        reward, found, parameters=parameters, validation_rules=validation_rules, now=now
    )


@transaction.atomic
def offer_rewards(
    program: Campaign, *, offers: Sequence[Mapping[str, Any]], now: datetime
) -> list[RewardAssignment]:
    """Offer several rewards in a loyalty programme, all of them or none.

    Each of ``offers`` names a ``reward`` by its id and may have ``parameters`` and
    ``validation_rules`` as ``assign_reward`` takes them.

    Raises:
        ResourceNotFound: no such reward or rule.
        BadRequest, InvalidPayload, Duplicate, Forbidden: as with ``assign_reward``.
    """
    wanted = [offer["reward"] for offer in offers]
    valid = [each for each in wanted if parse_or_none(REWARD_PREFIX, each)]
    found = {row.pk: row for row in program.project.rewards.filter(pk__in=valid)}
    missing = next((each for each in wanted if each not in found), None)
    if missing is not None:
        raise ResourceNotFound("reward", missing)
    return [
        _offer(
            found[offer["reward"]],
            program,
            parameters=offer.get("parameters"),
            validation_rules=offer.get("validation_rules"),
            now=now,
        )
        for offer in offers
    ]


def _offer(
    reward: Reward,
    program: Campaign,
    *,
    parameters: Mapping[str, Any] | None,
    validation_rules: Sequence[str] | None,
    now: datetime,
) -> RewardAssignment:
    check_change(program)
    if reward.campaign_id == program.pk:
        raise own_points()
    known = reward.assignments.filter(campaign=program).first()
    if known is not None:
        raise Duplicate(RESOURCE, known.pk)
    assignment = RewardAssignment(
        project=program.project,
        reward=reward,
        campaign=program,
        points=_price(reward, parameters),
        created_at=now,
    )
    _store(assignment)
    _tell(assignment, "created", now)
    assign_rules(
        project=program.project,
        related_object=assignment,
        rule_ids=validation_rules or (),
        now=now,
    )
    return assignment


@transaction.atomic
def update_reward_assignment(
    assignment: RewardAssignment,
    *,
    now: datetime,
    parameters: Mapping[str, Any] | None = None,
) -> RewardAssignment:
    """Change the price of an assigned reward.

    Raises:
        BadRequest: ``missing_param`` without the price in points.
        InvalidPayload: parameters of another shape.
        ResourceNotFound: it is gone.
        Forbidden: a restricted caller is not everywhere that the programme runs.
    """
    held = _lock(assignment)
    if parameters is not None:
        held.points = _price(held.reward, parameters)
    held.updated_at = now
    held.save(update_fields=["points", "updated_at"])
    _tell(held, "updated", now)
    return held


@transaction.atomic
def delete_reward_assignment(assignment: RewardAssignment, *, now: datetime) -> None:
    """Take a reward out of a programme.

    Raises:
        ResourceNotFound: it is gone.
        Forbidden: a restricted caller is not everywhere that the programme runs.
    """
    held = _lock(assignment)
    _tell(held, "deleted", now)
    forget_rules(project=held.project, related_ids=[held.pk])
    held.delete()


def delete_assignments_of(campaign: Campaign) -> None:
    """Take all rewards out of a programme that is being erased; nothing is told."""
    offered = campaign.reward_assignments.order_by("pk")
    related_ids = list(offered.values_list("pk", flat=True))
    if related_ids:
        forget_rules(project=campaign.project, related_ids=related_ids)
        offered.delete()


def _price(reward: Reward, parameters: Mapping[str, Any] | None) -> int | None:
    """Return the price in points; None for a coin, whose rate is its price."""
    if reward.type == RewardType.COIN:
        return None
    loyalty = (parameters or {}).get("loyalty")
    if loyalty is None:
        details = "Parameter 'parameters.loyalty' is required"
        raise BadRequest("missing_param", "Missing required parameter", details)
    if not isinstance(loyalty, Mapping):
        raise InvalidPayload("Property .parameters.loyalty must be object")
    if loyalty.get("auto_redeem"):
        details = "Property .parameters.loyalty.auto_redeem is not supported yet"
        raise InvalidPayload(details)
    path = ".parameters.loyalty.points"
    points = whole_number(loyalty.get("points"), path, least=1)
    if points is None:
        details = "Property .parameters.loyalty should have required property 'points'"
        raise InvalidPayload(details)
    return points


def _store(assignment: RewardAssignment) -> None:
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as taken:
        if "one_assignment" not in str(taken):
            raise
        known = RewardAssignment.objects.get(
            reward=assignment.reward, campaign=assignment.campaign
        )
        raise Duplicate(RESOURCE, known.pk) from taken


def _lock(assignment: RewardAssignment) -> RewardAssignment:
    rows = assignment.project.reward_assignments.alive().filter(pk=assignment.pk)
    rows = rows.select_related("reward", "campaign__category")
    held = rows.select_for_update(no_key=True, of=("self",)).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, assignment.pk)
    check_change(held)
    return held


def _tell(assignment: RewardAssignment, happened: str, now: datetime) -> None:
    shown = reward_assignment_as_json(assignment)
    campaign: Campaign = assignment.campaign
    told = events.reward_assigned(
        happened, shown, simple_campaign(campaign), at=isoformat(now)
    )
    emit(assignment.project, [told], now=now)
