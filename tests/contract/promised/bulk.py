"""Requests about imports, bulk updates, asynchronous actions, exports and the bin."""

from collections.abc import Callable
from typing import Any

from campaigns.services.campaign import delete_campaign
from campaigns.services.product import delete_product
from campaigns.services.sku import delete_sku
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.services import purge_definition
from redemptions.services.export_run import run_export
from tests.contract.promised.catalogue import ORDER
from tests.contract.promised.world import Case, World
from tests.factories.campaigns import CampaignFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW
from tests.fixtures.rows import run_to_end

NOBODY = "cust_" + "f" * 32
VOUCHERS = "Code,Voucher Type,Value,Discount Type\nSPRING,DISCOUNT_VOUCHER,7,AMOUNT\n"
CUSTOMERS = "Name,Email,Source_id\nAda,ada@example.com,ada\nBob,bob@example.com,bob\n"
#: Files with a sound row and one that is refused, by path.
FILES = {
    "/v1/customers/importCSV": CUSTOMERS + "Eve,eve@example.com,\n",
    "/v1/products/importCSV": "name,source_id,price\nMug,mug,7\n,cup,8\n",
    "/v1/skus/importCSV": "product_id,source_id,sku\nshirt,red,Red\n,blue,Blue\n",
    "/v1/vouchers/importCSV": VOUCHERS + "FALL,NONSENSE,7,AMOUNT\n",
    "/v1/campaigns/{campaignId}/importCSV": "Code,Active\nONE,TRUE\nTWO,perhaps\n",
}
COUPON = {
    "type": "DISCOUNT_VOUCHER",
    "discount": {"type": "PERCENT", "percent_off": 10},
    "metadata": {"season": "spring"},
}
#: Arrays with a sound object and one that is refused, by path.
OBJECTS: dict[str, Any] = {
    "/v1/vouchers/import": [
        {**COUPON, "code": "A"},
        {**COUPON, "code": "B", "type": None},
    ],
    "/v1/campaigns/{campaignId}/import": [{"code": "A", "metadata": {"a": 1}}],
    "/v1/orders/import": [
        ORDER,
        {**ORDER, "source_id": "o2", "customer": {"id": NOBODY}},
    ],
}
PLAN = {"metadata": {"plan": "gold"}}
MANY: dict[str, Any] = {
    "/v1/customers/bulk/async": [
        {"source_id": "ada", "name": "Ada"} | PLAN,
        {"source_id": NOBODY},
    ],
    "/v1/products/bulk/async": [
        {"source_id": "mug", "name": "Mug", "price": 700} | PLAN
    ],
    "/v1/vouchers/bulk/async": lambda w: [
        {"code": w.names["voucher"]} | PLAN,
        {"code": "no-such-code"} | PLAN,
    ],
    "/v1/customers/metadata/async": {"source_ids": ["ada", "eve"]} | PLAN,
    "/v1/products/metadata/async": {"source_ids": ["mug"]} | PLAN,
    "/v1/vouchers/metadata/async": lambda w: (
        {
            "codes": [w.names["voucher"], "no-such-code"],
        }
        | PLAN
    ),
}
#: What is answered by the reference's operations of this form.
KINDS = (
    *("voucher", "redemption", "customer", "publication", "order"),
    *("points_expiration", "voucher_transactions", "product", "sku", "api_log"),
)


