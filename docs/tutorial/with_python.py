"""The tutorial's journey with the client ``voucherify`` from PyPI.

Run it from the folder of the project while ``make demo`` or ``make run`` serves:

    .venv/bin/python docs/tutorial/with_python.py

It makes a project of its own and stops at the first answer that is not as told.
"""

import json
import os
import subprocess
import sys
import time

import voucherify
from voucherify import models

#: How many codes the campaign has.
CODES = 1_000
PROMO = os.environ.get("PROMO", "http://127.0.0.1:8000")


def sign_up() -> voucherify.ApiClient:
    """Make a project; return a client with its server key."""
    command = [sys.executable, "manage.py", "create_project", "Tutorial", "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    keys = json.loads(made.stdout)
    configuration = voucherify.Configuration(
        host=PROMO,
        api_key={"X-App-Id": keys["app_id"], "X-App-Token": keys["app_token"]},
    )
    return voucherify.ApiClient(configuration)


def fill_shop(client: voucherify.ApiClient) -> None:
    """Bring in a customer and a product."""
    customer = voucherify.CustomersApi(client).create_customer(
        models.CustomersCreateRequestBody(source_id="ada", name="Ada")
    )
    expect(customer.source_id, "ada")
    product = voucherify.ProductsApi(client).create_product(
        models.ProductsCreateRequestBody(source_id="mug", name="Mug", price=1_000)
    )
    expect(product.price, 1_000)


def build_campaign(client: voucherify.ApiClient) -> str:
    """Offer 20 % off orders of at least 50.00, with 1,000 codes; return one."""
    rule = voucherify.ValidationRulesApi(client).create_validation_rules(
        models.ValidationRulesCreateRequestBody.from_dict(
            {
                "name": "Order of at least 50.00",
                "rules": {
                    "1": {
                        "name": "order.amount",
                        "conditions": {"$more_than_or_equal": [5_000]},
                        "error": {"message": "Spend at least 50.00"},
                    },
                    "logic": "1",
                },
            }
        )
    )
    campaign = voucherify.CampaignsApi(client).create_campaign(
        models.CampaignsCreateRequestBody.from_dict(
            {
                "name": "Twenty off",
                "campaign_type": "DISCOUNT_COUPONS",
                "vouchers_count": CODES,
                "validation_rules": [rule.id],
                "voucher": {
                    "type": "DISCOUNT_VOUCHER",
                    "discount": {"type": "PERCENT", "percent_off": 20},
                    "redemption": {"quantity": 1},
                    "code_config": {"pattern": "MUG-########"},
                },
            }
        )
    )
    return first_code(client, campaign.id)


def first_code(client: voucherify.ApiClient, campaign_id: str) -> str:
    """Wait until a worker has made all codes; return the first."""
    vouchers = voucherify.VouchersApi(client)
    for _ in range(120):
        listed = vouchers.list_vouchers(campaign_id=campaign_id, limit=1)
        if listed.total == CODES:
            return str(listed.vouchers[0].code)
        time.sleep(0.5)
    sys.exit("The codes are not there yet: is a worker running?")


def use_code(client: voucherify.ApiClient, code: str) -> None:
    """Validate, redeem, be refused, roll back and redeem again."""
    refused = validate(client, code, amount=4_999)
    expect(found=refused.valid, wanted=False)
    error = refused.redeemables[0].result.error
    expect(error.key, "order_rules_violated")
    expect(error.error.message, "Spend at least 50.00")

    accepted = validate(client, code, amount=5_000)
    expect(found=accepted.valid, wanted=True)
    expect(accepted.order.total_discount_amount, 1_000)
    expect(accepted.order.total_amount, 4_000)

    redeemed = redeem(client, code)
    expect(redeemed.redemptions[0].result, "SUCCESS")
    expect(redeemed.order.total_amount, 4_000)
    try:
        redeem(client, code)
        sys.exit("A code for one use was used twice.")
    except voucherify.exceptions.BadRequestException as answer:
        expect(json.loads(answer.body)["key"], "quantity_exceeded")

    rolled_back = voucherify.RedemptionsApi(client).rollback_redemption(
        redeemed.redemptions[0].id, reason="The mug came back"
    )
    expect(rolled_back.result, "SUCCESS")
    expect(redeem(client, code).redemptions[0].result, "SUCCESS")


def validate(
    client: voucherify.ApiClient, code: str, *, amount: int
) -> models.ValidationsValidateResponseBody:
    """Ask what the code would do for an order of ``amount`` minor units."""
    body = {**basket(code), "order": {"amount": amount}}
    return voucherify.ValidationsApi(client).validate_stacked_discounts(
        models.ValidationsValidateRequestBody.from_dict(body)
    )


def redeem(
    client: voucherify.ApiClient, code: str
) -> models.RedemptionsRedeemResponseBody:
    """Use the code for five mugs."""
    items = [{"source_id": "mug", "related_object": "product", "quantity": 5}]
    return voucherify.RedemptionsApi(client).redeem_stacked_discounts(
        models.RedemptionsRedeemRequestBody.from_dict(
            {**basket(code), "order": {"items": items}}
        )
    )


def basket(code: str) -> dict[str, object]:
    """Return what validation and redemption ask alike."""
    return {
        "customer": {"source_id": "ada"},
        "redeemables": [{"object": "voucher", "id": code}],
    }


def expect(found: object, wanted: object) -> None:
    """Stop unless an answer is as told."""
    if found != wanted:
        sys.exit(f"Expected {wanted!r}, found {found!r}.")


if __name__ == "__main__":
    api = sign_up()
    fill_shop(api)
    use_code(api, build_campaign(api))
    sys.stdout.write("Everything went as told.\n")
