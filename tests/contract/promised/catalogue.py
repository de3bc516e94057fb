"""Requests about products, SKUs, collections, orders and metadata schemas."""

from typing import Any

from tests.contract.inhabitants import rename
from tests.contract.promised.world import Case, World

SHIRT: dict[str, Any] = {
    "source_id": "shirt",
    "name": "T-shirt",
    "price": 1_500,
    "attributes": ["color", "size"],
    "image_url": "https://images.example.com/shirt.jpg",
    "metadata": {"imported": True},
}
RED: dict[str, Any] = {
    "source_id": "shirt-red",
    "sku": "T-shirt, red",
    "price": 1_600,
    "currency": "EUR",
    "attributes": {"color": "red", "size": "M"},
    "image_url": "https://images.example.com/red.png",
    "metadata": {"imported": True},
}
CHEAP = {"junction": "and", "price": {"conditions": {"$less_than": [2_000]}}}
ITEMS = [
    {"source_id": "shirt", "related_object": "product", "quantity": 2, "price": 1_500},
    {
        "source_id": "shirt-red",
        "related_object": "sku",
        "quantity": 1,
        "amount": 1_600,
        "metadata": {"gift": True},
    },
]
ORDER: dict[str, Any] = {
    "source_id": "order-new",
    "status": "PAID",
    "customer": {"source_id": "bob", "name": "Bob"},
    "referrer": {"source_id": "carol"},
    "items": ITEMS,
    "metadata": {"channel": "web"},
}
TEAM = {
    "team": {"type": "string", "optional": True, "eq": ["a", "b"]},
    "age": {"type": "number", "gte": 18, "lt": 130},
    "seen": {"type": "date", "array": True},
    "nick": {"type": "string", "min_length": 2, "max_length": 9},
    "gone": {"type": "boolean", "deleted": True},
}


def a_shirt(world: World) -> None:
    """Create a product and a SKU that have every field, changed once."""
    world.make("product", "/v1/products", SHIRT)
    path = f"/v1/products/{world.names['product']}"
    world.make("sku", f"{path}/skus", RED)
    world.post("/v1/products", {**SHIRT, "price": 1_400})
    world.post(f"{path}/skus", {**RED, "price": 1_500})


def cheap_things(world: World) -> None:
    a_shirt(world)
    body = {"name": "Cheap", "type": "AUTO_UPDATE", "filter": CHEAP}
    world.make("collection", "/v1/product-collections", body)
    rename(world.project, f"product-collections/{world.names['collection']}", times=1)


def picked_things(world: World) -> dict[str, Any]:
    names = world.names
    products = [
        {"id": names["product"], "object": "product"},
        {"id": names["sku"], "object": "sku", "product_id": names["product"]},
    ]
    return {"name": "Picked", "type": "STATIC", "products": products}


def a_purchase(world: World) -> None:
    a_shirt(world)
    world.make("order", "/v1/orders", ORDER)


def a_schema(world: World) -> None:
    body = {"related_object": "customer", "properties": TEAM}
    world.make("metadata_schema", "/v1/metadata-schemas", body)


def by_name(world: World) -> None:
    a_schema(world)
    world.names["metadata_schema"] = "customer"


_PRODUCT = "/v1/products/{productId}"
_COLLECTION = "/v1/product-collections/{productCollectionId}"
_ORDER = "/v1/orders/{orderId}"
_MANAGED = "/management/v1/projects/{projectId}"
_SCHEMA = f"{_MANAGED}/metadata-schemas/{{metadataSchemaId}}"
_EVENT = f"{_MANAGED}/custom-event-schemas/{{customEventSchemaId}}"
_PLAN = {
    "plan": {"type": "string", "optional": False},
    "old": {"type": "date", "deleted": True},
}

