"""Views of a list that people keep for themselves, as links above it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from promo.admin.commands import tell
from promo.admin.forms import in_words
from promo.admin.visit import visit
from promo.errors import PromoError
from promo.ids import parse_or_none
from promo.tenancy.models import SavedView
from promo.tenancy.services.saved_views import delete_view, save_view

_LONGEST = 2000
#: What says where in a list somebody is, rather than what is listed.
_PLACE = ("p", "all", "_changelist_filters", "_facets")


class KeepsViews:
    """A list whose views people keep; stands before the admin's own class."""

    opts: Any
    list_before_template = "admin/saved_views.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        """Show the list, with the views that the person has kept of it."""
        page, seen = f"{self.opts.app_label}_{self.opts.model_name}", visit(request)
        here = _query(request.GET.urlencode())
        rows = SavedView.objects.filter(user=seen.user, project=seen.project, page=page)
        context = {
            "views_of": page,
            "view_query": here,
            "views": [(one, one.query == here) for one in rows] if seen.project else [],
        }
        context |= extra_context or {}
        shown: HttpResponseBase = super().changelist_view(request, context)  # type: ignore[misc]  # of the admin behind it
        return shown


@require_POST
@staff_member_required
def keep_view(request: HttpRequest) -> HttpResponseBase:
    """Keep the list as it is narrowed, under the name that was typed."""
    seen, page = visit(request), request.POST.get("page", "")
    address = _address(request, page)
    query = _query(request.POST.get("query", ""))
    if seen.user is None or seen.project is None:
        raise Http404
    try:
        kept = save_view(
            user=seen.user,
            project=seen.project,
            page=page,
            name=request.POST.get("name", "").replace("\0", ""),
            query=query,
            now=seen.now,
        )
        tell(request, f"The view “{kept}” is kept.")
    except PromoError as refused:
        messages.error(request, in_words(refused))
    return HttpResponseRedirect(f"{address}?{query}")


@require_POST
@staff_member_required
def forget_view(request: HttpRequest, view_id: str) -> HttpResponseBase:
    """Delete one of the person's own views."""
    seen = visit(request)
    rows = SavedView.objects.filter(user=seen.user, project=seen.project)
    is_id = parse_or_none("view_", view_id) is not None
    found = rows.filter(pk=view_id).first() if is_id else None
    if found is None:
        raise Http404
    address = _address(request, found.page)
    delete_view(found)
    tell(request, f"The view “{found}” is gone.")
    return HttpResponseRedirect(address)


def _address(request: HttpRequest, page: str) -> str:
    """Return where a list is whose views are kept, if the person may see it."""
    for model, screen in admin.site._registry.items():  # noqa: SLF001 - all screens
        named = f"{model._meta.app_label}_{model._meta.model_name}"
        if named == page and isinstance(screen, KeepsViews):
            if not screen.has_view_permission(request):
                break
            return reverse(f"admin:{page}_changelist")
    raise Http404


def _query(text: str) -> str:
    """Return a query without the place in the list; one that is too long is none."""
    query = QueryDict(text.replace("\0", "")[: _LONGEST + 1], mutable=True)
    for name in _PLACE:
        query.pop(name, None)
    said = query.urlencode()
    return said if len(said) <= _LONGEST else ""
