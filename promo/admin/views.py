"""Pages of the frame itself."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from promo.admin.commands import after
from promo.admin.visit import choose


@require_POST
@staff_member_required
def choose_project(request: HttpRequest, project_id: str) -> HttpResponseBase:
    """Switch the session to another project and go to its home page."""
    if not choose(request, project_id):
        msg = "No such project"
        raise Http404(msg)
    return after(request, reverse("admin:index"))
