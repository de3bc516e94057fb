"""Requests about customers, segments, events, consents and locations."""

from typing import Any

from customers.services.customer import delete_customer
from promo.outbox.relay import publish_batch
from tests.contract.inhabitants import redeem, rename
from tests.contract.promised.world import Case, World
from tests.factories.campaigns import (
    CategoryFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    VoucherFactory,
)
from tests.factories.consents import ConsentFactory, ConsentGroupFactory
from tests.factories.customers import LocationFactory
from tests.factories.tenancy import NOW

PROFILE: dict[str, Any] = {
    "source_id": "bob.smith@example.com",
    "name": "Bob Smith",
    "email": "bob.smith@example.com",
    "description": "Comes on Fridays",
    "phone": "+1 933 222 3334",
    "birthdate": "1990-04-12",
    "birthday": "1990-04-13",
    "address": {
        "city": "New York",
        "state": "NY",
        "line_1": "123 Main St.",
        "line_2": "Apt 4B",
        "country": "United States",
        "postal_code": "10001",
    },
    "metadata": {"lang": "en", "test": True, "visits": 3},
}
NEW_YORKERS = {"junction": "and", "address.city": {"conditions": {"$in": ["New York"]}}}
ANN = {"junction": "and", "name": {"conditions": {"$is": ["Ann"]}}}
AROUND_WARSAW = {
    "type": "polygon",
    "format": "geojson",
    "geojson": {
        "type": "Polygon",
        "coordinates": [[[20.5, 52.0], [21.5, 52.0], [21.5, 52.5], [20.5, 52.0]]],
    },
}


def bob(world: World) -> None:
    """Create somebody who has every field."""
    world.make("customer", "/v1/customers", PROFILE)
    world.post("/v1/customers", {**PROFILE, "name": "Bob"})


def bob_deleted(world: World) -> None:
    bob(world)
    found = world.project.customers.get(pk=world.names["customer"])
    delete_customer(found, now=NOW)


def a_buyer(world: World) -> None:
    """Let the customer do and get whatever there is to do and to get."""
    customer = {"id": world.names["customer"]}
    world.post("/v1/segments", {"name": "Ann", "type": "auto-update", "filter": ANN})
    world.post("/v1/customers", {**customer, "name": "Ann", "email": "a@example.com"})
    order = {"source_id": "bought", "amount": 500, "customer": customer}
    for status in ("CREATED", "PAID", "FULFILLED", "CANCELED"):
        world.post("/v1/orders", {**order, "status": status})
    world.post("/v1/orders", {**order, "amount": 700})
    world.post("/v1/events", {"event": world.names["event"], "customer": customer})
    codes = VoucherFactory.create_batch(2, project=world.project)
    for one in codes:
        world.post("/v1/publications", {"voucher": one.code, "customer": customer})
        one.refresh_from_db()
    redeemed = redeem(codes[0], "spent")["redemptions"][0]["id"]
    world.post(f"/v1/redemptions/{redeemed}/rollback", {})
    world.api.post(f"/v1/redemptions/{redeemed}/rollback", {})
    world.api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": "no-such-code"}],
            "customer": customer,
        },
    )
    while publish_batch(now=NOW):
        pass


def a_full_wallet(world: World) -> None:
    """Give the customer a code, a gift card and a loyalty card."""
    holder = world.project.customers.get(pk=world.names["customer"])
    VoucherFactory(
        project=world.project,
        category=CategoryFactory(project=world.project),
        holder=holder,
        start_date=NOW,
        expiration_date=NOW,
        additional_info="By hand",
    )
    GiftCardFactory(campaign=GiftCampaignFactory(project=world.project), holder=holder)
    LoyaltyCardFactory(campaign__project=world.project, holder=holder)


def a_static_segment(world: World) -> None:
    members = [world.names["customer"]]
    body = {"name": "Hand-picked", "type": "static", "customers": members}
    world.make("segment", "/v1/segments", body)


def segments_of_each_type(world: World) -> None:
    a_static_segment(world)
    body = {"name": "Active", "type": "auto-update", "filter": NEW_YORKERS}
    world.post("/v1/segments", body)


def a_polygon(world: World) -> None:
    made = LocationFactory(
        project=world.project, shape=AROUND_WARSAW, updated_at=NOW, name="Warsaw"
    )
    world.names["location"] = made.pk


def a_grouped_consent(world: World) -> None:
    group = ConsentGroupFactory(project=world.project)
    ConsentFactory(project=world.project, group=group)


def a_change(world: World) -> None:
    rename(world.project, f"segments/{world.names['segment']}", times=1)


def consenting(world: World) -> dict[str, bool]:
    return {world.names["consent"]: True}


def browsers_may(world: World) -> None:
    world.project.client_create_customer_enabled = True
    world.project.client_loyalty_events_enabled = True
    world.project.save()


def a_referral_event(world: World) -> dict[str, Any]:
    return {
        "event": world.names["event"],
        "customer": {"source_id": "carol", "name": "Carol", "email": "c@example.com"},
        "referral": {"code": world.names["referral_code"]},
        "loyalty": {"code": world.names["member"]},
        "metadata": {"page": "start"},
    }


