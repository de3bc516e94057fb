"""Publications as a file: one row for each code that was given."""

from collections.abc import Mapping

from django.db.models import F, QuerySet

from campaigns.models import Publication
from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, FlagColumn, TextColumn
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import Catalogue, Terms, campaign, customer


def _rows(project: Project) -> QuerySet[Publication]:
    # The codes are joined once, for fields and filters alike.
    return project.publications.alias(
        given=F("vouchers"),
        voucher_code=F("vouchers__code"),
        voucher_type=F("vouchers__type"),
        is_referral_code=F("vouchers__is_referral_code"),
    )


FIELDS = {
    "voucher_code": cells.text("voucher_code"),
    "customer_id": cells.shown("customer", ID_PREFIX),
    "customer_source_id": cells.text("customer__source_id"),
    "date": cells.moment("created_at"),
    "channel": cells.text("channel"),
    "campaign": cells.text("campaign__name"),
    # There are no draws.
    "is_winner": cells.nothing(),
}


def _columns(terms: Terms) -> Mapping[str, Column]:
    by_campaign = campaign("campaign__name", "campaign_id")
    by_customer = customer("customer__source_id", "customer_id")
    by_voucher = terms.voucher("voucher_code", "given")
    return {
        **listed.of_publications(),
        "created_at": terms.moment("created_at"),
        "campaign": by_campaign,
        "campaign_name": TextColumn("campaign__name"),
        "parent_object_id": by_campaign,
        "customer": by_customer,
        "customer_id": by_customer,
        "voucher": by_voucher,
        "related_object_id": by_voucher,
        "voucher_type": TextColumn("voucher_type"),
        "is_referral_code": FlagColumn("is_referral_code"),
        "failure_code": TextColumn("failure_code"),
        "result": TextColumn("result"),
        "source_id": TextColumn("source_id"),
        "metadata.*": terms.metadata("publication"),
    }


CATALOGUE = Catalogue(
    name="publication",
    label="Publications",
    permission="vouchers.read",
    rows=_rows,
    fields=FIELDS,
    defaults=("voucher_code", "customer_id", "date", "channel"),
    orderings={
        "id": "pk",
        "voucher_code": "voucher_code",
        "tracking_id": "customer__source_id",
        "customer_id": "customer_id",
        "created_at": "created_at",
        "channel": "channel",
    },
    columns=_columns,
    metadata="publication",
    is_personal=True,
)
