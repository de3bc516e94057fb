"""A type declared in the metadata schema decides how a rule compares."""

import pytest

from tests.factories.catalogue import ProductFactory
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.redemptions.api.test_rules import ruled

pytestmark = pytest.mark.django_db

#: As numbers 10 is not below 9, as texts it is.
TEN, BELOW_NINE = {"visits": "10"}, {"$less_than": ["9"]}


def rules(name):
    return {
        "1": {"name": name, "property": "visits", "conditions": BELOW_NINE},
        "logic": "1",
    }


@pytest.fixture
def body(project):
    """A checkout whose customer, order, line, product and request made ten visits."""
    customer = CustomerFactory.create(project=project, metadata=TEN)
    product = ProductFactory.create(project=project, metadata=TEN)
    line = {"product_id": product.pk, "quantity": 1, "price": 1_000, "metadata": TEN}
    return {
        "customer": {"id": customer.pk},
        "order": {"items": [line], "metadata": TEN},
        "metadata": TEN,
    }


@pytest.mark.spec("rules 3.2 Declared type in the metadata schema")
@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("customer.metadata", "customer"),
        ("order.metadata", "order"),
        ("order.items.metadata_any", "order_item"),
        ("order.items.metadata_each", "order_item"),
        ("product.metadata", "product"),
        ("redemption.metadata", "redemption"),
    ],
)
def test_the_declared_type_decides_at_the_checkout(api, project, body, name, resource):
    voucher, _ = ruled(project, rules(name))
    body["redeemables"] = [{"object": "voucher", "id": voucher.code}]

    as_number = api.post("/v1/redemptions", body).json()
    define(project, resource, visits={"type": "string"})
    as_text = api.post("/v1/redemptions", body).json()

    assert as_number["key"].endswith("_rules_violated")
    assert as_text["redemptions"][0]["result"] == "SUCCESS"


@pytest.mark.spec("rules 3.2 Geopoint metadata")
def test_a_place_that_is_declared_fails_a_rule(api, project):
    define(project, "customer", home={"type": "geopoint"})
    customer = CustomerFactory.create(project=project, metadata={"home": "geo:1,2"})
    home = {"name": "customer.metadata", "property": "home"}
    wanted = {"1": {**home, "conditions": {"$is": ["geo:1,2"]}}, "logic": "1"}
    voucher, _ = ruled(project, wanted)
    code = {"redeemables": [{"object": "voucher", "id": voucher.code}]}
    sent = {"customer": {"id": customer.pk}, "order": {"amount": 5_000}}

    assert api.post("/v1/validations", code | sent).json()["valid"] is False


def test_a_path_into_a_nested_object_has_its_declared_type(api, project):
    define(project, "Trip", visits={"type": "string"})
    define(project, "order", trip={"type": "object", "object_type": "Trip"})
    wanted = rules("order.metadata")
    wanted["1"]["property"] = "trip.visits"
    voucher, _ = ruled(project, wanted)
    code = {"redeemables": [{"object": "voucher", "id": voucher.code}]}
    order = {"amount": 5_000, "metadata": {"trip": TEN}}

    assert api.post("/v1/validations", code | {"order": order}).json()["valid"] is True
