"""The frame of the dashboard: who gets in, which project, what the menu shows."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from customers.models import Segment
from promo.admin.base import ProjectModelAdmin
from promo.tenancy.models import ApiKey, Membership, Project
from promo.tenancy.services.people import assign_role
from tests.admin_site import address, make_project, sign_in, text_of

pytestmark = pytest.mark.django_db


def test_an_anonymous_visitor_is_sent_to_the_sign_in_page() -> None:
    response = Client().get(address(ApiKey, "changelist"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_somebody_who_is_not_staff_is_sent_to_the_sign_in_page() -> None:
    person = sign_in(make_project(), "ADMIN")
    person.user.is_staff = False
    person.user.save()

    assert person.client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("model", [ApiKey, Membership, Project])
def test_a_user_does_not_see_the_project_settings(model: type) -> None:
    person = sign_in(make_project(), "USER")

    assert person.list(model).status_code == 403


def test_the_menu_leaves_out_what_the_role_may_not_read() -> None:
    project = make_project()

    shown = sign_in(project, "VIEWER").client.get(reverse("admin:index")).content
    shown_to_admin = sign_in(project, "ADMIN").client.get(reverse("admin:index"))

    assert b"API keys" not in shown
    assert b"API keys" in shown_to_admin.content


def test_somebody_without_a_project_gets_a_page_that_says_so() -> None:
    person = sign_in(make_project(), "ADMIN")
    Membership.objects.all().delete()

    response = person.client.get(reverse("admin:index"))

    assert response.status_code == 200
    assert b"No project yet" in response.content
    assert person.list(ApiKey).status_code == 403


def test_choosing_another_project_shows_its_rows() -> None:
    first, second = make_project("A shop"), make_project("B shop")
    person = sign_in(first, "ADMIN")
    assign_role(user=person.user, project=second, role="ADMIN")

    response = person.client.post(reverse("choose-project", args=[second.pk]))

    assert response.status_code == 302
    keys = person.list(ApiKey).context["cl"].result_list
    assert {key.project for key in keys} == {second}


def test_choosing_a_project_one_has_no_role_in_is_a_404() -> None:
    person = sign_in(make_project(), "ADMIN")
    other = make_project("Other")

    response = person.client.post(reverse("choose-project", args=[other.pk]))

    assert response.status_code == 404
    assert "project" not in person.client.session


def test_choosing_a_project_by_a_link_is_not_allowed() -> None:
    person = sign_in(make_project(), "ADMIN")

    response = person.client.get(reverse("choose-project", args=[person.project.pk]))

    assert response.status_code == 405


def test_the_role_is_the_one_in_the_chosen_project() -> None:
    first, second = make_project("A shop"), make_project("B shop")
    person = sign_in(first, "ADMIN")
    assign_role(user=person.user, project=second, role="VIEWER")

    person.client.post(reverse("choose-project", args=[second.pk]))

    assert person.list(ApiKey).status_code == 403


def test_a_list_without_rows_says_what_would_stand_in_it() -> None:
    person = sign_in(make_project(), "USER")

    empty = text_of(person.list(Segment))
    narrowed = text_of(person.list(Segment, q="nothing like it"))

    assert "No segments yet" in empty
    assert "A segment is a group of customers" in empty
    assert "Add segment" in empty
    assert "Nothing found" in narrowed
    assert "None of the segments fits what you searched for." in narrowed
    assert "A segment is a group of customers" not in narrowed
    assert ">Show all</a>" in narrowed


def test_who_may_only_read_is_not_asked_to_add() -> None:
    empty = text_of(sign_in(make_project(), "VIEWER").list(Segment))

    assert "No segments yet" in empty
    assert "Add segment" not in empty


def test_every_list_has_something_to_say() -> None:
    screens = [
        each
        for each in admin.site._registry.values()  # noqa: SLF001 - all screens
        if isinstance(each, ProjectModelAdmin)
    ]

    silent = {type(each).__name__ for each in screens if not each.empty_note}
    # These are never empty.
    assert silent == {
        "ApiKeyAdmin",
        "MembershipAdmin",
        "ProjectAdmin",
        "StackingRulesAdmin",
    }
    assert len(screens) > 20
