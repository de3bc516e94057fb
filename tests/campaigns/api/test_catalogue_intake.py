"""Products and SKUs by the row: CSV files, bulk updates, metadata for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Product
from promo.jobs.models import ReportRow, UploadPart
from promo.outbox.models import DomainEvent
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW
from tests.fixtures.api import server_client
from tests.fixtures.rows import failures, run, send_csv

pytestmark = pytest.mark.django_db
PRODUCTS, SKUS = "/v1/products/importCSV", "/v1/skus/importCSV"
TEMPLATE = (
    "name,source_id,price,attributes,image_url,Fashion\n"
    'T-Shirt,shirt,21,"color,size,ranking",https://images.com/original.jpg,slim\n'
)


def told() -> list[tuple[str, str]]:
    return list(DomainEvent.objects.order_by("id").values_list("type", "entity_id"))


def test_a_file_of_products(api, project):
    answer = send_csv(api, PRODUCTS, TEMPLATE + "Mug,,14.505,,,\n")
    action = run(answer)

    assert answer.status_code == 200
    assert answer.json() == {"async_action_id": action.pk}
    assert (action.type, action.status) == ("PRODUCTS.IMPORT_CSV", "DONE")
    assert action.result == {
        "message": "2 product(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 2,
        "failed_count": 0,
    }
    mug, shirt = project.products.order_by("name")
    assert (shirt.source_id, shirt.name, shirt.price) == ("shirt", "T-Shirt", 2_100)
    assert shirt.attributes == ["color", "size", "ranking"]
    assert shirt.image_url == "https://images.com/original.jpg"
    assert shirt.metadata == {"Fashion": "slim"}
    # Money rounds half up; empty cells are empty fields.
    assert (mug.source_id, mug.price, mug.attributes) == ("", 1_451, [])
    assert (mug.image_url, mug.metadata) == ("", {"Fashion": None})
    assert sorted(told()) == sorted(("product.created", x.pk) for x in (mug, shirt))
    assert not UploadPart.objects.exists()


def test_of_a_known_product_only_name_and_metadata_change(api, project):
    known = ProductFactory(
        project=project,
        source_id="shirt",
        name="Old",
        price=500,
        attributes=["cut"],
        metadata={"Fashion": "wide", "kept": 1},
    )

    run(send_csv(api, PRODUCTS, TEMPLATE))

    shirt = project.products.get()
    assert (shirt.pk, shirt.name, shirt.price) == (known.pk, "T-Shirt", 500)
    assert (shirt.attributes, shirt.image_url) == (["cut"], "")
    assert shirt.metadata == {"Fashion": "slim", "kept": 1}
    assert shirt.updated_at is not None
    assert told() == [("product.updated", shirt.pk)]


def test_the_same_file_again_changes_and_tells_nothing(api, project):
    run(send_csv(api, PRODUCTS, TEMPLATE))
    before = list(Product.objects.values())

    action = run(send_csv(api, PRODUCTS, TEMPLATE))

    assert action.result["done_count"] == 1
    assert list(Product.objects.values()) == before
    assert len(told()) == 1


def test_rows_of_the_same_new_product_count_in_their_order(api, project):
    run(send_csv(api, PRODUCTS, "name,source_id,price\nFirst,a,1\nSecond,a,2\n"))

    product = project.products.get()
    assert (product.name, product.price) == ("Second", 100)
    assert told() == [("product.created", product.pk)]


def test_rows_of_products_that_cannot_be_taken(api, project):
    binned = ProductFactory(project=project, source_id="gone", deleted_at=NOW)

    action = run(
        send_csv(
            api,
            PRODUCTS,
            b"name,source_id,price,attributes\n"
            b"Kept,a,1,\n"
            b",b,1,\n"
            b"Dear,c,a lot,\n"
            b"Owed,d,-1,\n"
            b"name,source_id,price,attributes\n"
            b"Gone,gone,1,\n"
            b"Long,"
            + b"s" * 256
            + b",1,\n"
            + b"Many,e,1,"
            + b'"%s"\n' % b",".join(b"n%d" % n for n in range(101))
            + b"Ragged,f\n"
            + b"Bad,g,1,\xff\n"
            + b"Nul,h,1,\0\n"
            + b'Quoted,i,1,"a"b\n'
            + b"Endless,j,1,%s\n" % (b"x" * 1_000_000)
            + b"=1+1,k,1,\n",
        )
    )

    assert failures(action) == [
        (2, "The row has no name"),
        (3, "price: 'a lot' must be a number"),
        (4, "price: '-1' must not be negative"),
        (5, "price: 'price' must be a number"),
        (6, "Duplicated product exists with source_id gone"),
        (7, "source_id: must not be longer than 255 characters"),
        (8, "attributes: must not be more than 100 names"),
        (9, "The row has 2 cells, the header has 4"),
        (10, "The row is not UTF-8 text"),
        (11, "The row holds a NUL character"),
        (12, "The quotes of the row do not match"),
        (13, "The row is longer than 131,072 bytes"),
    ]
    named = [one["source_id"] for one in action.result["failed"]]
    # Whose quotes do not match and who is too long has no cells.
    assert named == [
        *("b", "c", "d", "source_id", "gone", "s" * 255, "e", "f", "g", "h", "", ""),
    ]
    assert dict(project.products.alive().values_list("source_id", "name")) == {
        "a": "Kept",
        "k": "=1+1",
    }
    binned.refresh_from_db()
    assert binned.deleted_at == NOW


def test_a_reason_does_not_repeat_a_huge_cell(api):
    action = run(send_csv(api, PRODUCTS, f"name,price\nMug,{'9' * 100_000}x\n"))

    ((number, reason),) = failures(action)
    assert number == 1
    assert reason == f"price: '{'9' * 992}…"


@pytest.mark.parametrize(
    ("content", "details"),
    [
        ("", "The file is empty"),
        ("source_id,price\na,1\n", "The column name is missing"),
        ("name,NAME\na,b\n", "The column NAME stands twice"),
        ("name,my colour\na,b\n", "The metadata header my colour holds a space"),
        (b"PK\x03\x04\0\0\0", "holds a NUL character"),
        (b"\x1f\x8b\x08\x08\xff\xff", "is not UTF-8 text"),
    ],
)
def test_a_file_of_products_without_meaning_fails_whole(api, project, content, details):
    action = run(send_csv(api, PRODUCTS, content))

    assert action.status == "FAILED"
    assert action.result["error"]["details"].endswith(details)
    assert not project.products.exists()


def test_metadata_columns_are_read_and_held_to_the_schema(api, project):
    define(
        project,
        "product",
        strict=True,
        size={"type": "number"},
        tags={"type": "string", "array": True},
        sold={"type": "boolean", "optional": False},
    )

    action = run(
        send_csv(
            api,
            PRODUCTS,
            "name,source_id,size,tags,sold\n"
            'Good,a,4.5,"new, red",TRUE\n'
            "Wrong,b,big,,false\n"
            "Bare,c,1,,\n",
        )
    )

    assert failures(action) == [
        (2, "size: must be a number (actual value is 'big')"),
        (3, "sold: must be a boolean, property is required (actual value is 'null')"),
    ]
    product = project.products.get()
    assert product.metadata == {"size": 4.5, "tags": ["new", "red"], "sold": True}


def test_columns_that_a_strict_schema_does_not_know_keep_rows_out(api, project):
    define(project, "product", strict=True, size={"type": "number"})

    action = run(send_csv(api, PRODUCTS, "name,source_id,colour\nMug,a,red\n"))

    assert failures(action) == [(1, "colour: property is not defined in the schema")]
    assert not project.products.exists()


def test_a_file_of_skus(api, project):
    shirt = ProductFactory(
        project=project, source_id="shirt", attributes=["color", "size"]
    )

    answer = send_csv(
        api,
        SKUS,
        "product_id,sku,source_id,price,image_url,attributes,origin\n"
        "shirt,Small,s,13,,\"{'color':'red','size':1}\",PL\n"
        f"{shirt.pk},Large,l,,https://x.com/l.png,,\n",
    )
    action = run(answer)

    assert answer.status_code == 200
    assert action.type == "SKUS.IMPORT_CSV"
    assert action.result["message"] == "2 SKU(s) imported successfully, 0 failed."
    large, small = project.skus.order_by("source_id")
    assert (small.product_id, small.sku, small.price) == (shirt.pk, "Small", 1_300)
    assert small.attributes == {"color": "red", "size": 1}
    assert small.metadata == {"origin": "PL"}
    assert (large.product_id, large.price, large.attributes) == (shirt.pk, None, {})
    assert large.image_url == "https://x.com/l.png"
    assert sorted(told()) == sorted(("sku.created", x.pk) for x in (large, small))


def test_of_a_known_sku_only_its_name_and_price_change(api, project):
    shirt = ProductFactory(project=project, source_id="shirt", attributes=["color"])
    known = SkuFactory(
        product=shirt,
        source_id="s",
        sku="Old",
        price=100,
        attributes={"color": "red"},
        metadata={"origin": "DE"},
    )

    run(
        send_csv(
            api,
            SKUS,
            "product_id,source_id,sku,price,attributes,image_url,origin\n"
            "shirt,s,New,2,{'color':'blue'},https://x.com/s.png,PL\n",
        )
    )

    sku = project.skus.get()
    assert (sku.pk, sku.sku, sku.price) == (known.pk, "New", 200)
    assert (sku.attributes, sku.image_url) == ({"color": "red"}, "")
    assert sku.metadata == {"origin": "DE"}
    assert told() == [("sku.updated", known.pk)]


def test_a_price_that_has_no_column_stays_and_an_empty_one_is_emptied(api, project):
    shirt = ProductFactory(project=project, source_id="shirt")
    SkuFactory(product=shirt, source_id="s", price=100)

    run(send_csv(api, SKUS, "product_id,source_id,sku\nshirt,s,New\n"))
    assert project.skus.get().price == 100

    run(send_csv(api, SKUS, "product_id,source_id,price\nshirt,s,\n"))
    assert (project.skus.get().price, project.skus.get().sku) == (None, "New")


def test_rows_of_skus_that_cannot_be_taken(api, project, other_project):
    shirt = ProductFactory(project=project, source_id="shirt", attributes=["color"])
    mug = ProductFactory(project=project, source_id="mug")
    SkuFactory(product=mug, source_id="of-mug", sku="Mug", price=1)
    SkuFactory(product=shirt, source_id="binned", deleted_at=NOW)
    ProductFactory(project=project, source_id="binned-shirt", deleted_at=NOW)
    ProductFactory(project=other_project, source_id="theirs")
    in_use = "is in use by products with ids"

    action = run(
        send_csv(
            api,
            SKUS,
            "product_id,source_id,sku,attributes\n"
            "shirt,kept,Kept,\n"
            ",a,A,\n"
            "shirt,,B,\n"
            "theirs,c,C,\n"
            "binned-shirt,d,D,\n"
            "shirt,of-mug,E,\n"
            "shirt,binned,F,\n"
            "shirt,g,G,\"{'size':1,'color':'red'}\"\n"
            "shirt,h,H,red\n"
            "mug,kept,I,\n",
        )
    )

    assert failures(action) == [
        (2, "The row has no product_id"),
        (3, "The row has no source_id"),
        (4, "Cannot find product with id theirs"),
        (5, "Cannot find product with id binned-shirt"),
        (6, f"Resource sku with id of-mug {in_use} [{mug.pk}]"),
        (7, f"Resource sku with id binned {in_use} [{shirt.pk}]"),
        (8, f"The product {shirt.pk} has no attributes [size]"),
        (9, "attributes: 'red' must be an object"),
        (10, f"Resource sku with id kept {in_use} [{shirt.pk}]"),
    ]
    assert set(action.result["failed"][0]) == {"row", "reason"}
    assert dict(project.skus.alive().values_list("source_id", "sku")) == {
        "kept": "Kept",
        "of-mug": "Mug",
    }


def test_metadata_of_skus_are_those_of_products(api, project):
    define(project, "product", size={"type": "number"})
    ProductFactory(project=project, source_id="shirt")

    action = run(
        send_csv(api, SKUS, "product_id,source_id,size\nshirt,a,1.5\nshirt,b,huge\n")
    )

    assert failures(action) == [
        (2, "size: must be a number (actual value is 'huge')"),
    ]
    assert project.skus.get().metadata == {"size": 1.5}


def test_a_bulk_update_creates_and_changes_products_and_reports_each(api, project):
    ProductFactory(project=project, source_id="a", name="A", price=1, metadata={"x": 1})

    answer = api.post(
        "/v1/products/bulk/async",
        [
            {"source_id": "a", "price": 200.0, "metadata": {"y": 2}, "unknown": 1},
            {"source_id": "b", "name": "B", "attributes": ["size"]},
            {"source_id": "b", "price": 300, "name": None},
        ],
    )
    action = run(answer)

    assert answer.status_code == 202
    assert action.type == "PRODUCTS.BULK_UPDATE"
    assert action.result == {"errors": [], "done_count": 3, "failed_count": 0}
    a, b = project.products.order_by("source_id")
    assert (a.name, a.price, a.metadata) == ("A", 200, {"x": 1, "y": 2})
    assert (b.name, b.price, b.attributes) == ("", 300, ["size"])
    rows = ReportRow.objects.values_list("number", "name", "found", "updated")
    assert list(rows) == [
        (1, "a", True, True),
        (2, "b", False, True),
        (3, "b", True, True),
    ]
    shown = api.get(f"/v1/async-actions/{action.pk}").json()["result"]
    assert len(shown["reports"]) == 1
    assert sorted(told()) == [("product.created", b.pk), ("product.updated", a.pk)]


def test_products_of_a_bulk_update_that_cannot_be_stored(api, project):
    define(project, "product", size={"type": "number"})
    ProductFactory(project=project, source_id="gone", deleted_at=NOW)
    refusal = "size: must be a number (actual value is 'big')"

    action = run(
        api.post(
            "/v1/products/bulk/async",
            [
                {"source_id": "a", "metadata": {"size": "big"}},
                {"source_id": "gone", "name": "Back"},
                {"source_id": "b", "name": "B"},
            ],
        )
    )

    assert action.result["done_count"] == 1
    assert action.result["errors"] == [
        {
            "message": refusal,
            "details": refusal,
            "key": "metadata_validation_failed",
            "source_id": "a",
        },
        {
            "message": "Duplicated product exists with source_id gone",
            "details": "Duplicated product exists with source_id gone",
            "key": "duplicate_found",
            "source_id": "gone",
        },
    ]
    assert project.products.alive().get().source_id == "b"


def test_metadata_for_many_products(api, project):
    ProductFactory(project=project, source_id="a", metadata={"x": 1})

    answer = api.post(
        "/v1/products/metadata/async",
        {"source_ids": ["a", "b"], "metadata": {"label": True}},
    )
    action = run(answer)

    assert answer.status_code == 202
    assert action.type == "PRODUCTS.METADATA_UPDATE"
    assert dict(project.products.values_list("source_id", "metadata")) == {
        "a": {"x": 1, "label": True},
        "b": {"label": True},
    }


@pytest.mark.parametrize("path", ["bulk/async", "metadata/async"])
@pytest.mark.parametrize("body", [None, []])
def test_work_on_no_products_is_done(api, path, body):
    answer = api.post(f"/v1/products/{path}", body)

    assert answer.status_code == 202
    assert run(answer).result == {"errors": [], "done_count": 0, "failed_count": 0}


@pytest.mark.parametrize(
    ("path", "body", "details"),
    [
        ("bulk", {"source_id": "a"}, "Payload must be array"),
        ("bulk", ["a"], "Property [0] must be object"),
        (
            "bulk",
            [{"source_id": "a", "price": "1"}],
            "Property [0].price must be integer",
        ),
        (
            "bulk",
            [{"name": "A"}],
            "Property [0] should have required property 'source_id'",
        ),
        (
            "metadata",
            {"source_ids": ["a"]},
            "Payload must have required property 'metadata'",
        ),
        (
            "metadata",
            {"source_ids": [1], "metadata": {}},
            "Property .source_ids[0] must be string",
        ),
    ],
)
def test_a_body_about_products_of_another_shape(api, project, path, body, details):
    answer = api.post(f"/v1/products/{path}/async", body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == details
    assert not project.async_actions.exists()


@pytest.mark.parametrize("path", [PRODUCTS, SKUS])
@pytest.mark.parametrize("body", [None, {"a": 1}, b"name\nMug\n"])
def test_without_a_file_nothing_begins(api, project, path, body):
    answer = api.post(path, body)

    assert answer.status_code == 400
    assert answer.json()["details"] == "Payload should have required property 'file'"
    assert not project.async_actions.exists()


@pytest.mark.parametrize(
    "path", [PRODUCTS, SKUS, "/v1/products/bulk/async", "/v1/products/metadata/async"]
)
def test_who_may_only_read_takes_nothing_in(project, path):
    answer = server_client(project, role="VIEWER").post(path, None)

    assert answer.status_code == 403
    assert answer.json()["key"] == "missing_required_permission"
    assert not project.async_actions.exists()


def test_nothing_of_another_project_is_known_here(api, project, other_project):
    theirs = ProductFactory(project=other_project, source_id="shirt", name="Theirs")

    run(send_csv(api, PRODUCTS, "name,source_id\nMine,shirt\n"))
    run(api.post("/v1/products/bulk/async", [{"source_id": theirs.pk, "name": "X"}]))

    assert list(other_project.products.values_list("name")) == [("Theirs",)]
    assert set(project.products.values_list("source_id", "name")) == {
        ("shirt", "Mine"),
        (theirs.pk, "X"),
    }


def _products(start: int, end: int, name: str) -> str:
    rows = [f"{name} {n},p{n},1,v{n}" for n in range(start, end)]
    return "\n".join(["name,source_id,price,k", *rows])


def _skus(start: int, end: int, name: str) -> str:
    rows = [f"shirt,s{n},{name} {n},1" for n in range(start, end)]
    return "\n".join(["product_id,source_id,sku,price", *rows])


@pytest.mark.parametrize(("path", "made"), [(PRODUCTS, _products), (SKUS, _skus)])
def test_statements_do_not_grow_with_rows(api, project, path, made):
    ProductFactory(project=project, source_id="shirt")

    def statements(start: int, middle: int, end: int) -> int:
        """Take known and new rows at once."""
        run(send_csv(api, path, made(start, middle, "Old")))
        answer = send_csv(api, path, made(start, end, "New"))
        with CaptureQueriesContext(connection) as asked:
            action = run(answer)
        assert action.result["done_count"] == end - start
        return len(asked)

    assert statements(0, 1, 2) == statements(1_000, 1_250, 1_500)
