"""The page of one template: it gets another name, or goes."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.models import CampaignDraft
from campaigns.services.campaign_draft import delete_draft, rename_template
from promo.admin.commands import tell
from promo.admin.forms import in_words
from promo.admin.visit import project_of, visit
from promo.errors import PromoError


class NameForm(forms.Form):
    """What a template is called."""

    name = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"class": "promo-input", "autocomplete": "off"}),
    )


def template_page(request: HttpRequest, template_id: str) -> HttpResponseBase:
    """Show a template; after a POST rename or delete it, as the button says."""
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.create"):
        raise PermissionDenied
    row = _row(request, unquote(template_id))
    if request.method != "POST":
        return _page(request, row, NameForm(initial={"name": row.name}))
    form = NameForm(request.POST)
    deletes = request.POST.get("do") == "delete"
    if not deletes and not form.is_valid():
        return _page(request, row, form)
    try:
        if deletes:
            delete_draft(row)
            tell(request, "The template is gone.")
        else:
            rename_template(row, name=form.cleaned_data["name"], now=seen.now)
            tell(request, "The template has its new name.")
    except PromoError as refused:
        messages.error(request, in_words(refused))
    return HttpResponseRedirect(reverse("campaign-builder"))


def _row(request: HttpRequest, template_id: str) -> CampaignDraft:
    rows = project_of(request).campaign_drafts.templates()
    found = rows.by_reference(template_id).select_related("owner").first()
    if found is None:
        msg = "No template with this id"
        raise Http404(msg)
    return found


def _page(request: HttpRequest, row: CampaignDraft, form: NameForm) -> HttpResponseBase:
    context = {
        **admin.site.each_context(request),
        "title": str(row),
        "row": row,
        "form": form,
    }
    return TemplateResponse(request, "admin/campaign_template.html", context)
