"""What each scenario of a qualification looks at, and which rules it leaves out."""

import pytest

from tests.factories.campaigns import (
    CampaignFactory,
    GiftCardFactory,
    PromotionFactory,
    VoucherFactory,
    template,
)
from tests.factories.catalogue import ProductFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_qualifications import FIVE_OFF, TWENTY, qualify, shown

pytestmark = pytest.mark.django_db

NAMED = (
    "ALL",
    "CUSTOMER_WALLET",
    "AUDIENCE_ONLY",
    "PRODUCTS",
    "PRODUCTS_DISCOUNT",
    "PRODUCTS_BY_CUSTOMER",
    "PRODUCTS_DISCOUNT_BY_CUSTOMER",
)


def guard(thing, *conditions, applicable_to=None, **more):
    """Put a rule on a voucher, tier or campaign."""
    kind = type(thing).__name__.lower().replace("promotiontier", "promotion_tier")
    named = {str(at): each for at, each in enumerate(conditions, start=1)}
    rule = ValidationRuleFactory(
        project=thing.project,
        rules=named | {"logic": " and ".join(named)} if named else {},
        applicable_to=applicable_to,
        **more,
    )
    AssignmentFactory(
        project=thing.project,
        rule=rule,
        related_object_id=thing.pk,
        related_object_type=kind,
    )
    return thing


def rule(name, operator, *values, **more):
    return {"name": name, "conditions": {operator: list(values)}, **more}


def items_only(*products, include_all=False):
    entries = [
        {"object": "product", "id": one.pk, "effect": "APPLY_TO_EVERY"}
        for one in products
    ]
    return {"included": entries, "included_all": include_all, "excluded": []}


@pytest.fixture
def ada(project):
    return CustomerFactory(project=project, metadata={"tier": "gold"})


@pytest.fixture
def tea(project):
    return ProductFactory(project=project, price=1_000)


@pytest.fixture
def cart(ada, tea):
    """Ada buys two teas."""
    return {
        "order": {"items": [{"product_id": tea.pk, "quantity": 2}]},
        "customer": {"source_id": ada.source_id},
    }


@pytest.fixture
def shop(project, ada, tea):
    """One candidate of every sort; each is called by what guards it."""
    item_off = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ITEMS"}
    code = {
        name: VoucherFactory(project=project, code=name, discount=discount)
        for name, discount in {
            "PLAIN": FIVE_OFF,
            "GOLD": FIVE_OFF,
            "SILVER": FIVE_OFF,
            "BIG": FIVE_OFF,
            "TEA-OFF": item_off,
            "WITH-TEA": FIVE_OFF,
            "MUCH-TEA": item_off,
        }.items()
    }
    guard(code["GOLD"], rule("customer.metadata", "$is", "gold", property="tier"))
    guard(code["SILVER"], rule("customer.metadata", "$is", "silver", property="tier"))
    guard(code["BIG"], rule("order.initial_amount", "$more_than", 999_999))
    guard(code["TEA-OFF"], applicable_to=items_only(tea))
    product = {"id": tea.pk, "source_id": tea.source_id, "object": "product"}
    guard(code["WITH-TEA"], rule("order.items.any", "$is", product))
    guard(
        code["MUCH-TEA"],
        rule("order.initial_amount", "$more_than", 999_999),
        applicable_to=items_only(tea),
    )
    campaign = CampaignFactory(project=project, type="STATIC")
    VoucherFactory(campaign=campaign, code="HELD", holder=ada, discount=FIVE_OFF)
    VoucherFactory(campaign=campaign, code="FREE", discount=FIVE_OFF)
    return {"campaign": campaign, "tier": TierFactory(project=project)}


def found(api, shop, scenario, **body):
    """The names of what qualifies; of campaign and tier what they are."""
    called = {thing.pk: name for name, thing in shop.items()}
    answer = qualify(api, scenario=scenario, options={"limit": 50}, **body)
    return {called.get(one, one) for one in shown(answer)}


