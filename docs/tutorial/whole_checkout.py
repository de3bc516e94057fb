"""Everything a checkout does, with the client ``voucherify`` from PyPI.

Run it from the folder of the project while ``make demo`` or ``make run`` serves:

    .venv/bin/python docs/tutorial/whole_checkout.py

It makes a project of its own and stops at the first answer that is not as told. All
amounts are minor units.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import voucherify
from voucherify import models

PROMO = os.environ.get("PROMO", "http://127.0.0.1:8000")
#: Ten mugs of 10.00.
CART = {"items": [{"source_id": "mug", "related_object": "product", "quantity": 10}]}
#: How many codes each campaign has.
CODES = 3
ADA, EVE = {"source_id": "ada"}, {"source_id": "eve"}


class Shop:
    """A project with one of everything that a checkout can use, and its names."""

    def __init__(self) -> None:
        self.client = sign_up()
        self.vouchers = voucherify.VouchersApi(self.client)
        product = voucherify.ProductsApi(self.client).create_product(
            models.ProductsCreateRequestBody(source_id="mug", name="Mug", price=1_000)
        )
        people = voucherify.CustomersApi(self.client)
        for person in (ADA, EVE):
            people.create_customer(models.CustomersCreateRequestBody(**person))
        self.promotion, self.tier = self.ten_percent_off()
        self.stack = self.stack_of(self.promotion, self.tier)
        self.coupon = self.voucher("FIVE", amount_off=500)
        self.on_mugs = self.voucher("MUGS", amount_off=100, items=product.id)
        self.gifts = self.gift_cards()
        self.gift_card = self.published(self.gifts, ADA)
        self.loyalty_card, self.reward = self.points_that_pay()
        self.referral = self.published(self.referrals(), EVE)

    def ten_percent_off(self) -> tuple[str, str]:
        """Take 10 % off every cart; return the campaign and its tier."""
        discount = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}
        campaign = self.campaign(
            "Ten percent off",
            "PROMOTION",
            promotion={"tiers": [{"name": "Ten", "action": {"discount": discount}}]},
        )
        return campaign.id, campaign.promotion.tiers[0].id

    def stack_of(self, campaign: str, tier: str) -> str:
        """Make a stack of the one tier."""
        made = voucherify.PromotionsApi(self.client).create_promotion_stack(
            campaign,
            models.PromotionsStacksCreateRequestBody.from_dict(
                {"name": "Only ten percent", "tiers": {"ids": [tier]}}
            ),
        )
        return str(made.id)

    def voucher(self, code: str, *, amount_off: int, items: str | None = None) -> str:
        """Make a code for everybody; with ``items`` it is for one product alone."""
        effect = "APPLY_TO_ITEMS" if items else "APPLY_TO_ORDER"
        discount = {"type": "AMOUNT", "amount_off": amount_off, "effect": effect}
        body: dict[str, Any] = {"type": "DISCOUNT_VOUCHER", "discount": discount}
        if items:
            body["validation_rules"] = [self.only(items)]
        self.vouchers.create_voucher(
            code, models.VouchersCreateWithSpecificCodeRequestBody.from_dict(body)
        )
        return code

    def only(self, product: str) -> str:
        """Make a rule whose discounts touch one product alone."""
        every = {"object": "product", "id": product, "effect": "APPLY_TO_EVERY"}
        rule = voucherify.ValidationRulesApi(self.client).create_validation_rules(
            models.ValidationRulesCreateRequestBody.from_dict(
                {
                    "name": "Mugs alone",
                    "rules": {},
                    "applicable_to": {"included": [every], "included_all": False},
                }
            )
        )
        return str(rule.id)

    def gift_cards(self) -> str:
        """Make a campaign of gift cards of 20.00; return it once it has codes."""
        gift = {"amount": 2_000, "effect": "APPLY_TO_ORDER"}
        return self.with_codes("Gift cards", "GIFT_VOUCHERS", "GIFT_VOUCHER", gift=gift)

    def referrals(self) -> str:
        """Make a campaign that gives 2.00 to whom somebody brings along."""
        discount = {"type": "AMOUNT", "amount_off": 200, "effect": "APPLY_TO_ORDER"}
        return self.with_codes(
            "Friends",
            "REFERRAL_PROGRAM",
            "DISCOUNT_VOUCHER",
            discount=discount,
            program={"conversion_event": {"type": "redemption"}},
        )

    def points_that_pay(self) -> tuple[str, str]:
        """Give Ada a card of 500 points, 100 of which pay 1.00."""
        loyalty = {"points": 500}
        campaign = self.with_codes(
            "Points", "LOYALTY_PROGRAM", "LOYALTY_CARD", loyalty_card=loyalty
        )
        rewards = voucherify.RewardsApi(self.client)
        coin = {"exchange_ratio": 1, "points_ratio": "100"}
        reward = rewards.create_reward(
            models.RewardsCreateRequestBody.from_dict(
                {"name": "Pay", "type": "COIN", "parameters": {"coin": coin}}
            )
        )
        rewards.create_reward_assignment(
            reward.id,
            models.RewardsAssignmentsCreateRequestBody.from_dict(
                {"campaign": campaign, "parameters": {"loyalty": {"points": 100}}}
            ),
        )
        return self.published(campaign, ADA), str(reward.id)

    def with_codes(
        self, name: str, kind: str, voucher: str, program: Any = None, **worth: Any
    ) -> str:
        """Make a campaign of some codes; return it when a worker has made them."""
        template = {
            "type": voucher,
            "redemption": {"quantity": None},
            "code_config": {"pattern": "########"},
            **worth,
        }
        extra = {"referral_program": program} if program else {}
        made = self.campaign(
            name, kind, vouchers_count=CODES, voucher=template, **extra
        )
        codes = {"campaign_id": made.id, "limit": 1}
        wait_for(lambda: self.vouchers.list_vouchers(**codes).total == CODES)
        return str(made.id)

    def campaign(self, name: str, kind: str, **rest: Any) -> Any:
        """Make a campaign."""
        return voucherify.CampaignsApi(self.client).create_campaign(
            models.CampaignsCreateRequestBody.from_dict(
                {"name": name, "campaign_type": kind, **rest}
            )
        )

    def published(self, campaign: str, customer: dict[str, str]) -> str:
        """Give a customer a code of a campaign; return it."""
        made = voucherify.PublicationsApi(self.client).create_publication(
            publications_create_request_body=(
                models.PublicationsCreateRequestBody.from_dict(
                    {"campaign": {"name": campaign}, "customer": customer}
                )
            )
        )
        return str(made.voucher.code)

    def redeemables(self) -> list[dict[str, Any]]:
        """Return five kinds of things to use in one request."""
        return [
            {"object": "promotion_tier", "id": self.tier},
            {"object": "voucher", "id": self.coupon},
            {"object": "voucher", "id": self.referral},
            {"object": "voucher", "id": self.gift_card, "gift": {"credits": 2_000}},
            {
                "object": "voucher",
                "id": self.loyalty_card,
                "reward": {"id": self.reward, "points": 500},
            },
        ]


def sign_up() -> voucherify.ApiClient:
    """Make a project; return a client with its server key."""
    command = [sys.executable, "manage.py", "create_project", "Checkout", "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    keys = json.loads(made.stdout)
    configuration = voucherify.Configuration(
        host=PROMO,
        api_key={"X-App-Id": keys["app_id"], "X-App-Token": keys["app_token"]},
    )
    return voucherify.ApiClient(configuration)


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until a worker has done its part."""
    for _ in range(120):
        if happened():
            return
        time.sleep(0.5)
    sys.exit("The codes are not there yet: is a worker running?")


