"""Another project's things do not exist, whatever the route.

Every route with a name in its address is asked for another project's thing, every
body that can name things names another project's, every list is searched for
another project's ids. Nothing of the other project may be shown, or move.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db.models import Model

from promo.management.commands.list_endpoints import endpoints
from promo.tenancy.models import Project
from tests.contract.inhabitants import inhabit, named
from tests.fixtures.api import ApiClient, browser_client, client_of

#: Tested by themselves: the first makes the code in its address, the second is the
#: list of one customer, and pictures are for whoever has their address.
APART = {
    ("POST", "/v1/vouchers/{reference}"),
    ("GET", "/client/v1/vouchers"),
    ("GET", "/v1/assets/barcode/{asset}"),
    ("GET", "/v1/assets/qr/{asset}"),
}
ROUTES = sorted(
    {(one.method, one.path) for one in endpoints() if "/v1/" in one.path} - APART
)
BY_NAME = [route for route in ROUTES if "{" in route[1]]
LISTS = [
    route
    for route in ROUTES
    if route[0] == "GET"
    and "{" not in route[1]
    and not route[1].endswith(("/validate", "/publications/create"))
]

#: Bodies that a route needs before it looks for the thing in its address.
BODIES: Mapping[str, Any] = {
    "/v1/categories/{reference}": {"name": "Mine", "hierarchy": 1},
    "/v1/validation-rules/{rule}/assignments": {"voucher": "MINE"},
    "/v1/promotions/{campaign}/tiers": {
        "name": "Mine",
        "action": {"discount": {"type": "AMOUNT", "amount_off": 100}},
    },
}

#: Routes that answer about an unknown name as about somebody new.
OF_ANYBODY = {"/v1/customers/{reference}/segments": b'"data":[]'}

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(other_project: Project) -> Mapping[str, str]:
    """What another project's things are called."""
    return inhabit(other_project)


def rows_of(project: Project) -> dict[str, list[dict[str, Any]]]:
    """Return everything that a project has, whole rows."""
    return {
        model.__name__: list(manager(model).filter(project=project).values())
        for model in apps.get_models()
        if any(field.name == "project" for field in model._meta.get_fields())
    }


def manager(model: type[Model]) -> Any:
    return model._base_manager  # noqa: SLF001 - whatever the default one hides


@pytest.mark.parametrize(("method", "path"), BY_NAME)
def test_a_name_of_another_project_is_nobodys(
    project: Project,
    other_project: Project,
    theirs: Mapping[str, str],
    method: str,
    path: str,
) -> None:
    before = rows_of(other_project)
    target = path
    for name, value in named(path, theirs).items():
        target = target.replace(f"{{{name}}}", quote(value, safe=""))

    body = BODIES.get(path, {}) if method in {"POST", "PUT"} else None
    response = client_of(path, project).request(method, target, body)

    assert rows_of(other_project) == before
    if path in OF_ANYBODY:
        assert response.status_code == 200, response.content
        assert OF_ANYBODY[path] in response.content
        return
    assert response.status_code == 404, response.content
    assert response.json()["key"] == "not_found"
    assert response.json()["resource_id"] in theirs.values()


@pytest.mark.parametrize(("method", "path"), LISTS)
def test_a_list_shows_nothing_of_another_project(
    project: Project, theirs: Mapping[str, str], method: str, path: str
) -> None:
    mine = inhabit(project)

    response = client_of(path, project).request(method, path)

    assert response.status_code == 200, response.content
    shown = response.content.decode()
    assert [name for name in theirs.values() if f'"{name}"' in shown] == []
    assert any(f'"{name}"' in shown for name in mine.values())