@pytest.mark.spec("engine 11.1 ALL")
@pytest.mark.spec("engine 11.1 CUSTOMER_WALLET")
@pytest.mark.spec("engine 11.1 AUDIENCE_ONLY")
@pytest.mark.spec("engine 11.1 PRODUCTS")
@pytest.mark.spec("engine 11.1 PRODUCTS_DISCOUNT")
@pytest.mark.spec("engine 11.1 PRODUCTS_BY_CUSTOMER")
@pytest.mark.spec("engine 11.1 PRODUCTS_DISCOUNT_BY_CUSTOMER")
@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("ALL", {"PLAIN", "GOLD", "TEA-OFF", "WITH-TEA", "HELD", "tier"}),
        ("CUSTOMER_WALLET", {"HELD"}),
        (
            "AUDIENCE_ONLY",
            {
                "PLAIN",
                "GOLD",
                "BIG",
                "TEA-OFF",
                "WITH-TEA",
                "MUCH-TEA",
                "HELD",
                "tier",
                "campaign",
            },
        ),
        ("PRODUCTS", {"TEA-OFF", "WITH-TEA", "MUCH-TEA"}),
        ("PRODUCTS_DISCOUNT", {"TEA-OFF", "MUCH-TEA"}),
        ("PRODUCTS_BY_CUSTOMER", {"TEA-OFF", "WITH-TEA", "MUCH-TEA"}),
        ("PRODUCTS_DISCOUNT_BY_CUSTOMER", {"TEA-OFF", "MUCH-TEA"}),
    ],
)
def test_a_scenario_finds_its_objects_by_its_rules(api, shop, cart, scenario, expected):
    assert found(api, shop, scenario, **cart) == expected


@pytest.mark.spec("engine 11.1 PRODUCTS")
@pytest.mark.spec("engine 11.1 PRODUCTS_BY_CUSTOMER")
def test_by_customer_the_customers_rules_count_too(api, project, tea):
    code = VoucherFactory(project=project, code="SILVER", discount=TWENTY)
    silver = rule("customer.metadata", "$is", "silver", property="tier")
    guard(code, silver, applicable_to=items_only(tea))
    order = {"items": [{"product_id": tea.pk, "quantity": 1}]}
    gold = {"customer": {"metadata": {"tier": "gold"}}}
    right = {"customer": {"metadata": {"tier": "silver"}}}

    def codes(scenario, **body):
        return shown(qualify(api, scenario=scenario, order=order, **body))

    assert codes("PRODUCTS") == ["SILVER"]
    assert codes("PRODUCTS", **gold) == ["SILVER"]
    assert codes("PRODUCTS_BY_CUSTOMER", **gold) == []
    assert codes("PRODUCTS_BY_CUSTOMER", **right) == ["SILVER"]


@pytest.mark.spec("engine 11.1 CUSTOMER_WALLET")
@pytest.mark.parametrize(
    "scenario",
    ["CUSTOMER_WALLET", "PRODUCTS_BY_CUSTOMER", "PRODUCTS_DISCOUNT_BY_CUSTOMER"],
)
def test_what_needs_a_customer_is_empty_without_one(api, shop, tea, scenario):
    order = {"items": [{"product_id": tea.pk, "quantity": 2}]}

    assert found(api, shop, scenario, order=order) == set()


@pytest.mark.spec("engine 11.1 PRODUCTS")
@pytest.mark.parametrize("scenario", [one for one in NAMED if "PRODUCTS" in one])
def test_what_needs_items_is_empty_without_any(api, shop, ada, scenario):
    body = {"order": {"amount": 10_000}, "customer": {"source_id": ada.source_id}}

    assert found(api, shop, scenario, **body) == set()


@pytest.mark.spec("engine 11.1 ALL")
def test_an_anonymous_request_drops_what_only_a_customer_could_decide(api, shop, tea):
    order = {"items": [{"product_id": tea.pk, "quantity": 2}]}

    names = found(api, shop, "ALL", order=order)

    assert names == {"PLAIN", "TEA-OFF", "WITH-TEA", "tier"}


@pytest.mark.spec("engine 11.1 PRODUCTS")
@pytest.mark.spec("engine 11.1 PRODUCTS_DISCOUNT")
def test_what_includes_all_items_touches_every_one(api, project, tea):
    item_off = {"type": "AMOUNT", "amount_off": 100, "effect": "APPLY_TO_ITEMS"}
    code = VoucherFactory(project=project, code="ALL", discount=item_off)
    guard(code, applicable_to=items_only(include_all=True))
    order = {"items": [{"product_id": tea.pk, "quantity": 1}]}

    for scenario in ("PRODUCTS", "PRODUCTS_DISCOUNT"):
        assert shown(qualify(api, scenario=scenario, order=order)) == ["ALL"]