_ONE = "/v1/customers/{customerId}"
CASES = (
    Case("GET /v1/customers", "with every field", arrange=bob),
    Case(
        "GET /v1/customers",
        "by segment",
        query=lambda w: {"segment_id": w.names["segment"]},
        arrange=a_static_segment,
    ),
    Case("POST /v1/customers", "with every field", PROFILE, shows=PROFILE),
    Case("POST /v1/customers", "without a field", {}, shows={"source_id": None}),
    Case(
        "POST /v1/customers",
        "known",
        {**PROFILE, "name": "Bob"},
        arrange=bob,
        shows={"name": "Bob"},
    ),
    Case(
        f"GET {_ONE}", "with every field", arrange=bob, shows={**PROFILE, "name": "Bob"}
    ),
    Case(f"GET {_ONE}", "after a purchase", arrange=a_buyer),
    Case(f"GET {_ONE}", "with cards", arrange=a_full_wallet),
    Case(
        f"PUT {_ONE}",
        "",
        {"name": "Rob", "metadata": {"lang": "fr"}},
        arrange=bob,
        shows={"name": "Rob"},
    ),
    Case(f"DELETE {_ONE}"),
    Case(f"POST {_ONE}/permanent-deletion", "", {}, arrange=a_buyer),
    Case(
        f"POST {_ONE}/permanent-deletion", "after a deletion", {}, arrange=bob_deleted
    ),
    Case(f"GET {_ONE}/activity", "", query={"limit": "100"}, arrange=a_buyer),
    Case(f"GET {_ONE}/activity", "a page", query={"limit": "1"}, arrange=a_buyer),
    Case(f"GET {_ONE}/activities", "", query={"limit": "100"}, arrange=a_buyer),
    Case(f"GET {_ONE}/segments", arrange=a_static_segment),
    Case(f"GET {_ONE}/redeemables", arrange=a_full_wallet),
    Case(
        f"GET {_ONE}/redeemables", "a page", query={"limit": "1"}, arrange=a_full_wallet
    ),
    Case("GET /v1/segments", arrange=segments_of_each_type),
    Case(
        "POST /v1/segments",
        "static",
        lambda w: {"name": "VIP", "type": "static", "customers": [w.names["customer"]]},
        shows={"name": "VIP", "type": "static"},
    ),
    Case(
        "POST /v1/segments",
        "passive",
        {"name": "NYC", "type": "passive", "filter": NEW_YORKERS},
        shows={"filter": NEW_YORKERS},
    ),
    Case(
        "POST /v1/segments",
        "active",
        {"name": "NYC", "type": "auto-update", "filter": NEW_YORKERS},
        shows={"filter": NEW_YORKERS},
    ),
    Case("GET /v1/segments/{segmentId}"),
    Case(
        "GET /v1/segments/{segmentId}",
        "static",
        arrange=a_static_segment,
        shows={"type": "static"},
    ),
    Case(
        "PUT /v1/segments/{segmentId}",
        "",
        {"name": "Town", "filter": NEW_YORKERS},
        shows={"name": "Town", "filter": NEW_YORKERS},
    ),
    Case("DELETE /v1/segments/{segmentId}"),
    Case("GET /v1/segments/{segmentId}/activities", arrange=a_change),
    Case(
        "POST /v1/events",
        "",
        lambda w: {"event": w.names["event"], "customer": {"source_id": "carol"}},
    ),
    Case(
        "POST /v1/events",
        "of a referral",
        a_referral_event,
        shows={"metadata": {"page": "start"}},
    ),
    Case(
        "POST /client/v1/events",
        "",
        lambda w: {"event": w.names["event"], "customer": {"source_id": "carol"}},
    ),
    Case(
        "POST /client/v1/events",
        "of a referral",
        a_referral_event,
        arrange=browsers_may,
    ),
    Case("GET /v1/consents", arrange=a_grouped_consent),
    Case("GET /client/v1/consents", arrange=a_grouped_consent),
    Case(f"PUT {_ONE}/consents", "", consenting),
    Case("PUT /client/v1/customers/{customerId}/consents", "", consenting),
    Case("POST /client/v1/customers", "", PROFILE, arrange=browsers_may, shows=PROFILE),
    Case(
        "POST /client/v1/customers",
        "to be confirmed",
        PROFILE,
        arrange=browsers_may,
        headers={"X_Voucherify_Double_Opt_In": "true"},
        schema="UnconfirmedCustomer",
    ),
    Case("GET /v1/locations", arrange=a_polygon),
    Case("GET /v1/locations", "a page", query={"limit": "1"}, arrange=a_polygon),
    Case("GET /v1/locations/{locationId}", shows={"object": "location"}),
    Case(
        "GET /v1/locations/{locationId}",
        "a polygon",
        arrange=a_polygon,
        shows={"shape": AROUND_WARSAW},
    ),
)
