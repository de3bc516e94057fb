import pytest

from campaigns.models import Category, Product, ProductCollection, Sku
from tests.contract.resource import ResourceContract
from tests.factories.catalogue import (
    CollectionFactory,
    ProductFactory,
    SkuFactory,
    listing,
)
from tests.factories.rules import ValidationRuleFactory
from tests.outbox import events_of

NO_FILTER = (
    "'AUTO_UPDATE' collection must contain valid filter with 'junction' property"
)
FILTER = {"name": {"conditions": {"$contains": ["Mug"]}}}


class TestProducts(ResourceContract):
    path, id_prefix = "/v1/products", "prod_"
    list_key, object_name, resource_type = "products", "product", "product"
    valid_body = {"source_id": "mug", "name": "Mug", "price": 1250}
    update_body = {"name": "Cup", "price": 990}
    wrong = [
        ({"price": -1}, "Property .price must be >= 0"),
        ({"price": "12"}, "Property .price must be integer"),
        ({"attributes": "color"}, "Property .attributes must be array"),
        ({"metadata": []}, "Property .metadata must be object"),
    ]

    def make(self, project, count):
        return ProductFactory.create_batch(count, project=project)


class TestCollections(ResourceContract):
    path, id_prefix = "/v1/product-collections", "pc_"
    list_key, object_name = "data", "products_collection"
    resource_type = "products_collection"
    valid_body = {"name": "Mugs", "type": "AUTO_UPDATE", "filter": FILTER}
    required = ["name", "type"]
    update_body = {"name": "Cups"}
    wrong = [
        (
            {"filter": None},
            NO_FILTER,
        ),
        (
            {"type": "STATIC"},
            "'STATIC' collection must contain non-empty 'products'",
        ),
    ]

    def make(self, project, count):
        return CollectionFactory.create_batch(count, project=project)


def test_an_unsent_field_of_a_product_is_answered_as_null(api):
    shown = api.post("/v1/products", {"source_id": "mug"}).json()

    assert shown | {"id": "", "created_at": ""} == {
        "id": "",
        "source_id": "mug",
        "name": None,
        "price": None,
        "attributes": [],
        "metadata": {},
        "image_url": None,
        "created_at": "",
        "updated_at": None,
        "skus": {"object": "list", "data_ref": "data", "data": [], "total": 0},
        "object": "product",
    }
    assert events_of(api.project) == ["product.created"]


def test_posting_a_known_source_id_changes_the_product(api):
    first = api.post("/v1/products", {"source_id": "mug", "metadata": {"a": 1}}).json()

    second = api.post(
        "/v1/products", {"source_id": "mug", "price": 5, "metadata": {"b": 2}}
    ).json()

    assert second["id"] == first["id"]
    assert (second["price"], second["metadata"]) == (5, {"a": 1, "b": 2})
    assert Product.objects.filter(project=api.project, source_id="mug").count() == 1


def test_a_product_is_found_by_its_source_id_and_hides_its_skus_on_demand(api):
    product = ProductFactory.create(project=api.project, source_id="a/b")
    sku = SkuFactory.create(product=product)

    whole = api.get("/v1/products/a%2Fb").json()
    alone = api.get("/v1/products/a%2Fb", {"hide": "sku"}).json()

    assert [row["id"] for row in whole["skus"]["data"]] == [sku.pk]
    assert "skus" not in alone


def test_a_deleted_product_takes_its_skus_along_and_keeps_its_source_id(api):
    product = ProductFactory.create(project=api.project, source_id="mug")
    sku = SkuFactory.create(product=product)

    assert api.delete("/v1/products/mug").status_code == 204

    again = api.post("/v1/products", {"source_id": "mug"})
    assert api.get(f"/v1/skus/{sku.pk}").status_code == 404
    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    assert events_of(api.project) == ["sku.deleted", "product.deleted"]


def test_a_product_erased_by_force_frees_its_source_id(api):
    ProductFactory.create(project=api.project, source_id="mug")

    assert api.delete("/v1/products/mug?force=true").status_code == 204

    assert api.post("/v1/products", {"source_id": "mug"}).status_code == 200


@pytest.mark.parametrize("by", ["id", "source_id"])
def test_a_product_that_a_rule_names_stays(api, by):
    product = ProductFactory.create(project=api.project)
    named = {"object": "product", by: getattr(product, by if by != "id" else "pk")}
    applicable = {"included": [named], "excluded": [], "included_all": False}
    rule = ValidationRuleFactory.create(project=api.project, applicable_to=applicable)

    response = api.delete(f"/v1/products/{product.pk}")

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "resource_in_use")
    assert body["details"] == (
        f"Resource product with id {product.pk} is in use by validation_ruless "
        f"with ids [{rule.pk}]"
    )
    assert body["related_object_ids"] == [rule.pk]
    assert api.get(f"/v1/products/{product.pk}").status_code == 200


