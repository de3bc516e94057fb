"""What stands beside every page: the menu by job, and the project switcher."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse

from promo.admin.visit import visit

# Title, icon, address and the permission that shows it; apps are named as text.
Entry = tuple[str, str, str, str]
#: Stands for a permission: who decides on requests sees them, and who makes them.
REQUESTS = "requests"
_GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (("Home", "space_dashboard", "admin:index", "campaigns.read"),)),
    (
        "Offers",
        (
            (
                "Campaigns",
                "campaign",
                "admin:campaigns_campaign_changelist",
                "campaigns.read",
            ),
            (
                "Build a campaign",
                "add_task",
                "campaign-builder",
                "campaigns.create",
            ),
            ("Calendar", "calendar_month", "campaign-calendar", "campaigns.read"),
            (
                "Vouchers",
                "confirmation_number",
                "admin:campaigns_voucher_changelist",
                "vouchers.read",
            ),
            (
                "Promotion tiers",
                "sell",
                "admin:campaigns_promotiontier_changelist",
                "promotions.read",
            ),
            (
                "Promotion stacks",
                "stacks",
                "admin:campaigns_promotionstack_changelist",
                "promotions.read",
            ),
            (
                "Distributions",
                "forward_to_inbox",
                "admin:webhooks_distribution_changelist",
                "distributions.read",
            ),
            (
                "Requests",
                "approval",
                "admin:approvals_approvalrequest_changelist",
                REQUESTS,
            ),
            ("Budgets", "savings", "budgets", "campaigns.read"),
            ("Try it", "experiment", "try-it", "campaigns.read"),
            ("Redeem", "qr_code_scanner", "redeem-by-hand", "redemptions.redeem"),
            (
                "Validation rules",
                "rule",
                "admin:campaigns_validationrule_changelist",
                "validation_rules.read",
            ),
            (
                "Categories",
                "category",
                "admin:campaigns_category_changelist",
                "categories.read",
            ),
            (
                "Bin",
                "delete",
                "admin:campaigns_binentry_changelist",
                "campaigns.read",
            ),
        ),
    ),
    (
        "What happened",
        (
            ("Reports", "monitoring", "reports", "redemptions.read"),
            (
                "Scheduled reports",
                "schedule_send",
                "admin:redemptions_scheduledreport_changelist",
                "exports.read",
            ),
            (
                "Redemptions",
                "receipt_long",
                "admin:redemptions_redemption_changelist",
                "redemptions.read",
            ),
            (
                "Ledger",
                "account_balance_wallet",
                "admin:redemptions_ledgerentry_changelist",
                "vouchers.read",
            ),
            (
                "Publications",
                "send",
                "admin:campaigns_publication_changelist",
                "vouchers.read",
            ),
            (
                "Messages",
                "mark_email_read",
                "admin:webhooks_distributionmessage_changelist",
                "distributions.read",
            ),
            (
                "Orders",
                "shopping_cart",
                "admin:redemptions_order_changelist",
                "orders.read",
            ),
            (
                "Exports",
                "download",
                "admin:redemptions_export_changelist",
                "exports.read",
            ),
            (
                "Scheduled exports",
                "event_repeat",
                "admin:redemptions_scheduledexport_changelist",
                "exports.read",
            ),
        ),
    ),
    (
        "Customers and catalogue",
        (
            (
                "Customers",
                "group",
                "admin:customers_customer_changelist",
                "customers.read",
            ),
            (
                "Segments",
                "groups",
                "admin:customers_segment_changelist",
                "segments.read",
            ),
            (
                "Consents",
                "how_to_reg",
                "admin:customers_consent_changelist",
                "consents.read",
            ),
            (
                "Groups of consents",
                "checklist",
                "admin:customers_consentgroup_changelist",
                "consents.read",
            ),
            (
                "Locations",
                "location_on",
                "admin:customers_location_changelist",
                "locations.read",
            ),
            (
                "Products",
                "inventory_2",
                "admin:campaigns_product_changelist",
                "products.read",
            ),
            ("SKUs", "style", "admin:campaigns_sku_changelist", "products.read"),
            (
                "Collections",
                "collections_bookmark",
                "admin:campaigns_productcollection_changelist",
                "collections.read",
            ),
            ("Imports", "upload_file", "imports", "customers.modify"),
        ),
    ),
    (
        "Project",
        (
            ("Settings", "tune", "admin:tenancy_project_changelist", "project.read"),
            (
                "Stacking rules",
                "layers",
                "admin:campaigns_stackingrules_changelist",
                "stacking_rules.read",
            ),
            (
                "Metadata",
                "data_object",
                "admin:metadata_schemas_metadataschema_changelist",
                "metadata_schemas.read",
            ),
            (
                "Event schemas",
                "event_note",
                "admin:customers_customeventschema_changelist",
                "event_schemas.read",
            ),
            (
                "Webhooks",
                "webhook",
                "admin:webhooks_webhook_changelist",
                "webhooks.read",
            ),
            (
                "Sendouts",
                "outbox",
                "admin:webhooks_delivery_changelist",
                "webhooks.read",
            ),
            ("API keys", "key", "admin:tenancy_apikey_changelist", "api_keys.read"),
            (
                "People",
                "manage_accounts",
                "admin:tenancy_membership_changelist",
                "users.read",
            ),
            (
                "Invitations",
                "mail",
                "admin:tenancy_invitation_changelist",
                "users.read",
            ),
            (
                "Roles",
                "badge",
                "admin:tenancy_customrole_changelist",
                "users.read",
            ),
        ),
    ),
    (
        "System",
        (
            ("System health", "monitor_heart", "system-health", "logs.read"),
            (
                "API log",
                "receipt",
                "admin:call_log_apicall_changelist",
                "logs.read",
            ),
            (
                "Audit log",
                "history",
                "admin:audit_change_changelist",
                "logs.read",
            ),
            (
                "Dead letters",
                "report",
                "admin:webhooks_busdeadletter_changelist",
                "webhooks.read",
            ),
            ("Events", "bolt", "admin:outbox_domainevent_changelist", "logs.read"),
            (
                "Background work",
                "sync",
                "admin:jobs_asyncaction_changelist",
                "async_actions.read",
            ),
            ("API documentation", "menu_book", "api-docs", "campaigns.read"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu, without what the person's role may not read."""
    groups = [
        {
            "title": title,
            "separator": bool(title),
            "items": [item for entry in entries for item in _item(request, entry)],
        }
        for title, entries in _GROUPS
    ]
    return [group for group in groups if group["items"]]