def naming(theirs: Mapping[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return requests whose body names things of another project."""
    code = {"object": "voucher", "id": theirs["voucher"]}
    tier = {"object": "promotion_tier", "id": theirs["tier"]}
    order = {"amount": 5_000}
    discount = {"type": "AMOUNT", "amount_off": 100}
    entry = {"object": "products_collection", "id": theirs["collection"]}
    return {
        "redeem a code": ("/v1/redemptions", {"redeemables": [code], "order": order}),
        "redeem a stack": (
            "/v1/redemptions",
            {
                "redeemables": [{"object": "promotion_stack", "id": theirs["stack"]}],
                "order": order,
            },
        ),
        "redeem a tier": ("/v1/redemptions", {"redeemables": [tier], "order": order}),
        "order by id": ("/v1/orders", {"id": theirs["order"], "amount": 1}),
        "order of a customer": ("/v1/orders", {"customer": {"id": theirs["customer"]}}),
        "customer by id": ("/v1/customers", {"id": theirs["customer"], "name": "x"}),
        "event of a customer": (
            "/v1/events",
            {"event": theirs["event"], "customer": {"id": theirs["customer"]}},
        ),
        "event of another project": (
            "/v1/events",
            {"event": theirs["event"], "customer": {"source_id": "eve"}},
        ),
        "product by id": ("/v1/products", {"id": theirs["product"], "name": "x"}),
        "collection of a product": (
            "/v1/product-collections",
            {
                "name": "Mine",
                "type": "STATIC",
                "products": [{"id": theirs["product"], "object": "product"}],
            },
        ),
        "rule on a collection": (
            "/v1/validation-rules",
            {"name": "Mine", "applicable_to": {"included": [entry]}},
        ),
        "voucher of a category": (
            "/v1/vouchers",
            {
                "type": "DISCOUNT_VOUCHER",
                "discount": discount,
                "category_id": theirs["category"],
            },
        ),
        "voucher with a rule": (
            "/v1/vouchers",
            {
                "type": "DISCOUNT_VOUCHER",
                "discount": discount,
                "validation_rules": [theirs["rule"]],
            },
        ),
        "voucher of a campaign": (
            "/v1/vouchers",
            {"type": "DISCOUNT_VOUCHER", "campaign_id": theirs["campaign"]},
        ),
    }


CASES = sorted(
    naming(
        dict.fromkeys(
            (
                "voucher",
                "stack",
                "tier",
                "order",
                "customer",
                "event",
                "product",
                "collection",
                "category",
                "rule",
                "campaign",
            ),
            "",
        )
    )
)


@pytest.mark.parametrize("case", CASES)
def test_a_body_cannot_name_what_another_project_has(
    api: ApiClient, other_project: Project, theirs: Mapping[str, str], case: str
) -> None:
    path, body = naming(theirs)[case]
    before, mine = rows_of(other_project), rows_of(api.project)

    response = api.post(path, body)

    kept = {"Redemption", "DomainEvent", "IdempotentAnswer"}
    after = rows_of(api.project)
    assert response.status_code in {400, 404}, response.content
    assert rows_of(other_project) == before
    assert {k: v for k, v in after.items() if k not in kept} == {
        k: v for k, v in mine.items() if k not in kept
    }


@pytest.mark.parametrize("path", ["/v1/validations", "/v1/qualifications"])
def test_another_projects_code_is_not_found(
    api: ApiClient, other_project: Project, theirs: Mapping[str, str], path: str
) -> None:
    before = rows_of(other_project)
    code = {"object": "voucher", "id": theirs["voucher"]}
    body = {"redeemables": [code], "order": {"amount": 5_000}}

    shown = api.post(path, body).json()

    if path == "/v1/validations":
        (refused,) = shown["redeemables"]
        assert shown["valid"] is False
        assert refused["result"]["error"]["key"] == "not_found"
    else:
        assert shown["redeemables"]["data"] == []
    assert rows_of(other_project) == before


def test_another_projects_code_is_free_here(
    api: ApiClient, other_project: Project, theirs: Mapping[str, str]
) -> None:
    before = rows_of(other_project)
    discount = {"type": "AMOUNT", "amount_off": 100}
    body = {"type": "DISCOUNT_VOUCHER", "discount": discount}

    response = api.post(f"/v1/vouchers/{theirs['voucher']}", body)

    assert response.status_code == 200, response.content
    assert rows_of(other_project) == before


def test_a_browser_sees_no_vouchers_of_another_projects_customer(
    project: Project, theirs: Mapping[str, str]
) -> None:
    project.client_list_vouchers_enabled = True
    project.save()

    response = browser_client(project).get(
        "/client/v1/vouchers", {"customer": theirs["customer"]}
    )

    assert response.status_code == 200, response.content
    assert response.json()["vouchers"] == []
