"""Vouchers without a campaign by CSV files."""

from decimal import Decimal

import pytest

from campaigns.models import Category, ValidationRuleAssignment, Voucher
from promo.clock import utc_now
from promo.jobs.models import UploadPart
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    VoucherFactory,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import server_client
from tests.fixtures.imports import CSV, OBJECTS, drift, into, reasons
from tests.fixtures.rows import failures, run, send_csv
from tests.outbox import events_of

pytestmark = pytest.mark.django_db
COUPONS = (
    "Code,Voucher Type,Active,Start Date,Expiration Date,Discount Type,Value,Category,"
    "Redemption Limit,Additional Info,Region\n"
    "FALL,DISCOUNT_VOUCHER,FALSE,2022-09-19T00:00:00.000Z,2022-11-30T23:59:00.000Z,"
    "AMOUNT,10.5,New,,Planned release,Europe\n"
)
GIFTS = (
    "Code,Voucher Type,Active,Start Date,Expiration Date,Value,Category,"
    "Redemption Limit,Additional Info,Region\n"
    "GIFT100,GIFT_VOUCHER,FALSE,2022-05-01T00:00:00.000Z,2022-12-31T23:59:00.000Z,"
    "100,Gift,,Birthday gift card,Europe\n"
)


def test_a_file_of_coupons_without_a_campaign(api, project):
    answer = send_csv(api, CSV, COUPONS)
    action = run(answer)

    assert answer.status_code == 202
    assert action.type == "VOUCHERS.IMPORT_CSV"
    assert action.result == {
        "message": "1 voucher(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 1,
        "failed_count": 0,
    }
    shown = api.get("/v1/vouchers/FALL").json()
    assert (shown["campaign"], shown["campaign_id"]) == (None, None)
    assert shown["type"] == "DISCOUNT_VOUCHER"
    assert shown["discount"] == {"type": "AMOUNT", "amount_off": 1050}
    assert shown["active"] is False
    assert shown["start_date"] == "2022-09-19T00:00:00.000Z"
    assert shown["expiration_date"] == "2022-11-30T23:59:00.000Z"
    assert shown["category"] == "New"
    assert shown["redemption"]["quantity"] is None
    assert shown["additional_info"] == "Planned release"
    assert shown["metadata"] == {"Region": "Europe"}
    assert shown["updated_at"] is None
    assert not UploadPart.objects.exists()
    assert events_of(project) == []


def test_a_file_of_gift_cards_without_a_campaign(api, project):
    run(send_csv(api, CSV, GIFTS))

    shown = api.get("/v1/vouchers/GIFT100").json()
    assert shown["gift"] == {
        "amount": 10_000,
        "subtracted_amount": 0,
        "balance": 10_000,
        "effect": None,
    }
    assert shown["category"] == "Gift"
    assert drift() == []


@pytest.mark.parametrize(
    ("cells", "discount"),
    [
        ("AMOUNT,14.505,,", {"type": "AMOUNT", "amount_off": 1451}),
        ("PERCENT,12.5,,", {"type": "PERCENT", "percent_off": 12.5}),
        (
            "fixed,20,APPLY_TO_ORDER,",
            {"type": "FIXED", "fixed_amount": 2000, "effect": "APPLY_TO_ORDER"},
        ),
        (
            "PERCENT,10,,ORDER_AMOUNT / 100",
            {
                "type": "PERCENT",
                "percent_off": 10,
                "percent_off_formula": "ORDER_AMOUNT / 100",
            },
        ),
        (
            "AMOUNT,,,ORDER_AMOUNT / 100",
            {"type": "AMOUNT", "amount_off_formula": "ORDER_AMOUNT / 100"},
        ),
    ],
)
def test_each_type_of_discount(api, cells, discount):
    header = "code,voucher_type,discount-type,VALUE,Discount effect,formula"

    action = run(send_csv(api, CSV, f"{header}\nA,DISCOUNT_VOUCHER,{cells}\n"))

    assert action.result["failed"] == []
    shown = api.get("/v1/vouchers/A").json()["discount"]
    shown.pop("is_dynamic", None)
    assert shown == discount


