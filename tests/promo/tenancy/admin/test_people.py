"""People and roles at the dashboard."""

import pytest

from promo.tenancy.models import Membership, User
from tests.admin_site import make_project, messages_of, sign_in

pytestmark = pytest.mark.django_db


def test_inviting_somebody_new_shows_a_password_once():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.add(Membership, email="anna@example.com", role="VIEWER")

    anna = User.objects.get(email="anna@example.com")
    assert anna.check_password(response.context["rows"]["Password"])
    assert project.memberships.get(user=anna).role.name == "VIEWER"


def test_inviting_somebody_known_gives_the_role_and_keeps_the_password():
    anna = sign_in(make_project("Other"), "ADMIN", "anna@example.com").user
    project = make_project()

    response = sign_in(project, "ADMIN").add(
        Membership, email="Anna@example.com", role="USER"
    )

    assert response.status_code == 302
    assert project.memberships.get(user=anna).role.name == "USER"


def test_changing_a_role():
    project = make_project()
    person = sign_in(project, "ADMIN")
    anna = sign_in(project, "VIEWER", "anna@example.com")
    membership = anna.user.memberships.get()

    response = person.change(membership, role="USER")

    assert response.status_code == 302
    assert anna.user.memberships.get().role.name == "USER"


def test_the_last_administrator_cannot_step_down():
    person = sign_in(make_project(), "ADMIN")
    membership = person.user.memberships.get()

    response = person.change(membership, role="VIEWER")

    assert response.status_code == 200
    assert "at least one administrator" in response.content.decode()
    assert person.user.memberships.get().role.name == "ADMIN"


def test_the_last_administrator_cannot_be_removed():
    person = sign_in(make_project(), "ADMIN")
    membership = person.user.memberships.get()

    response = person.delete(membership)

    assert response.status_code == 302
    assert "at least one administrator" in messages_of(response)[0]
    assert person.user.memberships.exists()


def test_listing_people_costs_the_same_for_one_as_for_ten(
    django_assert_max_num_queries,
):
    project = make_project()
    person = sign_in(project, "ADMIN")
    with django_assert_max_num_queries(20) as for_one:
        person.list(Membership)
    for number in range(10):
        sign_in(project, "VIEWER", f"person{number}@example.com")

    with django_assert_max_num_queries(len(for_one)):
        person.list(Membership)