CATALOGUE = (
    Case("GET /v1/products", arrange=a_shirt),
    Case("POST /v1/products", "with every field", SHIRT, shows=SHIRT),
    Case(
        "POST /v1/products", "with a name alone", {"name": "Mug"}, shows={"name": "Mug"}
    ),
    Case(f"GET {_PRODUCT}", arrange=a_shirt, shows={**SHIRT, "price": 1_400}),
    Case(f"GET {_PRODUCT}", "without SKUs", query={"hide": "sku"}, arrange=a_shirt),
    Case(
        f"PUT {_PRODUCT}",
        "",
        {"price": 1_700},
        arrange=a_shirt,
        shows={**SHIRT, "price": 1_700},
    ),
    Case(f"DELETE {_PRODUCT}"),
    Case(f"DELETE {_PRODUCT}", "for good", query={"force": "true"}, arrange=a_shirt),
    Case(f"GET {_PRODUCT}/skus", arrange=a_shirt),
    Case(f"POST {_PRODUCT}/skus", "with every field", RED, arrange=a_shirt, shows=RED),
    Case(
        f"POST {_PRODUCT}/skus",
        "with a price alone",
        {"price": 100},
        shows={"price": 100},
    ),
    Case(
        f"PUT {_PRODUCT}/skus/{{skuId}}",
        "",
        {"price": 1_700},
        arrange=a_shirt,
        shows={**RED, "price": 1_700},
    ),
    Case(f"DELETE {_PRODUCT}/skus/{{skuId}}"),
    Case("GET /v1/skus/{skuId}", arrange=a_shirt, shows={**RED, "price": 1_500}),
    Case("GET /v1/product-collections", arrange=cheap_things),
    Case(
        "POST /v1/product-collections",
        "static",
        picked_things,
        shows={"name": "Picked"},
    ),
    Case(
        "POST /v1/product-collections",
        "automatic",
        {"name": "Cheap", "type": "AUTO_UPDATE", "filter": CHEAP},
        shows={"filter": CHEAP},
    ),
    Case(f"GET {_COLLECTION}", shows={"type": "STATIC"}),
    Case(
        f"GET {_COLLECTION}", "automatic", arrange=cheap_things, shows={"filter": CHEAP}
    ),
    Case(
        f"PUT {_COLLECTION}",
        "",
        {"name": "Low", "filter": CHEAP},
        arrange=cheap_things,
        shows={"name": "Low"},
    ),
    Case(f"PUT {_COLLECTION}", "static", {"name": "Low"}, shows={"name": "Low"}),
    Case(f"DELETE {_COLLECTION}"),
    Case(f"GET {_COLLECTION}/products"),
    Case(f"GET {_COLLECTION}/products", "automatic", arrange=cheap_things),
    Case(f"GET {_COLLECTION}/activities", arrange=cheap_things),
)
ORDERS = (
    Case("GET /v1/orders", arrange=a_purchase),
    Case(
        "POST /v1/orders",
        "",
        ORDER,
        arrange=a_shirt,
        shows={"status": "PAID", "metadata": ORDER["metadata"]},
    ),
    Case(
        "POST /v1/orders",
        "of an amount",
        {"amount": 700},
        shows={"amount": 700, "status": "CREATED"},
    ),
    Case(
        "POST /v1/orders",
        "known",
        {**ORDER, "status": "CANCELED"},
        arrange=a_purchase,
        shows={"status": "CANCELED"},
    ),
    Case(f"GET {_ORDER}", arrange=a_purchase, shows={"status": "PAID"}),
    Case(f"GET {_ORDER}", "redeemed"),
    Case(
        f"PUT {_ORDER}",
        "",
        {"status": "FULFILLED"},
        arrange=a_purchase,
        shows={"status": "FULFILLED"},
    ),
)
SCHEMAS = (
    Case("GET /v1/metadata-schemas", arrange=a_schema),
    Case("GET /v1/metadata-schemas/{resource}", "by id", arrange=a_schema),
    Case(
        "GET /v1/metadata-schemas/{resource}",
        "by name",
        arrange=by_name,
        shows={"related_object": "customer"},
    ),
    Case(
        "POST /v1/metadata-schemas",
        "",
        {"related_object": "product", "properties": TEAM, "allow_defined_only": True},
        shows={"related_object": "product", "allow_defined_only": True},
    ),
    Case(
        "PUT /v1/metadata-schemas/{metadataSchemaId}",
        "",
        {"properties": {"team": {"type": "string"}}},
        arrange=a_schema,
    ),
    Case("DELETE /v1/metadata-schemas/{metadataSchemaId}"),
    Case(f"GET {_MANAGED}/metadata-schemas", arrange=a_schema),
    Case(
        f"POST {_MANAGED}/metadata-schemas",
        "",
        {"related_object": "order", "properties": TEAM, "allow_defined_only": False},
        shows={"related_object": "order"},
    ),
    Case(f"GET {_SCHEMA}", arrange=a_schema),
    Case(
        f"PUT {_SCHEMA}",
        "",
        {"allow_defined_only": True},
        arrange=a_schema,
        shows={"allow_defined_only": True},
    ),
    Case(f"DELETE {_SCHEMA}"),
    Case(f"GET {_MANAGED}/custom-event-schemas"),
    Case(
        f"POST {_MANAGED}/custom-event-schemas",
        "",
        {"name": "signed.up", "schema": {"properties": _PLAN}},
        shows={"name": "signed.up"},
    ),
    Case(f"GET {_EVENT}"),
    Case(f"PUT {_EVENT}", "", {"schema": {"properties": _PLAN}}),
    Case(f"DELETE {_EVENT}"),
)
CASES = (*CATALOGUE, *ORDERS, *SCHEMAS)
