"""Views of a list that each person keeps for themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from promo.tenancy.models import SavedView
from promo.tenancy.services.people import assign_role
from promo.tenancy.services.roles import create_role
from promo.tenancy.services.saved_views import MOST, save_view
from tests.admin_site import NOW, make_project, messages_of, sign_in, text_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:campaigns_campaign_changelist")
KEEP = reverse("keep-view")
RUNNING = {
    "page": "campaigns_campaign",
    "name": " Running  ones ",
    "query": "p=2&state=Running&o=1",
}


@pytest.fixture
def shop():
    return make_project()


@pytest.fixture
def person(shop):
    return sign_in(shop, "VIEWER")


def forget(client, view):
    return client.post(reverse("forget-view", args=[view.pk]))


def names(person):
    return [one.name for one, _ in person.list(Campaign).context["views"]]


def test_a_view_is_kept_under_its_name_without_the_page(person):
    response = person.client.post(KEEP, RUNNING)

    assert response["Location"] == f"{LIST}?state=Running&o=1"
    assert messages_of(response) == ["The view “Running ones” is kept."]
    [(view, is_here)] = person.list(Campaign, state="Running", o="1").context["views"]
    assert (view.name, view.query, is_here) == (
        "Running ones",
        "state=Running&o=1",
        True,
    )
    assert f'href="?{view.query.replace("&", "&amp;")}"' in text_of(
        person.list(Campaign)
    )


def test_the_same_name_is_replaced(person):
    person.client.post(KEEP, RUNNING)
    person.client.post(KEEP, RUNNING | {"name": "running ones", "query": "state=Ended"})

    view = SavedView.objects.get()
    assert (view.name, view.query) == ("running ones", "state=Ended")


def test_others_and_other_projects_do_not_see_it(shop, person):
    second = make_project("Twin")
    assign_role(user=person.user, project=second, role="VIEWER")
    person.client.post(KEEP, RUNNING)
    view = SavedView.objects.get()
    other = sign_in(shop, "USER")

    assert names(other) == []
    assert forget(other.client, view).status_code == 404
    person.client.post(reverse("choose-project", args=[second.pk]))
    assert names(person) == []
    assert forget(person.client, view).status_code == 404
    assert SavedView.objects.get() == view


def test_ones_own_view_is_deleted(person):
    person.client.post(KEEP, RUNNING)

    response = forget(person.client, SavedView.objects.get())

    assert response["Location"] == LIST
    assert names(person) == []


@pytest.mark.parametrize("name", ["", "  "])
def test_a_view_needs_a_name(person, name):
    response = person.client.post(KEEP, RUNNING | {"name": name})

    assert messages_of(response) == ["Invalid payload: Give the view a name"]
    assert SavedView.objects.count() == 0


def test_twenty_of_a_list_are_enough(shop, person):
    for number in range(MOST):
        save_view(
            user=person.user,
            project=shop,
            page="campaigns_campaign",
            name=f"View {number}",
            query="",
            now=NOW,
        )

    refused = messages_of(person.client.post(KEEP, RUNNING))
    person.client.post(KEEP, RUNNING | {"name": "View 1", "query": "o=2"})

    assert refused == ["Invalid payload: 20 views of this list are kept already"]
    assert SavedView.objects.count() == MOST
    assert SavedView.objects.get(name="View 1").query == "o=2"


@pytest.mark.parametrize("page", ["", "campaigns_category", "auth_user"])
def test_only_lists_that_keep_views_are_named(person, page):
    assert person.client.post(KEEP, RUNNING | {"page": page}).status_code == 404
    assert SavedView.objects.count() == 0


def test_only_who_sees_the_list_keeps_a_view_of_it(shop):
    role = create_role(
        project=shop, now=NOW, name="Reader", permissions=["customers.read"]
    )
    reader = sign_in(shop, role.pk, "reader@example.com")

    assert reader.client.post(KEEP, RUNNING).status_code == 404
    assert reader.client.get(KEEP).status_code == 405
    assert Client().post(KEEP, RUNNING).status_code == 302
    assert SavedView.objects.count() == 0


def test_a_query_that_is_too_long_is_not_kept(person):
    person.client.post(KEEP, RUNNING | {"query": f"q={'x' * 2000}"})

    assert SavedView.objects.get().query == ""
