"""Free units over HTTP: shown, stored, redeemed again, and taken back."""

import pytest

from campaigns.services.project_seed import seed_catalogue
from redemptions.models import Order, Redemption
from tests.factories.campaigns import VoucherFactory
from tests.factories.catalogue import ProductFactory, SkuFactory, listing
from tests.factories.rules import AssignmentFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea(project):
    return ProductFactory(
        project=project, source_id="tea", name="Tea", price=1200, metadata={"x": 1}
    )


def giving(project, code, unit_type, count=3, effect="ADD_NEW_ITEMS"):
    discount = {
        "type": "UNIT",
        "unit_off": count,
        "unit_type": unit_type,
        "effect": effect,
    }
    return VoucherFactory(
        project=project, code=code, discount=discount, redemption_quantity=None
    )


def basket(*items, **rest):
    return {"source_id": "web-1", "items": list(items), **rest}


TWO = {"source_id": "tea", "quantity": 2}


def test_a_validation_shows_the_added_units_and_writes_nothing(api, project, tea):
    giving(project, "FREE", tea.pk)

    answer = api.post("/v1/validations", ask("FREE", order=basket(TWO))).json()

    [entry] = answer["redeemables"]
    [line] = answer["order"]["items"]
    assert entry["result"] == {
        "discount": {
            "type": "UNIT",
            "effect": "ADD_NEW_ITEMS",
            "unit_off": 3,
            "unit_type": tea.pk,
            "product": {"id": tea.pk, "source_id": "tea", "name": "Tea"},
            "is_dynamic": False,
        }
    }
    assert line["quantity"] == 5
    assert (line["discount_quantity"], line["initial_quantity"]) == (3, 2)
    assert (line["amount"], line["initial_amount"]) == (6000, 2400)
    assert line["subtotal_amount"] == 2400
    assert answer["order"]["initial_amount"] == 2400
    assert answer["order"]["total_amount"] == 2400
    assert Order.objects.count() == 0


@pytest.mark.spec("engine 2.6 Free shipping")
def test_free_shipping_adds_the_shipping_product(api, project):
    seed_catalogue(project, now=NOW)
    giving(project, "SHIP", "prod_5h1pp1ng", 1, "ADD_MISSING_ITEMS")

    answer = api.post("/v1/validations", ask("SHIP", order={"amount": 5000})).json()

    [line] = answer["order"]["items"]
    assert line["product_id"] == "prod_5h1pp1ng"
    assert line["product"]["name"] == "Shipping"
    assert (line["quantity"], line["discount_quantity"]) == (1, 1)
    assert answer["order"]["total_amount"] == 5000


def test_a_sku_is_given_by_its_source_id_with_its_product(api, project, tea):
    sku = SkuFactory(product=tea, source_id="tea-xl", sku="XL", price=1500)
    giving(project, "XL", "tea-xl", 1)

    answer = api.post("/v1/validations", ask("XL", order=basket(TWO))).json()

    shown = answer["redeemables"][0]["result"]["discount"]
    assert shown["product"]["id"] == tea.pk
    assert shown["sku"] == {"id": sku.pk, "source_id": "tea-xl", "sku": "XL"}
    [_, line] = answer["order"]["items"]
    assert (line["sku_id"], line["product_id"]) == (sku.pk, tea.pk)
    assert line["amount"] == line["discount_amount"] == 1500


def test_the_members_of_a_collection_get_more_of_the_same(api, project, tea):
    other = ProductFactory(project=project, price=100)
    giving(project, "MORE", listing(tea).pk, 1, "ADD_SAME_ITEMS")
    items = [TWO, {"product_id": other.pk, "quantity": 1}]

    answer = api.post("/v1/validations", ask("MORE", order=basket(*items))).json()

    assert [each["quantity"] for each in answer["order"]["items"]] == [3, 1]
    assert answer["order"]["total_amount"] == 2500


