import pytest

from campaigns.models import ProductCollection
from promo.tenancy.services.projects import create_project
from tests.factories.tenancy import NOW
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db


def test_a_new_project_can_ship_for_free_and_point_at_everything():
    project = create_project(name="Shop", now=NOW).project

    api = server_client(project)

    shipping = api.get("/v1/products/prod_5h1pp1ng").json()
    assert (shipping["source_id"], shipping["name"]) == ("5h1pp1ng", "Shipping")
    everything = ProductCollection.objects.get(project=project, is_predefined=True)
    assert everything.name == "All Products"
    inside = api.get(f"/v1/product-collections/{everything.pk}/products").json()
    assert [row["id"] for row in inside["data"]] == ["prod_5h1pp1ng"]
