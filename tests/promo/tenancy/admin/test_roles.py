"""Roles of a project's own, ticked together."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from promo.tenancy.models import CustomRole, Invitation, Membership
from promo.tenancy.permissions import BY_PERSON_ROLE
from promo.tenancy.services.roles import create_role
from tests.admin_site import (
    NOW,
    errors_of,
    make_project,
    messages_of,
    sign_in,
    text_of,
)

pytestmark = pytest.mark.django_db


def _own(project, **values):
    given = {"name": "Codes", "permissions": ["vouchers.read"], **values}
    return create_role(project=project, now=NOW, **given)


def test_ticking_a_role_together():
    person = sign_in(make_project(), "ADMIN")
    boss = person.user.memberships.get()

    response = person.add(
        CustomRole,
        name="Junior",
        description="Writes, others approve",
        can_campaigns=["campaigns.read", "campaigns.create"],
        can_vouchers=["vouchers.read"],
        limited=["campaigns.create"],
        approvers=[boss.pk],
    )

    assert response.status_code == 302
    role = CustomRole.objects.get()
    assert role.permissions == ["campaigns.create", "campaigns.read", "vouchers.read"]
    assert role.limited == ["campaigns.create"]
    assert list(role.approvers.all()) == [boss]


def test_a_change_reaches_everybody_who_has_the_role():
    project = make_project()
    role = _own(project)
    anna = sign_in(project, role.pk, "anna@example.com")
    assert anna.list(Campaign).status_code == 403

    sign_in(project, "ADMIN").change(
        role, name="Codes", can_campaigns=["campaigns.read"]
    )

    assert anna.list(Campaign).status_code == 200
    role.refresh_from_db()
    assert role.permissions == ["campaigns.read"]


def test_starting_as_another_role_ticks_what_it_may_do():
    person = sign_in(make_project(), "ADMIN")

    form = (
        person.client.get(reverse("admin:tenancy_customrole_add"), {"like": "VIEWER"})
        .context["adminform"]
        .form
    )

    ticked = {
        code
        for name in form.fields
        for code in form[name].initial or ()
        if name.startswith("can_")
    }
    assert ticked == BY_PERSON_ROLE["VIEWER"]
    assert form["name"].initial == "Copy of Read-only"


def test_a_role_without_any_permission_is_refused():
    person = sign_in(make_project(), "ADMIN")

    response = person.add(CustomRole, name="Nothing")

    assert "must hold at least one" in text_of(response)
    assert not CustomRole.objects.exists()


def test_a_name_is_taken_once():
    project = make_project()
    _own(project)

    response = sign_in(project, "ADMIN").add(
        CustomRole, name="codes", can_vouchers=["vouchers.read"]
    )

    assert response.status_code == 200
    assert CustomRole.objects.count() == 1


def test_more_than_five_approvers_are_refused():
    project = make_project()
    person = sign_in(project, "ADMIN")
    for number in range(6):
        sign_in(project, "ADMIN", f"boss{number}@example.com")
    six = [one.pk for one in Membership.objects.exclude(user=person.user)]

    response = person.add(
        CustomRole, name="Junior", can_vouchers=["vouchers.read"], approvers=six
    )

    assert errors_of(response) == {"approvers": ["Can hold at most 5 people."]}
    assert not CustomRole.objects.exists()


def test_a_role_that_somebody_has_stays():
    project = make_project()
    role = _own(project)
    sign_in(project, role.pk, "anna@example.com")

    response = sign_in(project, "ADMIN").delete(role)

    assert "another one first" in messages_of(response)[0]
    assert CustomRole.objects.exists()


def test_a_role_that_nobody_has_goes():
    project = make_project()
    role = _own(project)

    sign_in(project, "ADMIN").delete(role)

    assert not CustomRole.objects.exists()


def test_nobody_ticks_more_than_they_may_do_themselves():
    project = make_project()
    own = _own(project, name="HR", permissions=["users.read", "users.modify"])
    person = sign_in(project, own.pk, "hr@example.com")

    response = person.change(
        own,
        name="HR",
        can_users=["users.read", "users.modify"],
        can_project=["project.modify"],
    )

    assert response.status_code == 200
    own.refresh_from_db()
    assert own.permissions == ["users.modify", "users.read"]


def test_inviting_with_a_role_of_ones_own():
    project = make_project()
    role = _own(project)

    sign_in(project, "ADMIN").add(Invitation, email="a@example.com", role=role.pk)

    assert Invitation.objects.get().custom_role == role


def test_a_manager_reads_roles_and_changes_none():
    project = make_project()
    role = _own(project)
    person = sign_in(project, "MANAGER")

    assert "Codes" in text_of(person.list(CustomRole))
    assert "Vouchers" in text_of(person.open(role))
    assert person.change(role, name="Mine").status_code == 403
    role.refresh_from_db()
    assert role.name == "Codes"
