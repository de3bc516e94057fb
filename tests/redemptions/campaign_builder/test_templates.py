"""Templates get another name and go; what started from them stays."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from campaigns.models import CampaignDraft
from campaigns.services.campaign_draft import create_draft, delete_draft
from promo.tenancy.models import Project
from tests.admin_site import (
    NOW,
    Person,
    make_project,
    messages_of,
    sign_in,
    statements_of,
    text_of,
)

pytestmark = pytest.mark.django_db
HOME = "/admin/campaign-builder/"


@pytest.fixture
def shop() -> Project:
    return make_project()


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "USER")


def kept(project: Project, *, is_template: bool = True) -> CampaignDraft:
    return create_draft(
        project=project,
        owner=None,
        name="Autumn",
        step="kind",
        payload={"fields": {"what": ["bulk"]}},
        now=NOW,
        is_template=is_template,
    )


def page(row: CampaignDraft) -> str:
    return reverse("campaign-builder-template", args=(quote(row.pk),))


def names() -> list[str]:
    return list(CampaignDraft.objects.values_list("name", flat=True))


def test_a_template_gets_another_name(shop: Project, person: Person) -> None:
    template = kept(shop)
    assert page(template) in text_of(person.client.get(HOME))

    answer: Any = person.client.post(page(template), {"do": "rename", "name": "Winter"})

    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert messages_of(answer) == ["The template has its new name."]
    template.refresh_from_db()
    assert template.name == "Winter"
    assert template.payload == {"fields": {"what": ["bulk"]}}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("  ", "This field is required."),
        ("x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_cannot_be_is_told_at_the_field(
    shop: Project, person: Person, name: str, said: str
) -> None:
    template = kept(shop)

    answer = person.client.post(page(template), {"do": "rename", "name": name})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {"name": [said]}
    assert said in text_of(answer)
    assert names() == ["Autumn"]


def test_a_template_goes_and_its_drafts_stay(shop: Project, person: Person) -> None:
    template = kept(shop)
    draft = kept(shop, is_template=False)

    answer = person.client.post(page(template), {"do": "delete"})

    assert messages_of(answer) == ["The template is gone."]
    assert list(CampaignDraft.objects.all()) == [draft]


def test_a_template_deleted_meanwhile_is_told(
    shop: Project, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = kept(shop)
    opened = person.client.get(page(template))
    assert opened.status_code == 200
    monkeypatch.setattr(
        "redemptions.campaign_builder.templates._row", lambda *_: template
    )
    delete_draft(template)

    answer = person.client.post(page(template), {"do": "rename", "name": "Winter"})

    assert messages_of(answer) != ["The template has its new name."]
    assert names() == []


def test_who_may_not_reaches_no_template(shop: Project, person: Person) -> None:
    own, foreign = kept(shop), kept(make_project("Other"))
    draft = kept(shop, is_template=False)
    viewer = sign_in(shop, "VIEWER")

    assert Client().get(page(own)).status_code == 302
    assert viewer.client.post(page(own), {"do": "delete"}).status_code == 403
    for row in (foreign, draft):
        assert person.client.get(page(row)).status_code == 404
        assert person.client.post(page(row), {"do": "delete"}).status_code == 404
    unknown = reverse("campaign-builder-template", args=("nothing",))
    assert person.client.get(unknown).status_code == 404
    assert names() == ["Autumn"] * 3


def test_the_page_costs_few_statements(shop: Project, person: Person) -> None:
    template = kept(shop)

    assert statements_of(lambda: person.client.get(page(template))) <= 20
