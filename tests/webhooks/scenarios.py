"""What callers do, one story each, for every event that projects may be told of."""

from typing import Any

from django.core import mail
from django.test import Client

from customers.services import confirmation_mail
from promo.jobs.actions import run_all
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    PromotionFactory,
    VoucherFactory,
    template,
)
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.rewards import CoinFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, browser_client

TEN_PERCENT = {"type": "PERCENT", "percent_off": 10}
ADA = {"source_id": "ada", "name": "Ada", "email": "ada@example.com"}


def call(api: ApiClient, method: str, path: str, body: Any = None, **more: str) -> Any:
    """Return what is answered to a call that has to succeed."""
    answer = api.request(method, path, body, more)
    assert answer.status_code < 300, answer.content
    return answer.json() if answer.content else None


def work(api: ApiClient) -> None:
    """Let workers end what has been asked for."""
    run_all(api.project, now=NOW)


def a_customer_comes_and_goes(api: ApiClient) -> None:
    made = call(api, "POST", "/v1/customers", ADA)
    call(api, "PUT", f"/v1/customers/{made['id']}", {"name": "Ada Lovelace"})
    call(api, "DELETE", f"/v1/customers/{made['id']}")


def a_customer_confirms_an_address(api: ApiClient) -> None:
    allow_customers(api.project)
    page = browser_client(api.project)
    call(page, "POST", "/client/v1/customers", ADA, X_Voucherify_Double_Opt_In="true")
    confirmation_mail.send_confirmations(now=NOW)
    text = str(mail.outbox[-1].body)
    link = text[text.index("/confirm/") :].partition("\n")[0].strip()
    assert Client().post(link).status_code == 200


def allow_customers(project: Project) -> None:
    project.client_create_customer_enabled = True
    project.save()


def a_campaign_runs(api: ApiClient) -> None:
    made = call(
        api,
        "POST",
        "/v1/campaigns",
        {
            "name": "Spring",
            "campaign_type": "DISCOUNT_COUPONS",
            "vouchers_count": 2,
            "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TEN_PERCENT},
        },
    )
    work(api)
    path = f"/v1/campaigns/{made['id']}"
    call(api, "PUT", path, {"description": "Until May"})
    call(api, "POST", f"{path}/disable")
    call(api, "POST", f"{path}/enable")
    call(api, "DELETE", path)


def a_campaign_runs_out_of_codes(api: ApiClient) -> None:
    voucher = template(code_config={"charset": "AB", "pattern": "###"})
    body = {"name": "Narrow", "campaign_type": "DISCOUNT_COUPONS", "voucher": voucher}
    made = call(api, "POST", "/v1/campaigns", body)
    call(api, "POST", f"/v1/campaigns/{made['id']}/vouchers?vouchers_count=4", {})
    for code in ("AAA", "AAB", "ABA", "ABB", "BAA", "BAB"):
        VoucherFactory.create(project=api.project, code=code)
    work(api)


def a_voucher_comes_and_goes(api: ApiClient) -> None:
    body = {"type": "DISCOUNT_VOUCHER", "discount": TEN_PERCENT}
    call(api, "POST", "/v1/vouchers/SPRING", body)
    call(api, "PUT", "/v1/vouchers/SPRING", {"additional_info": "For friends"})
    call(api, "POST", "/v1/vouchers/SPRING/disable")
    call(api, "POST", "/v1/vouchers/SPRING/enable")
    call(api, "DELETE", "/v1/vouchers/SPRING")


def a_voucher_is_published(api: ApiClient) -> None:
    VoucherFactory.create(project=api.project, code="SPRING")
    body = {"voucher": "SPRING", "customer": {"source_id": "ada"}}
    call(api, "POST", "/v1/publications", body)


def a_promotion_is_built(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    tier = {"name": "Ten off", "action": {"discount": TEN_PERCENT}}
    made = call(api, "POST", f"/v1/promotions/{campaign.pk}/tiers", tier)
    path = f"/v1/promotions/tiers/{made['id']}"
    call(api, "PUT", path, {"banner": "Ten off everything"})
    call(api, "POST", f"{path}/disable")
    call(api, "POST", f"{path}/enable")
    call(api, "DELETE", path)


def promotions_are_stacked(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    tiers = TierFactory.create_batch(2, project=api.project, campaign=campaign)
    path = f"/v1/promotions/{campaign.pk}/stacks"
    body = {"name": "Both", "tiers": {"ids": [each.pk for each in tiers]}}
    made = call(api, "POST", path, body)
    call(api, "PUT", f"{path}/{made['id']}", {"name": "Both of them"})


def a_reward_is_offered(api: ApiClient) -> None:
    program = LoyaltyProgramFactory.create(project=api.project)
    coin = CoinFactory.create(project=api.project)
    path = f"/v1/rewards/{coin.pk}/assignments"
    made = call(api, "POST", path, {"campaign": program.pk})
    call(api, "PUT", f"{path}/{made['id']}", {})
    call(api, "DELETE", f"{path}/{made['id']}")


def a_rule_is_set_and_lifted(api: ApiClient) -> None:
    voucher = VoucherFactory.create(project=api.project)
    body = {
        "name": "Big orders",
        "rules": {
            "1": {"name": "order.amount", "conditions": {"$more_than": [10_000]}},
            "logic": "1",
        },
    }
    made = call(api, "POST", "/v1/validation-rules", body)
    path = f"/v1/validation-rules/{made['id']}"
    call(api, "PUT", path, {"name": "Large orders"})
    related = {"related_object_type": "voucher", "related_object_id": voucher.pk}
    assigned = call(api, "POST", f"{path}/assignments", {"voucher": voucher.code})
    assert assigned["related_object_id"] == related["related_object_id"]
    call(api, "DELETE", f"{path}/assignments/{assigned['id']}")
    call(api, "DELETE", path)


def a_code_is_redeemed_and_given_back(api: ApiClient) -> None:
    VoucherFactory.create(project=api.project, code="ONCE", redemption_quantity=1)
    body = {
        "redeemables": [{"object": "voucher", "id": "ONCE"}],
        "customer": {"source_id": "ada"},
        "order": {"amount": 10_000},
    }
    made = call(api, "POST", "/v1/redemptions", body)
    again = api.post("/v1/redemptions", body)
    path = f"/v1/redemptions/{made['redemptions'][0]['id']}/rollback"
    call(api, "POST", path, {})
    twice = api.post(path, {})
    assert (again.status_code, twice.status_code) == (400, 400)


def a_gift_card_is_filled_and_spent(api: ApiClient) -> None:
    GiftCardFactory.create(project=api.project, code="GIFT", credited_amount=10_000)
    call(api, "POST", "/v1/vouchers/GIFT/balance", {"amount": 500})
    body = {
        "redeemables": [{"object": "voucher", "id": "GIFT"}],
        "order": {"amount": 700},
    }
    call(api, "POST", "/v1/redemptions", body)


def points_are_added(api: ApiClient) -> None:
    program = LoyaltyProgramFactory.create(project=api.project)
    holder = CustomerFactory.create(project=api.project)
    card = LoyaltyCardFactory.create(campaign=program, holder=holder)
    call(api, "POST", f"/v1/vouchers/{card.code}/balance", {"amount": 50})
