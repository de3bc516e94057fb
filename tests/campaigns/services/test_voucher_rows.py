"""An imported voucher is what a create would have stored, at a constant cost."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Voucher
from campaigns.services.voucher import add_voucher, create_voucher
from campaigns.services.voucher_rows import storing
from campaigns.services.voucher_rows.categories import with_new_categories
from campaigns.wire.assets import asset_id
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.jobs.rows.preview import preview
from promo.jobs.rows.start import json_lines, start_row_work
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCampaignFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
    template,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

#: What two vouchers never have in common, and what says how it was made.
OWN = frozenset({"id", "code", "code_key", "async_action_id"})
LIMITS = {
    "start_date": "2030-01-01T00:00:00Z",
    "expiration_date": "2030-02-01T00:00:00Z",
}
OFFERS: list[dict[str, Any]] = [
    {"discount": {"type": "AMOUNT", "amount_off": 1000}},
    {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 12.5}},
    {
        "discount": {
            "type": "PERCENT",
            "percent_off": 10,
            "percent_off_formula": "ORDER_AMOUNT / 100",
            "amount_limit": 500,
            "effect": "APPLY_TO_ITEMS",
        }
    },
    {"discount": {"type": "FIXED", "fixed_amount": 99, "effect": "APPLY_TO_ORDER"}},
    {
        "discount": {
            "type": "UNIT",
            "unit_off": 1,
            "unit_type": "prod_1",
            "effect": "ADD_NEW_ITEMS",
        }
    },
    {
        "discount": {
            "type": "UNIT",
            "effect": "ADD_MANY_ITEMS",
            "units": [{"unit_off": 1, "unit_type": "prod_1"}],
        }
    },
    {"gift": {"amount": 5000}},
    {"type": "GIFT_VOUCHER", "gift": {"amount": 1, "effect": "APPLY_TO_ITEMS"}},
]
EXTRAS: list[dict[str, Any]] = [
    {},
    {
        **LIMITS,
        "category": "Known",
        "active": False,
        "additional_info": "note",
        "metadata": {"a": 1, "b": None},
        "redemption": {"quantity": 3},
        "validity_day_of_week": [1, 2],
        "validity_timeframe": {"interval": "P2D", "duration": "P1D"},
    },
    {
        "validity_hours": {
            "daily": [{"start_time": "10:00", "expiration_time": "12:00"}]
        }
    },
]


def kept(voucher: Voucher) -> dict[str, Any]:
    fields = Voucher._meta.concrete_fields
    return {each.attname: getattr(voucher, each.attname) for each in fields}


def shared(voucher: Voucher) -> dict[str, Any]:
    return {name: value for name, value in kept(voucher).items() if name not in OWN}


def start(
    project: Project,
    rows: list[dict[str, Any]] | str,
    campaign: Campaign | None = None,
    **arguments: Any,
) -> AsyncAction:
    kind = "VOUCHERS.IMPORT"
    if campaign is not None:
        kind, arguments["campaign_id"] = "CAMPAIGN.VOUCHERS_IMPORT", campaign.pk
    is_file = isinstance(rows, str)
    return start_row_work(
        project=project,
        kind=f"{kind}_CSV" if is_file else kind,
        chunks=[rows.encode()] if is_file else json_lines(rows),
        arguments=arguments,
        now=NOW,
    )


def finish(action: AsyncAction) -> AsyncAction:
    while run_step(action.pk, now=NOW):
        pass
    action.refresh_from_db()
    return action


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("offer", OFFERS)
def test_a_voucher_without_campaign_is_as_a_create_stores_it(project, offer, extra):
    CategoryFactory(project=project, name="Known")
    body = offer | extra
    single = create_voucher(project=project, now=NOW, code="SINGLE", **body)

    action = finish(start(project, [{"code": "ROW", **body}]))

    assert action.result["failed"] == []
    row = project.vouchers.get(code="ROW")
    assert shared(row) == shared(Voucher.objects.get(pk=single.pk))
    assert (row.code_key, row.async_action_id) == ("ROW", action.pk)


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("kind", ["coupon", "gift", "points", "referral"])
def test_a_code_of_a_campaign_is_as_a_create_stores_it(project, kind, extra):
    factories = {"gift": GiftCampaignFactory, "points": LoyaltyProgramFactory}
    limits = {} if "validity_hours" in extra else {"validity_day_of_week": [5]}
    campaign = factories.get(kind, CampaignFactory)(
        project=project,
        metadata={"a": 0, "season": "Fall"},
        expiration_date=NOW.replace(year=2040),
        **limits,
    )
    if kind == "referral":
        campaign.voucher = template(is_referral_code=True)
        campaign.save()
    CategoryFactory(project=project, name="Known")
    single = add_voucher(campaign, now=NOW, code="SINGLE", **extra)

    action = finish(start(project, [{"code": "ROW", **extra}], campaign))

    assert action.result["failed"] == []
    row = project.vouchers.get(code="ROW")
    assert shared(row) == shared(Voucher.objects.get(pk=single.pk))


def test_a_line_is_as_a_create_stores_it(project):
    single = create_voucher(
        project=project,
        now=NOW,
        code="SINGLE",
        discount={"type": "AMOUNT", "amount_off": 1050},
        category="New",
        active=False,
        additional_info="note",
        metadata={"Region": "Europe"},
        redemption={"quantity": 3},
        **LIMITS,
    )

    action = finish(
        start(
            project,
            "Code,Voucher Type,Active,Start Date,Expiration Date,Discount Type,Value,"
            "Category,Redemption Limit,Additional Info,Region\n"
            "ROW,DISCOUNT_VOUCHER,FALSE,2030-01-01,2030-02-01T00:00Z,AMOUNT,10.5,New,"
            "3,note,Europe\n",
        )
    )

    assert action.result["failed"] == []
    row = project.vouchers.get(code="ROW")
    assert shared(row) == shared(Voucher.objects.get(pk=single.pk))


def test_the_events_of_a_row_are_those_of_a_create(project):
    rule = ValidationRuleFactory(project=project)
    create_voucher(
        project=project,
        now=NOW,
        code="A",
        gift={"amount": 100},
        validation_rules=[rule.pk],
    )
    single = events_without_ids(project)
    project.vouchers.all().delete()
    project.validation_rule_assignments.all().delete()

    content = "Code,Voucher Type,Value,Validation rule ID\nA,GIFT_VOUCHER,1,"
    finish(start(project, f"{content}{rule.pk}\n", tells=True))

    assert events_without_ids(project) == single


def events_without_ids(project: Project) -> list[tuple[str, Any]]:
    """Return the project's events and forget them; ids of the two new rows are X."""
    (voucher,) = project.vouchers.all()
    (assignment,) = project.validation_rule_assignments.all()
    rows = DomainEvent.objects.filter(project=project).order_by("pk")
    told = []
    for row in rows:
        text = json.dumps(row.payload, sort_keys=True)
        for own in (voucher.pk, assignment.pk, asset_id(voucher.pk)):
            text = text.replace(own, "X")
        told.append((row.type, text))
    rows.delete()
    return told


