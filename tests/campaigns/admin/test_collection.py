"""Product collections at the dashboard."""

import json

import pytest

from campaigns.admin.simple_filter import ITEMS
from campaigns.models import ProductCollection
from tests.admin_site import (
    address,
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
)
from tests.factories.catalogue import (
    CollectionFactory,
    ProductFactory,
    SkuFactory,
    listing,
)

pytestmark = pytest.mark.django_db

_CHEAP = {"junction": "and", "price": {"conditions": {"$less_than_equal": [2000]}}}
_AUTOMATIC = {
    "name": "Cheap",
    "type": "AUTO_UPDATE",
    "builder": "simple",
    "most_price": "20.00",
    "filter": "null",
}


def own(project):
    return project.product_collections.get(is_predefined=False)


def test_a_static_collection_lists_what_was_chosen():
    project = make_project()
    boot, sock = (
        ProductFactory(project=project),
        SkuFactory(product=ProductFactory(project=project)),
    )

    response = sign_in(project, "USER").add(
        ProductCollection,
        name="Hiking",
        type="STATIC",
        products=[boot.pk],
        skus=[sock.pk],
        filter="null",
    )

    items = own(project).items.values_list("product_id", "sku_id")
    assert response.status_code == 302
    assert list(items) == [(boot.pk, None), (None, sock.pk)]


def test_an_automatic_collection_gets_the_filter_that_the_fields_say():
    project = make_project()

    sign_in(project, "USER").add(
        ProductCollection,
        **_AUTOMATIC,
        name_contains="boot",
        metadata_key="season",
        metadata_values="winter, spring",
    )

    assert own(project).filter == {
        "junction": "and",
        "name": {"conditions": {"$contains": ["boot"]}},
        "price": {"conditions": {"$less_than_equal": [2000]}},
        "metadata.season": {"conditions": {"$in": ["winter", "spring"]}},
    }


def test_changing_the_price_changes_the_filter():
    collection = CollectionFactory(project=make_project(), filter=_CHEAP)
    person = sign_in(collection.project, "USER")

    shown = person.open(collection).context["adminform"].form.initial
    person.change(collection, **{**_AUTOMATIC, "most_price": "30.00"})

    collection.refresh_from_db()
    assert (shown["builder"], shown["most_price"]) == ("simple", 2000)
    assert collection.name == "Cheap"
    assert collection.filter["price"]["conditions"] == {"$less_than_equal": [3000]}


def test_a_filter_that_the_fields_cannot_say_is_edited_as_json():
    stored = {"junction": "or", "name": {"conditions": {"$starts_with": ["T"]}}}
    collection = CollectionFactory(project=make_project(), filter=stored)
    person = sign_in(collection.project, "USER")
    changed = {"junction": "or", "name": {"conditions": {"$starts_with": ["B"]}}}

    shown = person.open(collection).context["adminform"].form.initial["builder"]
    sent = {"name": "B", "builder": "json", "filter": json.dumps(changed)}
    person.change(collection, **sent)

    collection.refresh_from_db()
    assert shown == "json"
    assert collection.filter == changed


def test_a_filter_that_the_grammar_does_not_know_is_refused():
    collection = CollectionFactory(project=make_project(), filter=_CHEAP)
    unknown = {"junction": "and", "colour": {"conditions": {"$is": ["red"]}}}

    response = sign_in(collection.project, "USER").change(
        collection, name="x", builder="json", filter=json.dumps(unknown)
    )

    collection.refresh_from_db()
    assert "filter" in str(errors_of(response))
    assert collection.filter == _CHEAP


def test_renaming_a_static_collection_keeps_what_is_in_it():
    collection = listing(ProductFactory(project=make_project()))

    sign_in(collection.project, "USER").change(collection, name="Renamed")

    collection.refresh_from_db()
    assert (collection.name, collection.items.count()) == ("Renamed", 1)


def test_what_is_in_a_collection_is_shown():
    project = make_project()
    ProductFactory(project=project, name="Sock", price=900)
    ProductFactory(project=project, name="Boot", price=9900)
    collection = CollectionFactory(project=project, filter=_CHEAP)
    person = sign_in(project, "VIEWER")

    response = person.client.get(
        address(ProductCollection, "members", collection.pk.replace("_", "_5F"))
    )

    assert response.context["count"] == 1
    assert [row["name"] for row in response.context["rows"]] == ["Sock"]


def test_a_viewer_reads_and_changes_nothing():
    collection = CollectionFactory(project=make_project(), filter=_CHEAP)
    person = sign_in(collection.project, "VIEWER")

    assert person.open(collection).status_code == 200
    assert person.add(ProductCollection, **_AUTOMATIC).status_code == 403
    assert person.change(collection, name="x").status_code == 403
    assert person.delete(collection).status_code == 403
    assert own(collection.project).filter == _CHEAP


def test_the_predefined_collection_is_read_only():
    project = make_project()
    person = sign_in(project, "ADMIN")
    everything = project.product_collections.filter(is_predefined=True).first()
    if everything is None:
        everything = CollectionFactory(project=project, is_predefined=True)

    assert person.open(everything).status_code == 200
    assert person.change(everything, name="x").status_code == 403
    assert person.delete(everything).status_code == 403


def test_collections_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = CollectionFactory(project=make_project("Other"))
    page = address(ProductCollection, "members", foreign.pk.replace("_", "_5F"))

    assert foreign not in rows_of(person.list(ProductCollection))
    assert person.open(foreign).status_code == 302
    assert person.delete(foreign).status_code == 302
    assert person.client.get(page).status_code == 404
    assert ProductCollection.objects.filter(pk=foreign.pk).exists()


def test_the_list_finds_by_name_and_id_and_filters_by_kind():
    project = make_project()
    person = sign_in(project, "VIEWER")
    cheap = CollectionFactory(project=project, name="Cheap", filter=_CHEAP)
    CollectionFactory(project=project)

    for query in ({"q": "cheap"}, {"q": cheap.pk}, {"type__exact": "AUTO_UPDATE"}):
        assert cheap in rows_of(person.list(ProductCollection, **query))
    assert rows_of(person.list(ProductCollection, q="cheap")) == [cheap]


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    CollectionFactory(project=project)
    for_one = statements_of(lambda: person.list(ProductCollection))

    CollectionFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(ProductCollection)) == for_one


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"least_price": 100, "most_price": 200},
        {"name_contains": "a", "metadata_key": "b", "metadata_values": ["c"]},
    ],
)
def test_simple_filters_come_back(values):
    assert ITEMS.values_of(ITEMS.filter_from(values)) == values
