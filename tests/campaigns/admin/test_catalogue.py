"""Products, SKUs and categories at the dashboard."""

import pytest

from campaigns.models import Category, Product, Sku
from tests.admin_site import (
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, CategoryFactory
from tests.factories.catalogue import ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db

_BOOT = {
    "name": "Trail boot",
    "source_id": "boot-1",
    "price": "129.90",
    "image_url": "https://shop.example.com/boot.jpg",
    "attributes": "colour, size, colour",
    "metadata": '{"season": "winter"}',
}


def test_adding_a_product_goes_through_the_service():
    project = make_project()

    response = sign_in(project, "USER").add(Product, **_BOOT)

    product = project.products.get(source_id="boot-1")
    assert response.status_code == 302
    assert (product.name, product.price) == ("Trail boot", 12_990)
    assert product.attributes == ["colour", "size"]
    assert product.metadata == {"season": "winter"}


def test_an_id_that_is_taken_does_not_overwrite_its_product():
    project = make_project()
    known = ProductFactory(project=project, source_id="boot-1", name="Old boot")

    response = sign_in(project, "USER").add(Product, **_BOOT)

    known.refresh_from_db()
    assert errors_of(response) == {"source_id": ["Another one has this id already."]}
    assert known.name == "Old boot"


def test_changing_a_product_writes_only_what_changed():
    product = ProductFactory(
        project=make_project(), price=5000, metadata={"season": "winter"}
    )

    sign_in(product.project, "USER").change(
        product,
        name=product.name,
        source_id=product.source_id,
        price="45.00",
        metadata='{"season": "winter", "sale": true}',
    )

    product.refresh_from_db()
    assert product.price == 4500
    assert product.metadata == {"season": "winter", "sale": True}


def test_the_page_of_a_product_counts_its_variants():
    product = ProductFactory(project=make_project(currency="EUR"), price=5000)
    SkuFactory(product=product)

    response = sign_in(product.project, "VIEWER").open(product)

    shown = {one.name: one.value for one in response.context["summary"]}
    assert shown == {"Price": "50.00 EUR", "SKUs": "1"}


def test_deleting_a_product_takes_it_out_of_the_lists():
    product = ProductFactory(project=make_project())
    SkuFactory(product=product)
    person = sign_in(product.project, "USER")

    person.delete(product)

    product.refresh_from_db()
    assert product.deleted_at is not None
    assert product not in rows_of(person.list(Product))
    assert rows_of(person.list(Sku)) == []


def test_adding_and_changing_a_sku():
    project = make_project(currency="EUR")
    product = ProductFactory(project=project, attributes=["colour"])
    person = sign_in(project, "USER")
    red = {"sku": "Red", "source_id": "boot-red", "metadata": "{}"}

    person.add(Sku, **red, product=product.pk, attributes='{"colour": "red"}')
    sku = project.skus.get()
    person.change(sku, **red, price="9.50", attributes='{"colour": "dark red"}')

    sku.refresh_from_db()
    assert (sku.product, sku.sku, sku.price) == (product, "Red", 950)
    assert sku.attributes == {"colour": "dark red"}
    assert "9.50 EUR" in text_of(person.list(Sku))


def test_a_product_of_another_project_takes_no_sku():
    foreign = ProductFactory(project=make_project("Other"))

    response = sign_in(make_project(), "USER").add(
        Sku, product=foreign.pk, sku="Red", attributes="{}", metadata="{}"
    )

    assert list(errors_of(response)) == ["product"]
    assert not Sku.objects.exists()


def test_a_category_is_added_and_ranked():
    project = make_project()
    person = sign_in(project, "USER")

    person.add(Category, name="Seasonal", hierarchy="3")
    category = project.categories.get()
    person.change(category, name="Seasonal", hierarchy="1")

    category.refresh_from_db()
    assert (category.name, category.hierarchy) == ("Seasonal", 1)


def test_a_category_name_that_is_taken_is_refused():
    category = CategoryFactory(project=make_project(), name="Seasonal")

    response = sign_in(category.project, "USER").add(
        Category, name="Seasonal", hierarchy="1"
    )

    assert "Seasonal" in str(errors_of(response)["__all__"])
    assert category.project.categories.count() == 1


def test_a_category_that_the_stacking_rules_list_stays():
    project = make_project()
    category = CategoryFactory(project=project)
    project.stacking_rules = {"exclusive_categories": [category.pk]}
    project.save()
    person = sign_in(project, "USER")

    response = person.delete(category)

    assert "in use" in messages_of(response)[0]
    assert Category.objects.get() == category


@pytest.mark.parametrize("factory", [ProductFactory, SkuFactory, CategoryFactory])
def test_a_viewer_reads_and_changes_nothing(factory):
    project = make_project()
    row = factory(**_in(project, factory))
    person = sign_in(project, "VIEWER")

    assert person.open(row).status_code == 200
    assert person.add(type(row), name="x").status_code == 403
    assert person.change(row, name="x").status_code == 403
    assert person.delete(row).status_code == 403
    assert type(row).objects.get(pk=row.pk).updated_at is None


@pytest.mark.parametrize("factory", [ProductFactory, SkuFactory, CategoryFactory])
def test_rows_of_another_project_do_not_exist(factory):
    project = make_project()
    foreign = factory(**_in(make_project("Other"), factory))
    person = sign_in(project, "USER")

    assert foreign not in rows_of(person.list(type(foreign)))
    assert person.open(foreign).status_code == 302
    assert person.delete(foreign).status_code == 302
    assert type(foreign).objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("factory", [ProductFactory, SkuFactory, CategoryFactory])
def test_listing_costs_the_same_for_one_row_as_for_twenty(factory):
    project = make_project()
    person = sign_in(project, "VIEWER")
    row = factory(**_in(project, factory))
    for_one = statements_of(lambda: person.list(type(row)))

    for _ in range(19):
        factory(**_in(project, factory))

    assert statements_of(lambda: person.list(type(row))) == for_one


def _in(project, factory):
    if factory is SkuFactory:
        return {"product": ProductFactory(project=project)}
    return {"project": project}


def test_the_lists_find_by_name_and_ids_and_filter():
    project = make_project()
    person = sign_in(project, "VIEWER")
    boot = ProductFactory(project=project, name="Trail boot", source_id="b-1")
    red = SkuFactory(product=boot, sku="Red", source_id="b-1-red")
    SkuFactory(product=ProductFactory(project=project))
    seasonal = CategoryFactory(project=project, name="Seasonal")
    CategoryFactory(project=project)
    CampaignFactory(project=project, category=seasonal)

    for term in ("boot", "b-1", boot.pk):
        assert rows_of(person.list(Product, q=term)) == [boot]
    for term in ("red", "boot", "b-1-red", red.pk):
        assert rows_of(person.list(Sku, q=term)) == [red]
    assert rows_of(person.list(Sku, product__id__exact=boot.pk)) == [red]
    [found] = rows_of(person.list(Category, q="season"))
    assert (found, found.used) == (seasonal, 1)
    assert rows_of(person.list(Product, created_at_from="2030-01-01")) == []
