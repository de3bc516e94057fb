"""A draft as the builder works with it: its fields, its rules, what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, QueryDict

from campaigns.models import CampaignDraft
from promo.tenancy.models import Project
from redemptions.campaign_builder.beginning import started
from redemptions.campaign_builder.form import BuilderForm, bound_form
from redemptions.campaign_builder.steps import WHO, Step, merged, steps_of
from redemptions.rule_builder.limits import Limited, limited_from, limited_in
from redemptions.rule_builder.state import Building, opened, sent

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the builder."""

    project: Project
    fields: Mapping[str, list[str]]
    building: Building
    limited: Limited
    message: str = ""

    @property
    def what(self) -> str:
        """The kind of campaign, empty until one is chosen."""
        return self.text("what")

    @property
    def name(self) -> str:
        """What the campaign will be called."""
        return self.text("name").strip()

    def text(self, name: str) -> str:
        """Return one field as typed."""
        texts = self.fields.get(name) or [""]
        return texts[0]

    @property
    def steps(self) -> list[Step]:
        """The steps of its kind."""
        return steps_of(self.what)

    @property
    def applicable_to(self) -> Json | None:
        """The lists of items as rules have them."""
        return self.limited.over(None)

    def form(self, request: HttpRequest) -> BuilderForm:
        """Return its fields as a form to be checked as a whole."""
        return bound_form(request, self.fields)

    def after(self, data: QueryDict, step: Step) -> "Draft":
        """Return the draft with what a page of one step has sent."""
        sent_fields = merged(self.fields, dict(data.lists()), step)
        fields = started(sent_fields, before=self.what)
        if step.name != WHO:
            return replace(self, fields=fields)
        return Draft(
            self.project,
            fields,
            sent(self.project, data),
            limited_from(data),
            data.get("message", "").strip(),
        )

    def payload(self) -> Json:
        """Return what is kept of it."""
        return {
            "fields": dict(self.fields),
            "rules": self.building.definition,
            "applicable_to": self.applicable_to,
            "message": self.message,
        }


def draft_of(row: CampaignDraft) -> Draft:
    """Return a stored draft as the builder works with it."""
    payload = row.payload
    return Draft(
        row.project,
        payload.get("fields") or {},
        opened(row.project, payload.get("rules") or {}),
        limited_in(payload.get("applicable_to")),
        payload.get("message") or "",
    )
