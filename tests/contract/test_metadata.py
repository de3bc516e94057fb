"""Whatever stores metadata keeps to the project's schemas."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from promo.tenancy.models import Project
from tests.contract.inhabitants import inhabit
from tests.contract.test_isolation import rows_of
from tests.factories.campaigns import VoucherFactory
from tests.factories.metadata import define
from tests.fixtures.api import ApiClient, client_of, server_client

pytestmark = pytest.mark.django_db

Names = Mapping[str, str]
Write = tuple[str, str, dict[str, Any]]

WRONG, RIGHT = {"size": "big"}, {"size": 5}
REFUSED = "size: must be a number (actual value is 'big')"
REQUIRED = "must be a number, property is required (actual value is 'undefined')"
AMOUNT_OFF = {"type": "AMOUNT", "amount_off": 100}
LINE = {"source_id": "tea", "quantity": 2, "price": 1_000}
TIER = {"name": "Tier", "action": {"discount": AMOUNT_OFF}}
LONE = {"type": "DISCOUNT_VOUCHER", "discount": AMOUNT_OFF}
COUPONS = {"campaign_type": "DISCOUNT_COUPONS", "voucher": LONE}
COIN = {"coin": {"exchange_ratio": 1, "points_ratio": 1}}


def creates(n: Names, metadata: dict[str, Any]) -> dict[str, Write]:
    """Return what makes a thing with ``metadata``, the resource first."""
    held = {"metadata": metadata}
    code = {"redeemables": [{"object": "voucher", "id": n["voucher"]}]}
    known = {"customer": {"id": n["customer"]}}
    order = {"items": [LINE]}
    described = {"source_id": "new", "override": True, "name": "New", **held}
    line = {"source_id": "new", "related_object": "product", "price": 1_000}
    campaign = f"/v1/campaigns/{n['campaign']}/vouchers"
    redeem = "/v1/redemptions"
    given = {"voucher": n["voucher"]}
    return {
        "customer": ("POST", "/v1/customers", {"source_id": "eve", **held}),
        "customer anonymous": ("POST", "/v1/customers", {"name": "Eve", **held}),
        "customer by a browser": (
            "POST",
            "/client/v1/customers",
            {"source_id": "eve", **held},
        ),
        "customer of a redemption": (
            "POST",
            redeem,
            {**code, "order": order, "customer": {"source_id": "eve", **held}},
        ),
        "customer of an order": (
            "POST",
            redeem,
            {**code, "order": {**order, "customer": {"source_id": "eve", **held}}},
        ),
        "customer of a publication": (
            "POST",
            "/v1/publications",
            {**given, "customer": {"source_id": "eve", **held}},
        ),
        "customer of an event": (
            "POST",
            "/v1/events",
            {"event": n["event"], "customer": {"source_id": "eve", **held}},
        ),
        "product": ("POST", "/v1/products", {"source_id": "cup", **held}),
        "product sku": (
            "POST",
            f"/v1/products/{n['product']}/skus",
            {"source_id": "cup-s", **held},
        ),
        "product of a line": (
            "POST",
            redeem,
            {**code, "order": {"items": [{**line, "product": described}]}},
        ),
        "campaign": (
            "POST",
            "/v1/campaigns",
            {**COUPONS, "name": "C", "use_voucher_metadata_schema": False, **held},
        ),
        "campaign of tiers": (
            "POST",
            "/v1/campaigns",
            {
                "name": "C",
                "campaign_type": "PROMOTION",
                "promotion": {"tiers": [TIER]},
                **held,
            },
        ),
        "voucher of a campaign's metadata": (
            "POST",
            "/v1/campaigns",
            {**COUPONS, "name": "C", **held},
        ),
        "voucher": ("POST", "/v1/vouchers", {**LONE, **held}),
        "voucher with a code": ("POST", "/v1/vouchers/MINE", {**LONE, **held}),
        "voucher in a campaign": ("POST", campaign, held),
        "voucher in a campaign with a code": ("POST", f"{campaign}/MINE", held),
        "voucher among several": ("POST", f"{campaign}?vouchers_count=2", held),
        "promotion_tier": (
            "POST",
            f"/v1/promotions/{n['promotion']}/tiers",
            {**TIER, **held},
        ),
        "promotion_tier of a campaign": (
            "POST",
            "/v1/campaigns",
            {
                "name": "C",
                "campaign_type": "PROMOTION",
                "promotion": {"tiers": [{**TIER, **held}]},
            },
        ),
        "publication": ("POST", "/v1/publications", {**given, **known, **held}),
        "reward": (
            "POST",
            "/v1/rewards",
            {"name": "R", "type": "COIN", "parameters": COIN, **held},
        ),
        "order": ("POST", redeem, {**code, "order": {**order, **held}}),
        "order_item": (
            "POST",
            redeem,
            {**code, "order": {"items": [{**LINE, **held}]}},
        ),
        "order by itself": ("POST", "/v1/orders", {**order, **held}),
        "order_item of an order by itself": (
            "POST",
            "/v1/orders",
            {"items": [{**LINE, **held}]},
        ),
        "redemption": ("POST", redeem, {**code, "order": order, **held}),
    }


def updates(n: Names, metadata: dict[str, Any]) -> dict[str, Write]:
    """Return what changes the metadata of a thing, the resource first."""
    held = {"metadata": metadata}
    product = f"/v1/products/{n['product']}"
    code = {"redeemables": [{"object": "voucher", "id": n["voucher"]}]}
    return {
        "customer": ("PUT", f"/v1/customers/{n['customer']}", held),
        "customer upserted": ("POST", "/v1/customers", {"id": n["customer"], **held}),
        "customer of a redemption": (
            "POST",
            "/v1/redemptions",
            {
                **code,
                "order": {"amount": 5_000},
                "customer": {"id": n["customer"], **held},
            },
        ),
        "customer of an event": (
            "POST",
            "/v1/events",
            {"event": n["event"], "customer": {"id": n["customer"], **held}},
        ),
        "product": ("PUT", product, held),
        "product sku": ("PUT", f"{product}/skus/{n['sku']}", held),
        "voucher": ("PUT", f"/v1/vouchers/{n['voucher']}", held),
        "voucher of a campaign's metadata": (
            "PUT",
            f"/v1/campaigns/{n['gift_campaign']}",
            held,
        ),
        "campaign": ("PUT", f"/v1/campaigns/{n['promotion']}", held),
        "promotion_tier": ("PUT", f"/v1/promotions/tiers/{n['tier']}", held),
        "reward": ("PUT", f"/v1/rewards/{n['reward']}", held),
        "order": (
            "POST",
            "/v1/redemptions",
            {**code, "order": {"id": n["order"], **held}},
        ),
        "order by itself": ("PUT", f"/v1/orders/{n['order']}", held),
        "order by its source id": ("POST", "/v1/orders", {"source_id": "mine", **held}),
    }


NOBODY: Any = dict.fromkeys(
    (
        *("voucher", "customer", "campaign", "product", "promotion", "sku", "tier"),
        *("gift_campaign", "reward", "order", "event"),
    ),
    "",
)
CREATES, UPDATES = sorted(creates(NOBODY, {})), sorted(updates(NOBODY, {}))


@pytest.fixture
def names(project: Project) -> Names:
    """What the things of the project are called; its codes can be redeemed again."""
    project.client_create_customer_enabled = True
    project.save()
    made = dict(inhabit(project))
    # Nobody holds it, nothing was returned of what it bought.
    fresh = VoucherFactory.create(project=project)
    Voucher.objects.filter(pk=fresh.pk).update(redemption_quantity=None)
    order = {"source_id": "mine", "amount": 5_000}
    body = {"redeemables": [{"object": "voucher", "id": fresh.code}], "order": order}
    redeemed = server_client(project).post("/v1/redemptions", body).json()
    return made | {"voucher": fresh.code, "order": redeemed["order"]["id"]}


def stored_of(project: Project) -> dict[str, list[dict[str, Any]]]:
    """Return what a project has beside the keys that tests are issued."""
    rows = rows_of(project)
    del rows["ApiKey"], rows["Change"]
    return rows


def send(project: Project, write: Write) -> Any:
    method, path, body = write
    return client_of(path, project).request(method, path, body)


def resource_of(case: str) -> str:
    return case.split(maxsplit=1)[0]


@pytest.mark.spec("engine 12.1 `metadata_validation_failed`")
@pytest.mark.parametrize("case", CREATES)
def test_nothing_is_made_with_metadata_that_the_schema_forbids(project, names, case):
    define(project, resource_of(case), size={"type": "number"})
    before = stored_of(project)

    refused = send(project, creates(names, WRONG)[case])

    body = refused.json()
    assert refused.status_code == 400, refused.content
    assert body["key"] == "metadata_validation_failed"
    assert body["message"] == "Metadata validation failed"
    assert body["details"] == REFUSED
    assert stored_of(project) == before
    stored = send(project, creates(names, RIGHT)[case])
    assert stored.status_code in {200, 202}, stored.content


@pytest.mark.parametrize("case", CREATES)
def test_nothing_is_made_without_the_metadata_it_must_have(project, names, case):
    define(project, resource_of(case), size={"type": "number", "optional": False})
    before = stored_of(project)

    refused = send(project, creates(names, {"other": 1})[case])

    assert refused.status_code == 400, refused.content
    assert refused.json()["key"] == "metadata_validation_failed"
    assert refused.json()["details"] == f"size: {REQUIRED}"
    assert stored_of(project) == before
    stored = send(project, creates(names, RIGHT)[case])
    assert stored.status_code in {200, 202}, stored.content


@pytest.mark.parametrize("case", UPDATES)
def test_nothing_is_changed_to_metadata_that_the_schema_forbids(project, names, case):
    define(project, resource_of(case), size={"type": "number"})
    before = stored_of(project)

    refused = send(project, updates(names, WRONG)[case])

    assert refused.status_code == 400, refused.content
    assert refused.json()["key"] == "metadata_validation_failed"
    assert refused.json()["details"] == REFUSED
    assert stored_of(project) == before
    stored = send(project, updates(names, RIGHT)[case])
    assert stored.status_code == 200, stored.content


@pytest.mark.parametrize("case", UPDATES)
def test_what_a_thing_must_have_is_asked_for_when_its_metadata_change(
    project, names, case
):
    define(project, resource_of(case), size={"type": "number", "optional": False})
    before = stored_of(project)

    refused = send(project, updates(names, {"other": 1})[case])
    unchanged = stored_of(project)
    untouched = send(project, _without_metadata(updates(names, {})[case]))
    given = send(project, updates(names, RIGHT)[case])
    merged = send(project, updates(names, {"other": 1})[case])

    assert refused.json()["details"] == f"size: {REQUIRED}"
    assert unchanged == before
    assert untouched.status_code == 200, untouched.content
    assert given.status_code == 200, given.content
    # A reward's metadata are replaced, all others are merged.
    assert (merged.status_code == 200) is (case != "reward")


def _without_metadata(write: Write) -> Write:
    method, path, body = write
    kept: Any = {
        name: {k: v for k, v in value.items() if k != "metadata"}
        if isinstance(value, dict)
        else value
        for name, value in body.items()
        if name != "metadata"
    }
    return method, path, kept


@pytest.mark.parametrize(
    "path", ["/v1/redemptions", "/v1/validations", "/v1/qualifications"]
)
@pytest.mark.parametrize("resource", ["customer", "order", "order_item", "redemption"])
def test_metadata_are_judged_before_redeemables_are_compared(
    api, project, path, resource
):
    define(project, resource, size={"type": "number"})
    before = stored_of(project)
    twice = [{"object": "voucher", "id": "X"}] * 2
    held = {"metadata": WRONG}
    body: dict[str, Any] = {
        "redeemables": twice,
        "customer": {"source_id": "eve", **(held if resource == "customer" else {})},
        "order": {
            "items": [{**LINE, **(held if resource == "order_item" else {})}],
            **(held if resource == "order" else {}),
        },
        **(held if resource == "redemption" else {}),
    }
    if path == "/v1/qualifications":
        del body["redeemables"]

    refused = api.post(path, body)

    assert refused.status_code == 400, refused.content
    assert refused.json()["key"] == "metadata_validation_failed"
    assert refused.json()["details"] == REFUSED
    assert stored_of(project) == before


@pytest.mark.parametrize("path", ["/v1/validations", "/v1/qualifications"])
def test_what_stores_nothing_asks_for_no_required_keys(api, project, path):
    for resource in ("customer", "order", "order_item", "redemption"):
        define(project, resource, size={"type": "number", "optional": False})
    voucher = VoucherFactory.create(project=project)
    body: dict[str, Any] = {
        "redeemables": [{"object": "voucher", "id": voucher.code}],
        "customer": {"source_id": "eve", "metadata": {"other": 1}},
        "order": {"items": [LINE]},
    }
    if path == "/v1/qualifications":
        del body["redeemables"]

    assert api.post(path, body).status_code == 200


def test_a_rollback_keeps_to_the_schema_of_redemptions(api, project):
    voucher = VoucherFactory.create(project=project)
    body = {"redeemables": [{"object": "voucher", "id": voucher.code}]}
    body |= {"order": {"amount": 5_000}}
    made = api.post("/v1/redemptions", body).json()["redemptions"][0]["id"]
    define(project, "redemption", size={"type": "number", "optional": False})
    path, before = f"/v1/redemptions/{made}/rollback", stored_of(project)

    refused = api.post(path, {"metadata": WRONG})
    unchanged = stored_of(project)
    done = api.post(path, {"metadata": {"why": "broken"}})

    assert refused.json()["key"] == "metadata_validation_failed"
    assert unchanged == before
    assert done.status_code == 200, done.content


def test_an_order_that_stays_as_it_is_stored_is_not_judged_again(api, project, names):
    for resource in ("order", "order_item"):
        define(project, resource, size={"type": "number", "optional": False})
    code = {"redeemables": [{"object": "voucher", "id": names["voucher"]}]}

    by_source = api.post("/v1/redemptions", {**code, "order": {"source_id": "mine"}})
    by_id = {"id": names["order"], "items": [LINE]}
    with_lines = api.post("/v1/redemptions", {**code, "order": by_id})

    assert by_source.status_code == 200, by_source.content
    assert with_lines.json()["details"] == f"size: {REQUIRED}"


def test_a_campaign_cannot_lose_what_it_must_have(api, project, names):
    define(project, "campaign", size={"type": "number", "optional": False})
    path = f"/v1/campaigns/{names['promotion']}"
    assert api.put(path, {"metadata": RIGHT}).status_code == 200
    before = stored_of(project)

    refused = api.put(path, {"unset_metadata_fields": ["size"]})

    assert refused.json()["details"] == f"size: {REQUIRED}"
    assert stored_of(project) == before


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/products"])
def test_a_place_is_stored_in_one_form(api, project, path):
    define(project, path[4:-1], at={"type": "geopoint"})

    made = api.post(path, {"source_id": "x", "metadata": {"at": "52.1, 21.0"}}).json()

    assert made["metadata"] == {"at": "geo:52.1,21.0"}
    again = api.get(f"{path}/{made['id']}").json()
    assert again["metadata"] == {"at": "geo:52.1,21.0"}


def test_codes_handed_out_by_the_house_are_no_publications_in_words(api, project):
    define(project, "publication", size={"type": "number", "optional": False})
    define(project, "voucher", size={"type": "number", "optional": False})
    held = {**COUPONS, "name": "C", "use_voucher_metadata_schema": False}

    made = api.post("/v1/campaigns", {**held, "vouchers_count": 1})

    assert made.status_code == 200, made.content
    (voucher,) = Voucher.objects.filter(campaign_id=made.json()["id"])
    assert voucher.metadata == {}


@pytest.mark.parametrize("path", ["/v1/validations", "/v1/redemptions"])
def test_schemas_cost_a_checkout_no_statement_once_they_are_known(project, path):
    costs = []
    api = server_client(project)
    for defined in (False, True):
        if defined:
            for resource in ("customer", "order", "order_item", "redemption"):
                define(project, resource, size={"type": "number"})
        costs.append([_cost(api, path) for _ in range(3)])

    [(_, *plain), (first, *known)] = costs
    assert known == plain
    assert first - known[-1] <= 2  # the key is read anew, and the schemas


def _cost(api: ApiClient, path: str) -> int:
    voucher = VoucherFactory.create(project=api.project)
    body = {
        "redeemables": [{"object": "voucher", "id": voucher.code}],
        "customer": {"source_id": "ada", "metadata": RIGHT},
        "order": {"items": [{**LINE, "metadata": RIGHT}], "metadata": RIGHT},
        "metadata": RIGHT,
    }
    with CaptureQueriesContext(connection) as statements:
        answer = api.post(path, body)
    assert answer.status_code == 200, answer.content
    return len(statements)