def qualify(shop: Shop) -> None:
    """Ask what Ada could use, in every scenario."""
    everybody = {shop.coupon, shop.on_mugs, shop.tier}
    hers = {shop.gift_card, shop.loyalty_card}
    on_items = {shop.on_mugs}
    expected = {
        "ALL": everybody | hers,
        "CUSTOMER_WALLET": hers,
        # There are more gift cards to be had.
        "AUDIENCE_ONLY": everybody | hers | {shop.gifts},
        "PRODUCTS": on_items,
        "PRODUCTS_DISCOUNT": on_items,
        "PRODUCTS_BY_CUSTOMER": on_items,
        "PRODUCTS_DISCOUNT_BY_CUSTOMER": on_items,
        "PROMOTION_STACKS": {shop.stack},
    }
    for scenario, wanted in expected.items():
        body = {
            "scenario": scenario,
            "customer": ADA,
            "order": CART,
            "options": {"limit": 50},
        }
        found = voucherify.QualificationsApi(shop.client).check_eligibility(
            models.QualificationsCheckEligibilityRequestBody.from_dict(body)
        )
        expect({each.id for each in found.redeemables.data}, wanted, scenario)


def hold_the_last_use(shop: Shop) -> None:
    """Lock a code's only use for Ada, let Eve be refused, then release it."""
    once = {"type": "AMOUNT", "amount_off": 100, "effect": "APPLY_TO_ORDER"}
    shop.vouchers.create_voucher(
        "LAST",
        models.VouchersCreateWithSpecificCodeRequestBody.from_dict(
            {
                "type": "DISCOUNT_VOUCHER",
                "discount": once,
                "redemption": {"quantity": 1},
            }
        ),
    )
    last = [{"object": "voucher", "id": "LAST"}]

    held = validate(shop, ADA, last, session={"type": "LOCK"})
    expect(found=held.valid, wanted=True)
    refused = validate(shop, EVE, last)
    expect(found=refused.valid, wanted=False)
    expect(refused.redeemables[0].result.error.key, "quantity_exceeded")

    shop.vouchers.release_validation_session("LAST", held.session.key)
    expect(found=validate(shop, EVE, last).valid, wanted=True)
    expect(redeem(shop, EVE, last).order.total_amount, 9_900)


