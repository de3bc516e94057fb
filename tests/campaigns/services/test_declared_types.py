"""Collections compare metadata by the types that the project declares."""

import pytest

from campaigns.services.catalogue_lookup import load_collections, product_item
from campaigns.services.collection import create_collection
from tests.factories.catalogue import ProductFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

SMALL = {"junction": "and", "metadata.size": {"conditions": {"$less_than": ["9"]}}}


@pytest.mark.parametrize("declared", [False, True])
def test_ten_as_a_text_is_below_nine(api, project, declared):
    if declared:
        define(project, "product", size={"type": "string"})
    shoe = ProductFactory.create(project=project, metadata={"size": "10"})
    small = create_collection(
        project=project, now=NOW, name="S", type="AUTO_UPDATE", filter=SMALL
    )

    loaded = load_collections(project, [small.pk], [shoe.pk], [], now=NOW)
    listed = api.get(f"/v1/product-collections/{small.pk}/products").json()

    assert (small.pk in loaded.holding(product_item(shoe), shoe.pk)) is declared
    assert listed["total"] == int(declared)


def test_a_rule_that_a_declared_boolean_cannot_satisfy_is_not_stored(api, project):
    define(project, "customer", vip={"type": "boolean"})
    vip = {"name": "customer.metadata", "property": "vip"}
    rules = {"1": {**vip, "conditions": {"$more_than": [1]}}, "logic": "1"}

    refused = api.post("/v1/validation-rules", {"name": "VIP", "rules": rules})

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_validation_rules"
    assert not project.validation_rules.exists()
