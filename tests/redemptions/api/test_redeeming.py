"""Validating and redeeming over HTTP: exact amounts, exact refusals."""

import pytest

from customers.engine.tracking import encode
from promo.outbox.models import DomainEvent
from redemptions.models import Counter, Order, Redemption
from tests.factories.campaigns import CampaignFactory, VoucherFactory, template
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory

pytestmark = pytest.mark.django_db

TWENTY = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ORDER"}


def coupon(project, code="SAVE20", **fields):
    campaign = CampaignFactory(project=project, voucher=template(discount=TWENTY))
    fields = {"discount": TWENTY, "redemption_quantity": 1, **fields}
    return VoucherFactory(project=project, campaign=campaign, code=code, **fields)


def ask(*codes, **rest):
    return {"redeemables": [{"object": "voucher", "id": c} for c in codes], **rest}


def test_validating_shows_the_exact_amounts_and_writes_nothing(api, project):
    coupon(project)

    answer = api.post("/v1/validations", ask("SAVE20", order={"amount": 5000})).json()

    assert answer["valid"] is True
    assert answer["order"]["amount"] == 5000
    assert answer["order"]["discount_amount"] == 1000
    assert answer["order"]["total_amount"] == 4000
    assert answer["order"]["applied_discount_amount"] == 1000
    [entry] = answer["redeemables"]
    assert entry["status"] == "APPLICABLE"
    assert entry["result"]["discount"]["percent_off"] == 20
    assert Order.objects.count() == Redemption.objects.count() == 0
    assert DomainEvent.objects.count() == 0


def test_validating_an_unknown_code_says_so_and_is_no_error(api):
    response = api.post("/v1/validations", ask("NOPE", order={"amount": 5000}))

    assert response.status_code == 200
    [entry] = response.json()["redeemables"]
    assert response.json()["valid"] is False
    assert entry["result"]["error"]["key"] == "not_found"
    assert entry["result"]["error"]["resource_type"] == "voucher"


def test_explaining_lists_the_checks(api, project):
    coupon(project)

    answer = api.post(
        "/v1/validations?explain=true", ask("SAVE20", order={"amount": 5000})
    ).json()

    [entry] = answer["explain"]["redeemables"]
    assert entry["status"] == "APPLICABLE"
    assert entry["checks"]
    assert answer["explain"]["sentences"] == [
        "SAVE20 applies: 20 % off the order takes off 10.00 and leaves 40.00 to pay."
    ]


@pytest.mark.spec("engine 9.2 customer")
@pytest.mark.spec("engine 9.2 order")
def test_redeeming_uses_the_code_and_stores_order_customer_and_event(api, project):
    voucher = coupon(project)

    response = api.post(
        "/v1/redemptions",
        ask(
            "SAVE20",
            order={"source_id": "o-1", "amount": 5000},
            customer={"source_id": "ada", "name": "Ada"},
            metadata={"till": 7},
        ),
    )

    assert response.status_code == 200, response.json()
    answer = response.json()
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 1
    [shown] = answer["redemptions"]
    assert shown["id"].startswith("r_")
    assert shown["result"] == "SUCCESS"
    assert shown["voucher"]["redemption"]["redeemed_quantity"] == 1
    assert shown["customer"]["source_id"] == "ada"
    assert shown["metadata"] == {"till": 7}
    order = Order.objects.get()
    assert answer["order"]["id"] == order.pk
    assert (order.status, order.amount, order.discount_amount) == ("PAID", 5000, 1000)
    assert list(answer["order"]["redemptions"]) == [shown["id"]]
    counted = Redemption.objects.get().claims
    ada = f"count:customer:{shown['customer']['id'].removeprefix('cust_')}"
    assert (counted[voucher.pk][ada], counted[voucher.campaign_id][ada]) == (1, 1)
    assert not Counter.objects.exists()
    told = set(DomainEvent.objects.values_list("type", flat=True))
    assert told == {
        "customer.created",
        "customer.order.created",
        "customer.order.paid",
        "redemption.succeeded",
        "customer.redemption.succeeded",
    }


def test_the_event_has_the_order_as_it_is_answered_and_the_row_as_it_is_kept(
    api, project
):
    coupon(project)
    body = ask("SAVE20", order={"source_id": "o-1", "amount": 10_000})

    answer = api.post("/v1/redemptions", body).json()

    told = DomainEvent.objects.get(type="redemption.succeeded").data
    row = Redemption.objects.get()
    assert list(told["order"]["redemptions"]) == [row.shown_id]
    assert told["order"]["redemptions"] == answer["order"]["redemptions"]
    assert told["redemption"]["order"] == told["order"]
    assert row.order_state == {
        name: value for name, value in told["order"].items() if name != "redemptions"
    }


