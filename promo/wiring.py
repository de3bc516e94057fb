"""Who does what for whom: functions that apps offer to the layers below them.

Part of the settings: a layer calls what is named here, and so knows nobody above it.
Names are dotted paths.
"""

# Functions that say whether requests should be sent here: each returns a Check.
READINESS_CHECKS = [
    "promo.health.services.check_database",
    "promo.health.services.check_migrations",
    "promo.health.services.check_broker",
    "promo.health.services.check_cache",
    "promo.outbox.gauges.check_events",
    "promo.jobs.gauges.check_jobs",
    "webhooks.services.bus.gauges.check_bus",
    "webhooks.services.bus.gauges.check_ingest",
]
# Functions that read gauges from the database: each returns metrics, with a constant
# number of statements.
METRIC_READERS = [
    "promo.outbox.gauges.read_gauges",
    "promo.jobs.gauges.read_gauges",
    "webhooks.services.gauges.read_gauges",
    "webhooks.services.bus.gauges.read_gauges",
]

# Functions that say what is well at the dashboard: each takes the request and returns a
# Fact, or None for who may not see it. First those about the installation.
SYSTEM_FACTS = [
    "promo.jobs.admin.facts.waiting_work",
    "promo.outbox.facts.waiting_events",
    "webhooks.admin.facts.event_bus",
    "redemptions.admin.facts.ledger_check",
]
PROJECT_FACTS = [
    "promo.jobs.admin.facts.failed_work",
    "webhooks.admin.facts.webhooks_off",
    "webhooks.admin.facts.dead_letters",
]

