"""Which rows each filter lets into a file."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from customers.engine.segments import belongs, parse_segment_filter
from customers.services.segment_lookup import stored_profile
from promo.tenancy.models import Project
from redemptions.services.balance import change_balance
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient
from tests.redemptions.exports.files import column

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def where(**conditions: dict[str, Any]) -> dict[str, Any]:
    """Return a filter; ``__`` in a name stands for a dot."""
    return {
        name.replace("__", "."): {"conditions": each}
        for name, each in conditions.items()
    }


def found(project: Project, kind: str, field: str, filters: Any) -> list[str]:
    """Return the cells of the rows that fit, sorted."""
    return sorted(column(project, kind, field, filters=filters))


#: Days before NOW (Tuesday 10 March 2026) by the code that was made then.
AGES = {"TODAY": 0, "YESTERDAY": 1, "WEEK": 7, "MONTH": 31, "YEAR": 365, "SOON": -2}


@pytest.fixture
def aged(project: Project) -> Project:
    for code, days in AGES.items():
        VoucherFactory(project=project, code=code, start_date=NOW - days * DAY)
    VoucherFactory(project=project, code="NEVER")
    return project


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        ({"$after": ["2026-03-09"]}, ["SOON", "TODAY", "YESTERDAY"]),
        ({"$before": "2026-02-10"}, ["MONTH", "YEAR"]),
        ({"$after": "2026-03-09", "$before": "2026-03-10"}, ["YESTERDAY"]),
        ({"$is": ["2026-03-10"]}, ["TODAY"]),
        ({"$is": ["2026-03-10T12:00:00.000Z"]}, ["TODAY"]),
        ({"$is": ["2026-03-10T12:00:01.000Z"]}, []),
        ({"$in": ["2026-03-10", "2026-03-09"]}, ["TODAY", "YESTERDAY"]),
        (
            {"$is_not": ["2026-03-10"]},
            ["MONTH", "NEVER", "SOON", "WEEK", "YEAR", "YESTERDAY"],
        ),
        ({"$has_value": True}, ["MONTH", "SOON", "TODAY", "WEEK", "YEAR", "YESTERDAY"]),
        ({"$is_unknown": True}, ["NEVER"]),
        ({"$more_than": 7}, ["MONTH", "YEAR"]),
        ({"$less_than": ["1"]}, ["SOON", "TODAY"]),
        ({"$more_than": "2026-03-09"}, ["SOON", "TODAY", "YESTERDAY"]),
        ({"$more_than_equal": "2026-03-10T12:00:00Z"}, ["SOON", "TODAY"]),
        ({"$less_than_equal": "2025-03-10"}, ["YEAR"]),
        ({"$is_days_ago": 1}, ["YESTERDAY"]),
        ({"$more_than_ago": 31}, ["YEAR"]),
        ({"$less_than_ago": 7}, ["TODAY", "YESTERDAY"]),
        ({"$is_days_in_future": 2}, ["SOON"]),
        ({"$more_than_future": 1}, ["SOON"]),
        ({"$less_than_future": 1}, ["TODAY"]),
        ({"$today": True}, ["TODAY"]),
        ({"$yesterday": True}, ["YESTERDAY"]),
        ({"$this_week": True}, ["SOON", "TODAY", "YESTERDAY"]),
        ({"$last_week": True}, ["WEEK"]),
        ({"$this_month": True}, ["SOON", "TODAY", "WEEK", "YESTERDAY"]),
        ({"$last_month": True}, ["MONTH"]),
        ({"$this_year": True}, ["MONTH", "SOON", "TODAY", "WEEK", "YESTERDAY"]),
        ({"$last_year": True}, ["YEAR"]),
        ({"$is_day": [1]}, ["YEAR", "YESTERDAY"]),
        ({"$is_day": [2, 1]}, ["TODAY", "WEEK", "YEAR", "YESTERDAY"]),
        ({"$is_month": 2}, ["MONTH"]),
        ({"$is_year": 2025}, ["YEAR"]),
        ({"$is_day_of_month": [10, 12]}, ["SOON", "TODAY", "YEAR"]),
        ({"$is_years_ago": 1}, ["YEAR"]),
        ({"$today_md": True}, ["TODAY", "YEAR"]),
        ({"$is_days_ago_md": 1}, ["YESTERDAY"]),
        ({"$is_less_days_in_future_md": 3}, ["SOON", "TODAY", "YEAR"]),
    ],
)
def test_dates_are_compared_on_the_projects_calendar(
    aged: Project, conditions: dict[str, Any], codes: list[str]
) -> None:
    filters = where(start_date=conditions)

    assert found(aged, "voucher", "code", filters) == codes


def test_days_begin_at_midnight_of_the_projects_zone(project: Project) -> None:
    project.timezone = "America/New_York"
    project.save()
    for hour in (3, 5):
        at = datetime(2026, 3, 10, hour, tzinfo=UTC)
        VoucherFactory(project=project, code=f"AT-{hour}", created_at=at)

    today = found(project, "voucher", "code", where(created_at={"$today": True}))
    weekday = found(project, "voucher", "code", where(created_at={"$is_day": 1}))

    assert (today, weekday) == (["AT-5"], ["AT-3"])


BIRTHDAYS = [
    *(date(1990, 3, 10), date(2000, 2, 29), date(1985, 2, 28), date(1999, 3, 31)),
    *(date(1970, 4, 1), date(2001, 12, 31), date(1988, 1, 1)),
]
ABOUT_BIRTHDAYS: list[dict[str, Any]] = [
    {"$today": True},
    {"$this_week": True},
    {"$next_month": True},
    {"$last_month": True},
    {"$this_year": True},
    {"$is_days_ago_md": 10},
    {"$is_more_days_ago_md": 300},
    {"$is_less_days_ago_md": 15},
    {"$is_days_in_future_md": 22},
    {"$is_more_days_in_future_md": 330},
    {"$is_less_days_in_future_md": 30},
    {"$is_month": [2, 4]},
    {"$is_day_of_month": 31},
    {"$is_day": [0, 6]},
    {"$is_year": [1990, 2000]},
    {"$is_years_ago": 36},
    {"$after": "1990-03-10"},
    {"$before": ["1985-02-28"]},
    {"$is": "2000-02-29"},
    {"$not_in": ["2000-02-29"]},
    {"$more_than": 10_000},
    {"$more_than_equal": "1999-03-31"},
    {"$is_unknown": True},
]


@pytest.mark.parametrize("now", [NOW, datetime(2026, 2, 28, 12, tzinfo=UTC)])
@pytest.mark.parametrize("conditions", ABOUT_BIRTHDAYS)
def test_birthdays_are_compared_as_segments_compare_them(
    project: Project, conditions: dict[str, Any], now: datetime
) -> None:
    people = [CustomerFactory(project=project, birthdate=day) for day in BIRTHDAYS]
    people.append(CustomerFactory(project=project, birthday=date(1990, 3, 10)))
    people.append(CustomerFactory(project=project))
    filters = where(birthdate=conditions)
    wanted, calendar = parse_segment_filter(filters), project.calendar(now)

    exported = column(project, "customer", "id", filters=filters, now=now)

    assert sorted(exported) == sorted(
        one.pk for one in people if belongs(wanted, stored_profile(one), calendar)
    )


METADATA: dict[str, dict[str, Any]] = {
    "text": {"v": "gold"},
    "other": {"v": "silver"},
    "list": {"v": ["gold", "blue"]},
    "three": {"v": 3},
    "ten": {"v": "10"},
    "half": {"v": -0.5},
    "true": {"v": True},
    "day": {"v": "2026-03-10"},
    "moment": {"v": "2026-03-09T23:30:00.000Z"},
    "no day": {"v": "2026-02-31"},
    "zero": {"v": "0000-01-01"},
    "null": {"v": None},
    "missing": {},
    "dotted": {"v": {"w": "deep"}, "a.b": 5},
}
ABOUT_METADATA: list[tuple[str, dict[str, Any]]] = [
    ("v", {"$is": "gold"}),
    ("v", {"$is": [True]}),
    ("v", {"$in": ["gold", "silver"]}),
    ("v", {"$is_not": "gold"}),
    ("v", {"$not_in": ["gold", "silver"]}),
    ("v", {"$starts_with": "go"}),
    ("v", {"$contains": [".", "l"]}),
    ("v", {"$not_contain": "gold"}),
    ("v", {"$ends_with": "ld"}),
    ("v", {"$ends_with": ["(", "e"]}),
    ("v", {"$is": "10.0"}),
    ("v", {"$not_in": [3, "gold"]}),
    ("v", {"$is_unknown": True}),
    ("v", {"$has_value": True}),
    ("v", {"$more_than": 2}),
    ("v", {"$more_than": ["2.5"]}),
    ("v", {"$less_than": 0}),
    ("v", {"$less_than_equal": -0.5}),
    ("v", {"$more_than_equal": 10}),
    ("v", {"$count": 2}),
    ("v", {"$count_more": 1}),
    ("v", {"$count_less": 1}),
    ("v.w", {"$is": "deep"}),
    ("v.w", {"$contains": ["ee"]}),
    ("a.b", {"$more_than": 4}),
]


@pytest.mark.parametrize(("path", "conditions"), ABOUT_METADATA)
def test_metadata_are_compared_as_segments_compare_them(
    project: Project, path: str, conditions: dict[str, Any]
) -> None:
    people = [
        CustomerFactory(project=project, name=name, metadata=metadata)
        for name, metadata in METADATA.items()
    ]
    filters = {f"metadata.{path}": {"conditions": conditions}}
    wanted, calendar = parse_segment_filter(filters), project.calendar(NOW)

    exported = found(project, "customer", "name", filters)

    assert exported == sorted(
        one.name for one in people if belongs(wanted, stored_profile(one), calendar)
    )


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"$after": "2026-03-09"}, ["day", "moment"]),
        ({"$before": "2026-03-10T00:00:00Z"}, ["moment", "no day"]),
        ({"$today": True}, ["day"]),
        ({"$is_days_ago": 1}, ["moment"]),
        ({"$is_month": 3}, ["day", "moment", "no day"]),
    ],
)
def test_dates_in_metadata_are_read_and_anything_else_is_no_date(
    project: Project, conditions: dict[str, Any], names: list[str]
) -> None:
    for name, metadata in METADATA.items():
        CustomerFactory(project=project, name=name, metadata=metadata)

    assert found(project, "customer", "name", where(metadata__v=conditions)) == names


def test_declared_types_decide(project: Project) -> None:
    define(project, "customer", n={"type": "number"}, d={"type": "date"})
    for name, metadata in {
        "one": {"n": 1, "d": "2026-03-10"},
        "two": {"n": 2.50, "d": "2026-03-11"},
    }.items():
        CustomerFactory(project=project, name=name, metadata=metadata)

    def names(**conditions: Any) -> list[str]:
        return found(project, "customer", "name", where(**conditions))

    assert names(metadata__n={"$is": "1.0"}) == ["one"]
    assert names(metadata__n={"$in": [2.5, 7]}) == ["two"]
    assert names(metadata__n={"$is_not": 1}) == ["two"]
    assert names(metadata__d={"$is": "2026-03-10T15:00:00Z"}) == ["one"]
    assert names(metadata__d={"$more_than_equal": "2026-03-11"}) == ["two"]


def test_customers_are_filtered_by_profile_figures_and_publications(
    api: ApiClient,
) -> None:
    project = api.project
    ada = CustomerFactory(
        project=project,
        name="Ada",
        email="Ada@Example.com",
        address={"city": "Paris"},
        loyalty={
            "points": 120,
            "referred_customers": 1,
            "campaigns": {"Tiers 2.0": {"points": 90, "loyalty_tier": "ltr_1"}},
        },
        system_metadata={"consents": ["mail"]},
    )
    ada.summary["orders"]["total_amount"] = 5000
    ada.save()
    CustomerFactory(project=project, name="Bob")
    voucher = VoucherFactory(campaign=CampaignFactory(project=project), code="GIVEN")
    given = {"voucher": "GIVEN", "customer": {"id": ada.pk}}
    assert api.post("/v1/publications", given).status_code == 200
    of_ada = [
        {"email": {"$is": "ada@example.COM"}},
        {"city": {"$is": "Paris"}},
        {"address.city": {"$starts_with": "Pa"}},
        {"id": {"$is": ada.pk}},
        {"summary.orders.total_amount": {"$more_than": 4999}},
        {"loyalty.points": {"$more_than_equal": "120"}},
        {"loyalty_points.campaigns.Tiers 2.0.points": {"$less_than": 91}}
        | {"loyalty.points": {"$has_value": True}},
        {"loyalty_tier.campaigns.Tiers 2.0": {"$is": "ltr_1"}},
        {"system_metadata.consents": {"$is": "mail"}},
        {"publications.created_at": {"$after": "2020-01-01"}},
        {"publications.related_object_id": {"$is": voucher.campaign_id}},
        {"publications.related_object_id": {"$in": ["GIVEN", "OTHER"]}},
        {"publications.related_object_id": {"$has_value": True}},
    ]

    for wanted in of_ada:
        filters = {name: {"conditions": each} for name, each in wanted.items()}
        assert found(project, "customer", "name", filters) == ["Ada"], wanted
    unpublished = {"publications.created_at": {"conditions": {"$is_unknown": True}}}
    assert found(project, "customer", "name", unpublished) == ["Bob"]


def test_vouchers_are_filtered_by_their_own_words(api: ApiClient) -> None:
    project = api.project
    category = CategoryFactory(project=project, name="Season")
    holder = CustomerFactory(project=project, source_id="ada")
    first = VoucherFactory(
        campaign=CampaignFactory(project=project, name="Spring"),
        code="FIRST",
        category=category,
        holder=holder,
        validity_day_of_week=[1],
        validity_timeframe={"interval": "P2D", "duration": "P1D"},
        redemption_quantity=1,
        redeemed_quantity=1,
        is_referral_code=True,
        active=False,
        metadata={"wave": 2},
    )
    VoucherFactory(project=project, code="SECOND", redemption_quantity=2)
    VoucherFactory(
        project=project, code="GONE", deleted_at=NOW, validity_day_of_week=[1]
    )
    given = {"voucher": "SECOND", "customer": {"source_id": "bob"}}
    assert api.post("/v1/publications", given).status_code == 200
    of_first = [
        {"active": {"$is": False}},
        {"active": {"$disabled": True}},
        {"categories": {"$in": ["Season"]}},
        {"category_ids": {"$is": category.pk}},
        {"vouchers": {"$in": [first.pk, "OTHER"]}},
        {"code": {"$ends_with": "RST"}},
        {"holder_id": {"$is": holder.pk}},
        {"is_referral_code": {"$is": True}},
        {"validity_day_of_week": {"$in": [1, 2]}},
        {"validity_timeframe": {"$is": "P1D"}},
        {"redemption.redeemed_quantity": {"$more_than": 0}},
        {"redemption_status": {"$redeemed": True}},
        {"campaign": {"$is": "Spring"}},
        {"metadata.wave": {"$more_than": 1}},
    ]

    for wanted in of_first:
        filters = {name: {"conditions": each} for name, each in wanted.items()}
        assert found(project, "voucher", "code", filters) == ["FIRST"], wanted
    for wanted in (
        {"redemption_status": {"$redeemable": True}},
        {"published_for_customer_id": {"$is": "bob"}},
        {"published_for_customer_id": {"$has_value": True}},
        {"vouchers": {"$is": "SECOND"}},
    ):
        filters = {name: {"conditions": each} for name, each in wanted.items()}
        assert found(project, "voucher", "code", filters) == ["SECOND"], wanted
    own = column(project, "voucher", "code", campaign_id=first.campaign_id)
    assert own == ["FIRST"]
    assert column(project, "voucher", "code", campaign_id="x") == []


def test_junctions_join_the_attributes(project: Project) -> None:
    for code, info in (("A", "x"), ("B", "y"), ("C", "z")):
        VoucherFactory(project=project, code=code, additional_info=info)
    both = where(code={"$is": ["A", "B"]}, additional_info={"$is": "z"})

    def codes(**junction: str) -> list[str]:
        return found(project, "voucher", "code", both | junction)

    assert codes() == codes(junction="AND") == []
    # Several values of $is under OR are as good as $in.
    assert codes(junction="OR") == ["A", "B", "C"]


def test_redemptions_and_publications_are_filtered(api: ApiClient) -> None:
    project = api.project
    spring = CampaignFactory(project=project, name="Spring")
    VoucherFactory(campaign=spring, code="A")
    VoucherFactory(project=project, code="B")
    for code in ("A", "B"):
        body = {
            "redeemables": [{"object": "voucher", "id": code}],
            "order": {"amount": 1000},
            "customer": {"source_id": f"of-{code}"},
            "metadata": {"till": code},
        }
        done = api.post("/v1/redemptions", body)
        assert done.status_code == 200, done.content
        given = {
            "voucher": code,
            "customer": {"source_id": f"of-{code}"},
            "source_id": f"pub-{code}",
        }
        assert api.post("/v1/publications", given).status_code == 200
    project.vouchers.filter(code="A").update(is_referral_code=True)
    voucher = project.vouchers.get(code="A")
    customer = project.customers.get(source_id="of-A")
    shared = [
        {"campaign": {"$is": "Spring"}},
        {"campaign_name": {"$is": "Spring"}},
        {"customer": {"$is": "of-A"}},
        {"customer_id": {"$is": customer.pk}},
        {"voucher": {"$is": voucher.pk}},
        {"voucher": {"$in": ["A"]}},
        {"related_object_id": {"$is": voucher.pk}},
    ]
    attempts = [
        *shared,
        {"related_object_parent_id": {"$is": spring.pk}},
        {"related_object": {"$in": [voucher.pk]}},
        {"voucher_code": {"$starts_with": "A"}},
        {"metadata.till": {"$is": "A"}},
    ]
    given_away = [
        *shared,
        {"parent_object_id": {"$is": spring.pk}},
        {"is_referral_code": {"$is": True}},
        {"source_id": {"$is": "pub-A"}},
    ]

    for kind, cases in (("redemption", attempts), ("publication", given_away)):
        for wanted in cases:
            filters = {name: {"conditions": each} for name, each in wanted.items()}
            assert found(project, kind, "voucher_code", filters) == ["A"], wanted
        both = where(created_at={"$after": "2020-01-01"}, result={"$is": "SUCCESS"})
        assert found(project, kind, "voucher_code", both) == ["A", "B"]
    alone = where(
        parent_redemption_id={"$is_unknown": True},
        object={"$is": "redemption"},
        status={"$is": "SUCCEEDED"},
        failure_code={"$not_in": ["x"]},
        user_login={"$is_not": "nobody"},
        related_object={"$is": "voucher"},
    )
    assert found(project, "redemption", "voucher_code", alone) == ["A", "B"]
    children = where(parent_redemption_id={"$is": f"r_{'f' * 32}"})
    assert found(project, "redemption", "id", children) == []


def test_orders_transactions_and_goods_are_filtered(api: ApiClient) -> None:
    project = api.project
    for name, amount in (("o-1", 1000), ("o-2", 9000)):
        body = {"source_id": name, "amount": amount, "metadata": {"n": name}}
        assert api.post("/v1/orders", body).status_code == 200
    campaign = GiftCampaignFactory(project=project)
    card = GiftCardFactory(campaign=campaign, code="CARD")
    other = GiftCardFactory(project=project, code="OTHER")
    for each in (card, other):
        change_balance(each, amount=1, reason=each.code, now=NOW)
    tea = ProductFactory(project=project, name="Tea", attributes=["size"], price=5)
    ProductFactory(project=project, name="Cup")
    small = SkuFactory(product=tea, sku="S", attributes={"size": "small"})
    cases: list[tuple[str, str, dict[str, Any], str]] = [
        ("order", "source_id", {"total_amount": {"$more_than": 5000}}, "o-2"),
        (
            "order",
            "source_id",
            {"discount_amount": {"$is": 0}, "amount": {"$less_than": 5000}},
            "o-1",
        ),
        ("order", "source_id", {"metadata.n": {"$is": "o-1"}}, "o-1"),
        (
            "order",
            "source_id",
            {"source_id": {"$in": ["o-2"]}, "status": {"$is": "CREATED"}},
            "o-2",
        ),
        ("voucher_transactions", "reason", {"voucher_id": {"$in": ["CARD"]}}, "CARD"),
        ("voucher_transactions", "reason", {"voucher_id": {"$is": card.pk}}, "CARD"),
        (
            "voucher_transactions",
            "reason",
            {"campaign_id": {"$in": [campaign.pk]}},
            "CARD",
        ),
        ("product", "name", {"id": {"$is": tea.pk}}, "Tea"),
        ("product", "name", {"attributes": {"$is": "size"}}, "Tea"),
        ("product", "name", {"skus": {"$in": [small.pk]}}, "Tea"),
        ("product", "name", {"skus": {"$is_unknown": True}}, "Cup"),
        (
            "product",
            "name",
            {"price": {"$is_unknown": True}, "object": {"$is": "product"}},
            "Cup",
        ),
        ("sku", "sku", {"product_id": {"$is": tea.pk}, "object": {"$is": "sku"}}, "S"),
        ("sku", "sku", {"attributes.size": {"$is": "small"}}, "S"),
        (
            "sku",
            "sku",
            {"attributes": {"$in": ["size"]}, "skus": {"$is_unknown": True}},
            "S",
        ),
    ]

    for kind, field, wanted, expected in cases:
        filters = {name: {"conditions": each} for name, each in wanted.items()}
        assert found(project, kind, field, filters) == [expected], wanted
    nothing = where(product_id={"$has_value": True})
    assert found(project, "product", "name", nothing) == []