def test_a_used_up_code_is_refused_on_record_and_nothing_moves(api, project):
    voucher = coupon(project, redeemed_quantity=1)

    response = api.post(
        "/v1/redemptions",
        ask("SAVE20", order={"amount": 5000}, customer={"source_id": "ada"}),
    )

    assert response.status_code == 400
    body = response.json()
    assert body["key"] == "quantity_exceeded"
    assert body["resource_type"] == "redemption"
    assert body["resource_id"].startswith("rf_")
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 1
    assert Order.objects.count() == Counter.objects.count() == 0
    assert project.customers.count() == 0
    failure = Redemption.objects.get()
    assert (failure.result, failure.failure_code) == ("FAILURE", "quantity_exceeded")
    assert failure.shown_id == body["resource_id"]
    assert DomainEvent.objects.get().type == "redemption.failed"


@pytest.mark.spec("engine 12.2 not_found (404)")
def test_an_unknown_code_is_404_on_record(api):
    response = api.post("/v1/redemptions", ask("NOPE", order={"amount": 5000}))

    assert response.status_code == 404
    assert response.json()["key"] == "not_found"
    assert Redemption.objects.get().failure_code == "not_found"


@pytest.mark.spec("engine 9.1 redemptions[]")
@pytest.mark.spec("engine 9.1 parent_redemption")
@pytest.mark.spec("engine 9.1 order")
def test_several_redeemables_share_a_parent_and_running_totals(api, project):
    coupon(project, "FIRST")
    tier = TierFactory(project=project)
    body = ask("FIRST", order={"amount": 10000})
    body["redeemables"].append({"object": "promotion_tier", "id": tier.pk})

    answer = api.post("/v1/redemptions", body).json()

    first, second = answer["redemptions"]
    assert first["order"]["total_amount"] == 8000
    assert second["order"]["total_amount"] == 7200
    assert answer["parent_redemption"]["related_object_type"] == "redemption"
    assert first["redemption"] == answer["parent_redemption"]["id"]
    assert answer["order"]["total_applied_discount_amount"] == 2800
    tier.refresh_from_db()
    assert (tier.redeemed_quantity, tier.discounted_amount) == (1, 800)
    order = Order.objects.get()
    assert order.total_amount == 7200


def test_in_all_mode_one_refusal_refuses_all(api, project):
    voucher = coupon(project, "FIRST")

    response = api.post("/v1/redemptions", ask("FIRST", "NOPE", order={"amount": 100}))

    voucher.refresh_from_db()
    assert response.status_code == 404
    assert voucher.redeemed_quantity == 0
    assert [row.result for row in Redemption.objects.all()] == ["FAILURE"]


def test_an_order_redeemed_again_takes_further_discounts(api, project):
    coupon(project, "ONE")
    coupon(project, "TWO")
    api.post("/v1/redemptions", ask("ONE", order={"source_id": "o-1", "amount": 10000}))

    answer = api.post(
        "/v1/redemptions", ask("TWO", order={"source_id": "o-1", "amount": 1})
    ).json()

    assert answer["order"]["amount"] == 10000
    assert answer["order"]["discount_amount"] == 3600
    assert answer["order"]["applied_discount_amount"] == 1600
    assert len(answer["order"]["redemptions"]) == 2
    assert Order.objects.get().total_amount == 6400


def test_another_projects_code_does_not_exist(other_api, project):
    voucher = coupon(project)

    response = other_api.post("/v1/redemptions", ask("SAVE20"))

    voucher.refresh_from_db()
    assert response.status_code == 404
    assert voucher.redeemed_quantity == 0


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, "Payload must have required property 'redeemables'"),
        ({"redeemables": []}, ".redeemables must NOT have fewer than 1 items"),
        ({"redeemables": [{"id": "A"}]}, ".redeemables[0]"),
        (ask("A", order={"amount": -1}), ".order.amount"),
        (ask("A", order={"amount": "5"}), ".order.amount"),
        (ask("A", order={"items": [{"quantity": 0}]}), ".order.items[0].quantity"),
        (ask("A", customer={"source_id": 5}), ".customer.source_id"),
        (ask("A", order={"created_at": "2026-02-31"}), ".order.created_at"),
    ],
)
def test_bad_input_is_refused_with_its_path_and_leaves_no_record(api, body, details):
    response = api.post("/v1/redemptions", body)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert details in response.json()["details"]
    assert Redemption.objects.count() == 0