def test_percentages_keep_their_decimals(api, project):
    content = (
        "Code,Voucher Type,Discount Type,Value\nA,DISCOUNT_VOUCHER,PERCENT,33.333\n"
    )

    run(send_csv(api, CSV, content))

    assert Decimal(str(project.vouchers.get().discount["percent_off"])) == Decimal(
        "33.333"
    )


def test_what_was_redeemed_elsewhere_comes_along(api, project):
    action = run(
        send_csv(
            api,
            CSV,
            "Code,Voucher Type,Discount Type,Value,Redemption Limit,"
            "Redeemed Quantity,Redeemed Amount\n"
            "COUPON,DISCOUNT_VOUCHER,PERCENT,10,3,2,5\n"
            "CARD,GIFT_VOUCHER,,100,,1,30.25\n"
            "OFTEN,DISCOUNT_VOUCHER,PERCENT,10,3,4,\n"
            "MUCH,GIFT_VOUCHER,,100,,1,100.01\n"
            "LESS,GIFT_VOUCHER,,100,,-1,\n"
            "EVER,GIFT_VOUCHER,,100,,2147483648,\n"
            "ALWAYS,GIFT_VOUCHER,,100,2147483648,,\n",
        )
    )

    assert failures(action) == [
        (3, "4 redemptions are more than the limit of 3"),
        (4, "The redeemed amount 10001 is more than the gift amount 10000"),
        (5, "Property .redemption.redeemed_quantity must be >= 0"),
        (6, "Property .redemption.redeemed_quantity must be <= 2147483647"),
        (7, "Property .redemption.quantity must be <= 2147483647"),
    ]
    coupon = api.get("/v1/vouchers/COUPON").json()
    card = api.get("/v1/vouchers/CARD").json()
    assert coupon["redemption"]["quantity"] == 3
    assert coupon["redemption"]["redeemed_quantity"] == 2
    assert card["redemption"]["redeemed_amount"] == 3025
    assert card["gift"]["balance"] == 6975
    assert project.vouchers.count() == 2
    assert drift() == []


def test_what_is_left_of_an_imported_card_is_redeemed_and_given_back(api, project):
    content = "Code,Voucher Type,Value,Redemption Limit,Redeemed Quantity,"
    content += "Redeemed Amount\nCARD,GIFT_VOUCHER,100,2,1,30\n"
    run(send_csv(api, CSV, content))
    body = {
        "redeemables": [{"object": "voucher", "id": "CARD", "gift": {"credits": 7000}}],
        "order": {"amount": 10_000},
    }

    redeemed = api.post("/v1/redemptions", body)
    again = api.post("/v1/redemptions", body)
    spent, drifted = project.vouchers.get(), drift()
    one = redeemed.json()["redemptions"][0]["id"]
    rolled_back = api.post(f"/v1/redemptions/{one}/rollback", {})

    assert redeemed.status_code == 200, redeemed.content
    assert again.status_code == 400
    assert (spent.redeemed_quantity, spent.balance) == (2, 0)
    assert rolled_back.status_code == 200, rolled_back.content
    card = project.vouchers.get()
    assert (card.redeemed_quantity, card.redeemed_amount) == (1, 3000)
    assert card.balance == 7000
    assert drifted == drift() == []


