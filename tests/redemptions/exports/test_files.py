"""What stands in the files of each kind of rows, cell by cell."""

import csv
import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from promo.clock import isoformat
from promo.csv_cells import cell
from promo.tenancy.models import Project
from redemptions.exports import cells
from redemptions.exports.registry import CATALOGUES
from redemptions.services.balance import change_balance
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient
from tests.fixtures.calls import CallLog
from tests.redemptions.exports.files import column, content, made, table

pytestmark = pytest.mark.django_db

GOODS = "Image URL,Source ID,Attributes,Created At"
LATER = datetime(2026, 4, 1, 23, 30, 5, 123999, tzinfo=UTC)


def test_a_voucher_is_exported_with_every_field(project: Project) -> None:
    campaign = CampaignFactory(project=project, name="Spring")
    holder = CustomerFactory(project=project, source_id="ada")
    product = ProductFactory(project=project)
    voucher = VoucherFactory(
        campaign=campaign,
        code="SPRING",
        category=CategoryFactory(project=project, name="Season"),
        discount={
            "type": "UNIT",
            "unit_off": 2,
            "unit_type": product.pk,
            "effect": "ADD_MISSING_ITEMS",
        },
        start_date=LATER,
        validity_timeframe={"interval": "P2D", "duration": "P1D"},
        validity_day_of_week=[1, 2],
        redemption_quantity=5,
        redeemed_quantity=1,
        active=False,
        additional_info="For friends",
        holder=holder,
        metadata={"season": "spring"},
        updated_at=LATER,
    )
    rule = ValidationRuleFactory(project=project)
    AssignmentFactory(project=project, rule=rule, related_object_id=voucher.pk)

    header, row = table(project, "voucher", fields=[*CATALOGUES["voucher"].field_names])

    assert dict(zip(header, row, strict=True)) == {
        "Code": "SPRING",
        "Voucher Type": "DISCOUNT_VOUCHER",
        "Value": "2",
        "Formula": "",
        "Discount Type": "UNIT",
        "Campaign": "Spring",
        "Category": "Season",
        "Start Date": "2026-04-01T23:30:05.123Z",
        "Expiration Date": "",
        "Gift Balance": "",
        "Loyalty Balance": "",
        "Redemption Quantity": "5",
        "Redemption Count": "1",
        "Active": "false",
        "QR Code": "SPRING",
        "Bar Code": "SPRING",
        "ID": voucher.pk,
        "Is Referral Code": "false",
        "Created At": "2026-03-10T12:00:00.000Z",
        "Updated At": "2026-04-01T23:30:05.123Z",
        "Validity Timeframe Interval": "P2D",
        "Validity Timeframe Duration": "P1D",
        "Validity Day Of Week": "[1, 2]",
        "Discount Amount Limit": "",
        "Campaign ID": campaign.pk,
        "Additional Info": "For friends",
        "Customer ID": holder.pk,
        "Discount Effect": "ADD_MISSING_ITEMS",
        "Discount Unit Type": product.pk,
        "Discount Unit Effect": "ADD_MISSING_ITEMS",
        "Validation Rules ID": rule.pk,
        "Customer Source ID": "ada",
        "Metadata": '{"season": "spring"}',
    }


@pytest.mark.parametrize(
    ("discount", "value", "formula"),
    [
        ({"type": "AMOUNT", "amount_off": 1050}, "10.50", ""),
        ({"type": "AMOUNT", "amount_off": 5, "amount_limit": 7}, "0.05", ""),
        ({"type": "PERCENT", "percent_off": 12.5}, "12.5", ""),
        ({"type": "PERCENT", "percent_off": 10}, "10", ""),
        ({"type": "FIXED", "fixed_amount": 300}, "3.00", ""),
        ({"type": "UNIT", "unit_off": 3}, "3", ""),
        ({"type": "UNIT_MULTIPLE", "units": []}, "", ""),
        ({"type": "AMOUNT", "amount_off_formula": "X+1"}, "", "X+1"),
    ],
)
def test_the_value_of_a_discount_is_in_the_units_people_use(
    project: Project, discount: dict[str, object], value: str, formula: str
) -> None:
    VoucherFactory(project=project, discount=discount)

    _, row = table(project, "voucher", fields=["value", "formula", "discount_type"])

    assert row == [value, formula, discount["type"]]


