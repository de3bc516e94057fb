"""Customers found by what people type."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.services.customer_search import find_customers
from tests.admin_site import make_project
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import ProjectFactory
from tests.plans import prepared_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_project()


@pytest.mark.parametrize(
    "term",
    [
        "Maria",
        "mar",
        "o'b",
        "O'Brien maria",
        "Lovelace-Kin",
        "M.O@exa",
        "+49 151",
        "shop-1",
    ],
)
def test_somebody_is_found_by(shop, term):
    wanted = CustomerFactory(
        project=shop,
        name="Maria Lovelace-King O'Brien",
        email="m.o@example.com",
        phone="+49 151 2345",
        source_id="shop-1",
    )
    CustomerFactory(project=shop, name="Ada King", email="ada@example.com")

    assert find_customers(shop, term) == [wanted.pk]
    assert find_customers(shop, wanted.pk) == [wanted.pk]


@pytest.mark.parametrize(
    "term", ["aria", "example.com", "shop", "Maria Ada", "%", "_", "'", "\\", "&", ":*"]
)
def test_nobody_is_found_by(shop, term):
    CustomerFactory(
        project=shop, name="Maria", email="m.o@example.com", source_id="shop-1"
    )

    assert find_customers(shop, term) == []


def test_neither_the_deleted_nor_those_of_another_shop_are_found(shop):
    CustomerFactory(project=ProjectFactory(), name="Maria")
    CustomerFactory(project=shop, name="Maria", deleted_at=shop.created_at)

    assert find_customers(shop, "Maria") == []


@pytest.fixture
def crowd(shop):
    """So many people that reading all of them is dear."""
    Customer.objects.bulk_create(
        Customer(
            project=shop,
            name=f"Guest{number} Name{number}",
            email=f"guest{number}@example.com",
            source_id=f"guest-{number}",
            created_at=shop.created_at,
        )
        for number in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")
    return shop


def test_a_search_is_one_statement_that_asks_indexes_alone(crowd):
    with CaptureQueriesContext(connection) as statements:
        found = find_customers(crowd, "guest2999")

    [statement] = statements
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert len(found) == 1
    for index in ("customer_words", "customer_email", "customer_source_id"):
        assert index in plan
    assert "Seq Scan" not in plan


def test_who_is_called_so_is_found_by_indexes(crowd):
    rows = Customer.objects.filter(project=crowd).called("guest-7").order_by()

    plan = prepared_plan(rows)

    for index in ("customer_source_id", "customer_email", "customer_name"):
        assert f"Bitmap Index Scan on {index}" in plan
