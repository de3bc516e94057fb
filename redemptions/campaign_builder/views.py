"""The builder of campaigns: where one begins, its steps, and publishing."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.models import Campaign, CampaignDraft
from campaigns.services import campaign_draft as service
from promo.admin.approval import NeedsApproval, asked, page_of
from promo.admin.approval import do as do_action
from promo.admin.commands import tell
from promo.admin.forms import in_words
from promo.admin.visit import Visit, project_of, visit
from promo.errors import PromoError
from redemptions.campaign_builder.beginning import payload_of, started
from redemptions.campaign_builder.draft import Draft, draft_of
from redemptions.campaign_builder.form import KINDS, campaign_of, codes_wanted, rule_of
from redemptions.campaign_builder.page import live_context, step_context
from redemptions.campaign_builder.review import missing
from redemptions.campaign_builder.steps import KIND, REVIEW, Step, after, step_called
from redemptions.rule_builder.fields import storable

Json = dict[str, Any]
_LIVE = {
    "check": "campaign_check",
    "example": "campaign_example",
    "backtest": "backtest",
}
_SHOWN = 50
#: The buttons that leave a draft, and what is said then.
_LEFT = {
    "later": "The draft is kept.",
    "discard": "The draft is gone.",
    "template": "The template is kept: campaigns can start from it.",
}


def builder_home(request: HttpRequest) -> HttpResponseBase:
    """Show what can be begun, and what has been."""
    seen = _may(request)
    project = project_of(request)
    rows = project.campaign_drafts.select_related("owner")
    copied = unquote(request.GET.get("copy", ""))
    source = project.campaigns.alive().by_reference(copied).first() if copied else None
    context = {
        **admin.site.each_context(request),
        "title": "Build a campaign",
        "kinds": [(name, kind[2], kind[3]) for name, kind in KINDS.items()],
        "drafts": rows.drafts()[:_SHOWN],
        "templates": rows.templates()[:_SHOWN],
        "source": source,
        "now": seen.now,
    }
    return TemplateResponse(request, "admin/campaign_builder_home.html", context)


@require_POST
def begin(request: HttpRequest) -> HttpResponseBase:
    """Make a draft: of a kind, of a template, or of a campaign that there is."""
    _may(request)
    payload, name = _beginning(request)
    return HttpResponseRedirect(step_page(_keep(request, payload, name), KIND))


def build(request: HttpRequest, draft_id: str, step: str) -> HttpResponseBase:
    """Show one step; after a POST keep it, and go where the button leads."""
    seen = _may(request)
    row = _row(request, draft_id)
    draft = draft_of(row)
    here = step_called(draft.steps, step)
    if request.method != "POST":
        return _page(request, row, draft, here)
    draft = draft.after(storable(request.POST), here)
    do = request.POST.get("do", "")
    if request.headers.get("HX-Request"):
        return _live(request, row, draft, here)
    try:
        service.save_draft(
            row,
            name=draft.name[:255],
            step=here.name,
            payload=draft.payload(),
            now=seen.now,
        )
        return _done(request, row, draft, here, do)
    except PromoError as refused:
        messages.error(request, in_words(refused))
        return _page(request, row, draft, here)


def step_page(row: CampaignDraft, step: str) -> str:
    """Return where a step of a draft is."""
    return reverse("campaign-builder-step", args=(quote(row.pk), step))


def _may(request: HttpRequest) -> Visit:
    seen = visit(request)
    if seen.project is None or not seen.may_ask("campaigns.create"):
        raise PermissionDenied
    return seen


def _row(request: HttpRequest, draft_id: str) -> CampaignDraft:
    project = project_of(request)
    rows = project.campaign_drafts.drafts()
    found = rows.by_reference(unquote(draft_id)).first()
    if found is None:
        msg = "No draft with this id"
        raise Http404(msg)
    found.project = project
    return found


def _beginning(request: HttpRequest) -> tuple[Json, str]:
    project = project_of(request)
    template, copied = request.POST.get("template"), request.POST.get("copy")
    if template:
        row = project.campaign_drafts.templates().by_reference(template).first()
        if row is None:
            msg = "No template with this id"
            raise Http404(msg)
        return _unnamed(row.payload), ""
    if copied:
        source = project.campaigns.alive().by_reference(copied).first()
        if not isinstance(source, Campaign):
            msg = "No campaign with this id"
            raise Http404(msg)
        source.project = project
        payload = payload_of(source)
        return payload, payload["fields"]["name"][0]
    what = request.POST.get("what", "")
    return {"fields": started({"what": [what]}) if what in KINDS else {}}, ""


def _unnamed(payload: Json) -> Json:
    fields = {**payload.get("fields", {})}
    fields.pop("name", None)
    return {**payload, "fields": fields}


def _keep(
    request: HttpRequest, payload: Json, name: str, *, is_template: bool = False
) -> CampaignDraft:
    seen = visit(request)
    return service.create_draft(
        project=project_of(request),
        owner=seen.user,
        name=name[:255],
        step=KIND,
        payload=payload,
        now=seen.now,
        is_template=is_template,
    )


def _live(
    request: HttpRequest, row: CampaignDraft, draft: Draft, here: Step
) -> HttpResponseBase:
    template = _LIVE.get(request.POST.get("do", ""), "rule_changed")
    context = live_context(request, draft, here) | {"here": request.path, "row": row}
    return TemplateResponse(request, f"admin/{template}.html", context)


def _done(
    request: HttpRequest, row: CampaignDraft, draft: Draft, here: Step, do: str
) -> HttpResponseBase:
    """Do what the button says, once the draft is kept."""
    verb, _, target = do.partition(":")
    if verb == "go":
        return HttpResponseRedirect(step_page(row, target))
    if verb == "next":
        if missing(draft, draft.form(request)).get(here.name):
            return _page(request, row, draft, here, tried=True)
        return HttpResponseRedirect(step_page(row, after(draft.steps, here).name))
    if verb in {"publish", "pause"}:
        return _publish(request, row, draft, active=verb == "publish")
    if verb in _LEFT:
        tell(request, _LEFT[verb])
        if verb == "discard":
            service.delete_draft(row)
        if verb == "template":
            _keep(request, draft.payload(), draft.name, is_template=True)
        return HttpResponseRedirect(reverse("campaign-builder"))
    return _page(request, row, draft, here)


def _publish(
    request: HttpRequest, row: CampaignDraft, draft: Draft, *, active: bool
) -> HttpResponseBase:
    form = draft.form(request)
    here = step_called(draft.steps, REVIEW)
    if missing(draft, form):
        return _page(request, row, draft, here, tried=True)
    values = form.cleaned_data
    rule = rule_of(values, draft.building.tree, draft.applicable_to, draft.message)
    sent = {"campaign": campaign_of(values, active=active), "rule": rule}
    try:
        campaign = do_action(request, "campaign.publish", row, **sent)
    except NeedsApproval as wanted:
        return HttpResponseRedirect(page_of(asked(request, wanted)))
    if count := codes_wanted(values, draft.what):
        tell(request, f"{count:,} codes are being made; its page lists them soon.")
    state = "live within its dates" if active else "published, and paused"
    tell(request, f"{campaign.name} is {state}.")
    page = reverse("admin:campaigns_campaign_change", args=(quote(campaign.pk),))
    return HttpResponseRedirect(page)


def _page(
    request: HttpRequest,
    row: CampaignDraft,
    draft: Draft,
    here: Step,
    *,
    tried: bool = False,
) -> HttpResponseBase:
    context = {
        **admin.site.each_context(request),
        **step_context(request, draft, here, tried=tried),
        "title": draft.name or "New campaign",
        "row": row,
        "here": step_page(row, here.name),
    }
    return TemplateResponse(request, "admin/campaign_builder.html", context)