def test_a_sku_is_made_below_its_product_with_the_attributes_that_it_names(api):
    product = ProductFactory.create(project=api.project, attributes=["color"])
    body = {
        "source_id": "mug-red",
        "sku": "Red",
        "price": 1300,
        "attributes": {"color": "red", "size": "L"},
    }

    made = api.post(f"/v1/products/{product.source_id}/skus", body).json()

    assert made["product_id"] == product.pk
    assert made["attributes"] == {"color": "red"}
    read = api.get("/v1/skus/mug-red").json()
    assert (read["sku"], read["price"]) == ("Red", 1300)
    assert read == made
    listed = api.get(f"/v1/products/{product.pk}/skus").json()
    assert [row["id"] for row in listed["skus"]] == [made["id"]]
    assert (listed["data_ref"], listed["total"]) == ("skus", 1)


def test_a_sku_of_another_product_is_in_use(api):
    sku = SkuFactory.create(product=ProductFactory.create(project=api.project))
    other = ProductFactory.create(project=api.project)

    response = api.post(f"/v1/products/{other.pk}/skus", {"source_id": sku.source_id})

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "resource_in_use")
    assert body["details"] == (
        f"Resource sku with id {sku.source_id} is in use by products with ids "
        f"[{sku.product_id}]"
    )
    assert Sku.objects.filter(product=other).count() == 0


def test_a_sku_is_changed_and_deleted_only_below_its_own_product(api):
    sku = SkuFactory.create(product=ProductFactory.create(project=api.project))
    other = ProductFactory.create(project=api.project)
    right = f"/v1/products/{sku.product_id}/skus/{sku.pk}"
    wrong = f"/v1/products/{other.pk}/skus/{sku.pk}"

    assert api.put(wrong, {"price": 1}).status_code == 404
    assert api.delete(wrong).status_code == 404
    assert api.put(right, {"price": 7}).json()["price"] == 7
    assert api.delete(right).status_code == 204
    assert api.get(f"/v1/skus/{sku.pk}").status_code == 404


def test_a_currency_that_is_none_is_refused(api):
    product = ProductFactory.create(project=api.project)

    response = api.post(f"/v1/products/{product.pk}/skus", {"currency": "eu"})

    assert (response.status_code, response.json()["key"]) == (400, "invalid_sku")
    assert Sku.objects.filter(product=product).count() == 0


def test_a_static_collection_shows_its_entries_and_lists_them(api):
    product = ProductFactory.create(project=api.project)
    sku = SkuFactory.create(product=ProductFactory.create(project=api.project))
    body = {
        "name": "Shelf",
        "type": "STATIC",
        "products": [
            {"id": product.pk, "object": "product"},
            {"id": sku.pk, "object": "sku", "product_id": sku.product_id},
        ],
    }

    made = api.post("/v1/product-collections", body).json()

    assert made["products"] == [
        {"id": product.pk, "object": "product"},
        {"id": sku.pk, "product_id": sku.product_id, "object": "sku"},
    ]
    inside = api.get(f"/v1/product-collections/{made['id']}/products").json()
    assert {row["id"] for row in inside["data"]} == {product.pk, sku.pk}
    assert inside["total"] == 2
    (shown,) = [row for row in inside["data"] if row["object"] == "sku"]
    assert shown["product"]["id"] == sku.product_id


def test_an_automatic_collection_answers_its_junction_and_what_fits(api):
    mug = ProductFactory.create(project=api.project, name="Blue Mug")
    ProductFactory.create(project=api.project, name="Plate")

    body = {"name": "Mugs", "type": "AUTO_UPDATE", "filter": FILTER}
    made = api.post("/v1/product-collections", body).json()

    assert made["filter"] == {"junction": "and", **FILTER}
    inside = api.get(f"/v1/product-collections/{made['id']}/products").json()
    assert [row["id"] for row in inside["data"]] == [mug.pk]


def test_an_unknown_product_makes_no_collection(api):
    products = [{"id": "prod_0123456789abcdef01", "object": "product"}]

    response = api.post(
        "/v1/product-collections",
        {"name": "Shelf", "type": "STATIC", "products": products},
    )

    assert (response.status_code, response.json()["key"]) == (404, "not_found")
    assert ProductCollection.objects.filter(name="Shelf").count() == 0


def test_a_collection_name_is_taken_once(api):
    CollectionFactory.create(project=api.project, name="Mugs")

    response = api.post(
        "/v1/product-collections",
        {"name": "Mugs", "type": "AUTO_UPDATE", "filter": FILTER},
    )

    assert (response.status_code, response.json()["key"]) == (409, "duplicate_found")