def a_file_done(path: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        ProductFactory(project=world.project, source_id="shirt")
        target = path.replace("{campaignId}", world.names["campaign"])
        world.run_csv(target, FILES[path])

    return arrange


def objects_done(path: str, body: Any) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        target = path.replace("{campaignId}", world.names["campaign"])
        world.run(target, body(world) if callable(body) else body)

    return arrange


def codes_generated(world: World) -> None:
    path = f"/v1/campaigns/{world.names['campaign']}/vouchers?vouchers_count=3"
    world.run(path, {})


def the_latest(world: World) -> None:
    action = AsyncAction.objects.filter(project=world.project).latest("created_at")
    run_to_end(action.pk)
    world.names["async_action"] = action.pk


def a_key_purged(world: World) -> None:
    removed = {"type": "string", "deleted": True}
    schema = define(world.project, "customer", old=removed)
    purge_definition(schema, key="old", now=NOW)
    the_latest(world)


def a_campaign_deleted(world: World) -> None:
    deleted = world.api.delete(f"/v1/campaigns/{world.names['campaign']}")
    world.names["async_action"] = deleted.json()["async_action_id"]
    run_to_end(world.names["async_action"])


def a_campaign_updated(world: World) -> None:
    path = f"/v1/campaigns/{world.names['campaign']}"
    assert world.api.put(path, {"metadata": {"season": "fall"}}).status_code == 200
    the_latest(world)


def one_of_each_binned(world: World) -> None:
    delete_campaign(CampaignFactory(project=world.project), now=NOW)
    delete_product(ProductFactory(project=world.project), now=NOW)
    delete_sku(SkuFactory(product__project=world.project), now=NOW)


def exports_of_each_kind(world: World) -> None:
    for kind in KINDS:
        world.make("export", "/v1/exports", {"exported_object": kind})
        run_export(world.names["export"], now=utc_now())


def a_file_made(world: World) -> None:
    world.make("export", "/v1/exports", asked("voucher"))
    run_export(world.names["export"], now=utc_now())


def its_token(world: World) -> dict[str, str]:
    url = world.api.get(f"/v1/exports/{world.names['export']}").json()["result"]["url"]
    return {"token": url.partition("token=")[2]}


def asked(kind: str) -> dict[str, Any]:
    return {"exported_object": kind}


_TO_CAMPAIGN = "/v1/campaigns/{campaignId}"
_TRANSACTIONS = {
    "parameters": {"fields": ["id", "type", "amount"], "order": "-created_at"}
}
IMPORTS = (
    *(Case(f"POST {path}", csv=rows) for path, rows in FILES.items()),
    *(Case(f"POST {path}", "", body) for path, body in (OBJECTS | MANY).items()),
    Case(
        f"POST {_TO_CAMPAIGN}/vouchers",
        "one",
        {},
        status="200",
        shows={"object": "voucher"},
    ),
    Case(
        f"POST {_TO_CAMPAIGN}/vouchers",
        "one described",
        {"category": "New", "metadata": {"a": 1}, "additional_info": "x"},
        status="200",
    ),
    Case(
        f"POST {_TO_CAMPAIGN}/vouchers",
        "a card",
        {},
        named={"campaignId": "gift_campaign"},
        status="200",
    ),
    Case(
        f"POST {_TO_CAMPAIGN}/vouchers",
        "a membership",
        {},
        named={"campaignId": "program"},
        status="200",
    ),
    Case(
        f"POST {_TO_CAMPAIGN}/vouchers",
        "many",
        {},
        query={"vouchers_count": "3"},
        status="202",
    ),
)
_ACTION = "GET /v1/async-actions/{asyncActionId}"
ACTIONS = (
    Case("GET /v1/async-actions", arrange=a_file_done("/v1/customers/importCSV")),
    Case(_ACTION, "waiting", shows={"status": "ENQUEUED"}),
    *(Case(_ACTION, f"of {path}", arrange=a_file_done(path)) for path in FILES),
    *(
        Case(_ACTION, f"of {path}", arrange=objects_done(path, body))
        for path, body in (OBJECTS | MANY).items()
    ),
    Case(_ACTION, "of a generation", arrange=codes_generated),
    Case(_ACTION, "of a purge", arrange=a_key_purged),
    Case(_ACTION, "of a deletion", arrange=a_campaign_deleted),
    Case(_ACTION, "of an update", arrange=a_campaign_updated),
)
EXPORTS = (
    Case("GET /v1/exports", query={"limit": "100"}, arrange=exports_of_each_kind),
    *(Case("POST /v1/exports", kind, asked(kind), shows=asked(kind)) for kind in KINDS),
    Case("GET /v1/exports/{exportId}", "waiting", shows={"status": "SCHEDULED"}),
    Case(
        "GET /v1/exports/{exportId}",
        "done",
        arrange=a_file_made,
        shows={"status": "DONE"},
    ),
    Case("GET /v1/exports/{export_Id}", query=its_token, arrange=a_file_made),
    Case("DELETE /v1/exports/{exportId}"),
    Case("POST /v1/orders/export", "of everything", {}),
    Case(
        "POST /v1/orders/export",
        "",
        {
            "parameters": {
                "fields": ["id", "status"],
                "order": "-created_at",
                "filters": {
                    "junction": "and",
                    "status": {"conditions": {"$in": ["PAID"]}},
                },
            }
        },
    ),
    Case(
        "POST /v1/vouchers/{code}/transactions/export",
        "",
        _TRANSACTIONS,
        named={"code": "gift_card"},
    ),
    Case(
        f"POST {_TO_CAMPAIGN}/transactions/export",
        "",
        _TRANSACTIONS,
        named={"campaignId": "gift_campaign"},
    ),
    Case(
        "POST /v1/loyalties/{campaignId}/transactions/export",
        "",
        _TRANSACTIONS,
        named={"campaignId": "program"},
    ),
    Case(
        "POST /v1/loyalties/members/{memberId}/transactions/export", "", _TRANSACTIONS
    ),
    Case(
        "POST /v1/loyalties/{campaignId}/members/{memberId}/transactions/export",
        "",
        _TRANSACTIONS,
        named={"campaignId": "program"},
    ),
    Case(
        "POST /v1/loyalties/{campaignId}/points-expiration/export",
        "",
        {},
        named={"campaignId": "program"},
    ),
)
BIN = (
    Case("GET /v1/trash-bin", arrange=one_of_each_binned),
    Case(
        "GET /v1/trash-bin", "a page", query={"limit": "1"}, arrange=one_of_each_binned
    ),
    Case("DELETE /v1/trash-bin/{binEntryId}"),
    Case("POST /v1/trash-bin/{binEntryId}/restore", "", {}),
)
CASES = (*IMPORTS, *ACTIONS, *EXPORTS, *BIN)
