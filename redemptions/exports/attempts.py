"""Redemptions and rollbacks as a file, succeeded and failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, TextField, When

from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, IdColumn, TextColumn
from promo.filter_grammar import Condition
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import (
    Catalogue,
    EitherOf,
    Terms,
    campaign,
    customer,
)
from redemptions.models import Redemption
from redemptions.models.redemption import PREFIXES


def _rows(project: Project) -> QuerySet[Redemption]:
    return project.redemptions.all()


def _id() -> Any:
    """Return the id; its prefix says kind and result."""
    return Case(
        *(
            When(object=kind, result=result, then=cells.shown_id(F("pk"), prefix))
            for (kind, result), prefix in PREFIXES.items()
        ),
        output_field=TextField(),
    )


def _card(*, of_points: bool) -> Any:
    """Return what a card paid: points where a reward was bought, else credits."""
    paid = Q(card_amount__isnull=False, reward__isnull=not of_points)
    return Case(When(paid, then=F("card_amount")), output_field=BigIntegerField())


FIELDS = {
    "id": cells.plain(_id()),
    "object": cells.plain("object"),
    "date": cells.moment("created_at"),
    "voucher_code": cells.text("voucher_code"),
    "campaign": cells.text("campaign__name"),
    "promotion_tier_id": cells.shown("promotion_tier", "promo_"),
    "customer_id": cells.shown("customer", ID_PREFIX),
    "customer_source_id": cells.text("customer__source_id"),
    "customer_name": cells.text("customer__name"),
    "tracking_id": cells.text("tracking_id"),
    "order_id": cells.shown("order", "ord_"),
    "order_amount": cells.plain(cells.below("order_state", "amount")),
    "gift_amount": cells.plain(_card(of_points=False)),
    "loyalty_points": cells.plain(_card(of_points=True)),
    "result": cells.plain("result"),
    "failure_code": cells.text("failure_code"),
    "failure_message": cells.text("failure_message"),
}


@dataclass(frozen=True)
class _AttemptColumn(Column):
    """Another attempt, by its id."""

    lookup: str
    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that belong to one of the attempts."""
        several = condition.operator == "$in"
        values = condition.values if several else condition.values[:1]
        found = (
            parse_or_none(prefix, value)
            for value in values
            for prefix in PREFIXES.values()
        )
        return Q(**{f"{self.lookup}__in": [key for key in found if key is not None]})

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows that belong to none, or those that do."""
        return Q(**{f"{self.lookup}__isnull": null})


_TEXTS = {
    "voucher_code": "voucher_code",
    "related_object_id": "related_object_id",
    "failure_code": "failure_code",
    "result": "result",
    "object": "object",
    "status": "status",
    "campaign_name": "campaign__name",
    "user_login": "channel_id",
}


def _columns(terms: Terms) -> Mapping[str, Column]:
    by_campaign = campaign("campaign__name", "campaign_id")
    by_customer = customer("customer__source_id", "customer_id")
    return {
        **{name: TextColumn(lookup) for name, lookup in _TEXTS.items()},
        **listed.of_redemptions(terms.project),
        "created_at": terms.moment("created_at"),
        "campaign": by_campaign,
        "related_object_parent_id": by_campaign,
        "customer": by_customer,
        "customer_id": by_customer,
        "voucher": terms.voucher("voucher_code", "voucher_id"),
        "related_object": EitherOf(
            TextColumn("related_object_type"), TextColumn("related_object_id")
        ),
        "promotion_tier": IdColumn("promotion_tier_id", "promo_"),
        "parent_redemption_id": _AttemptColumn("parent_id"),
        "metadata.*": terms.metadata("redemption"),
    }


CATALOGUE = Catalogue(
    name="redemption",
    label="Redemptions",
    permission="redemptions.read",
    rows=_rows,
    fields=FIELDS,
    defaults=("id", "object", "voucher_code", "customer_id", "date", "result"),
    orderings={
        "id": "pk",
        **{
            name: name
            for name in ("voucher_code", "tracking_id", "customer_id", "created_at")
        },
    },
    columns=_columns,
    metadata="redemption",
    is_personal=True,
)
