"""A project with one of everything, and what its things are called in addresses."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from campaigns.models import HolderRole, Voucher
from campaigns.services.stacking_rules import create_stacking_rules
from campaigns.services.voucher import delete_voucher
from campaigns.wire.assets import asset_id
from customers.models import Customer
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.services.balance import change_balance
from redemptions.services.export import create_export
from tests.factories.areas import StoreFactory
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    HolderFactory,
    LoyaltyCardFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory, listing
from tests.factories.consents import ConsentFactory
from tests.factories.customers import (
    CustomerFactory,
    EventSchemaFactory,
    LocationFactory,
    SegmentFactory,
)
from tests.factories.distributions import draft, owed
from tests.factories.metadata import MetadataSchemaFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rewards import RewardAssignmentFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.factories.webhooks import webhook
from tests.fixtures.api import server_client

#: What a parameter of an address stands for, by the segment before it.
SEGMENTS = {
    "areas": "area",
    "assignments": "assignment",
    "async-actions": "async_action",
    "barcode": "asset",
    "campaigns": "campaign",
    "domain-events": "domain_event",
    "custom-event-schemas": "event_schema",
    "categories": "category",
    "customers": "customer",
    "distributions": "distribution",
    "exports": "export",
    "holders": "holder",
    "loyalties": "program",
    "locations": "location",
    "members": "referral_code",
    "metadata-schemas": "metadata_schema",
    "orders": "order",
    "product-collections": "collection",
    "products": "product",
    "projects": "project",
    "promotions": "promotion",
    "qr": "asset",
    "redemptions": "redemption",
    "referrals": "referral_program",
    "returns": "return",
    "segments": "segment",
    "reward-assignments": "reward_assignment",
    "rewards": "reward",
    "sessions": "session",
    "skus": "sku",
    "stacking-rules": "stacking_rules",
    "webhooks": "webhook",
    "stacks": "stack",
    "stores": "store",
    "tiers": "tier",
    "trash-bin": "bin_entry",
    "validation-rules": "rule",
    "vouchers": "voucher",
}
#: Addresses about balances, which only cards and their campaigns have.
BALANCES = ("/balance", "/transactions", "/transactions/export")
OF_REWARDS = {"assignments": "reward_assignment"}
OF_PROGRAMS = {"rewards": "reward_assignment", "members": "member"}
WITH_BALANCE = {"campaigns": "gift_campaign", "vouchers": "gift_card"}


def inhabit(project: Project, number: int = 1) -> Mapping[str, str]:
    """Fill ``project``; return the name of each thing by its kind in ``SEGMENTS``.

    ``number`` tells one call from another.
    """
    campaign = CampaignFactory.create(project=project)
    customer = CustomerFactory.create(project=project)
    voucher = VoucherFactory.create(campaign=campaign, holder=customer)
    tier = TierFactory.create(project=project)
    product = ProductFactory.create(project=project)
    rule = ValidationRuleFactory.create(project=project)
    assignment = AssignmentFactory.create(project=project, rule=rule)
    category = CategoryFactory.create(project=project)
    store = StoreFactory.create(area__project=project)
    offered = RewardAssignmentFactory.create(reward__project=project)
    binned = VoucherFactory.create(project=project)
    delete_voucher(binned, now=NOW)
    made: dict[str, Any] = {
        "area": store.area,
        "store": store,
        "assignment": assignment,
        "bin_entry": project.bin_entries.get(resource_id=binned.pk),
        "campaign": campaign,
        "category": category,
        "collection": listing(product),
        "consent": ConsentFactory.create(project=project),
        "customer": customer,
        "distribution": owed(draft(project), customer).distribution,
        "event_schema": EventSchemaFactory.create(project=project),
        "domain_event": told_of(voucher),
        "export": create_export(project=project, exported_object="order", now=NOW),
        "location": LocationFactory.create(project=project),
        "metadata_schema": MetadataSchemaFactory.create(project=project),
        "product": product,
        "webhook": webhook(project, "https://shop.example/hooks"),
        "project": project,
        "promotion": tier.campaign,
        "reward": offered.reward,
        "reward_assignment": offered,
        "rule": rule,
        "segment": SegmentFactory.create(project=project),
        "sku": SkuFactory.create(product=product),
        "stack": StackFactory.create(
            project=project, campaign=tier.campaign, tiers=[tier]
        ),
        "tier": tier,
    }
    names = {kind: thing.pk for kind, thing in made.items()}
    rename(project, f"product-collections/{names['collection']}", times=1)
    rename(project, f"segments/{names['segment']}", times=1)
    names["stacking_rules"] = stack(project)
    names["program"] = offered.campaign_id
    names |= refer(project, customer)
    card = GiftCardFactory.create(campaign=GiftCampaignFactory(project=project))
    change_balance(card, amount=100, now=NOW)
    member = LoyaltyCardFactory(campaign=offered.campaign)
    codes = {
        "asset": asset_id(voucher.pk),
        "voucher": voucher.code,
        "gift_card": card.code,
        "member": member.code,
        "event": made["event_schema"].name,
    }
    names |= codes | {"gift_campaign": card.campaign_id}
    return names | _history(voucher, number)


def told_of(voucher: Voucher) -> DomainEvent:
    """Return an event that the bus may carry."""
    event = Event(
        type="voucher.updated",
        entity_id=voucher.pk,
        payload={"voucher": {"id": voucher.pk, "object": "voucher"}},
    )
    emit(voucher.project, [event], now=NOW)
    return DomainEvent.objects.get(entity_id=voucher.pk, type="voucher.updated")


def refer(project: Project, referrer: Customer) -> dict[str, str]:
    """Give a referral code to ``referrer`` and to a referee; return their names."""
    campaign = ReferralCampaignFactory.create(project=project)
    code = VoucherFactory.create(campaign=campaign, is_referral_code=True)
    HolderFactory.create(voucher=code, customer=referrer, role=HolderRole.REFERRER)
    referee = HolderFactory.create(voucher=code, role=HolderRole.REFEREE)
    return {
        "referral_program": campaign.pk,
        "referral_code": code.code,
        "holder": referee.pk,
    }


def stack(project: Project) -> str:
    """Give the project stacking rules of its own; return their id."""
    if not project.stacking_rules_id:
        create_stacking_rules(project=project, now=NOW, redeemables_limit=20)
        project.refresh_from_db()
    return project.stacking_rules_id


def _history(voucher: Voucher, number: int) -> dict[str, str]:
    """Redeem once and generate codes; return what came of it."""
    redeemed = redeem(voucher, f"order-{number}")
    order_id = redeemed["order"]["id"]
    given = {"voucher": voucher.code, "customer": {"id": voucher.holder_id}}
    published = server_client(voucher.project).post("/v1/publications", given)
    assert published.status_code == 200, published.content
    path = f"/v1/campaigns/{voucher.campaign_id}/vouchers?vouchers_count=2"
    generated = server_client(voucher.project).post(path, {}).json()
    return {
        "redemption": redeemed["redemptions"][0]["id"],
        "order": order_id,
        "return": return_unit(voucher.project, order_id),
        "session": lock(voucher, f"session-{number}"),
        "async_action": generated["async_action_id"],
    }


def rename(project: Project, thing: str, *, times: int) -> None:
    """Change a thing's name so often: each leaves an entry in its activity."""
    for number in range(times):
        body = {"name": f"{thing} {number}"}
        renamed = server_client(project).put(f"/v1/{thing}", body)
        assert renamed.status_code == 200


