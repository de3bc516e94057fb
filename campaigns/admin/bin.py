"""The bin: what was deleted, brought back or erased for good."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from campaigns.models import BinEntry, BinnedType, PromotionTier, Sku
from campaigns.services.bin import PERMISSIONS_OF
from campaigns.services.bin_erasure import OPERATIONS
from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, for_selected, tell
from promo.admin.filters import DayFilter
from promo.admin.summary import Figure
from promo.admin.visit import visit

_ERASES = (
    "It goes for good, with all that belongs to it. Names, codes and ids are free."
)
_erase = for_selected("erase", label="Erase for good", permission="manage")


@admin.action(description="Erase for good", permissions=["manage"])
def erase_selected(
    screen: Any, request: HttpRequest, rows: QuerySet[BinEntry]
) -> HttpResponseBase | None:
    """Erase the chosen entries once the person has seen which they are."""
    if "confirmed" in request.POST:
        _erase(screen, request, rows)
        return None
    context = {
        **screen.admin_site.each_context(request),
        "title": "Erase for good",
        "question": _ERASES,
        "rows": [(row.pk, row.resource_name, screen.brings_back(row)) for row in rows],
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": screen.opts,
    }
    return TemplateResponse(request, "admin/erase_selected.html", context)


def _counted(model: type[Model], parent: str) -> Coalesce:
    """Return how many of ``model`` the parent of an entry hides."""
    rows = model._default_manager.filter(  # noqa: SLF001 - Django's documented name
        deleted_at=None, **{parent: OuterRef(parent)}
    )
    counted = rows.order_by().values(parent).annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count"), IntegerField()), 0)


@admin.register(BinEntry)
class BinEntryAdmin(ProjectModelAdmin):
    """What was deleted, newest first; who may delete everything may move it."""

    operations = OPERATIONS
    related = ("campaign", "deleted_by")
    empty_note = "What is deleted waits here and can be restored."
    list_display = ["resource_name", "kind", "brings", "created_at", "deleted_by"]
    list_filter = [
        ("resource_type", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["resource_name__icontains", "resource_id__exact"]
    search_help_text = "Name or code, or a whole id"
    ordering = ["-id"]
    fields = [
        "resource_name",
        "kind",
        "brings",
        "created_at",
        "deleted_by",
        "resource_id",
        "id",
    ]
    readonly_fields = fields
    actions = [
        for_selected("restore", label="Restore", permission="manage"),
        erase_selected,
    ]
    actions_detail = ["restore", "erase"]

    restore = command(
        "restore",
        label="Restore",
        question="It comes back as it was, with all that was deleted along with it.",
        permission="manage",
        icon="restore_from_trash",
        variant=ActionVariant.PRIMARY,
    )
    erase = command(
        "erase",
        label="Erase for good",
        question=_ERASES,
        permission="manage",
        icon="delete_forever",
        variant=ActionVariant.DANGER,
    )

    def _may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the role may do so to everything that can lie in the bin."""
        seen = visit(request)
        codes = {f"{resource}.{verb}" for resource in PERMISSIONS_OF.values()}
        return seen.project is not None and all(seen.may(code) for code in codes)

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BinEntry]:
        rows: QuerySet[BinEntry] = super().get_queryset(request)
        return rows.annotate(
            tiers=_counted(PromotionTier, "campaign"), skus=_counted(Sku, "product")
        )

    @display(description="Kind", ordering="resource_type")
    def kind(self, entry: BinEntry) -> str:
        return BinnedType(entry.resource_type).label

    @display(description="Brings back")
    def brings(self, entry: BinEntry) -> str:
        return self.brings_back(entry)

    def brings_back(self, entry: Any) -> str:
        """Return what a restore brings besides the thing itself."""
        if entry.resource_type == BinnedType.PRODUCT:
            return _several(entry.skus, "SKU")
        if entry.resource_type != BinnedType.CAMPAIGN:
            return "Itself"
        if entry.campaign.has_codes:
            return _several(entry.campaign.vouchers_count, "code")
        return _several(entry.tiers, "tier")

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        who = obj.deleted_by.email if obj.deleted_by else "the API"
        return [
            Figure(self.kind(obj), obj.resource_name, f"Deleted by {who}"),
            Figure(
                "Brings back",
                self.brings_back(obj),
                "Counters, balances and history are kept",
            ),
        ]

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> HttpResponseBase | str | None:
        """Run a command; a restored thing is shown, else the bin."""
        self.operations.commands[name](obj, now=visit(request).now)
        if name == "restore":
            tell(request, f"{obj} is restored.")
            page = f"admin:campaigns_{obj.resource_type}_change"
            return reverse(page, args=(quote(obj.resource_id),))
        tell(request, f"{obj} is erased.")
        return reverse("admin:campaigns_binentry_changelist")


def _several(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