def use_five_kinds_at_once(shop: Shop) -> None:
    """Redeem a promotion, a coupon, a referral code, credits and points; undo it.

    Of 100.00, 10 % off leave 90.00, 5.00 off 85.00, 2.00 off 83.00; the gift card pays
    20.00 and 500 points 5.00, which leaves 58.00.
    """
    would = validate(shop, ADA, shop.redeemables())
    expect(found=would.valid, wanted=True)
    expect(would.order.total_amount, 5_800)
    expect(balances(shop), (2_000, 500))

    done = redeem(shop, ADA, shop.redeemables())
    expect([each.result for each in done.redemptions], ["SUCCESS"] * 5)
    expect(done.order.total_amount, 5_800)
    expect(done.order.total_applied_discount_amount, 4_200)
    expect(balances(shop), (0, 0))
    expect(uses(shop), (1, 1))

    parent = done.parent_redemption.id
    back = voucherify.RedemptionsApi(shop.client).rollback_stacked_redemptions(
        parent, reason="The parcel came back"
    )
    expect([each.result for each in back.rollbacks], ["SUCCESS"] * 5)
    expect(back.parent_rollback.redemption, parent)
    expect(balances(shop), (2_000, 500))
    expect(uses(shop), (0, 0))


def balances(shop: Shop) -> tuple[int, int]:
    """Return what is left on the gift card and on the loyalty card."""
    gift = shop.vouchers.get_voucher(shop.gift_card).gift
    card = shop.vouchers.get_voucher(shop.loyalty_card).loyalty_card
    return gift.balance, card.balance


def uses(shop: Shop) -> tuple[int, int]:
    """Return how often the coupon and the referral code count as used."""
    read = (shop.vouchers.get_voucher(code) for code in (shop.coupon, shop.referral))
    coupon, referral = (voucher.redemption.redeemed_quantity for voucher in read)
    return coupon, referral


def validate(
    shop: Shop,
    customer: dict[str, str],
    redeemables: list[dict[str, Any]],
    **rest: Any,
) -> models.ValidationsValidateResponseBody:
    """Ask what the redeemables would do for the cart."""
    body = basket(customer, redeemables) | rest
    return voucherify.ValidationsApi(shop.client).validate_stacked_discounts(
        models.ValidationsValidateRequestBody.from_dict(body)
    )


def redeem(
    shop: Shop, customer: dict[str, str], redeemables: list[dict[str, Any]]
) -> models.RedemptionsRedeemResponseBody:
    """Use the redeemables on the cart."""
    return voucherify.RedemptionsApi(shop.client).redeem_stacked_discounts(
        models.RedemptionsRedeemRequestBody.from_dict(basket(customer, redeemables))
    )


def basket(
    customer: dict[str, str], redeemables: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return what validation and redemption ask alike."""
    return {"customer": customer, "order": CART, "redeemables": redeemables}


def expect(found: object, wanted: object, about: str = "") -> None:
    """Stop unless an answer is as told."""
    if found != wanted:
        sys.exit(f"{about} Expected {wanted!r}, found {found!r}.".strip())


if __name__ == "__main__":
    made = Shop()
    qualify(made)
    hold_the_last_use(made)
    use_five_kinds_at_once(made)
    sys.stdout.write("Everything went as told.\n")