def test_cards_show_their_value_and_balance(project: Project) -> None:
    VoucherFactory(project=project, code="A")
    GiftCardFactory(project=project, code="B", redeemed_amount=1000)
    program = CampaignFactory(project=project, campaign_type="LOYALTY_PROGRAM")
    LoyaltyCardFactory(campaign=program, code="C", redeemed_amount=100)
    fields = ["code", "voucher_type", "value", "gift_balance", "loyalty_balance"]

    rows = table(project, "voucher", fields=fields, order="code")

    assert rows[1:] == [
        ["A", "DISCOUNT_VOUCHER", "10", "", ""],
        ["B", "GIFT_VOUCHER", "50.00", "4000", ""],
        ["C", "LOYALTY_CARD", "1000", "", "900"],
    ]


@pytest.mark.parametrize(
    ("exported_object", "header"),
    [
        ("voucher", "Code,Voucher Type,Value,Discount Type"),
        ("redemption", "ID,Object,Voucher Code,Customer ID,Date,Result"),
        ("customer", "Name,Source ID"),
        ("publication", "Voucher Code,Customer ID,Date,Channel"),
        ("order", "ID,Source ID,Status"),
        ("points_expiration", "ID,Campaign ID,Voucher ID,Status,Expires At,Points"),
        (
            "voucher_transactions",
            "ID,Type,Source ID,Reason,Source,Balance,Amount,Created At",
        ),
        ("product", f"ID,Name,Price,{GOODS}"),
        ("sku", f"ID,SKU,Product ID,Currency,Price,{GOODS}"),
    ],
)
def test_without_rows_the_file_is_the_header_of_the_defaults(
    project: Project, exported_object: str, header: str
) -> None:
    assert content(made(project, exported_object)) == f"{header}\r\n"


def test_every_kind_of_rows_is_among_the_defaults_above() -> None:
    assert [*CATALOGUES] == [
        "voucher",
        "redemption",
        "customer",
        "publication",
        "order",
        "points_expiration",
        "voucher_transactions",
        "product",
        "sku",
        "api_log",
    ]


def test_calls_of_the_api_are_exported(api: ApiClient, call_log: CallLog) -> None:
    api.get("/v1/campaigns")
    api.get("/v1/campaigns/nothing")
    call = call_log.last()
    refused = {"status": {"conditions": {"$is": [404]}}}

    header, *rows = table(api.project, "api_log", filters=refused)

    assert header == [
        *("ID", "Created At", "Status", "Request ID", "Channel", "Method", "Endpoint"),
        *("URL", "User Email", "App ID", "Client App ID", "Request Duration"),
        *("Request Body", "Response Body"),
    ]
    assert rows == [
        [
            call.pk,
            isoformat(call.created_at),
            "404",
            call.request_id,
            "API",
            "GET",
            call.endpoint,
            call.url,
            "",
            api.headers["X-App-Id"],
            "",
            str(call.request_duration),
            call.request_body,
            call.response_body,
        ]
    ]
    key = {"app_id": {"conditions": {"$in": [api.headers["X-App-Id"]]}}}
    assert len(table(api.project, "api_log", filters=key)) == 3


def test_redemptions_and_rollbacks_are_exported(api: ApiClient) -> None:
    project = api.project
    campaign = CampaignFactory(project=project, name="Gifts")
    GiftCardFactory(campaign=campaign, code="GIFT")
    done = api.post(
        "/v1/redemptions",
        {
            "redeemables": [
                {"object": "voucher", "id": "GIFT", "gift": {"credits": 700}}
            ],
            "order": {"source_id": "o-1", "amount": 5000},
            "customer": {"source_id": "ada", "name": "=Ada"},
            "metadata": {"till": 4},
        },
    ).json()
    (redemption,) = done["redemptions"]
    undone = api.post(f"/v1/redemptions/{redemption['id']}/rollback").json()
    failed = api.post(
        "/v1/redemptions",
        {"redeemables": [{"object": "voucher", "id": "NOBODY"}]},
    )
    assert failed.status_code in {400, 404}

    header, *rows = table(
        project,
        "redemption",
        fields=[*CATALOGUES["redemption"].field_names],
        order="created_at",
    )

    assert header == [
        *("ID", "Object", "Date", "Voucher Code", "Campaign", "Promotion Tier ID"),
        *("Customer ID", "Customer Source ID", "Customer Name", "Tracking ID"),
        *("Order ID", "Order Amount", "Gift Amount", "Loyalty Points", "Result"),
        *("Failure Code", "Failure Message", "Metadata"),
    ]
    first, second = rows[0], rows[1]
    customer = redemption["customer_id"]
    assert first == [
        redemption["id"],
        "redemption",
        redemption["date"],
        "GIFT",
        "Gifts",
        "",
        customer,
        "ada",
        "'=Ada",
        redemption["tracking_id"],
        done["order"]["id"],
        "5000",
        "700",
        "",
        "SUCCESS",
        "",
        "",
        '{"till": 4}',
    ]
    assert second[:4] == [undone["id"], "redemption_rollback", undone["date"], "GIFT"]
    assert second[12] == "-700"


