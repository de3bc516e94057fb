"""How many SQL statements each list and each decision costs, recorded.

A list costs the same for one row as for twenty, a checkout the same for one
redeemable as for ten. The key's own lookup is cached and not among them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from campaigns.models import (
    Campaign,
    HolderRole,
    Product,
    ProductCollectionItem,
    Reward,
    ValidationRule,
    Voucher,
)
from promo.management.commands.list_endpoints import endpoints
from promo.tenancy.models import Project
from redemptions.services.balance import change_balance
from tests.contract.inhabitants import inhabit, named, redeem, rename, return_unit
from tests.factories.areas import StoreFactory
from tests.factories.campaigns import (
    CampaignFactory,
    HolderFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.distributions import owed
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rewards import RewardAssignmentFactory
from tests.factories.rules import AssignmentFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.fixtures.api import ApiClient, client_of, server_client
from webhooks.models import Distribution

pytestmark = pytest.mark.django_db
#: The number of statements and of rows of a list.
Cost = tuple[int, int]

LISTS: Mapping[str, int] = {
    "/client/v1/promotions/tiers": 3,
    "/client/v1/vouchers": 3,
    "/v1/areas": 2,
    "/v1/areas/{area}/stores": 3,
    "/v1/async-actions": 1,
    "/v1/campaigns": 5,
    "/v1/campaigns/{reference}/transactions": 2,
    "/v1/categories": 1,
    "/v1/customers": 2,
    "/v1/customers/{reference}/activities": 3,
    "/v1/customers/{reference}/activity": 2,
    "/v1/customers/{reference}/redeemables": 3,
    "/v1/customers/{reference}/segments": 2,
    "/v1/distributions": 3,
    "/v1/distributions/{reference}/messages": 3,
    "/v1/exports": 2,
    "/v1/loyalties/{campaign}/reward-assignments": 3,
    "/v1/loyalties/{campaign}/rewards": 3,
    "/v1/locations": 2,
    "/management/v1/projects/{project}/custom-event-schemas": 2,
    "/management/v1/projects/{project}/metadata-schemas": 2,
    "/management/v1/projects/{project}/webhooks": 2,
    "/v1/metadata-schemas": 1,
    "/v1/orders": 3,
    "/v1/orders/{order}/returns": 7,
    "/v1/product-collections": 3,
    "/v1/product-collections/{reference}/activities": 2,
    "/v1/product-collections/{reference}/products": 4,
    "/v1/products": 2,
    "/v1/products/{product}/skus": 3,
    "/v1/promotions/stacks": 3,
    "/v1/promotions/tiers": 3,
    "/v1/promotions/{campaign}/stacks": 3,
    "/v1/promotions/{campaign}/tiers": 3,
    "/v1/publications": 3,
    "/v1/redemptions": 2,
    "/v1/referrals/members/{member}/holders": 3,
    "/v1/referrals/{campaign}/members/{member}/holders": 4,
    "/v1/rewards": 2,
    "/v1/rewards/{reward}/assignments": 3,
    "/v1/segments": 2,
    "/v1/segments/{reference}/activities": 2,
    "/v1/trash-bin": 1,
    "/v1/validation-rules": 2,
    "/v1/validation-rules-assignments": 2,
    "/v1/validation-rules/{rule}/assignments": 3,
    "/v1/vouchers": 3,
    "/v1/vouchers/{code}/redemption": 3,
    "/v1/vouchers/{code}/transactions": 2,
}

LIST_VIEWS = sorted(
    one.path
    for one in endpoints()
    if one.method == "GET" and "/v1/" in one.path
    # A project has one set of stacking rules; a validation, a summary, a publication
    # and the reward of an assignment are no lists, pictures neither; consents are two.
    if not one.path.endswith(
        (
            *("reference}", "asset}", "/reward", "/stacking-rules", "/summary"),
            *("/validate", "/validation", "/consents", "/create"),
        )
    )
)


def twenty(project: Project, names: Mapping[str, str]) -> None:
    """Make nineteen more of everything, also below what is named already."""
    for number in range(2, 21):
        inhabit(project, number)
    rule = ValidationRule.objects.get(pk=names["rule"])
    AssignmentFactory.create_batch(19, project=project, rule=rule)
    reward = Reward.objects.get(pk=names["reward"])
    RewardAssignmentFactory.create_batch(19, reward=reward)
    program = Campaign.objects.get(pk=names["program"])
    RewardAssignmentFactory.create_batch(19, reward__project=project, campaign=program)
    distribution = Distribution.objects.get(pk=names["distribution"])
    for each in CustomerFactory.create_batch(19, project=project):
        owed(distribution, each)
    SkuFactory.create_batch(19, product=Product.objects.get(pk=names["product"]))
    promotion = Campaign.objects.get(pk=names["promotion"])
    TierFactory.create_batch(19, project=project, campaign=promotion)
    StackFactory.create_batch(19, project=project, campaign=promotion)
    voucher = Voucher.objects.get(project=project, code=names["voucher"])
    campaign = voucher.campaign
    for each in VoucherFactory.create_batch(19, campaign=campaign):
        HolderFactory.create(voucher=each, customer=voucher.holder)
    for number in range(19):
        redeem(voucher, f"another-{number}")
        return_unit(project, names["order"])
    code = Voucher.objects.get(project=project, code=names["referral_code"])
    HolderFactory.create_batch(19, voucher=code, role=HolderRole.REFEREE)
    card = Voucher.objects.get(project=project, code=names["gift_card"])
    for _ in range(19):
        change_balance(card, amount=1, now=NOW)
    StoreFactory.create_batch(19, area_id=names["area"])
    rename(project, f"product-collections/{names['collection']}", times=19)
    rename(project, f"segments/{names['segment']}", times=19)
    for position in range(1, 20):
        ProductCollectionItem.objects.create(
            collection_id=names["collection"],
            position=position,
            product=ProductFactory.create(project=project),
        )


def cost(api: ApiClient, path: str, query: Any = None) -> Cost:
    """Return the number of statements and of rows of a list."""
    api.get(path, query)
    with CaptureQueriesContext(connection) as statements:
        response = api.get(path, query)
    assert response.status_code == 200, response.content
    body = response.json()
    return len(statements), len(body[body["data_ref"]])


def asked(project: Project, path: str, names: Mapping[str, str]) -> Callable[[], Cost]:
    """Return what asks for the list at ``path`` of what ``names`` tells."""
    api, target = client_of(path, project), path
    for name, value in named(path, names).items():
        target = target.replace(f"{{{name}}}", value)
    query = {"limit": "100"}
    if path == "/client/v1/vouchers":
        query["customer"] = names["customer"]
    return lambda: cost(api, target, query)


@pytest.fixture(scope="module")
def costs(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> dict[str, tuple[Cost, Cost]]:
    """What each list costs with one row and with twenty, all asked of one project.

    Making twenty of everything takes seconds: once is enough, and nothing of it stays.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        project = ProjectFactory.create(client_list_vouchers_enabled=True)
        names = inhabit(project)
        lists = {path: asked(project, path, names) for path in LIST_VIEWS}
        for_one = {path: ask() for path, ask in lists.items()}
        twenty(project, names)
        found = {path: (for_one[path], ask()) for path, ask in lists.items()}
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("path", LIST_VIEWS)
def test_a_list_costs_the_same_for_one_row_as_for_twenty(
    costs: Mapping[str, tuple[Cost, Cost]], path: str
) -> None:
    (for_one, few), (for_twenty, many) = costs[path]

    assert (for_one, for_twenty) == (LISTS[path], LISTS[path])
    assert few >= 1
    assert many >= 20