@pytest.mark.spec("engine 2.6 Deleted or unknown unit_type")
@pytest.mark.parametrize("order", [{"order": basket(TWO)}, {}])
def test_a_thing_that_was_deleted_is_not_found_and_nothing_moves(
    api, project, tea, order
):
    gone = ProductFactory(project=project, deleted_at=NOW)
    voucher = giving(project, "GONE", gone.pk)

    validation = api.post("/v1/validations", ask("GONE", **order)).json()
    redemption = api.post("/v1/redemptions", ask("GONE", **order))

    error = validation["redeemables"][0]["result"]["error"]
    assert (error["code"], error["key"]) == (404, "not_found")
    assert (error["resource_type"], error["resource_id"]) == ("product", gone.pk)
    voucher.refresh_from_db()
    assert (redemption.status_code, redemption.json()["key"]) == (404, "not_found")
    assert redemption.json()["details"] == f"Cannot find product with id {gone.pk}"
    assert voucher.redeemed_quantity == 0
    assert Order.objects.count() == 0


def test_another_projects_product_is_not_found(api, project):
    strange = ProductFactory(price=1)
    giving(project, "MINE", strange.pk)

    answer = api.post("/v1/validations", ask("MINE", order=basket(TWO))).json()

    assert answer["redeemables"][0]["result"]["error"]["key"] == "not_found"


def redeemed(api, *codes, **rest):
    response = api.post("/v1/redemptions", ask(*codes, **rest))
    assert response.status_code == 200, response.json()
    return response.json()


def test_a_redemption_stores_the_units_and_the_line_it_added(api, project, tea):
    cup = ProductFactory(project=project, price=500)
    giving(project, "TEA", tea.pk)
    giving(project, "CUP", cup.pk, 1)

    answer = redeemed(api, "TEA", "CUP", order=basket(TWO))

    stored = Order.objects.get()
    shown = answer["order"]["items"]
    kept = [each["order"]["items"] for each in answer["redemptions"]]
    read = api.get(f"/v1/orders/{stored.pk}").json()
    assert (stored.amount, stored.initial_amount) == (6500, 2400)
    assert stored.items_discount_amount == 4100
    assert [each["quantity"] for each in stored.items] == [5, 1]
    assert [len(each) for each in kept] == [1, 2]
    assert shown[1]["id"] == kept[1][1]["id"] == read["items"][1]["id"]
    assert shown[1]["id"].startswith("ordli_")
    for name in ("amount", "initial_amount", "total_amount"):
        assert read[name] == answer["order"][name]
    for name in ("quantity", "discount_quantity", "initial_quantity", "amount"):
        assert [each[name] for each in read["items"]] == [each[name] for each in shown]
    assert sorted(Redemption.objects.values_list("applied_amount", flat=True)) == [
        500,
        3600,
        4100,
    ]


def test_an_order_redeemed_again_keeps_its_units_and_gets_further_ones(
    api, project, tea
):
    giving(project, "ONE", tea.pk, 1)
    giving(project, "TWO", tea.pk, 2)
    first = redeemed(api, "ONE", order=basket(TWO))

    again = redeemed(api, "TWO", order={"id": first["order"]["id"]})

    [line] = again["order"]["items"]
    assert (line["quantity"], line["initial_quantity"]) == (5, 2)
    assert (line["discount_quantity"], line["applied_discount_quantity"]) == (3, 2)
    assert (line["amount"], line["initial_amount"]) == (6000, 2400)
    assert (again["order"]["amount"], again["order"]["initial_amount"]) == (6000, 2400)
    assert again["order"]["items_applied_discount_amount"] == 2400
    assert again["order"]["total_amount"] == 2400


@pytest.mark.spec("engine 10 order, `WITH_ORDER`")
def test_a_rollback_takes_the_units_back_and_the_line_with_them(api, project, tea):
    cup = ProductFactory(project=project, price=500)
    giving(project, "TEA", tea.pk, 1)
    giving(project, "CUP", cup.pk, 1)
    first = redeemed(api, "CUP", order=basket(TWO))
    named = {"id": first["order"]["id"]}
    second = redeemed(api, "TEA", order=named)

    one = api.post(f"/v1/redemptions/{first['redemptions'][0]['id']}/rollback").json()
    both = api.post(f"/v1/redemptions/{second['redemptions'][0]['id']}/rollback").json()

    assert [each["quantity"] for each in one["order"]["items"]] == [3]
    assert (one["order"]["amount"], one["order"]["initial_amount"]) == (3600, 2400)
    [line] = both["order"]["items"]
    assert (line["quantity"], line["amount"]) == (2, 2400)
    assert not {"discount_quantity", "initial_quantity", "discount_amount"} & set(line)
    assert both["order"]["amount"] == both["order"]["total_amount"] == 2400
    assert "initial_amount" not in both["order"]
    assert both["order"]["status"] == "CANCELED"