def test_orders_are_exported_with_their_amounts(api: ApiClient) -> None:
    made_order = api.post(
        "/v1/orders",
        {
            "source_id": "o-1",
            "amount": 5000,
            "status": "PAID",
            "customer": {"source_id": "ada"},
            "metadata": {"payment": "card", "lines": [1, 2], "nested": {"a": -1}},
        },
    ).json()
    fields = [
        *CATALOGUES["order"].fields,
        "metadata.payment",
        "metadata.lines",
        "metadata.nested.a",
        "metadata.unknown",
    ]

    header, row = table(api.project, "order", fields=fields)

    assert header[-4:] == [
        "metadata.payment",
        "metadata.lines",
        "metadata.nested.a",
        "metadata.unknown",
    ]
    assert row == [
        made_order["id"],
        "o-1",
        made_order["created_at"],
        made_order.get("updated_at", ""),
        "PAID",
        *("5000", "0", "0", "0", "5000"),
        made_order["customer_id"],
        "",
        "card",
        "[1, 2]",
        "-1",
        "",
    ]


def test_publications_are_exported_one_row_a_code(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, name="Spring")
    for code in ("A", "B"):
        VoucherFactory(campaign=campaign, code=code)
    given = api.post(
        "/v1/publications",
        {
            "campaign": {"name": "Spring", "count": 2},
            "customer": {"source_id": "ada"},
            "channel": "Newsletter",
            "metadata": {"wave": 1},
        },
    ).json()

    header, *rows = table(
        api.project,
        "publication",
        fields=[*CATALOGUES["publication"].field_names],
        order="voucher_code",
    )

    assert header == [
        *("Voucher Code", "Customer ID", "Customer Source ID", "Date", "Channel"),
        *("Campaign", "Is Winner", "Metadata"),
    ]
    rest = [given["customer_id"], "ada", given["created_at"], "Newsletter", "Spring"]
    assert rows == [[code, *rest, "", '{"wave": 1}'] for code in ("A", "B")]


def test_customers_are_exported_with_address_and_figures(project: Project) -> None:
    customer = CustomerFactory(
        project=project,
        source_id="ada",
        name="Ada",
        email="ada@example.com",
        phone="+48 600 100 200",
        birthdate=date(1990, 2, 28),
        address={"city": "Paris", "line_1": "@home"},
        metadata={"level": "gold"},
    )
    customer.summary["orders"]["total_amount"] = 5000
    customer.summary["orders"]["last_order_date"] = "2026-03-01T00:00:00.000Z"
    customer.save()
    define(project, "customer", level={"type": "string"}, shoes={"type": "number"})
    CustomerFactory(project=project, deleted_at=NOW)

    header, row = table(
        project, "customer", fields=[*CATALOGUES["customer"].field_names]
    )

    shown = dict(zip(header, row, strict=True))
    assert {name: text for name, text in shown.items() if text not in {"", "0"}} == {
        "Name": "Ada",
        "ID": customer.pk,
        "Email": "ada@example.com",
        "Source ID": "ada",
        "Created At": "2027-01-01T00:00:00.000Z",
        "Address City": "Paris",
        "Address Line 1": "'@home",
        "Orders Total Amount": "5000",
        "Orders Last Order Date": "2026-03-01T00:00:00.000Z",
        "Phone": "'+48 600 100 200",
        "Birthdate": "1990-02-28",
        "metadata.level": "gold",
    }
    assert header[-2:] == ["metadata.level", "metadata.shoes"]
    assert len(header) == 31


