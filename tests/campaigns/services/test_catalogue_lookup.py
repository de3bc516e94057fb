"""Finding products, SKUs and the collections they are in."""

from typing import Any

import pytest

from campaigns.models.catalogue import SHIPPING_ID, SHIPPING_SOURCE_ID
from campaigns.services.catalogue_lookup import collections_of, find_items
from campaigns.services.collection_members import members_of
from tests.factories.catalogue import (
    CollectionFactory,
    ProductFactory,
    SkuFactory,
    listing,
)
from tests.factories.customers import LocationFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


def under(price: int) -> dict[str, Any]:
    return {"junction": "and", "price": {"conditions": {"$less_than": [price]}}}


def test_items_are_found_by_id_and_source_id_with_the_parents_of_skus(
    project, django_assert_num_queries
):
    lamp = ProductFactory(project=project, source_id="lamp")
    desk = ProductFactory(project=project)
    red = SkuFactory(product=lamp, source_id="red")

    with django_assert_num_queries(2):
        known = find_items(project, [desk.pk, "nothing"], ["red"])

    assert known.products == {
        lamp.pk: lamp,
        "lamp": lamp,
        desk.pk: desk,
        desk.source_id: desk,
    }
    assert known.skus == {red.pk: red, "red": red}


def test_binned_and_foreign_items_are_not_found(project, other_project):
    binned = ProductFactory(project=project, deleted_at=NOW)
    orphan = SkuFactory(product=binned)
    foreign = ProductFactory(project=other_project)

    known = find_items(project, [binned.pk, foreign.pk], [orphan.pk])

    assert known.products == {}
    assert known.skus == {}


def test_the_id_wins_over_the_same_source_id(project):
    lamp = ProductFactory(project=project)
    ProductFactory(project=project, source_id=lamp.pk)

    known = find_items(project, [lamp.pk], [])

    assert known.products[lamp.pk] == lamp


def test_shipping_answers_to_its_well_known_id(project):
    shipping = ProductFactory(project=project, source_id=SHIPPING_SOURCE_ID)

    known = find_items(project, [SHIPPING_ID], [])

    assert known.products[SHIPPING_ID] == shipping


def test_nothing_named_costs_nothing(project, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_items(project, [], []).products == {}
        assert collections_of(project, [], [], [], now=NOW) == {}


def test_a_listed_product_brings_its_skus_and_a_listed_sku_comes_alone(project):
    lamp, desk = ProductFactory.create_batch(2, project=project)
    red, blue = SkuFactory.create_batch(2, product=lamp)
    oak, pine = SkuFactory.create_batch(2, product=desk)
    lighting, wood = listing(lamp), listing(oak)

    found = collections_of(
        project,
        [lighting.pk, wood.pk, "pc_nonsense"],
        [lamp, desk],
        [red, blue, oak, pine],
        now=NOW,
    )

    assert found == {
        lamp.pk: {lighting.pk},
        red.pk: {lighting.pk},
        blue.pk: {lighting.pk},
        desk.pk: frozenset(),
        oak.pk: {wood.pk},
        pine.pk: frozenset(),
    }


def test_an_automatic_collection_tests_products_and_skus_by_themselves(project):
    lamp = ProductFactory(project=project, price=500)
    red = SkuFactory(product=lamp, price=2_000)
    blue = SkuFactory(product=lamp, price=900)
    cheap = CollectionFactory(project=project, filter=under(1_000))

    found = collections_of(project, [cheap.pk], [lamp], [red, blue], now=NOW)

    assert found == {lamp.pk: {cheap.pk}, red.pk: frozenset(), blue.pk: {cheap.pk}}


def test_a_filter_may_name_a_products_skus(project, django_assert_num_queries):
    lamp, desk = ProductFactory.create_batch(2, project=project)
    red = SkuFactory(product=lamp)
    wanted = {"junction": "and", "skus": {"conditions": {"$in": [red.pk]}}}
    lit = CollectionFactory(project=project, filter=wanted)

    with django_assert_num_queries(2):
        found = collections_of(project, [lit.pk], [lamp, desk], [], now=NOW)

    assert found == {lamp.pk: {lit.pk}, desk.pk: frozenset()}


def test_the_predefined_collection_holds_everything(project):
    everything = CollectionFactory(project=project, is_predefined=True)
    lamp = ProductFactory(project=project)

    found = collections_of(project, [everything.pk], [lamp], [], now=NOW)

    assert found == {lamp.pk: {everything.pk}}


def test_another_projects_collection_has_no_members_here(project, other_project):
    cheap = CollectionFactory(project=other_project, filter=under(1_000))
    lamp = ProductFactory(project=project, price=1)

    assert collections_of(project, [cheap.pk], [lamp], [], now=NOW) == {
        lamp.pk: frozenset()
    }


def test_a_filter_nobody_can_read_has_no_members(project):
    odd = CollectionFactory(project=project, filter={"nonsense": 1})
    lamp = ProductFactory(project=project)

    assert collections_of(project, [odd.pk], [lamp], [], now=NOW) == {
        lamp.pk: frozenset()
    }


def test_many_items_cost_as_much_as_one(project, django_assert_num_queries):
    products = ProductFactory.create_batch(12, project=project)
    skus = [SkuFactory(product=one) for one in products]
    ids = [listing(one).pk for one in products]

    with django_assert_num_queries(1):
        found = collections_of(project, ids, products, skus, now=NOW)

    assert all(len(places) == 1 for places in found.values())


def test_a_fence_is_asked_about_products_and_skus_with_one_more_statement(
    project, django_assert_num_queries
):
    warsaw, cracow = {"at": "geo:52.23,21.01"}, {"at": "50.06, 19.94"}
    locations = LocationFactory.create_batch(3, project=project)
    inside = {"$in_location": [one.pk for one in locations]}
    fenced = CollectionFactory(
        project=project, filter={"metadata.at": {"conditions": inside}}
    )
    lamp = ProductFactory(project=project, metadata=warsaw)
    desk = ProductFactory(project=project, metadata=cracow)
    red, blue = SkuFactory(product=lamp), SkuFactory(product=lamp, metadata=cracow)
    oak = SkuFactory(product=desk, metadata=warsaw)
    everything = [lamp, desk], [red, blue, oak]

    with django_assert_num_queries(2):
        found = collections_of(project, [fenced.pk], *everything, now=NOW)
    with django_assert_num_queries(3):
        members = members_of(fenced, now=NOW)

    held = {pk for pk, of in found.items() if of}
    assert held == set(members) == {lamp.pk, red.pk, oak.pk}
