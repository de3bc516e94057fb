"""The names that the dashboard gives to what a trace knows by ids."""

import pytest

from redemptions.admin.cart import Cart, Line
from redemptions.admin.voice import voice_for
from tests.admin_site import make_project, statements_of
from tests.factories.catalogue import CollectionFactory, ProductFactory
from tests.factories.promotions import TierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_project(currency="EUR")


def test_ids_go_by_their_names_amounts_by_the_currency_lines_by_the_cart(shop):
    tier = TierFactory(project=shop, name="Ten for all")
    lighting = CollectionFactory(project=shop, name="Lighting")
    lamp = ProductFactory(project=shop, name="Lamp")
    trace = {"id": tier.pk, "checks": [{"targets": [lighting.pk, lamp.pk, "other"]}]}
    mug = Line("Mug", "", "1", "", "", "", "")

    voice = voice_for(shop, trace, Cart([mug], []))

    assert voice.names == {
        tier.pk: "Ten for all",
        lighting.pk: "Lighting",
        lamp.pk: "Lamp",
    }
    assert voice.money(4999) == "49.99 EUR"
    assert voice.lines == {0: "Mug"}


def test_another_projects_names_stay_there(shop):
    foreign = ProductFactory(project=make_project("Other"), name="Lamp")

    assert voice_for(shop, {"id": foreign.pk}).names == {}


def test_many_ids_of_a_kind_cost_one_query(shop):
    tiers = [TierFactory(project=shop).pk for _ in range(5)]

    assert statements_of(lambda: voice_for(shop, {"ids": tiers})) == 1