def test_rows_that_cannot_be_taken_keep_no_other_out(api, project):
    VoucherFactory(project=project, code="BINNED", deleted_at=utc_now())
    action = run(
        send_csv(
            api,
            CSV,
            "Code,Voucher Type,Discount Type,Value,Start Date,Expiration Date,"
            "Discount effect,Validation rule ID\n"
            "GOOD,DISCOUNT_VOUCHER,PERCENT,10,,,,\n"
            "TYPELESS,,PERCENT,10,,,,\n"
            ",DISCOUNT_VOUCHER,PERCENT,10,,,,\n"
            "ODD,VOUCHER,PERCENT,10,,,,\n"
            "POINTS,LOYALTY_CARD,,10,,,,\n"
            "WORTHLESS,GIFT_VOUCHER,,,,,,\n"
            "HALF,DISCOUNT_VOUCHER,,10,,,,\n"
            "NOVALUE,DISCOUNT_VOUCHER,PERCENT,,,,,\n"
            "MUCH,DISCOUNT_VOUCHER,PERCENT,101,,,,\n"
            "KIND,DISCOUNT_VOUCHER,FREE,1,,,,\n"
            "WORDS,DISCOUNT_VOUCHER,PERCENT,ten,,,,\n"
            "BACK,DISCOUNT_VOUCHER,PERCENT,10,2022-02-02,2022-02-01,,\n"
            "ITEMS,DISCOUNT_VOUCHER,PERCENT,10,,,APPLY_TO_ITEMS,\n"
            "RULE,DISCOUNT_VOUCHER,PERCENT,10,,,,val_1\n"
            "UNIT,DISCOUNT_VOUCHER,UNIT,1,,,,\n"
            "SHORT,DISCOUNT_VOUCHER\n"
            "BINNED,DISCOUNT_VOUCHER,PERCENT,10,,,,\n"
            "LAST,GIFT_VOUCHER,,10,,,,\n",
        )
    )

    assert [one["row"] for one in action.result["failed"]] == list(range(2, 18))
    assert reasons(action) == {
        "TYPELESS": "Voucher Type is required",
        "": "Code is required",
        "ODD": "Voucher Type: 'VOUCHER' must be one of DISCOUNT_VOUCHER, "
        "GIFT_VOUCHER, LOYALTY_CARD",
        "POINTS": "A LOYALTY_CARD needs a campaign of a loyalty program",
        "WORTHLESS": "Value is required",
        "HALF": "Discount Type is required",
        "NOVALUE": "Value is required",
        "MUCH": "Property .discount.percent_off must be <= 100",
        "KIND": "Property .discount.type must be equal to one of the allowed values "
        "[ AMOUNT, PERCENT, FIXED, UNIT ]",
        "WORDS": "Value: 'ten' must be a number",
        "BACK": "Property .expiration_date must be after start_date",
        "ITEMS": "APPLY_TO_ITEMS needs a validation rule that names items",
        "RULE": "Cannot find validation_rules with id val_1",
        "UNIT": "Property .discount should have required property 'unit_type'",
        "SHORT": "The row has 2 cells, the header has 8",
        "BINNED": "Duplicated voucher exists with id BINNED",
    }
    assert action.status == "DONE"
    assert (action.result["done_count"], action.result["failed_count"]) == (2, 16)
    codes = project.vouchers.alive().order_by("code").values_list("code", flat=True)
    assert list(codes) == ["GOOD", "LAST"]


@pytest.mark.parametrize("header", ["Voucher Type,Value", "Region"])
def test_a_file_without_codes_fails_whole(api, project, header):
    action = run(send_csv(api, CSV, f"{header}\nx,y\n"))

    assert action.status == "FAILED"
    assert action.result["error"]["details"] == "The column Code is missing"
    assert not project.vouchers.exists()


def test_a_rule_comes_with_its_row(api, project):
    included = [{"object": "product", "id": "prod_1"}]
    rule = ValidationRuleFactory(
        project=project, applicable_to={"included": included, "excluded": []}
    )
    other = ValidationRuleFactory(project=ProjectFactory())
    content = "Code,Voucher Type,Discount Type,Value,Discount effect,Validation rule ID"
    content += f"\nA,DISCOUNT_VOUCHER,PERCENT,10,APPLY_TO_ITEMS,{rule.pk}\n"
    content += f"B,DISCOUNT_VOUCHER,PERCENT,10,,{other.pk}\n"

    action = run(send_csv(api, CSV, content))

    voucher = project.vouchers.get()
    held = ValidationRuleAssignment.objects.get()
    assert failures(action) == [(2, f"Cannot find validation_rules with id {other.pk}")]
    assert (held.rule_id, held.related_object_id) == (rule.pk, voucher.pk)
    assert held.related_object_type == "voucher"
    assert events_of(project) == []