@pytest.mark.spec("engine 11.1 PRODUCTS_DISCOUNT")
def test_strike_through_prices_come_from_the_discount_on_each_product(
    api, project, tea
):
    cup = ProductFactory(project=project, price=500)
    item_off = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ITEMS"}
    tier = TierFactory(project=project, action={"discount": item_off})
    guard(tier, applicable_to=items_only(tea))
    listed = [{"product_id": one.pk, "quantity": 2} for one in (tea, cup)]

    answer = qualify(api, scenario="PRODUCTS_DISCOUNT", order={"items": listed})

    [entry] = answer["redeemables"]["data"]
    items = entry["order"]["items"]
    prices = [each["subtotal_amount"] / each["quantity"] for each in items]
    assert prices == [800, 500]
    assert [one["id"] for one in entry["applicable_to"]["data"]] == [tea.pk]


def stacked(project, *percents, **fields):
    campaign = PromotionFactory(project=project)
    tiers = [
        TierFactory(
            project=project,
            campaign=campaign,
            action={
                "discount": {
                    "type": "PERCENT",
                    "percent_off": percent,
                    "effect": "APPLY_TO_ORDER",
                }
            },
        )
        for percent in percents
    ]
    return StackFactory(project=project, campaign=campaign, tiers=tiers, **fields)


@pytest.mark.spec("engine 11.1 PROMOTION_STACKS")
def test_a_stack_qualifies_when_every_tier_does_in_sequence(api, project):
    good, bad = stacked(project, 10, 20), stacked(project, 10, 20)
    failing = bad.members.last().tier
    guard(failing, rule("order.initial_amount", "$more_than", 999_999))
    off = stacked(project, 10)
    off.campaign.active = False
    off.campaign.save()

    answer = qualify(
        api, scenario="PROMOTION_STACKS", options={"expand": ["redeemable"]}
    )

    [entry] = answer["redeemables"]["data"]
    assert (entry["id"], entry["object"]) == (good.pk, "promotion_stack")
    assert entry["name"] == good.name
    assert entry["campaign_id"] == good.campaign_id
    assert entry["order"]["total_applied_discount_amount"] == 2_800
    assert entry["order"]["total_amount"] == 7_200
    ids = [member.tier_id for member in good.members.all()]
    parts = [
        (each["id"], each["object"], each["order"]["total_applied_discount_amount"])
        for each in entry["redeemables"]
    ]
    assert parts == [
        (ids[0], "promotion_tier", 1_000),
        (ids[1], "promotion_tier", 1_800),
    ]


@pytest.mark.spec("engine 11.1 PROMOTION_STACKS")
def test_stacks_are_ranked_filtered_and_their_rules_shown(api, project):
    small, large = stacked(project, 10), stacked(project, 30, 10)
    guard(large.members.first().tier, rule("order.amount", "$more_than", 999_999))
    options = {"sorting_rule": "BEST_DEAL", "expand": ["validation_rules"]}
    only = {"campaign_id": {"conditions": {"$is": [small.campaign_id]}}}

    best = qualify(api, scenario="PROMOTION_STACKS", options=options)
    one = qualify(api, scenario="PROMOTION_STACKS", options={"filters": only})
    none = qualify(api, scenario="ALL", options={"limit": 50})

    assert shown(best) == [large.pk, small.pk]
    first = best["redeemables"]["data"][0]["redeemables"][0]
    [assignment] = first["validation_rules_assignments"]["data"]
    assert assignment["validation_status"] == "PARTIALLY_VALID"
    assert assignment["validation_omitted_rules"] == ["1"]
    assert shown(one) == [small.pk]
    assert not any(each.startswith("stack_") for each in shown(none))


def test_stacks_cost_the_same_for_one_as_for_ten(
    api, project, django_assert_num_queries, django_assert_max_num_queries
):
    stacked(project, 1, 2)
    qualify(api, scenario="PROMOTION_STACKS")
    with django_assert_max_num_queries(6) as one:
        qualify(api, scenario="PROMOTION_STACKS", options={"limit": 50})
    for _ in range(9):
        stacked(project, 1, 2, 3)

    with django_assert_num_queries(len(one)):
        answer = qualify(api, scenario="PROMOTION_STACKS", options={"limit": 50})
    assert len(shown(answer)) == 10