def test_a_rollback_without_the_order_leaves_the_units(api, project, tea):
    project.stacking_rules = {"redeemables_rollback_order_mode": "WITHOUT_ORDER"}
    project.save()
    giving(project, "TEA", tea.pk, 1)
    first = redeemed(api, "TEA", order=basket(TWO))

    api.post(f"/v1/redemptions/{first['redemptions'][0]['id']}/rollback")

    stored = Order.objects.get()
    assert (stored.status, stored.amount) == ("PAID", 3600)
    assert [each["quantity"] for each in stored.items] == [3]


def test_a_stack_is_rolled_back_as_a_whole(api, project, tea):
    giving(project, "ONE", tea.pk, 1)
    giving(project, "TWO", tea.pk, 2)
    done = redeemed(api, "ONE", "TWO", order=basket(TWO))

    response = api.post(f"/v1/redemptions/{done['parent_redemption']['id']}/rollbacks")

    assert response.status_code == 200, response.json()
    [line] = response.json()["order"]["items"]
    assert (line["quantity"], line["subtotal_amount"]) == (2, 2400)


def test_a_product_page_qualifies_for_units_of_what_it_shows(api, project, tea):
    giving(project, "TEA", tea.pk, 1)
    giving(project, "CUP", ProductFactory(project=project, price=5).pk, 1)
    body = {"scenario": "PRODUCTS_DISCOUNT", "order": basket(TWO)}

    found = api.post("/v1/qualifications", body).json()["redeemables"]["data"]

    assert [each["id"] for each in found] == ["TEA"]
    assert found[0]["order"]["items"][0]["quantity"] == 3


def test_units_too_many_to_keep_are_refused_and_nothing_moves(api, project, tea):
    voucher = giving(project, "ALL", tea.pk, 2**53 - 1)

    response = api.post("/v1/redemptions", ask("ALL", order=basket(TWO)))

    voucher.refresh_from_db()
    assert (response.status_code, response.json()["key"]) == (400, "invalid_order")
    assert voucher.redeemed_quantity == 0
    assert Order.objects.count() == 0


def test_an_upgrade_is_stored_and_taken_back(api, project, tea):
    large = ProductFactory(project=project, source_id="large", price=1500)
    voucher = giving(project, "UP", large.pk, 1, "REPLACE_ITEMS")
    included = [{"object": "product", "id": tea.pk, "quantity_limit": 1}]
    AssignmentFactory(
        project=project,
        rule__applicable_to={"included": included},
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )

    done = redeemed(api, "UP", order=basket(TWO))
    back = api.post(f"/v1/redemptions/{done['redemptions'][0]['id']}/rollback").json()

    [source, target] = done["order"]["items"]
    [entry] = source["application_details"]
    assert (source["quantity"], target["quantity"]) == (1, 1)
    assert (entry["source_index"], entry["target_index"]) == (0, 1)
    assert (done["order"]["amount"], done["order"]["total_amount"]) == (2700, 2400)
    assert [each["quantity"] for each in back["order"]["items"]] == [2]
    assert back["order"]["amount"] == back["order"]["total_amount"] == 2400


def test_a_line_that_was_replaced_as_a_whole_stays_empty(api, project, tea):
    large = ProductFactory(project=project, source_id="large", price=1500)
    voucher = giving(project, "UP", large.pk, 1, "REPLACE_ITEMS")
    AssignmentFactory(
        project=project,
        rule__applicable_to={"included": [{"object": "product", "id": tea.pk}]},
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )

    done = redeemed(api, "UP", order=basket(TWO))

    kept = api.get(f"/v1/orders/{done['order']['id']}").json()
    assert [each["quantity"] for each in done["order"]["items"]] == [0, 2]
    assert [each["quantity"] for each in kept["items"]] == [0, 2]
