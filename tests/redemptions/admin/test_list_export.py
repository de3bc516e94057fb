"""A file of what a list shows: the same filters, the same rows."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from django.urls import reverse

from campaigns.models import Sku, Voucher
from customers.models import Customer, Segment
from promo.tenancy.models import Project
from promo.tenancy.services.roles import create_role
from redemptions.admin.list_export import LISTS, said
from redemptions.models import Export, Order, Redemption
from redemptions.services.export_run import run_export
from tests.admin_site import (
    NOW,
    Person,
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.redemptions.admin.checkout import buy, coupon, fail
from tests.redemptions.exports.files import content

pytestmark = pytest.mark.django_db
#: What a list calls one of its filters, and what the address calls it.
_ENDS = {
    **dict.fromkeys(("DayFilter", "RecentDays"), ("_from", "_to")),
    "ChoicesDropdownFilter": ("__exact",),
}


@pytest.fixture
def shop() -> Project:
    return make_project(timezone="Europe/Warsaw")


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "USER")


def of_list(person: Person, listed: str, /, **query: str) -> Any:
    page = reverse("admin:redemptions_export_of_list", args=(listed,))
    return person.client.get(page, query)


def exported(person: Person, listed: str, /, **query: str) -> set[str]:
    """Return the ids in the file that is made of a list, form and all."""
    led = of_list(person, listed, **query)
    assert led.status_code == 302
    shown = person.client.get(led["Location"])
    form = shown.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    kind = values["exported_object"]
    assert kind == LISTS[listed].exported_object
    filled = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value is not None
    }
    answer = person.add(Export, **{**filled, f"columns_{kind}": ["id"]})
    assert answer.status_code == 302, errors_of(answer)
    export = Export.objects.latest("created_at", "id")
    run_export(export.pk, now=export.created_at)
    export.refresh_from_db()
    assert export.status == "DONE", export.failure
    return set(content(export).split()[1:])


def shown(person: Person, model: Any, /, **query: str) -> set[str]:
    return {row.pk for row in rows_of(person.list(model, **query))}


def test_codes_are_exported_as_they_are_listed(person: Person, shop: Project) -> None:
    spring = CampaignFactory(project=shop, name="Spring")
    off = CampaignFactory(project=shop, name="Off", active=False)
    category = CategoryFactory(project=shop)
    ada = CustomerFactory(project=shop)
    VoucherFactory(campaign=spring, code="SPRING-1", redeemed_quantity=1)
    VoucherFactory(campaign=spring, code="SPRING-2", category=category, holder=ada)
    VoucherFactory(campaign=off, code="OFF-1")
    VoucherFactory(project=shop, code="LAST", redemption_quantity=1, active=False)
    VoucherFactory(
        project=shop, code="GONE", redemption_quantity=1, redeemed_quantity=1
    )
    queries: list[dict[str, str]] = [
        {},
        {"q": "SPRING"},
        {"uses": "Never used"},
        {"uses": "Used up"},
        {"state": "Running"},
        {"state": "Disabled"},
        {"state": "Used up"},
        {"kind": "DISCOUNT_VOUCHER"},
        {"campaign__id__exact": spring.pk},
        {"category__id__exact": category.pk},
        {"holder__id__exact": ada.pk},
        {"q": "SPRING", "uses": "Used", "campaign__id__exact": spring.pk},
    ]

    for query in queries:
        found = shown(person, Voucher, **query)
        assert exported(person, "voucher", **query) == found, query
        assert found, query


def test_customers_are_exported_as_they_are_listed(
    person: Person, shop: Project
) -> None:
    ada = CustomerFactory(
        project=shop, name="Ada Byron", email="ada@example.com", source_id="a-1"
    )
    CustomerFactory(project=shop, name="Eve", email="eve@example.com", source_id="e")
    segment: Segment = SegmentFactory(project=shop)
    segment.members.create(customer=ada, joined_at=ada.created_at)

    for query in (
        {},
        {"q": "ada"},
        {"q": "byron ada"},
        {"q": "a-1"},
        {"q": '"Ada Byron"'},
        {"q": ada.pk},
        {"segment": segment.pk},
    ):
        found = shown(person, Customer, **query)
        assert exported(person, "customer", **query) == found, query
        assert ada.pk in found


def test_what_happened_is_exported_as_it_is_listed(
    person: Person, shop: Project
) -> None:
    coupon(shop)
    coupon(shop, "OFF", active=False)
    done = buy(shop, "SAVE20", order="o-1", customer={"source_id": "ada"})
    refused = fail(shop, "OFF", order="o-2")
    ada = shop.customers.get()
    order = shop.orders.get(source_id="o-1")

    for query in (
        {},
        {"q": "o-1"},
        {"q": order.pk},
        {"status__exact": order.status},
        {"customer__id__exact": ada.pk},
    ):
        found = shown(person, Order, **query)
        assert exported(person, "order", **query) == found, query
        assert order.pk in found
    for query in (
        {},
        {"q": "ada"},
        {"q": "SAVE"},
        {"outcome": "Succeeded"},
        {"outcome": "Refused"},
        {"outcome": "Rollback"},
        {"reason": refused.failure_code},
        {"customer__id__exact": ada.pk},
        {"campaign__id__exact": done.campaign_id},
        {"voucher__id__exact": done.voucher_id},
    ):
        rows = rows_of(person.list(Redemption, **query))
        found = exported(person, "redemption", **query)
        assert found == {row.shown_id for row in rows}, query
    assert exported(person, "redemption", q="ada") == {done.shown_id}
    assert exported(person, "redemption", outcome="Refused") == {refused.shown_id}


def test_goods_are_exported_as_they_are_listed(person: Person, shop: Project) -> None:
    tea = ProductFactory(project=shop, name="Green tea", source_id="tea")
    cup = ProductFactory(project=shop, name="Cup", source_id="cup")
    large = SkuFactory(project=shop, product=tea, sku="Large", source_id="tea-l")
    SkuFactory(project=shop, product=cup, sku="Red", source_id="cup-r")

    assert exported(person, "product", q="tea green") == {tea.pk}
    for query in ({"q": "tea"}, {"q": "tea-l"}, {"product__id__exact": tea.pk}):
        assert exported(person, "sku", **query) == shown(person, Sku, **query)
        assert exported(person, "sku", **query) == {large.pk}


def test_days_of_a_list_are_days_of_the_project(person: Person, shop: Project) -> None:
    VoucherFactory(project=shop, code="A")

    led = of_list(
        person,
        "voucher",
        created_at_from="2026-03-01",
        created_at_to="2026-03-10",
        p="2026-03-02~v_1",
    )

    assert parse_qs(urlparse(led["Location"]).query) == {
        "exported_object": ["voucher"],
        "period": ["dates"],
        "since": ["2026-03-01"],
        "until": ["2026-03-10"],
    }
    assert messages_of(led) == ["The file holds what the list showed: the days."]


def test_the_form_says_by_what_the_list_was_narrowed() -> None:
    query = {"q": "SPR", "state": "Running", "campaign__id__exact": "camp_1", "p": "2"}

    assert said("voucher", query) == (
        "what was searched for SPR, status Running, the campaign"
    )
    assert said("voucher", {}) == ""


@pytest.mark.parametrize(
    "query",
    [{"nonsense": "1"}, {"created_at_from": "soon"}, {"metadata__x": "y"}],
)
def test_what_is_not_understood_makes_no_file(
    person: Person, query: Mapping[str, str]
) -> None:
    answer = of_list(person, "voucher", **query)

    [(name, text)] = query.items()
    assert messages_of(answer) == [
        f"This list cannot be exported: {name} cannot be {text}."
    ]
    assert answer["Location"].startswith(reverse("admin:campaigns_voucher_changelist"))
    assert not Export.objects.exists()


def test_a_choice_that_there_is_not_is_refused_in_the_form(person: Person) -> None:
    answer = person.add(
        Export,
        exported_object="voucher",
        filters='{"state": {"conditions": {"$is": ["Asleep"]}}}',
    )

    assert errors_of(answer)["filters"] == [
        "Invalid payload: Property .parameters.filters.state cannot be Asleep"
    ]
    assert not Export.objects.exists()


def test_who_may_make_no_file_is_not_offered_one(shop: Project) -> None:
    role = create_role(
        project=shop, now=NOW, name="Looks", permissions=["vouchers.read"]
    )
    viewer = sign_in(shop, role.pk, "looks@example.com")
    VoucherFactory(project=shop)

    assert "Export these" not in text_of(viewer.list(Voucher))
    assert of_list(viewer, "voucher").status_code == 403
    assert not Export.objects.exists()


@pytest.mark.parametrize("listed", sorted(LISTS))
def test_each_list_leads_to_its_file(shop: Project, listed: str) -> None:
    page = reverse(f"admin:{LISTS[listed].model}_changelist")

    response = sign_in(shop, "ADMIN").client.get(page)

    assert reverse("admin:redemptions_export_of_list", args=(listed,)) in text_of(
        response
    )


def test_a_list_that_there_is_not_is_not_found(person: Person) -> None:
    assert of_list(person, "nonsense").status_code == 404


@pytest.mark.parametrize("listed", sorted(LISTS))
def test_all_that_narrows_a_list_narrows_its_file(listed: str) -> None:
    screen = next(
        each
        for model, each in admin.site._registry.items()  # noqa: SLF001 - all screens
        if f"{model._meta.app_label}_{model._meta.model_name}" == LISTS[listed].model
    )
    known = {*LISTS[listed].filters, "created_at_from", "created_at_to", "outcome"}
    # The calls of an organisation are no project's: choosing them makes no file.
    known.add("surface")

    missing = [
        name
        for each in screen.get_list_filter(RequestFactory().get("/"))
        for name in _names(screen.model, each)
        if name not in known
    ]

    assert missing == []


def _names(model: type[models.Model], listed: Any) -> list[str]:
    """Return what a filter of a list is called in its address."""
    if not isinstance(listed, tuple):
        return [listed.parameter_name]
    name, kind = listed
    if kind.__name__ in _ENDS:
        return [f"{name}{end}" for end in _ENDS[kind.__name__]]
    assert model._meta.get_field(name).is_relation
    return [f"{name}__id__exact"]