def _item(request: HttpRequest, entry: Entry) -> list[dict[str, Any]]:
    title, icon, name, permission = entry
    try:
        link = reverse(name)
    except NoReverseMatch:
        return []
    seen = visit(request)
    if not (seen.sees_requests if permission == REQUESTS else seen.may_ask(permission)):
        return []
    return [{"title": title, "icon": icon, "link": link}]


def project_name(request: HttpRequest) -> str:
    """Return the chosen project's name, shown beneath the product's."""
    project = visit(request).project
    return project.name if project else "No project yet"


def project_choices(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the projects to switch to; one alone needs no switch.

    Each entry posts, so that no other site can move a person to another project.
    """
    seen = visit(request)
    if len(seen.choices) <= 1:
        return []
    headers = f'{{"X-CSRFToken": "{get_token(request)}"}}'
    return [
        {
            "title": project.name,
            "icon": "check" if project == seen.project else "storefront",
            "link": "#",
            "attrs": {
                "hx-post": reverse("choose-project", args=[project.pk]),
                "hx-headers": headers,
                "hx-swap": "none",
            },
        }
        for project in seen.choices
    ]


def account(_: HttpRequest) -> list[dict[str, Any]]:
    """Return what people set for themselves, in the menu behind their name."""
    return [
        {"title": "Change password", "link": reverse("admin:password_change")},
        {"title": "Two-factor sign-in", "link": reverse("mfa_index")},
        {"title": "Where you are signed in", "link": reverse("usersessions_list")},
    ]


def environment(request: HttpRequest) -> list[str] | None:
    """Return the badge of a sandbox project."""
    project = visit(request).project
    return ["Sandbox", "warning"] if project and project.is_sandbox else None