def lines(first: int, count: int, rule: str = "") -> str:
    return "".join(
        f"C{n},DISCOUNT_VOUCHER,PERCENT,10,{n % 2 == 0},Cat {n % 3},{rule},m{n}\n"
        for n in range(first, first + count)
    )


@pytest.mark.parametrize("tells", [False, True])
def test_statements_do_not_grow_with_rows(project, tells):
    rule = ValidationRuleFactory(project=project)
    header = "Code,Voucher Type,Discount Type,Value,Active,Category,"
    header += "Validation rule ID,key\n"
    for n in (0, 1, 2, 1000):
        VoucherFactory(project=project, code=f"C{n}", category=None)
    few = start(project, header + lines(2, 2, rule.pk), tells=tells)
    many = start(project, header + lines(1000, 300, rule.pk), tells=tells)

    with CaptureQueriesContext(connection) as first:
        finish(few)
    project.categories.all().delete()
    with CaptureQueriesContext(connection) as second:
        finish(many)

    assert few.result["failed"] == many.result["failed"] == []
    assert project.vouchers.count() == 304
    assert len(second) == len(first) <= (32 if tells else 27)


def test_statements_do_not_grow_with_the_codes_of_a_campaign(project):
    campaign = CampaignFactory(project=project)
    few = start(project, "Code,Category,k\nA,X,1\n", campaign)
    rows = "".join(f"B{n},Cat {n},{n}\n" for n in range(300))
    many = start(project, f"Code,Category,k\n{rows}", campaign)

    with CaptureQueriesContext(connection) as first:
        finish(few)
    with CaptureQueriesContext(connection) as second:
        finish(many)

    assert campaign.vouchers.count() == 301
    assert len(second) == len(first) <= 28


def test_statements_do_not_grow_with_rows_of_metadata(project):
    for n in range(120):
        VoucherFactory(project=project, code=f"C{n}")

    def update(codes: range) -> AsyncAction:
        return start_row_work(
            project=project,
            kind="VOUCHERS.BULK_UPDATE",
            chunks=json_lines([{"code": f"C{n}", "metadata": {"n": n}} for n in codes]),
            now=NOW,
        )

    few, many = update(range(1)), update(range(1, 120))
    with CaptureQueriesContext(connection) as first:
        finish(few)
    with CaptureQueriesContext(connection) as second:
        finish(many)

    assert project.vouchers.filter(metadata__n__gte=0).count() == 120
    assert len(second) == len(first) <= 18


def test_a_preview_keeps_nothing(project):
    campaign = CampaignFactory(project=project)
    action = start(project, "Code,Gift Amount\nA,\nB,1\n", campaign)

    shown = preview(action, now=NOW)

    assert [one.title for one in shown.columns] == ["Code", "Gift Amount"]
    assert [(row.number, bool(row.problem)) for row in shown.rows] == [
        (1, False),
        (2, True),
    ]
    campaign.refresh_from_db()
    assert campaign.vouchers_count == 0
    assert not Voucher.objects.exists()


def test_a_rule_that_goes_away_keeps_its_rows_out_alone(project, monkeypatch):
    rule = ValidationRuleFactory(project=project)
    content = "Code,Voucher Type,Value,Validation rule ID\n"
    content += f"A,GIFT_VOUCHER,1,{rule.pk}\nB,GIFT_VOUCHER,1,\n"
    action = start(project, content)

    def after_rows_were_judged(*given: Any) -> Any:
        project.validation_rules.all().delete()
        return with_new_categories(*given)

    monkeypatch.setattr(storing, "with_new_categories", after_rows_were_judged)
    finish(action)

    assert [(one["code"], one["reason"]) for one in action.result["failed"]] == [
        ("A", "The validation rule was deleted while the code was imported")
    ]
    assert [one.code for one in project.vouchers.all()] == ["B"]
