"""Vouchers listed by what their metadata hold."""

from typing import Any

import pytest
from django.db import connection

from campaigns.models import Voucher
from promo.api.columns import MetadataColumn
from promo.filter_grammar import Condition
from tests.factories.campaigns import VoucherFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

HELD: dict[str, Any] = {
    "TEXT": {"tier": "gold"},
    "AMONG": {"tier": ["silver", "gold"]},
    "NUMBER": {"tier": 5},
    "DIGITS": {"tier": "5"},
    "YES": {"tier": True},
    "NESTED": {"box": {"tier": "gold"}},
    "NONE": {},
}


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("tier", "$is", "gold", ["AMONG", "TEXT"]),
        ("tier", "$in", "gold", ["AMONG", "TEXT"]),
        ("tier", "$is", "5", ["DIGITS", "NUMBER"]),
        ("tier", "$is", "true", ["YES"]),
        ("tier", "$is", "Gold", []),
        ("box.tier", "$is", "gold", ["NESTED"]),
        ("tier", "$starts_with", "go", ["TEXT"]),
        ("tier", "$is_not", "gold", ["DIGITS", "NESTED", "NONE", "NUMBER", "YES"]),
    ],
)
def test_codes_are_found_by_their_metadata(api, name, operator, value, expected):
    for code, metadata in HELD.items():
        VoucherFactory(project=api.project, code=code, metadata=metadata)

    asked = {f"filters[metadata.{name}][conditions][{operator}][0]": value}
    found = api.get("/v1/vouchers", {**asked, "limit": 100})

    assert sorted(each["code"] for each in found.json()["vouchers"]) == expected


def test_an_index_finds_them():
    fits = MetadataColumn().condition(
        Condition("$in", ("gold", "silver")), "metadata.box.tier", "filters", NOW
    )

    with connection.cursor() as cursor:
        # So small a table is read as a whole unless that is forbidden.
        cursor.execute("SET LOCAL enable_seqscan TO off")
    plan = Voucher.objects.filter(fits).order_by().explain(format="text")

    assert plan.count("Bitmap Index Scan on voucher_metadata") == 4
