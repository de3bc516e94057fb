"""Which codes were given to whom, and attempts that failed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
)
from unfold.decorators import display

from campaigns.models import Publication
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.keyset import LongList
from promo.admin.presentation import pairs


@admin.register(Publication)
class PublicationAdmin(LongList, ProjectModelAdmin):
    """Publications, newest first; nothing here can be changed."""

    resource = "vouchers"
    empty_note = (
        "Who was given which code is listed here: give codes from a campaign's page."
    )
    begin = (
        "Choose a campaign",
        "admin:campaigns_campaign_changelist",
        "campaigns.read",
    )
    list_display = ["created_at", "given", "customer", "campaign", "channel", "outcome"]
    list_display_links = ["created_at"]
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        ("result", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = [
        "vouchers__code__exact",
        "customer__source_id__exact",
        "source_id__exact",
    ]
    search_help_text = "A code, a customer's source id, or the source id"
    ordering = ["-created_at", "-id"]
    fields = [
        "created_at",
        "given",
        "customer",
        "campaign",
        "channel",
        "source_id",
        "metadata_shown",
        "outcome",
        "failure_code",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        rows: QuerySet[Publication] = super().get_queryset(request)
        related = rows.select_related("customer", "campaign")
        return related.prefetch_related("vouchers")

    @display(description="Codes", empty_value="-")
    def given(self, row: Publication) -> str | None:
        return ", ".join(voucher.code for voucher in row.vouchers.all()) or None

    @display(description="Metadata")
    def metadata_shown(self, row: Publication) -> str:
        return pairs(row.metadata) or "-"

    @display(description="Outcome")
    def outcome(self, row: Publication) -> str:
        return row.failure_message or "Given"