def test_a_project_has_at_most_100_collections(api):
    for _ in range(100):
        CollectionFactory.create(project=api.project)

    response = api.post(
        "/v1/product-collections",
        {"name": "Mugs", "type": "AUTO_UPDATE", "filter": FILTER},
    )

    assert response.status_code == 400
    assert response.json()["key"] == "resource_limit_exceeded"
    assert api.project.product_collections.count() == 100


def test_a_collection_that_a_rule_names_stays(api):
    collection = listing(ProductFactory.create(project=api.project))
    entry = {"object": "products_collection", "id": collection.pk}
    applicable = {"included": [entry], "excluded": [], "included_all": False}
    rule = ValidationRuleFactory.create(project=api.project, applicable_to=applicable)

    response = api.delete(f"/v1/product-collections/{collection.pk}")

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "resource_in_use")
    assert body["message"] == "Resource in use"
    assert body["details"] == (
        f"Resource products_collection with id {collection.pk} is in use by "
        f"validation_ruless with ids [{rule.pk}]"
    )
    assert ProductCollection.objects.filter(pk=collection.pk).exists()


@pytest.mark.parametrize("verb", ["put", "delete"])
def test_the_predefined_collection_stays_as_it_is(api, verb):
    whole = CollectionFactory.create(
        project=api.project, name="All Products", is_predefined=True
    )

    path = f"/v1/product-collections/{whole.pk}"
    response = api.put(path, {"name": "x"}) if verb == "put" else api.delete(path)

    assert (response.status_code, response.json()["key"]) == (400, "resource_protected")
    assert ProductCollection.objects.get(pk=whole.pk).name == "All Products"


def test_categories_are_listed_whole_in_their_order(api):
    for name, hierarchy in [("Late", 5), ("Early", 1)]:
        body = {"name": name, "hierarchy": hierarchy}
        assert api.post("/v1/categories", body).status_code == 200

    listed = api.get("/v1/categories").json()

    assert [row["name"] for row in listed["data"]] == ["Early", "Late"]
    assert (listed["data_ref"], listed["total"]) == ("data", 2)


def test_a_category_needs_a_name_of_its_own(api, other_api):
    body = {"name": "Summer", "hierarchy": 1}
    made = api.post("/v1/categories", body).json()

    again = api.post("/v1/categories", body)

    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    assert other_api.post("/v1/categories", body).status_code == 200
    assert other_api.get(f"/v1/categories/{made['id']}").status_code == 404


@pytest.mark.parametrize("missing", ["name", "hierarchy"])
def test_an_update_of_a_category_names_both(api, missing):
    made = api.post("/v1/categories", {"name": "Summer", "hierarchy": 1}).json()
    body = {"name": "Winter", "hierarchy": 2}
    del body[missing]

    refused = api.put(f"/v1/categories/{made['id']}", body)

    assert refused.status_code == 400
    details = f"Payload must have required property '{missing}'"
    assert refused.json()["details"] == details
    assert Category.objects.get(pk=made["id"]).name == "Summer"


def test_a_category_in_stacking_rules_goes_only_on_demand(api):
    made = api.post("/v1/categories", {"name": "Summer", "hierarchy": 1}).json()
    project = api.project
    project.stacking_rules = {"exclusive_categories": [made["id"]]}
    project.save()

    refused = api.delete(f"/v1/categories/{made['id']}")
    gone = api.delete(f"/v1/categories/{made['id']}?remove_from_stacking_rules=true")

    assert (refused.status_code, refused.json()["key"]) == (400, "resource_in_use")
    assert gone.status_code == 204
    project.refresh_from_db()
    assert project.stacking_rules == {"exclusive_categories": []}


def test_a_collections_activity_tells_what_became_of_it(api):
    body = {
        "name": "Shoes",
        "type": "AUTO_UPDATE",
        "filter": {"name": {"conditions": {"$is": ["Boot"]}}},
    }
    made = api.post("/v1/product-collections", body).json()
    path = f"/v1/product-collections/{made['id']}"
    api.put(path, {"name": "Boots"})

    feed = api.get(f"{path}/activities", {"limit": "1"}).json()
    rest = api.get(
        f"{path}/activities", {"starting_after_id": feed["more_starting_after"]}
    ).json()

    [renamed] = feed["data"]
    [created] = rest["data"]
    assert (feed["has_more"], rest["has_more"]) == (True, False)
    assert renamed["type"] == "products_collection.updated"
    assert renamed["data"]["products_collection"]["name"] == "Boots"
    assert renamed["data"]["event_source"]["channel"] == "API"
    assert created["type"] == "products_collection.created"
    assert created["data"]["products_collection"] == made
    assert created["created_at"] == made["created_at"]


def test_an_unknown_collection_has_no_activity(api):
    response = api.get("/v1/product-collections/pc_none/activities")

    assert response.status_code == 404
    assert response.json()["resource_type"] == "products_collection"