@pytest.mark.spec("engine 11.1 AUDIENCE_ONLY")
def test_a_campaign_is_shown_while_a_code_can_still_be_had(api, project, ada):
    given = {"voucher": template(discount=TWENTY), "project": project}
    endless = CampaignFactory(type="AUTO_UPDATE", **given)
    left = CampaignFactory(type="STATIC", **given)
    VoucherFactory(campaign=left, code="LEFT")
    gone = CampaignFactory(type="STATIC", **given)
    VoucherFactory(campaign=gone, code="GONE", holder=CustomerFactory(project=project))
    generic = CampaignFactory(type="STANDALONE", **given)
    VoucherFactory(campaign=generic, code="GENERIC")
    once = CampaignFactory(type="AUTO_UPDATE", join_once=True, **given)
    VoucherFactory(campaign=once, code="HERS", holder=ada)
    campaigns = {"resource_type": {"conditions": {"$is": ["campaign"]}}}

    def ids(**body):
        options = {"filters": campaigns, "limit": 50}
        return set(
            shown(qualify(api, scenario="AUDIENCE_ONLY", options=options, **body))
        )

    assert ids() == {endless.pk, left.pk, once.pk}
    assert ids(customer={"source_id": ada.source_id}) == {endless.pk, left.pk}


@pytest.mark.spec("engine 11.1 ALL")
def test_codes_for_everybody_are_candidates_whether_or_not_they_are_given_out(
    api, project, ada
):
    eve = CustomerFactory(project=project)
    generic = CampaignFactory(project=project, type="STANDALONE")
    VoucherFactory(campaign=generic, code="GENERIC", holder=eve)
    VoucherFactory(project=project, code="ALONE", holder=eve)
    bulk = CampaignFactory(project=project, type="AUTO_UPDATE", vouchers_count=1)
    VoucherFactory(campaign=bulk, code="BULK")
    GiftCardFactory(project=project, code="EVES-CARD", holder=eve)
    GiftCardFactory(project=project, code="CARD")

    answer = qualify(api, customer={"source_id": ada.source_id})

    assert set(shown(answer)) == {"GENERIC", "ALONE", "CARD"}


def test_an_offer_without_dates_runs_as_long_as_its_campaign(api, project):
    over = PromotionFactory(project=project, expiration_date=NOW)
    TierFactory(project=project, campaign=over)
    ended = CampaignFactory(project=project, type="STANDALONE", expiration_date=NOW)
    VoucherFactory(campaign=ended, code="OVER")
    VoucherFactory(campaign=ended, code="OWN", expiration_date="2999-01-01T00:00:00Z")

    assert shown(qualify(api)) == ["OWN"]


@pytest.mark.parametrize(
    "name",
    [
        "campaign.orders.amount_discounted",
        "campaign.redemptions.count",
        "redemption.count.per_customer",
        "campaign.redemptions.customers_count",
        "order.amount",
    ],
)
@pytest.mark.parametrize("scenario", ["ALL", "AUDIENCE_ONLY"])
def test_rules_that_every_scenario_ignores_are_reported(api, project, name, scenario):
    code = guard(
        VoucherFactory(project=project, code="A", discount=TWENTY),
        rule(name, "$less_than", 0),
    )

    answer = qualify(api, scenario=scenario, options={"expand": ["validation_rules"]})

    [entry] = answer["redeemables"]["data"]
    [assignment] = entry["validation_rules_assignments"]["data"]
    assert entry["id"] == code.code
    assert assignment["validation_omitted_rules"] == ["1"]
    assert assignment["validation_status"] == "PARTIALLY_VALID"


@pytest.mark.parametrize("amount", [10_000, 30_000])
def test_a_project_may_have_the_orders_amount_checked(api, project, amount):
    project.qualification_checks_order_amount = True
    project.save()
    code = VoucherFactory(project=project, code="BIG", discount=TWENTY)
    guard(code, rule("order.amount", "$more_than", 20_000))
    expand = {"expand": ["validation_rules"]}

    answer = qualify(api, order={"amount": amount}, options=expand)

    listed = [
        (each["validation_status"], each["validation_omitted_rules"])
        for entry in answer["redeemables"]["data"]
        for each in entry["validation_rules_assignments"]["data"]
    ]
    assert listed == ([("VALID", [])] if amount > 20_000 else [])