def test_the_same_code_twice_is_refused_and_leaves_no_record(api, project):
    coupon(project)

    response = api.post("/v1/redemptions", ask("SAVE20", "SAVE20"))

    assert response.json()["key"] == "duplicated_redeemables"
    assert Redemption.objects.count() == 0


@pytest.mark.spec("engine 12.1 not_found 404")
def test_an_unknown_order_or_customer_id_is_404(api, project):
    coupon(project)
    stranger = CustomerFactory()

    by_order = api.post("/v1/redemptions", ask("SAVE20", order={"id": "ord_1"}))
    by_customer = api.post(
        "/v1/redemptions", ask("SAVE20", customer={"id": stranger.pk})
    )

    assert (by_order.status_code, by_order.json()["resource_type"]) == (404, "order")
    assert by_customer.status_code == 404
    assert by_customer.json()["resource_type"] == "customer"
    assert Redemption.objects.count() == 0


@pytest.mark.spec("engine 12.1 ambiguous_tracking_id")
@pytest.mark.parametrize("other", ["bob", encode("bob")])
@pytest.mark.parametrize(
    "path", ["/v1/validations", "/v1/redemptions", "/v1/qualifications"]
)
def test_two_identities_in_one_request_are_refused(api, project, path, other):
    voucher = coupon(project)
    ada = {"customer": {"source_id": "ada"}}

    response = api.post(path, ask("SAVE20", tracking_id=other, **ada))
    same = api.post(path, ask("SAVE20", tracking_id=encode("ada"), **ada))

    voucher.refresh_from_db()
    shown = response.json()
    assert (response.status_code, shown["key"]) == (400, "ambiguous_tracking_id")
    assert shown["message"] == f"Ambiguous trackingId ('ada' vs. '{other}')"
    assert shown["details"].startswith("The customer cannot be identified")
    assert same.status_code == 200
    redeemed = path == "/v1/redemptions"
    assert voucher.redeemed_quantity == Redemption.objects.count() == redeemed
    assert project.customers.filter(source_id="bob").count() == 0


def test_browsers_redeem_only_where_the_project_allows_it(browser, project):
    voucher = coupon(project)

    refused = browser.post("/client/v1/redemptions", ask("SAVE20"))
    seen = browser.post("/client/v1/validations", ask("SAVE20"))

    voucher.refresh_from_db()
    assert refused.status_code == 403
    assert "client_redeem_enabled" in refused.json()["details"]
    assert seen.json()["valid"] is True
    assert voucher.redeemed_quantity == 0


def test_explanations_are_for_servers_alone(browser, project):
    coupon(project)

    answer = browser.post("/client/v1/validations?explain=true", ask("SAVE20")).json()

    assert answer["valid"] is True
    assert "explain" not in answer


def _many(project, count):
    return [coupon(project, f"CODE{n}").code for n in range(count)]


def test_validating_costs_the_same_for_one_as_for_five(
    api, project, django_assert_num_queries, django_assert_max_num_queries
):
    codes = _many(project, 5)
    customer = CustomerFactory(project=project)
    extra = {"order": {"amount": 9000}, "customer": {"source_id": customer.source_id}}
    api.post("/v1/validations", ask(codes[0], **extra))

    with django_assert_max_num_queries(8) as one:
        api.post("/v1/validations", ask(codes[0], **extra))
    with django_assert_num_queries(len(one)):
        api.post("/v1/validations", ask(*codes, **extra))
    assert len(one) == 3


def test_redeeming_costs_the_same_for_two_as_for_five(
    api, project, django_assert_num_queries, django_assert_max_num_queries
):
    codes = _many(project, 7)
    customer = CustomerFactory(project=project)
    extra = {"order": {"amount": 9000}, "customer": {"source_id": customer.source_id}}
    api.post("/v1/validations", ask(codes[0], **extra))

    with django_assert_max_num_queries(30) as two:
        api.post("/v1/redemptions", ask(*codes[:2], **extra))
    with django_assert_num_queries(len(two)):
        api.post("/v1/redemptions", ask(*codes[2:], **extra))


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/redemptions", "/v1/validations"])
def test_amounts_beyond_what_can_be_stored_are_refused(api, project, path):
    voucher = coupon(project)
    items = [{"quantity": 2, "price": 2**63 - 1}]

    response = api.post(
        path, {**ask("SAVE20"), "order": {"items": items}, "items": items}
    )

    voucher.refresh_from_db()
    assert (response.status_code, response.json()["key"]) == (400, "invalid_order")
    assert voucher.redeemed_quantity == 0
    assert project.orders.count() == 0
