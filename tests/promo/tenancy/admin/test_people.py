"""People and roles at the dashboard."""

import pytest

from promo.tenancy.models import Membership
from promo.tenancy.services.people import assign_role
from promo.tenancy.services.roles import create_role
from tests.admin_site import NOW, make_project, messages_of, sign_in, text_of

pytestmark = pytest.mark.django_db


def test_changing_a_role():
    project = make_project()
    person = sign_in(project, "ADMIN")
    anna = sign_in(project, "VIEWER", "anna@example.com")
    membership = anna.user.memberships.get()

    response = person.change(membership, role="USER")

    assert response.status_code == 302
    assert anna.user.memberships.get().role.name == "USER"


def test_giving_a_role_of_the_projects_own():
    project = make_project()
    person = sign_in(project, "ADMIN")
    anna = sign_in(project, "VIEWER", "anna@example.com")
    own = create_role(
        project=project, now=NOW, name="Codes", permissions=["vouchers.read"]
    )

    person.change(anna.user.memberships.get(), role=own.pk)

    assert anna.user.memberships.get().permissions == {"vouchers.read"}
    assert anna.user.memberships.get().role_title == "Codes"


def test_another_projects_role_cannot_be_given():
    project = make_project()
    other = create_role(
        project=make_project("Other"), now=NOW, name="X", permissions=["vouchers.read"]
    )
    anna = sign_in(project, "VIEWER", "anna@example.com")
    membership = anna.user.memberships.get()

    response = sign_in(project, "ADMIN").change(membership, role=other.pk)

    assert response.status_code == 200
    assert anna.user.memberships.get().role.name == "VIEWER"


def test_an_administrator_cannot_change_an_owner():
    project = make_project()
    owner = sign_in(project, "OWNER").user.memberships.get()

    response = sign_in(project, "ADMIN").change(owner, role="VIEWER")

    assert "Only an owner can change what an owner may do" in text_of(response)
    owner.refresh_from_db()
    assert owner.role.name == "OWNER"


def test_an_administrator_makes_an_owner_only_while_there_is_none():
    project = make_project()
    person = sign_in(project, "ADMIN")
    first = sign_in(project, "USER", "a@example.com").user.memberships.get()
    second = sign_in(project, "USER", "b@example.com").user.memberships.get()

    person.change(first, role="OWNER")
    refused = person.change(second, role="OWNER")

    assert "Can only be Owner where an owner says so." in text_of(refused)
    assert first.user.memberships.get().role.name == "OWNER"
    assert second.user.memberships.get().role.name == "USER"


def test_nobody_gives_more_than_they_may_do_themselves():
    project = make_project()
    own = create_role(
        project=project,
        now=NOW,
        name="People",
        permissions=["users.read", "users.modify"],
    )
    person = sign_in(project, own.pk, "hr@example.com")
    me = person.user.memberships.get()

    response = person.change(me, role="ADMIN")

    assert "Must be one that may do no more than yours." in text_of(response)
    assert person.user.memberships.get().custom_role == own


def test_the_last_administrator_cannot_step_down():
    person = sign_in(make_project(), "ADMIN")
    membership = person.user.memberships.get()

    response = person.change(membership, role="VIEWER")

    assert response.status_code == 200
    assert "at least one administrator" in response.content.decode()
    assert person.user.memberships.get().role.name == "ADMIN"


def test_removing_somebody_takes_them_out_of_this_project_alone():
    project, other = make_project(), make_project("Other")
    anna = sign_in(project, "USER", "anna@example.com").user
    assign_role(user=anna, project=other, role="USER")

    sign_in(project, "ADMIN").delete(project.memberships.get(user=anna))

    assert [each.project for each in anna.memberships.all()] == [other]


def test_the_last_administrator_cannot_be_removed():
    person = sign_in(make_project(), "ADMIN")
    membership = person.user.memberships.get()

    response = person.delete(membership)

    assert response.status_code == 302
    assert "at least one administrator" in messages_of(response)[0]
    assert person.user.memberships.exists()


def test_a_manager_sees_people_and_changes_none():
    project = make_project()
    person = sign_in(project, "MANAGER")
    anna = sign_in(project, "VIEWER", "anna@example.com").user.memberships.get()

    assert "anna@example.com" in text_of(person.list(Membership))
    assert person.change(anna, role="USER").status_code == 403
    anna.refresh_from_db()
    assert anna.role.name == "VIEWER"


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
