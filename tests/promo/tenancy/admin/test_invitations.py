"""Inviting people, and joining by the link."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client

from promo.clock import utc_now
from promo.tenancy.models import Invitation, Letter, User
from promo.tenancy.services.invitations import link_of
from promo.tenancy.services.letters import send_letters
from promo.tenancy.services.people import create_person
from promo.tenancy.tasks import send_letters as send_letters_task
from tests.admin_site import errors_of, make_project, sign_in, text_of

pytestmark = pytest.mark.django_db
_PASSWORD = "correct horse battery"  # noqa: S105 - of a test


def _invited(role="VIEWER", email="anna@example.com"):
    person = sign_in(make_project(), "ADMIN")
    response = person.add(Invitation, email=email, role=role)
    assert response.status_code == 302
    return person, Invitation.objects.get()


def _path(invitation):
    return link_of(invitation).removeprefix("http://127.0.0.1:8000")


def _new(**values):
    return {
        "first_name": "Anna",
        "last_name": "Lee",
        "password": _PASSWORD,
        "again": _PASSWORD,
        **values,
    }


def test_an_invitation_goes_out_as_a_letter_and_makes_nobody():
    _, invitation = _invited()

    send_letters_task()

    assert [each.to for each in mail.outbox] == [["anna@example.com"]]
    assert link_of(invitation) in mail.outbox[0].body
    assert "as read-only" in mail.outbox[0].body
    assert not User.objects.filter(email="anna@example.com").exists()
    assert not Letter.objects.exists()


def test_a_letter_that_no_server_takes_waits(monkeypatch):
    _invited()

    def away(*_args, **_named):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", away)
        assert send_letters(now=utc_now()) == 0

    assert send_letters(now=utc_now()) == 0
    assert send_letters(now=utc_now() + timedelta(minutes=6)) == 1


def test_joining_sets_a_password_and_signs_in():
    person, invitation = _invited("ANALYST")
    visitor = Client()

    shown = visitor.get(_path(invitation))
    response = visitor.post(_path(invitation), _new())

    assert "You are invited as <strong>Analyst</strong>" in text_of(shown)
    anna = User.objects.get(email="anna@example.com")
    assert response["Location"] == "/admin/"
    assert get_user(visitor) == anna
    assert anna.check_password(_PASSWORD)
    assert anna.get_full_name() == "Anna Lee"
    assert anna.memberships.get(project=person.project).role.name == "ANALYST"
    assert not Invitation.objects.exists()


def test_a_link_works_once():
    _, invitation = _invited()
    path = _path(invitation)
    Client().post(path, _new())

    again = Client().post(path, _new(first_name="Eve"))

    assert again.status_code == 404
    assert "This link does not work any more" in text_of(again)
    assert User.objects.get(email="anna@example.com").check_password(_PASSWORD)


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"password": "short", "again": "short"}, "password", "too short"),
        ({"again": "another"}, "again", "The two passwords differ."),
        ({"password": "", "again": ""}, "password", "This field is required."),
    ],
)
def test_a_password_that_will_not_do_is_told_and_lets_nobody_in(values, field, said):
    _, invitation = _invited()

    response = Client().post(_path(invitation), _new(**values))

    assert said in str(response.context["form"].errors[field])
    assert not User.objects.filter(email="anna@example.com").exists()
    assert Invitation.objects.exists()


def test_a_link_dies_after_a_week():
    with time_machine.travel(utc_now() - timedelta(days=8), tick=False):
        _, invitation = _invited()

    response = Client().post(_path(invitation), _new())

    assert response.status_code == 404
    assert not User.objects.filter(email="anna@example.com").exists()


def test_sending_again_makes_the_first_link_void():
    person, invitation = _invited()
    first = _path(invitation)

    person.run(invitation, "resend")

    invitation.refresh_from_db()
    assert Client().get(first).status_code == 404
    assert Client().get(_path(invitation)).status_code == 200
    assert Letter.objects.count() == 2


def test_withdrawing_makes_the_link_void():
    person, invitation = _invited()
    path = _path(invitation)

    person.delete(invitation)

    assert Client().post(path, _new()).status_code == 404
    assert not User.objects.filter(email="anna@example.com").exists()


@pytest.mark.parametrize("token", ["x", "WyJpbnYiLDFd:x:y", "%00"])
def test_a_made_up_link_leads_nowhere(token):
    assert Client().get(f"/admin/join/{token}/").status_code == 404


def test_who_is_known_keeps_the_password_and_signs_in_as_ever():
    person, invitation = _invited()
    anna = create_person(email="Anna@example.com", password=_PASSWORD)
    visitor = Client()

    visitor.post(_path(invitation), _new(password="not this one 1"))  # noqa: S106 - of a test

    anna.refresh_from_db()
    assert anna.check_password(_PASSWORD)
    assert anna.memberships.get().project == person.project
    assert not get_user(visitor).is_authenticated


def test_the_link_can_be_passed_on_by_hand():
    person, invitation = _invited()

    response = person.run(invitation, "show_link")

    assert response.context["rows"] == {"anna@example.com": link_of(invitation)}


@pytest.mark.parametrize("email", ["anna@example.com", "ANNA@example.com"])
def test_nobody_is_invited_twice(email):
    person, _ = _invited()

    response = person.add(Invitation, email=email, role="USER")

    assert response.status_code == 200
    assert Invitation.objects.get().role.name == "VIEWER"


def test_who_is_in_the_project_is_not_invited():
    project = make_project()
    sign_in(project, "USER", "anna@example.com")

    response = sign_in(project, "ADMIN").add(
        Invitation, email="anna@example.com", role="VIEWER"
    )

    assert response.status_code == 200
    assert not Invitation.objects.exists()
    assert not Letter.objects.exists()


def test_an_unknown_role_is_refused_at_the_field():
    person = sign_in(make_project(), "ADMIN")

    response = person.add(Invitation, email="anna@example.com", role="GOD")

    assert list(errors_of(response)) == ["role"]
    assert not Invitation.objects.exists()


def test_a_manager_invites_nobody():
    person = sign_in(make_project(), "MANAGER")

    response = person.add(Invitation, email="anna@example.com", role="VIEWER")

    assert response.status_code == 403
    assert not Invitation.objects.exists()


def test_another_projects_invitations_are_not_there():
    _, invitation = _invited()
    stranger = sign_in(make_project("Other"), "ADMIN", "x@example.com")

    assert stranger.delete(invitation).status_code == 302
    assert stranger.run(invitation, "resend").status_code == 404
    invitation.refresh_from_db()
    assert invitation.round == 1
