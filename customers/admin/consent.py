"""Consents and their groups: what people are asked to agree to."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from customers.models import Consent, ConsentGroup, Customer
from customers.services import consent as service
from customers.services.links import preference_address
from promo.admin.base import ProjectModelAdmin
from promo.admin.panel import Cell, Panel
from promo.admin.presentation import moment
from promo.admin.summary import Figure, share_of
from promo.admin.tabs import Tab

_CHANNELS = {
    "API": "Shop",
    "CLIENT_API": "Web page",
    "USER_PORTAL": "Dashboard",
    "PREFERENCE_CENTER": "Preference centre",
}


@admin.register(Consent)
class ConsentAdmin(ProjectModelAdmin):
    resource = "consents"
    empty_note = "A consent is something customers agree to, such as a newsletter."
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    operations = service.OPERATIONS
    related = ("group",)
    list_display = ["name", "category", "group", "id", "created_at"]
    list_filter = [("category", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["created_at", "id"]
    readonly_fields = ["id", "created_at", "updated_at"]
    add_fieldsets = ((None, {"fields": ("name", "description", "category", "group")}),)
    fieldsets = (
        *add_fieldsets,
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        chosen = obj.choices.aggregate(
            given=Count("pk", filter=Q(given=True)), all=Count("pk")
        )
        given, asked = chosen["given"], chosen["all"]
        share = share_of(given, asked)
        return [
            Figure("Given by", f"{given:,}", "customers", share=share),
            Figure("Refused or taken back by", f"{asked - given:,}", "customers"),
        ]


@admin.register(ConsentGroup)
class ConsentGroupAdmin(ProjectModelAdmin):
    resource = "consents"
    empty_note = "A group keeps consents together on the customer's page."
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    operations = service.GROUP_OPERATIONS
    list_display = ["name", "description", "size", "id"]
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["created_at", "id"]
    readonly_fields = ["id", "created_at", "updated_at"]
    add_fieldsets = ((None, {"fields": ("name", "description")}),)
    fieldsets = (
        *add_fieldsets,
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentGroup]:
        rows: QuerySet[ConsentGroup] = super().get_queryset(request)
        return rows.annotate(consents_count=Count("consents"))

    @admin.display(description="Consents")
    def size(self, group: Any) -> str:
        return f"{group.consents_count:,}"


def choices_made(_: HttpRequest, customer: Customer) -> list[Panel]:
    """Return what a customer has chosen, as a table."""
    rows = customer.consent_choices.select_related("consent").order_by("consent_id")
    table = Panel(
        title="Consents",
        columns=("Consent", "Choice", "Where", "Since"),
        rows=[
            [
                Cell(choice.consent.name),
                Cell(
                    "Given" if choice.given else "Refused",
                    tone="good" if choice.given else "bad",
                ),
                Cell(_CHANNELS.get(choice.channel, choice.channel.capitalize())),
                Cell(moment(choice.changed_at)),
            ]
            for choice in rows
        ],
        empty="This customer has not been asked for anything.",
        link=preference_address(customer),
        link_text="The customer's own page",
    )
    return [table]


CONSENTS = Tab("consents", "Consents", "consents.read", choices_made)
