"""The way from a campaign's page to the page that takes a file of its codes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action

Run = Callable[[Any, HttpRequest, str], HttpResponseBase]


def import_codes_action() -> Run:
    """Return the detail action "Import codes": a link, it writes nothing."""

    @action(description="Import codes", permissions=["manage"], icon="upload_file")
    def import_codes(
        admin: Any, request: HttpRequest, object_id: str
    ) -> HttpResponseBase:
        campaign = admin.object_or_404(request, object_id)
        wanted = {"kind": "CAMPAIGN.VOUCHERS_IMPORT_CSV", "campaign_id": campaign.pk}
        return HttpResponseRedirect(f"{reverse('imports')}?{urlencode(wanted)}")

    found: Run = import_codes
    return found