def test_transactions_show_what_the_api_shows(api: ApiClient) -> None:
    card = GiftCardFactory(project=api.project, code="GIFT")
    change_balance(card, amount=-250, reason="Sorry, no", now=NOW)
    (entry,) = api.get("/v1/vouchers/GIFT/transactions").json()["data"]

    header, row = table(
        api.project,
        "voucher_transactions",
        fields=[*CATALOGUES["voucher_transactions"].field_names],
    )

    shown = dict(zip(header, row, strict=True))
    assert json.loads(shown.pop("Details")) == entry["details"]
    assert shown == {
        "ID": entry["id"],
        "Type": "CREDITS_REMOVAL",
        "Source ID": "",
        "Reason": "Sorry, no",
        "Source": entry["source"],
        "Balance": "4750",
        "Amount": "-250",
        "Created At": "2026-03-10T12:00:00.000Z",
        "Campaign ID": "",
        "Voucher ID": card.pk,
        "Related Transaction ID": "",
    }


def test_products_and_skus_are_exported(project: Project) -> None:
    product = ProductFactory(
        project=project,
        source_id="tea",
        name="Tea, green",
        price=1250,
        image_url="https://example.com/tea.png",
        attributes=["size"],
    )
    sku = SkuFactory(
        product=product,
        source_id="tea-s",
        sku='Small "S"',
        price=900,
        currency="EUR",
        attributes={"size": "S"},
    )
    ProductFactory(project=project, deleted_at=NOW)

    products, skus = table(project, "product"), table(project, "sku")

    created = "2026-03-10T12:00:00.000Z"
    assert products[1:] == [
        [
            product.pk,
            "Tea, green",
            "1250",
            "https://example.com/tea.png",
            "tea",
            '["size"]',
            created,
        ]
    ]
    assert skus[1:] == [
        [
            sku.pk,
            'Small "S"',
            product.pk,
            "EUR",
            "900",
            "",
            "tea-s",
            '{"size": "S"}',
            created,
        ]
    ]


TEXTS = [
    *("plain", "=1+1", "+48 600", "-1", "-1.5", "-", "-1-1", "--1", "-1.", "@SUM(A1)"),
    *("\tx", "\rx", "\nx", 'a "b", c', "a\nb", "a\r\nb", "'x", "ą", "-.5", "=", "0"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_no_cell_is_a_formula(project: Project, text: str) -> None:
    ProductFactory(project=project, name=text)

    written = content(made(project, "product", fields=["name"]))

    ((_,), (found,)) = csv.reader(StringIO(written, newline=""))
    is_number = text in {"-1", "-1.5"}
    assert found == (text if is_number else cell(text))


def test_lines_end_the_way_csv_wants_and_cells_keep_theirs(project: Project) -> None:
    for name in ("first\nsecond", "plain"):
        ProductFactory(project=project, name=name)

    written = content(made(project, "product", fields=["name"], order="name"))

    assert written == 'Name\r\n"first\nsecond"\r\nplain\r\n'


def test_the_newest_come_first_unless_said_otherwise(project: Project) -> None:
    for day in (2, 1, 3):
        VoucherFactory(
            project=project,
            code=f"DAY-{day}",
            created_at=datetime(2026, 3, day, tzinfo=UTC),
        )

    assert column(project, "voucher", "code") == ["DAY-3", "DAY-2", "DAY-1"]
    assert column(project, "voucher", "code", order="created_at") == [
        *("DAY-1", "DAY-2", "DAY-3")
    ]


@pytest.mark.parametrize("exported_object", [*CATALOGUES])
def test_every_order_and_every_field_gives_a_file(
    project: Project, exported_object: str
) -> None:
    catalogue = CATALOGUES[exported_object]
    for order in catalogue.orders:
        made(project, exported_object, order=order, fields=[*catalogue.field_names])


def test_what_may_be_missing_comes_last_in_either_order(project: Project) -> None:
    VoucherFactory(project=project, code="NEVER")
    VoucherFactory(project=project, code="ONCE", updated_at=LATER)

    for order in ("updated_at", "-updated_at"):
        codes = column(project, "voucher", "code", order=order)
        assert codes == ["ONCE", "NEVER"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("id", "ID"),
        ("voucher_type", "Voucher Type"),
        ("customer_source_id", "Customer Source ID"),
        ("qr_code", "QR Code"),
        ("image_url", "Image URL"),
        ("sku", "SKU"),
    ],
)
def test_headers_are_in_title_case(name: str, label: str) -> None:
    assert cells.label(name) == label