def basket(project: Project, count: int, gift: Product | None) -> dict[str, Any]:
    """Return a request with ``count`` codes of campaigns and as many order lines."""
    codes = VoucherFactory.create_batch(
        count,
        campaign=CampaignFactory.create(project=project),
        **({"discount": a_free(gift)} if gift else {}),
    )
    products = ProductFactory.create_batch(count, project=project)
    items = [
        {"product_id": product.pk, "quantity": 2, "price": 1_000}
        for product in products
    ]
    return {
        "redeemables": [{"object": "voucher", "id": one.code} for one in codes],
        "customer": {"source_id": "ada", "name": "Ada"},
        "order": {"items": items},
    }


def a_free(gift: Product) -> dict[str, Any]:
    return {"type": "UNIT", "unit_off": 1, "unit_type": gift.pk}


# One more for units that a discount gives and no line names.
CHECKOUT: Mapping[str, int] = {
    "/v1/validations": 4,
    "/v1/redemptions": 10,
    "/v1/qualifications": 4,
}


@pytest.mark.parametrize("gives_units", [False, True])
@pytest.mark.parametrize("path", sorted(CHECKOUT))
def test_a_checkout_costs_the_same_for_one_redeemable_as_for_ten(
    project: Project, path: str, *, gives_units: bool
) -> None:
    gift = ProductFactory.create(project=project) if gives_units else None
    project.stacking_rules = {"applicable_redeemables_limit": 30}
    project.save()
    api = server_client(project)
    costs = {}
    for count in (1, 1, 10):
        body = basket(project, count, gift)
        if path == "/v1/qualifications":
            del body["redeemables"]
        with CaptureQueriesContext(connection) as statements:
            response = api.post(path, body)
        assert response.status_code == 200, response.content
        costs[count] = len(statements)

    expected = CHECKOUT[path] + (gives_units and path != "/v1/qualifications")
    assert costs == {1: expected, 10: expected}


@pytest.mark.parametrize("path", ["/v1/validations", "/v1/redemptions"])
def test_a_promotion_stack_costs_the_same_for_one_tier_as_for_ten(
    project: Project, path: str
) -> None:
    project.stacking_rules = {"applicable_redeemables_limit": 30}
    project.save()
    api = server_client(project)
    costs = {}
    for count in (1, 1, 10):
        promotion = PromotionFactory.create(project=project)
        tiers = TierFactory.create_batch(count, project=project, campaign=promotion)
        stack = StackFactory.create(project=project, campaign=promotion, tiers=tiers)
        named = [{"object": "promotion_stack", "id": stack.pk}]
        body = basket(project, count, None) | {"redeemables": named}
        with CaptureQueriesContext(connection) as statements:
            response = api.post(path, body)
        assert response.status_code == 200, response.content
        costs[count] = len(statements)

    assert costs == {1: CHECKOUT[path], 10: CHECKOUT[path]}
