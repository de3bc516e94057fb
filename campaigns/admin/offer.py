"""What the screens of vouchers and promotion tiers share: both are one offer."""

from typing import Any

from django.contrib.admin import display as plain_display
from django.http import HttpRequest
from unfold.decorators import display

from campaigns.admin.discount import (
    CONDITIONS,
    DiscountFields,
    in_words,
    is_editable,
    show_stored,
    with_discount,
)
from campaigns.admin.discount import ROWS as DISCOUNT_ROWS
from campaigns.admin.guarded import (
    RuleField,
    category_values,
    put_rule,
    rule_on,
    rules_chosen,
    rules_of,
)
from campaigns.admin.schedule import ROWS as SCHEDULE_ROWS
from campaigns.admin.schedule import (
    ScheduleFields,
    has_hours,
    hours_in_words,
    period_in_words,
    schedule_values,
    show_schedule,
    weekdays_in_words,
)
from campaigns.admin.state import COLOURS, TONES
from campaigns.admin.try_it import try_it_action
from campaigns.admin.worth import voucher_in_words
from campaigns.models import PromotionTier, Voucher
from promo.admin.approval import do
from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import tell
from promo.admin.forms import ProjectForm
from promo.admin.presentation import pairs
from promo.admin.summary import Figure
from promo.admin.visit import project_of, visit

Json = dict[str, Any]
Offer = Voucher | PromotionTier


def discount_of(offer: Offer) -> Json | None:
    """Return the stored discount of an offer."""
    if isinstance(offer, Voucher):
        return offer.discount
    discount: Json | None = offer.action.get("discount")
    return discount


class OfferForm(DiscountFields, ScheduleFields, ProjectForm):
    """Discount, dates, rule, category and metadata; ``at_adding`` cannot change."""

    at_adding: tuple[str, ...] = ()
    rule = RuleField()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["rule"].queryset = rules_of(self.request)  # type: ignore[attr-defined]  # a model choice
        if "metadata" in self.fields:
            self.fields["metadata"].help_text = "Keys can be added and changed."
        if self.instance.created_at:
            show_stored(self, discount_of(self.instance))
            show_schedule(self, self.instance)
            self.initial["rule"] = rule_on(self.instance)
            for name in self.at_adding:
                self.fields.pop(name, None)


def shared_values(values: Json) -> Json:
    """Return what both services take alike among a form's values."""
    sent = {**schedule_values(values), **category_values(values)}
    if "metadata" in values:
        sent["metadata"] = values["metadata"] or {}
    return sent


class OfferAdmin(ProjectModelAdmin):
    """A screen of offers: ``own_fields`` head the form, ``own_values`` read them."""

    conditional_fields = CONDITIONS
    own_fields: tuple[Any, ...] = ()
    try_it = try_it_action()
    at_adding: tuple[Any, ...] = ()

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def is_offered(self, name: str, obj: Any) -> bool:
        return name == "try_it" or bool(obj.active) is (name == "disable")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        editable = obj is None or is_editable(discount_of(obj))
        if obj and not self.has_change_permission(request):
            what: Any = ("offer",)
            when: Any = ("period", "weekdays_shown")
            who: Any = ("rule_shown", "category", "metadata_shown")
        else:
            what = DISCOUNT_ROWS if editable else ("offer",)
            when, who = SCHEDULE_ROWS, ("rule", "category", "metadata")
        if obj and has_hours(obj):
            when = (*when, "hours_shown")
        own = self.own_fields if obj else self.at_adding
        dates = ("id", "created_at", "updated_at") if obj else ()
        return (
            (None, {"fields": own}),
            ("What it gives", {"fields": what}),
            ("When", {"fields": when}),
            ("Who and what", {"fields": (*who, *dates)}),
        )

    @display(description="Status", ordering="state", label=COLOURS)
    def state(self, offer: Any) -> str:
        return str(offer.state)

    @plain_display(description="Gives")
    def offer(self, offer: Offer) -> str:
        if isinstance(offer, Voucher):
            return voucher_in_words(offer)
        return in_words(discount_of(offer), offer.project.currency)

    @plain_display(description="Dates", ordering="expiration_date")
    def period(self, offer: Offer) -> str:
        return period_in_words(offer.start_date, offer.expiration_date)

    @plain_display(description="Only on")
    def weekdays_shown(self, offer: Offer) -> str:
        return weekdays_in_words(offer.validity_day_of_week)

    @plain_display(description="Hours")
    def hours_shown(self, offer: Offer) -> str:
        return hours_in_words(offer)

    @plain_display(description="Validation rule")
    def rule_shown(self, offer: Offer) -> str:
        rule = rule_on(offer)
        return rule.name if rule else "None of its own"

    @plain_display(description="Metadata")
    def metadata_shown(self, offer: Offer) -> str:
        return pairs(offer.metadata) or "-"

    def status(self, offer: Any) -> Figure:
        """Return where an offer stands, and what disables one that is enabled."""
        campaign = offer.campaign
        if offer.active and campaign is not None and not campaign.active:
            why = "Its campaign is disabled"
        else:
            why = period_in_words(offer.start_date, offer.expiration_date)
        return Figure("Status", offer.state, why, tone=TONES[offer.state])

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: Json
    ) -> None:
        self.carry_out(request, name, obj, **values)
        tell(request, f"{obj} is {name}d.")

    def own_values(self, values: Json) -> Json:
        """Return what the service takes, besides what all offers share."""
        raise NotImplementedError

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        names = with_discount(form.changed_data) if change else form.cleaned_data
        values = {name: form.cleaned_data[name] for name in names}
        sent = shared_values(values) | self.own_values(values)
        if self.asks_as:
            self._do(request, obj, sent, values, change=bool(change))
            return
        now = visit(request).now
        if change:
            if sent and self.operations.update:
                self.operations.update(obj, now=now, **sent)
            if "rule" in values:
                put_rule(obj, values["rule"], request=request)
        elif self.operations.create:
            rules = [values["rule"].pk] if values["rule"] else []
            made = self.operations.create(
                project=project_of(request), now=now, validation_rules=rules, **sent
            )
            obj.pk = made.pk
        obj.refresh_from_db()

    def _do(
        self, request: HttpRequest, obj: Any, sent: Json, values: Json, *, change: bool
    ) -> None:
        """Write what can be asked for, or raise that it has to be."""
        if change:
            rules = rules_chosen(values) if "rule" in values else None
            if sent or rules is not None:
                do(request, f"{self.asks_as}.update", obj, values=sent, rules=rules)
        else:
            sent = {**sent, "validation_rules": rules_chosen(values)}
            obj.pk = do(request, f"{self.asks_as}.create", values=sent).pk
        obj.refresh_from_db()