# Modules that declare events: EVENTS are their types, SHAPES the objects they carry.
_APPS = ("customers", "campaigns", "redemptions", "webhooks")
EVENT_CATALOGUES = [f"{app}.event_catalogue" for app in _APPS]
# Functions that hear committed events: each takes a list of DomainEvent and ``now``.
# In this order: everybody is held before anybody is changed, segments look at the
# figures that are summed up first, and what many relays move at once comes last.
EVENT_SUBSCRIBERS = [
    "customers.services.hearing.hold_people",
    "redemptions.services.customer_summary.hear_events",
    "redemptions.services.referrals.hear_events",
    "customers.services.segment_placing.hear_events",
    "webhooks.services.fan_out.hear_events",
    "redemptions.services.report_sums.hear_events",
    "webhooks.services.distributions.hearing.hear_events",
    "webhooks.services.bus.queueing.hear_events",
]
# Functions that give a new project what every project has: each takes the project
# and ``now``.
PROJECT_SEEDERS = ["campaigns.services.project_seed.seed_catalogue"]
# Functions that hide what a deleted customer leaves behind: each takes the customer and
# ``now``.
CUSTOMER_HIDERS = ["redemptions.services.erasure.hide_customer"]
# Functions that forget a customer for good: each takes the customer and ``now`` and
# returns what it counted.
CUSTOMER_ERASERS = [
    "campaigns.services.erasure.forget_referrer",
    "redemptions.services.erasure.forget_customer",
    "campaigns.services.erasure.forget_customer",
    "webhooks.services.distributions.keeping.forget_customer",
    "webhooks.services.keeping.forget_customer",
    "webhooks.services.bus.letters.forget_customer",
]
# Functions that say what uses a segment: each takes the project and the segment's id
# and returns what kind of thing the users are, and their ids.
SEGMENT_USERS = [
    "campaigns.services.rule_references.rules_naming_segment",
    "webhooks.services.distributions.references.naming_segment",
]
# What holds restricted keys to the campaigns of their areas and stores.
REACH = "campaigns.services.access.REACH"
# The same about a location.
LOCATION_USERS = ["campaigns.services.rule_references.collections_naming_location"]
# What validation rules may be put on beside what campaigns have: kind -> the
# ``GuardedKind`` that says how it is found.
GUARDED_KINDS = {"distribution": "webhooks.services.distributions.guarding.GUARDED"}
# Functions that add figures above a campaign at the dashboard: each takes the campaign
# and ``now``.
CAMPAIGN_FIGURES = [
    "redemptions.admin.campaign_figures.what_it_gave",
    "redemptions.admin.campaign_figures.how_far_its_limits_are",
]
# Functions that add figures to what has failed on the home page: each takes the visit
# and the first day that counts.
HOME_FIGURES = ["webhooks.admin.home.failed_sendouts"]
# How often codes of campaigns have been redeemed: takes the project and ids of
# campaigns, returns uses that stand by id.
CAMPAIGN_USES = "redemptions.services.figures.uses_of_campaigns"
# How much of their budgets campaigns have used: takes the project, ids of campaigns and
# ``now``, returns what is used in words and in percent by id.
CAMPAIGN_BUDGETS = "redemptions.admin.budget_words.tightest_budgets"
# What makes the letter of a scheduled report: takes the schedule and ``now``, returns
# its text and its files, each by name.
REPORT_LETTER = "redemptions.admin.report_letter.letter_of"
# Tabs of a customer's page at the dashboard (``promo.admin.tabs.Tab``), behind the
# profile.
CUSTOMER_TABS = [
    "campaigns.admin.wallet.WALLET",
    "redemptions.admin.customer_tabs.ORDERS",
    "redemptions.admin.customer_tabs.REDEMPTIONS",
    "redemptions.admin.customer_tabs.POINTS",
    "customers.admin.customer_segments.SEGMENTS",
    "customers.admin.consent.CONSENTS",
    "customers.admin.activity.ACTIVITY",
]
# Functions that hand over what each app keeps about a customer: each takes the customer
# and returns sections by name, of objects as the API shows them.
CUSTOMER_RECORDS = [
    "customers.services.records.records_of",
    "campaigns.services.records.records_of",
    "redemptions.services.records.records_of",
    "webhooks.services.records.records_of",
]
# Functions that tell what happened to a code on its page: each takes the request, the
# code and how many lines at most.
CODE_HISTORY = [
    "campaigns.admin.code_history.publications_of",
    "campaigns.admin.code_history.edits_of",
    "redemptions.admin.code_history.redemptions_of",
    "redemptions.admin.code_history.movements_of",
]
# What does what a record of the event bus asks for: takes the project, the kind, the
# data, the record's key and ``now``.
BUS_TAKE = "webhooks.api.ingest.take"
# How messages of distributions go out: kind of channel -> the class that does it
# (``webhooks.channels.Channel``).
DISTRIBUTION_CHANNELS = {
    "EMAIL": "webhooks.channels.email.EmailChannel",
    "SMS": "webhooks.channels.sms.SmsChannel",
    "WEBHOOK": "webhooks.channels.webhook.WebhookChannel",
}
# Functions that add to the demo shop what later apps have: each takes the project and
# ``now``.
DEMO_EXTRAS = ["webhooks.services.demo.add_distribution"]
# What people do at the dashboard, and may only ask for with some roles: name -> the
# ``Action`` that says how.
_PROPOSALS = "campaigns.services.proposals"
APPROVAL_ACTIONS: dict[str, str] = {
    "campaign.create": f"{_PROPOSALS}.CREATE_CAMPAIGN",
    "campaign.publish": f"{_PROPOSALS}.PUBLISH_DRAFT",
    "campaign.update": f"{_PROPOSALS}.UPDATE_CAMPAIGN",
    "campaign.enable": f"{_PROPOSALS}.ENABLE_CAMPAIGN",
    "campaign.disable": f"{_PROPOSALS}.DISABLE_CAMPAIGN",
    "campaign.generate_codes": f"{_PROPOSALS}.ADD_CODES",
    "campaign.add_code": f"{_PROPOSALS}.ADD_CODE",
    "voucher.create": f"{_PROPOSALS}.CREATE_VOUCHER",
    "voucher.update": f"{_PROPOSALS}.UPDATE_VOUCHER",
    "voucher.enable": f"{_PROPOSALS}.ENABLE_VOUCHER",
    "voucher.disable": f"{_PROPOSALS}.DISABLE_VOUCHER",
    "voucher.change_balance": "redemptions.services.balance_request.CHANGE_BALANCE",
    "rule.create": f"{_PROPOSALS}.CREATE_RULE",
    "rule.update": f"{_PROPOSALS}.UPDATE_RULE",
}
# What each kind of asynchronous action runs: type -> step function.
ASYNC_ACTIONS: dict[str, str] = {
    "CAMPAIGN.VOUCHERS_DELETE": "campaigns.services.removal.remove_step",
    "CAMPAIGN.VOUCHERS_GENERATE": "campaigns.services.generation.generate_step",
    "CAMPAIGN.VOUCHERS_GENERATE.PORTION": "campaigns.services.generation.portion_step",
    "CAMPAIGN.VOUCHERS_RESTORE": "campaigns.services.restore.restore_step",
    "CAMPAIGN.VOUCHERS_UPDATE": "campaigns.services.follow_up.update_step",
    "CAMPAIGNS.METADATA_KEY_PURGE": (
        "campaigns.services.metadata_purge.purge_campaigns_step"
    ),
    "CUSTOMERS.METADATA_KEY_PURGE": "customers.services.metadata_purge.purge_step",
    "ORDERS.METADATA_KEY_PURGE": "redemptions.services.metadata_purge.purge_step",
    "PRODUCTS.METADATA_KEY_PURGE": (
        "campaigns.services.metadata_purge.purge_products_step"
    ),
    "VOUCHERS.METADATA_KEY_PURGE": (
        "campaigns.services.metadata_purge.purge_vouchers_step"
    ),
    "SEGMENT.PLACE_CUSTOMERS": "customers.services.segment_placing.place_step",
}
# Actions that take rows, a file's or an array's: type -> the class that says how.
ROW_WORK: dict[str, str] = {
    "CAMPAIGN.VOUCHERS_IMPORT": "campaigns.services.voucher_rows.work.VouchersObjects",
    "CAMPAIGN.VOUCHERS_IMPORT_CSV": "campaigns.services.voucher_rows.work.CampaignCsv",
    "CUSTOMERS.BULK_UPDATE": "customers.services.row_work.CustomersBulk",
    "CUSTOMERS.IMPORT_CSV": "customers.services.row_work.CustomersCsv",
    "CUSTOMERS.METADATA_UPDATE": "customers.services.row_work.CustomersMetadata",
    "VOUCHERS.BULK_UPDATE": "campaigns.services.voucher_rows.work.VouchersBulk",
    "VOUCHERS.CHANGE_OF_MANY": "campaigns.services.code_changes.CodeChanges",
    "VOUCHERS.IMPORT": "campaigns.services.voucher_rows.work.VouchersObjects",
    "VOUCHERS.IMPORT_CSV": "campaigns.services.voucher_rows.work.VouchersCsv",
    "VOUCHERS.METADATA_UPDATE": "campaigns.services.voucher_rows.work.VouchersMetadata",
    "ORDERS.IMPORT": "redemptions.services.order_import.OrdersImport",
    "PRODUCTS.BULK_UPDATE": "campaigns.services.catalogue_row_work.ProductsBulk",
    "PRODUCTS.IMPORT_CSV": "campaigns.services.catalogue_row_work.ProductsCsv",
    "PRODUCTS.METADATA_UPDATE": (
        "campaigns.services.catalogue_row_work.ProductsMetadata"
    ),
    "SKUS.IMPORT_CSV": "campaigns.services.catalogue_row_work.SkusCsv",
}
ASYNC_ACTIONS |= dict.fromkeys(ROW_WORK, "promo.jobs.rows.step.row_step")
# What takes back what an import has made.
ASYNC_ACTIONS |= dict.fromkeys(
    ["CUSTOMERS.IMPORT_UNDO", "VOUCHERS.IMPORT_UNDO"], "promo.jobs.rows.undo.undo_step"
)
# Its rows are what a search finds, not what was sent.
ASYNC_ACTIONS["VOUCHERS.CHANGE_OF_MANY"] = "campaigns.services.code_changes.change_step"

# How work that has no rows is ended before all of it is done.
STOPPED_BY = {
    "CAMPAIGN.VOUCHERS_GENERATE": "campaigns.services.generation.stop_generation"
}

# Actions of which a project runs one at a time, in the order in which they came.
ONE_AT_A_TIME = {"ORDERS.IMPORT", "VOUCHERS.CHANGE_OF_MANY"}