def redeem(voucher: Voucher, order_source_id: str) -> dict[str, Any]:
    """Let the voucher's holder redeem it; return the answer."""
    body = {
        "redeemables": [{"object": "voucher", "id": voucher.code}],
        "order": {
            "source_id": order_source_id,
            "items": [{"source_id": "tea", "quantity": 50, "price": 100}],
        },
        "customer": {"id": voucher.holder_id},
    }
    response = server_client(voucher.project).post("/v1/redemptions", body)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def return_unit(project: Project, order_id: str) -> str:
    """Take one unit of an order's first line back; return the return's id."""
    path = f"/v1/orders/{order_id}/returns"
    body = {"items": [{"index": 0, "quantity": 1}]}
    response = server_client(project).post(path, body)
    assert response.status_code == 200, response.content
    made: str = response.json()["id"]
    return made


def lock(voucher: Voucher, key: str) -> str:
    """Let a validation session hold the voucher; return its key."""
    body = {
        "redeemables": [{"object": "voucher", "id": voucher.code}],
        "session": {"type": "LOCK", "key": key},
    }
    response = server_client(voucher.project).post("/v1/validations", body)
    assert response.json()["session"]["key"] == key
    return key


def named(path: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a route's ``path``, each naming an existing thing."""
    parts = path.split("/")
    kinds = SEGMENTS | (WITH_BALANCE if path.endswith(BALANCES) else {})
    kinds |= OF_REWARDS if path.startswith("/v1/rewards") else {}
    kinds |= OF_PROGRAMS if path.startswith("/v1/loyalties") else {}
    return {
        part[1:-1]: names[kinds[before]]
        for before, part in pairwise(parts)
        if part.startswith("{")
    }