def test_known_codes_change_in_their_switch_and_category_alone(api, project):
    old = CategoryFactory(project=project, name="Old")
    voucher = VoucherFactory(
        project=project, code="A", category=old, metadata={"a": 1}, active=True
    )
    kept = VoucherFactory(project=project, code="KEPT", category=old)

    action = run(
        send_csv(
            api,
            CSV,
            "Code,Voucher Type,Value,Active,Category,Redemption Limit,"
            "Redeemed Quantity,Region\n"
            "A,GIFT_VOUCHER,100,FALSE,New,5,1,Europe\n"
            "KEPT,GIFT_VOUCHER,100,,,,,\n",
        )
    )

    assert action.result["failed"] == []
    before = {
        field.attname: getattr(voucher, field.attname)
        for field in Voucher._meta.concrete_fields
    }
    voucher.refresh_from_db()
    changed = {
        name: getattr(voucher, name)
        for name, value in before.items()
        if getattr(voucher, name) != value
    }
    assert changed == {
        "active": False,
        "category_id": Category.objects.get(name="New").pk,
        "updated_at": voucher.updated_at,
    }
    kept.refresh_from_db()
    assert (kept.active, kept.category_id, kept.updated_at) == (True, old.pk, None)
    assert events_of(project) == []


def test_a_code_twice_in_a_file_is_known_the_second_time(api, project):
    action = run(
        send_csv(
            api,
            CSV,
            "Code,Voucher Type,Value,Active,Category\n"
            "A,GIFT_VOUCHER,100,TRUE,One\n"
            "A,GIFT_VOUCHER,999,FALSE,Two\n",
        )
    )

    voucher = project.vouchers.get()
    assert action.result["done_count"] == 2
    assert (voucher.credited_amount, voucher.active) == (10_000, False)
    assert voucher.category is not None
    assert voucher.category.name == "Two"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("webhooks_enable", "true", True),
        ("webhooks_enabled", "TRUE", True),
        ("webhooks_enable", "false", False),
    ],
)
def test_rows_are_told_where_the_form_asks_for_it(api, project, field, value, told):
    rule = ValidationRuleFactory(project=project)
    VoucherFactory(project=project, code="SAME")
    content = "Code,Voucher Type,Value,Validation rule ID\n"
    content += f"NEW,GIFT_VOUCHER,1,{rule.pk}\nSAME,GIFT_VOUCHER,1,\n"

    run(send_csv(api, CSV, content, **{field: value}))

    kinds = [
        "business_validation_rule.assignment.created",
        "voucher.created",
        "voucher.updated",
    ]
    assert events_of(project) == (kinds if told else [])
    if told:
        created = DomainEvent.objects.get(type="voucher.created").payload
        assert created["voucher"] == api.get("/v1/vouchers/NEW").json()
        assert created["campaign"] is None
    assert project.vouchers.get(code="SAME").updated_at is None


def test_a_form_that_asks_for_news_with_another_word_is_refused(api, project):
    answer = send_csv(api, CSV, COUPONS, webhooks_enable="maybe")

    assert answer.status_code == 400
    assert answer.json()["details"] == "Property .webhooks_enable must be boolean"
    assert not project.async_actions.exists()


@pytest.mark.parametrize("path", [CSV, "campaign"])
@pytest.mark.parametrize("body", [None, {"a": 1}, [{"code": "A"}]])
def test_without_a_file_nothing_begins(api, project, path, body):
    path = into(CampaignFactory(project=project)) if path == "campaign" else path

    answer = api.post(path, body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == "Payload should have required property 'file'"
    assert not project.async_actions.exists()


def test_capitals_make_no_difference_where_the_project_says_so():
    project = ProjectFactory(case_sensitive_codes=False)
    api = server_client(project)
    VoucherFactory(project=project, code="There")

    twice = api.post(OBJECTS, [{"code": "a"}, {"code": "A"}, {"code": "THERE"}])
    content = "Code,Voucher Type,Value,Active\nthere,GIFT_VOUCHER,1,FALSE\n"
    content += "New,GIFT_VOUCHER,1,\nnew,GIFT_VOUCHER,1,FALSE\n"
    action = run(send_csv(api, CSV, content))

    assert twice.json()["details"] == "2 voucher codes(s) already exist."
    assert action.result["done_count"] == 3
    assert sorted(project.vouchers.values_list("code", "active")) == [
        ("New", False),
        ("There", False),
    ]
