"""What the dashboard does to offers and rules, at once or after somebody approves."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignDraft, ValidationRule, Voucher
from campaigns.services import campaign as campaigns
from campaigns.services import validation_rule as rules
from campaigns.services import voucher as vouchers
from campaigns.services.campaign_draft import publish_draft
from campaigns.services.rule_assignments import replace_rules
from promo.approvals.actions import Action
from promo.tenancy.models import Project

Json = dict[str, Any]
M = TypeVar("M", Campaign, CampaignDraft, ValidationRule, Voucher)
_CAMPAIGN = "campaigns.admin.proposals.campaign_in_words"
_VOUCHER = "campaigns.admin.proposals.voucher_in_words"
_RULE = "campaigns.admin.proposals.rule_in_words"


def _create_campaign(
    *, project: Project, target: None, now: datetime, values: Json
) -> Campaign:
    return campaigns.create_campaign(project=project, now=now, **values)


def _publish(
    *,
    project: Project,
    target: CampaignDraft,
    now: datetime,
    campaign: Json,
    rule: Json | None,
) -> Campaign:
    return publish_draft(target, campaign=campaign, rule=rule, now=now)


def _update_campaign(
    *,
    project: Project,
    target: Campaign,
    now: datetime,
    values: Json,
    rules: list[str] | None = None,
) -> Campaign:
    if values:
        campaigns.update_campaign(target, now=now, **values)
    _put(project, target, rules, now)
    return target


def _add_codes(
    *, project: Project, target: Campaign, now: datetime, count: int, values: Json
) -> Campaign:
    vouchers.add_vouchers(target, count=count, now=now, **values)
    return target


def _add_code(
    *, project: Project, target: Campaign, now: datetime, code: str
) -> Voucher:
    return vouchers.add_voucher(target, now=now, code=code)


def _create_voucher(
    *, project: Project, target: None, now: datetime, values: Json
) -> Voucher:
    return vouchers.create_voucher(project=project, now=now, **values)


def _update_voucher(
    *,
    project: Project,
    target: Voucher,
    now: datetime,
    values: Json,
    rules: list[str] | None = None,
) -> Voucher:
    if values:
        vouchers.update_voucher(target, now=now, **values)
    _put(project, target, rules, now)
    return target


def _create_rule(
    *, project: Project, target: None, now: datetime, values: Json
) -> ValidationRule:
    return rules.create_rule(project=project, now=now, **values)


def _update_rule(
    *, project: Project, target: ValidationRule, now: datetime, values: Json
) -> ValidationRule:
    return rules.update_rule(target, now=now, **values) if values else target


def _put(
    project: Project, target: Campaign | Voucher, rules: list[str] | None, now: datetime
) -> None:
    """Make these rules the ones on an object; None leaves them."""
    if rules is not None:
        replace_rules(project=project, related_object=target, rule_ids=rules, now=now)


def _switch(
    service: Callable[..., Any], *, project: Project, target: Any, now: datetime
) -> Any:
    service(target, now=now)
    return target


def _campaign(project: Project, pk: str) -> Campaign | None:
    return _own(project.campaigns.alive().filter(pk=pk), project)


def _voucher(project: Project, pk: str) -> Voucher | None:
    rows = project.vouchers.alive().filter(pk=pk).select_related("campaign")
    return _own(rows, project)


def _rule(project: Project, pk: str) -> ValidationRule | None:
    return _own(project.validation_rules.filter(pk=pk), project)


def _draft(project: Project, pk: str) -> CampaignDraft | None:
    return _own(project.campaign_drafts.drafts().filter(pk=pk), project)


def _own(rows: QuerySet[M], project: Project) -> M | None:
    found = rows.first()
    if found is not None:
        found.project = project
    return found


_MODIFY, _CHANGE = "campaigns.modify", "vouchers.modify"
CREATE_CAMPAIGN = Action(
    "campaigns.create",
    "Create the campaign {name}",
    _create_campaign,
    makes=True,
    describe=_CAMPAIGN,
)
PUBLISH_DRAFT = Action(
    "campaigns.create",
    "Publish the campaign {name}",
    _publish,
    _draft,
    makes=True,
    describe=_CAMPAIGN,
    also={"rule": "validation_rules.create"},
)
UPDATE_CAMPAIGN = Action(
    _MODIFY,
    "Change the campaign {name}",
    _update_campaign,
    _campaign,
    describe=_CAMPAIGN,
)
ENABLE_CAMPAIGN = Action(
    _MODIFY,
    "Enable the campaign {name}",
    partial(_switch, campaigns.enable_campaign),
    _campaign,
    describe=_CAMPAIGN,
)
DISABLE_CAMPAIGN = Action(
    _MODIFY,
    "Disable the campaign {name}",
    partial(_switch, campaigns.disable_campaign),
    _campaign,
    describe=_CAMPAIGN,
)
ADD_CODES = Action(
    "vouchers.create",
    "Generate codes for {name}",
    _add_codes,
    _campaign,
    describe="campaigns.admin.proposals.codes_in_words",
)
ADD_CODE = Action(
    "vouchers.create",
    "Add the code {name}",
    _add_code,
    _campaign,
    makes=True,
    describe=_VOUCHER,
)
CREATE_VOUCHER = Action(
    "vouchers.create",
    "Create the code {name}",
    _create_voucher,
    makes=True,
    describe=_VOUCHER,
)
UPDATE_VOUCHER = Action(
    _CHANGE, "Change the code {name}", _update_voucher, _voucher, describe=_VOUCHER
)
ENABLE_VOUCHER = Action(
    _CHANGE,
    "Enable the code {name}",
    partial(_switch, vouchers.enable_voucher),
    _voucher,
    describe=_VOUCHER,
)
DISABLE_VOUCHER = Action(
    _CHANGE,
    "Disable the code {name}",
    partial(_switch, vouchers.disable_voucher),
    _voucher,
    describe=_VOUCHER,
)
CREATE_RULE = Action(
    "validation_rules.create",
    "Create the rule {name}",
    _create_rule,
    makes=True,
    describe=_RULE,
)
UPDATE_RULE = Action(
    "validation_rules.modify",
    "Change the rule {name}",
    _update_rule,
    _rule,
    describe=_RULE,
)
