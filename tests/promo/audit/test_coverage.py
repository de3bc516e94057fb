"""No table is forgotten."""

import pytest
from django.apps import apps

from promo.audit.kinds import resource_of, watched_tables
from promo.tenancy.permissions import ALL

pytestmark = pytest.mark.django_db

#: Records that are written once and are a log themselves.
RECORDS = {
    "api_idempotentanswer",
    "approvals_approvalcomment",
    "approvals_approvalrequest",
    "approvals_approvalrequest_approvers",
    "audit_change",
    "call_log_apicall",
    "campaigns_binentry",
    "campaigns_campaignversion",
    "campaigns_publication",
    "campaigns_publication_vouchers",
    "campaigns_referralconversion",
    "customers_customevent",
    "customers_unconfirmedcustomer",
    "django_admin_log",
    "outbox_domainevent",
    "redemptions_budgetalert",
    "redemptions_ledgerverification",
    "redemptions_redemption",
    "redemptions_returnedline",
    "redemptions_returnedshare",
    "redemptions_soldline",
    "webhooks_attempt",
    "webhooks_busdeadletter",
    "webhooks_busrecord",
    "webhooks_delivery",
    "webhooks_distributionmessage",
}
#: What the house itself counts, holds or waits for.
BOOKKEEPING = {
    "call_log_forgetting",
    "customers_customeventcount",
    "jobs_importedstep",
    "jobs_importmapping",
    "jobs_reportrow",
    "jobs_uploadpart",
    "outbox_shard",
    "redemptions_counter",
    "redemptions_reportorder",
    "redemptions_reportstate",
    "redemptions_reportsum",
    "redemptions_reporttally",
    "redemptions_sessionlock",
    "tenancy_letter",
    "tenancy_savedview",
    "webhooks_busbatch",
    "webhooks_busposition",
    "webhooks_busshard",
    "webhooks_distributioncount",
}
#: Of libraries: sessions, second factors, attempts to sign in, permissions that nobody
#: is given, and beat's clock.
OF_LIBRARIES = (
    *("account_", "auth_", "axes_", "django_", "mfa_"),
    *("tenancy_user_", "usersessions_"),
)


def tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    named = {model._meta.db_table for model in models}
    return {name for name in named if not name.startswith(OF_LIBRARIES)}


def test_every_table_is_watched_or_a_record_itself() -> None:
    watched = set(watched_tables())

    assert tables() - watched - RECORDS - BOOKKEEPING == set()
    assert watched & (RECORDS | BOOKKEEPING) == set()


def test_somebody_may_read_of_every_watched_table() -> None:
    without = {
        table for table in watched_tables() if f"{resource_of(table)}.read" not in ALL
    }

    assert without == {"tenancy_organisation", "tenancy_user"}
