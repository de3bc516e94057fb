"""Files of the same products and SKUs, taken at the same moment."""

from functools import partial
from typing import Any

import pytest

from campaigns.models import Product, Sku
from campaigns.services.catalogue_rows import ProductShelf
from campaigns.services.product import create_product
from promo.jobs.rows.start import start_row_work
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.catalogue import ProductFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.fixtures.rows import run_to_end
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 200
HEADER = "name,source_id,price"


def begin(project: Project, kind: str, header: str, rows: list[str]) -> str:
    content = "\n".join([header, *rows]).encode()
    action = start_row_work(project=project, kind=kind, chunks=[content], now=NOW)
    return str(action.pk)


def test_the_same_products_from_two_files_are_there_once() -> None:
    project = ProjectFactory.create()
    ProductFactory(project=project, source_id="p7", name="Known")
    rows = [f"Product {n},p{n},1" for n in range(ROWS)]
    files = [rows, rows[::-1], rows[50:] + rows[:50]]
    begun = [begin(project, "PRODUCTS.IMPORT_CSV", HEADER, each) for each in files]

    ended = at_once(*(partial(run_to_end, one) for one in begun))

    assert [action.result["done_count"] for action in ended] == [ROWS] * 3
    assert set(Product.objects.values_list("source_id", "name", "price")) == {
        (f"p{n}", f"Product {n}", None if n == 7 else 100) for n in range(ROWS)
    }
    assert Product.objects.count() == ROWS
    told = DomainEvent.objects.filter(type="product.created")
    assert told.count() == ROWS - 1


def test_the_same_skus_for_two_products_belong_to_one() -> None:
    project = ProjectFactory.create()
    products = [ProductFactory(project=project, source_id=name) for name in "ab"]
    begun = [
        begin(
            project,
            "SKUS.IMPORT_CSV",
            "product_id,source_id,sku",
            [f"{one.source_id},s{n},SKU {n}" for n in order],
        )
        for one, order in zip(products, [range(ROWS), range(ROWS)[::-1]], strict=True)
    ]

    ended = at_once(*(partial(run_to_end, one) for one in begun))

    assert Sku.objects.count() == ROWS
    taken = sum(action.result["done_count"] for action in ended)
    assert taken == ROWS
    assert sum(action.result["failed_count"] for action in ended) == ROWS
    reasons = {one["reason"] for each in ended for one in each.result["failed"]}
    assert all("is in use by products with ids" in reason for reason in reasons)


def test_a_file_and_a_request_make_the_same_product_once() -> None:
    project = ProjectFactory.create()
    rows = [f"From the file,p{n},1" for n in range(ROWS)]
    begun = begin(project, "PRODUCTS.IMPORT_CSV", HEADER, rows)

    at_once(
        partial(run_to_end, begun),
        *(
            partial(
                create_product,
                project=project,
                source_id=f"p{n}",
                image_url="https://x.com/p.png",
                now=NOW,
            )
            for n in (0, 90, ROWS - 1)
        ),
    )

    assert Product.objects.count() == ROWS
    both = Product.objects.filter(source_id__in=["p0", "p90", f"p{ROWS - 1}"])
    assert set(both.values_list("name", "image_url")) == {
        ("From the file", "https://x.com/p.png")
    }


def test_a_product_that_is_erased_in_this_very_moment_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = ProjectFactory.create()
    known = ProductFactory(project=project, source_id="p0")
    real = ProductShelf.named.find

    def look(*args: Any) -> Any:
        found = real(*args)
        Product.objects.filter(pk=known.pk).delete()
        return found

    monkeypatch.setattr(ProductShelf.named, "find", look)

    action = run_to_end(begin(project, "PRODUCTS.IMPORT_CSV", HEADER, ["New,p0,1"]))

    reasons = [one["reason"] for one in action.result["failed"]]
    assert reasons == ["Cannot find product with id p0"]
    assert not Product.objects.exists()
