"""Files in, many changes at once, files out, with the client ``voucherify`` from PyPI.

Run it from the folder of the project while ``make demo`` or ``make run`` serves:

    .venv/bin/python docs/tutorial/many_at_once.py

It makes a project of its own and stops at the first answer that is not as told.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import voucherify
from voucherify import models

PROMO = os.environ.get("PROMO", "http://127.0.0.1:8000")
#: How many customers the file holds, and how many of them have a wrong birthdate.
PEOPLE, WRONG = 300, 7
SILVER, GOLD = {"tier": "silver"}, {"tier": "gold"}


def sign_up() -> voucherify.ApiClient:
    """Make a project; return a client with its server key."""
    command = [sys.executable, "manage.py", "create_project", "Bulk", "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    keys = json.loads(made.stdout)
    configuration = voucherify.Configuration(
        host=PROMO,
        api_key={"X-App-Id": keys["app_id"], "X-App-Token": keys["app_token"]},
    )
    return voucherify.ApiClient(configuration)


def bring_people_in(client: voucherify.ApiClient, folder: Path) -> None:
    """Import customers by a file; the rows with a wrong birthdate are reported."""
    lines = ["Source_id,Name,Birthdate,Address_City,tier"]
    for number in range(PEOPLE):
        born = "yesterday" if number < WRONG else "1990-05-17"
        lines.append(f"c{number},Name {number},{born},Lyon,silver")
    people = voucherify.CustomersApi(client)
    begun = people.import_customers_using_csv(file=file_of(folder, lines))

    action = finished(client, begun.async_action_id)
    expect(action.type, "CUSTOMERS.IMPORT_CSV")
    expect(action.operation_status, "SUCCESS")
    expect(action.progress, 100)
    counts = (action.result["done_count"], action.result["failed_count"])
    expect(counts, (PEOPLE - WRONG, WRONG))
    expect([row["row"] for row in action.result["failed"]], [*range(1, WRONG + 1)])
    expect(people.list_customers(limit=1).total, PEOPLE - WRONG)
    ada = people.get_customer("c7")
    expect((ada.name, ada.address.city, ada.metadata), ("Name 7", "Lyon", SILVER))


def bring_catalogue_in(client: voucherify.ApiClient, folder: Path) -> None:
    """Import products, then their variants."""
    products = voucherify.ProductsApi(client)
    lines = ["name,source_id,price,attributes", 'Mug,mug,10.00,"color,size"']
    begun = products.import_products_using_csv(file=file_of(folder, lines))
    expect(finished(client, begun.async_action_id).result["done_count"], 1)
    lines = [
        "product_id,source_id,sku,price,attributes",
        "mug,mug-red,Red mug,12.00,{'color': 'red'}",
        "cup,cup-red,Red cup,12.00,{'color': 'red'}",
    ]
    begun = products.import_skus_using_csv(file=file_of(folder, lines))
    action = finished(client, begun.async_action_id)
    expect((action.result["done_count"], action.result["failed_count"]), (1, 1))
    expect(products.get_product("mug").price, 1_000)
    expect(products.get_sku("mug-red").price, 1_200)


def bring_codes_in(client: voucherify.ApiClient, folder: Path) -> str:
    """Import codes of their own, and codes of a campaign; return the campaign."""
    vouchers = voucherify.VouchersApi(client)
    lines = [
        "Code,Voucher Type,Value,Discount Type,batch",
        "TEN,DISCOUNT_VOUCHER,10,PERCENT,first",
        "GIFT,GIFT_VOUCHER,25.50,,first",
        "BAD,DISCOUNT_VOUCHER,ten,PERCENT,first",
    ]
    begun = vouchers.import_vouchers_using_csv(file=file_of(folder, lines))
    action = finished(client, begun.async_action_id)
    expect((action.result["done_count"], action.result["failed_count"]), (2, 1))
    expect(action.result["failed"][0]["code"], "BAD")
    expect(vouchers.get_voucher("TEN").discount.percent_off, 10)
    expect(vouchers.get_voucher("GIFT").gift.amount, 2_550)

    campaigns = voucherify.CampaignsApi(client)
    campaign = campaigns.create_campaign(
        models.CampaignsCreateRequestBody.from_dict(
            {
                "name": "Five off",
                "campaign_type": "DISCOUNT_COUPONS",
                "voucher": {
                    "type": "DISCOUNT_VOUCHER",
                    "discount": {"type": "AMOUNT", "amount_off": 500},
                },
            }
        )
    )
    begun = campaigns.import_vouchers_to_campaign_using_csv(
        campaign.id,
        file=file_of(
            folder, ["Code,Active", "FIVE-1,true", "FIVE-2,false", "FIVE-3,no"]
        ),
    )
    action = finished(client, begun.async_action_id)
    expect((action.result["done_count"], action.result["failed_count"]), (2, 1))
    expect(vouchers.get_voucher("FIVE-2").discount.amount_off, 500)
    return str(campaign.id)


def change_many(client: voucherify.ApiClient) -> None:
    """Update customers, products and codes in bulk; read the report of each row."""
    people = voucherify.CustomersApi(client)
    begun = people.update_customers_in_bulk(
        [
            models.CustomersUpdateInBulkRequestBody(source_id="c7", name="Ada"),
            models.CustomersUpdateInBulkRequestBody(source_id="new", name="Eve"),
        ]
    )
    report = report_of(finished(client, begun.async_action_id))
    expect(outcomes(report), {"c7": ("true", "true"), "new": ("false", "true")})
    expect(people.get_customer("c7").name, "Ada")
    expect(people.get_customer("new").name, "Eve")

    begun = people.update_customers_metadata_in_bulk(
        models.CustomersMetadataUpdateInBulkRequestBody(
            source_ids=["c7", "c8"], metadata=GOLD
        )
    )
    expect(finished(client, begun.async_action_id).result["done_count"], 2)
    expect([people.get_customer(who).metadata for who in ("c8", "c9")], [GOLD, SILVER])

    products = voucherify.ProductsApi(client)
    begun = products.update_products_in_bulk(
        [models.ProductsUpdateInBulkRequestBody(source_id="mug", price=1_100)]
    )
    expect(finished(client, begun.async_action_id).result["done_count"], 1)
    begun = products.update_products_metadata_in_bulk(
        models.ProductsMetadataUpdateInBulkRequestBody(
            source_ids=["mug"], metadata={"season": "summer"}
        )
    )
    expect(finished(client, begun.async_action_id).result["done_count"], 1)
    mug = products.get_product("mug")
    expect((mug.price, mug.metadata), (1_100, {"season": "summer"}))

    change_codes(voucherify.VouchersApi(client), client)


def change_codes(
    vouchers: voucherify.VouchersApi, client: voucherify.ApiClient
) -> None:
    """Update the metadata of codes; one that does not exist is reported."""
    begun = vouchers.update_vouchers_in_bulk(
        [
            models.VouchersUpdateInBulkItemRequestBody(code="TEN", metadata={"n": 1}),
            models.VouchersUpdateInBulkItemRequestBody(code="NONE", metadata={"n": 2}),
        ]
    )
    action = finished(client, begun.async_action_id)
    expect((action.result["done_count"], action.result["failed_count"]), (1, 1))
    expect(
        outcomes(report_of(action)),
        {"TEN": ("true", "true"), "NONE": ("false", "false")},
    )
    begun = vouchers.update_vouchers_metadata_in_bulk(
        models.VouchersMetadataUpdateInBulkRequestBody(
            codes=["TEN", "FIVE-1"], metadata={"checked": True}
        )
    )
    expect(finished(client, begun.async_action_id).result["done_count"], 2)
    found = vouchers.get_voucher("TEN").metadata
    expect(found, {"batch": "first", "n": 1, "checked": True})


def take_out(client: voucherify.ApiClient, campaign: str) -> None:
    """Export customers in Lyon, and the codes of a campaign."""
    rows = exported(
        client,
        "customer",
        fields=["source_id", "name", "metadata"],
        order="source_id",
        filters={"junction": "and", "metadata.tier": {"conditions": {"$is": "gold"}}},
    )
    expect([row["Source ID"] for row in rows], ["c7", "c8"])
    expect([row["Name"] for row in rows], ["Ada", "Name 8"])

    rows = exported(
        client,
        "voucher",
        fields=["code", "voucher_type", "value"],
        order="code",
        filters={"campaign_ids": {"conditions": {"$in": [campaign]}}},
    )
    expect(rows, [code_row("FIVE-1"), code_row("FIVE-2")])


def code_row(code: str) -> dict[str, str]:
    """Return what the file says of a code that takes 5.00 off."""
    return {"Code": code, "Voucher Type": "DISCOUNT_VOUCHER", "Value": "5.00"}


def exported(
    client: voucherify.ApiClient, kind: str, **asked: Any
) -> list[dict[str, str]]:
    """Make a file, wait for it, download it and return its rows."""
    exports = voucherify.ExportsApi(client)
    body = {"exported_object": kind, "parameters": asked}
    made = exports.create_export(models.ExportsCreateRequestBody.from_dict(body))
    expect(made.status, "SCHEDULED")
    wait_for(lambda: exports.get_export(made.id).status == "DONE")
    url = exports.get_export(made.id).result.url
    [token] = parse_qs(urlsplit(url).query)["token"]
    text = exports.download_export(made.id, token=token)
    expect(requests.get(url, timeout=30).text, text)
    return [*csv.DictReader(text.lstrip("\ufeff").splitlines())]


def finished(client: voucherify.ApiClient, action_id: str) -> Any:
    """Poll an asynchronous action until it has ended; return it."""
    actions = voucherify.AsyncActionsApi(client)
    wait_for(
        lambda: actions.get_async_action(action_id).status in {"DONE", "FAILED"},
    )
    newest = actions.list_async_actions(limit=1).async_actions[0]
    expect((newest.id, newest.status), (action_id, "DONE"))
    return actions.get_async_action(action_id)


def report_of(action: Any) -> list[dict[str, str]]:
    """Download the report of an action, one line for each row."""
    [url] = action.result["reports"]
    text = requests.get(url, timeout=30).content.decode("utf-8-sig")
    return [*csv.DictReader(text.splitlines())]


def outcomes(report: list[dict[str, str]]) -> Mapping[str, tuple[str, str]]:
    """Return whether each named row was found, and whether it was updated."""
    return {
        row.get("source_id") or row["code"]: (row["found"], row["updated"])
        for row in report
    }


def file_of(folder: Path, lines: list[str]) -> str:
    """Write a CSV file; return where it is."""
    path = folder / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until a worker has done its part."""
    for _ in range(240):
        if happened():
            return
        time.sleep(0.25)
    sys.exit("Nothing came of it: is a worker running?")


def expect(found: object, wanted: object) -> None:
    """Stop unless an answer is as told."""
    if found != wanted:
        sys.exit(f"Expected {wanted!r}, found {found!r}.")


if __name__ == "__main__":
    api = sign_up()
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        bring_people_in(api, here)
        bring_catalogue_in(api, here)
        take_out_of = bring_codes_in(api, here)
    change_many(api)
    take_out(api, take_out_of)
    sys.stdout.write("Everything went as told.\n")
