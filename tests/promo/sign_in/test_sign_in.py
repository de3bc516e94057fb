"""Signing in: password, second factor, lock-out, sessions."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from promo.clock import utc_now
from promo.tenancy.models import Membership, Project
from promo.tenancy.services.people import assign_role, create_person
from tests.admin_site import address, make_project, sign_in, text_of

pytestmark = pytest.mark.django_db
_PASSWORD = "a long enough one"  # noqa: S105 - of a test
_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - of a test
_EMAIL = "anna@example.com"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _anna(role="USER", **project):
    shop = make_project(**project)
    anna = create_person(email=_EMAIL, password=_PASSWORD)
    assign_role(user=anna, project=shop, role=role)
    return anna


def _enter(client, password=_PASSWORD, email=_EMAIL, **query):
    return client.post(
        reverse("admin:login", query=query), {"username": email, "password": password}
    )


def _say_again(client, page):
    """Open a page that asks for the password before, and give it."""
    asked = client.get(reverse(page))
    return client.post(asked["Location"], {"password": _PASSWORD})


def _code(secret=_SECRET):
    return format_hotp_value(hotp_value(secret, next(iter(counters()))))


def test_a_password_signs_in_and_leads_where_one_wanted_to_go():
    anna, client = _anna(), Client()
    wanted = address(Campaign, "changelist")

    response = _enter(client, next=wanted)

    assert response["Location"] == wanted
    assert get_user(client) == anna
    assert client.get(reverse("admin:login"))["Location"] == "/admin/"


def test_a_link_to_another_site_is_not_followed():
    _anna()

    assert _enter(Client(), next="https://evil.example/")["Location"] == "/admin/"


def test_who_has_a_second_factor_is_asked_for_it():
    anna, client = _anna(), Client()
    TOTP.activate(anna, _SECRET)

    asked = _enter(client)
    before = get_user(client)
    wrong = client.post(asked["Location"], {"code": "000000"})
    right = client.post(asked["Location"], {"code": _code()})

    assert asked["Location"] == reverse("mfa_authenticate")
    assert not before.is_authenticated
    assert "Incorrect code" in text_of(wrong)
    assert right["Location"] == "/admin/"
    assert get_user(client) == anna


def test_the_field_of_the_second_factor_has_the_look_of_ours():
    anna, client = _anna(), Client()
    TOTP.activate(anna, _SECRET)

    page = client.get(_enter(client)["Location"])

    assert page.context["form"].fields["code"].widget.attrs == {
        "autocomplete": "one-time-code",
        "class": "promo-input",
    }


def test_a_recovery_code_signs_in_once():
    anna = _anna()
    TOTP.activate(anna, _SECRET)
    code = RecoveryCodes.activate(anna).get_unused_codes()[0]

    first, second = Client(), Client()
    first.post(_enter(first)["Location"], {"code": code})
    second.post(_enter(second)["Location"], {"code": code})

    assert get_user(first) == anna
    assert not get_user(second).is_authenticated


def test_switching_two_factor_sign_in_on_gives_recovery_codes():
    anna, client = _anna(), Client()
    _enter(client)
    page = client.get(_say_again(client, "mfa_activate_totp")["Location"])
    secret = page.context["form"].secret

    response = client.post(reverse("mfa_activate_totp"), {"code": _code(secret)})

    shown = client.get(response["Location"])
    stored = Authenticator.objects.get(user=anna, type="totp").data["secret"]
    assert stored != secret
    assert get_adapter().decrypt(stored) == secret
    assert len(shown.context["unused_codes"]) == 10
    assert shown.context["unused_codes"][0] in text_of(shown)


def test_the_password_is_asked_again_before_anything_changes():
    anna, client = _anna(), Client()
    client.force_login(anna)

    asked = client.get(reverse("mfa_activate_totp"))
    wrong = client.post(asked["Location"], {"password": "no"})
    right = client.post(asked["Location"], {"password": _PASSWORD})

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert wrong.status_code == 200
    assert right["Location"] == reverse("mfa_activate_totp")


def test_switching_off_takes_the_recovery_codes_too():
    anna, client = _anna(), Client()
    TOTP.activate(anna, _SECRET)
    RecoveryCodes.activate(anna)
    client.post(_enter(client)["Location"], {"code": _code()})

    _say_again(client, "mfa_deactivate_totp")
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=anna).exists()


@pytest.mark.parametrize(
    "name",
    ["mfa_index", "mfa_activate_totp", "usersessions_list", "mfa_view_recovery_codes"],
)
def test_ones_own_account_asks_the_anonymous_to_sign_in(name):
    response = Client().get(reverse(name))

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/")


def test_a_project_that_demands_it_lets_nobody_on_without():
    anna, client = _anna("ADMIN", demands_second_factor=True), Client()
    _enter(client)

    held = client.get(reverse("admin:index"))
    in_dialog = client.get(reverse("admin:index"), headers={"HX-Request": "true"})
    told = text_of(client.get(reverse("mfa_index")))
    TOTP.activate(anna, _SECRET)
    after = client.get(reverse("admin:index"))

    assert held["Location"] == reverse("mfa_activate_totp")
    assert in_dialog["HX-Redirect"] == reverse("mfa_activate_totp")
    assert "asks everybody for two-factor" in told
    assert after.status_code == 200


def test_an_administrator_demands_it():
    person = sign_in(make_project(), "ADMIN")

    form = person.open(person.project).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    person.change(
        person.project,
        **{k: v for k, v in sent.items() if v not in (None, False)},
        demands_second_factor="on",
    )

    assert Project.objects.get().demands_second_factor


def test_too_many_failures_lock_the_address_and_say_so(settings):
    anna, client = _anna(), Client()

    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert _enter(client, "wrong").status_code == 200
    last = _enter(client, "wrong", email="Anna@Example.com")
    right = _enter(Client(), REMOTE_ADDR="10.9.8.7")

    assert last.status_code == right.status_code == 429
    assert "Try again in 30 minutes" in text_of(right)
    assert 'id="id_username"' in text_of(right)
    anna.refresh_from_db()
    assert anna.last_login is None


def test_a_lock_ends_by_itself(settings):
    _anna()
    with time_machine.travel(utc_now() - timedelta(minutes=31), tick=False):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            _enter(Client(), "wrong")

    assert _enter(Client())["Location"] == "/admin/"


def test_an_administrator_unlocks(settings):
    anna = _anna()
    boss = sign_in(Project.objects.get(), "ADMIN", "boss@example.com")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _enter(Client(), "wrong")
    assert "Locked" in text_of(boss.list(Membership))

    boss.run(anna.memberships.get(), "unlock")

    assert _enter(Client())["Location"] == "/admin/"
    assert "Locked" not in text_of(boss.list(Membership))


def test_a_manager_unlocks_nobody(settings):
    anna = _anna()
    boss = sign_in(Project.objects.get(), "MANAGER", "boss@example.com")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _enter(Client(), "wrong")

    boss.run(anna.memberships.get(), "unlock")

    assert _enter(Client()).status_code == 429


def test_resetting_the_second_factor_of_somebody_of_this_project_alone():
    anna = _anna()
    boss = sign_in(Project.objects.get(), "ADMIN", "boss@example.com")
    TOTP.activate(anna, _SECRET)
    membership = anna.memberships.get()
    assign_role(user=anna, project=make_project("Other"), role="USER")

    refused = boss.run(membership, "reset_second_factor")
    kept = Authenticator.objects.filter(user=anna).exists()
    anna.memberships.exclude(pk=membership.pk).delete()
    boss.run(membership, "reset_second_factor")

    assert "works elsewhere too" in text_of(refused)
    assert kept
    assert not Authenticator.objects.filter(user=anna).exists()


def test_signing_out_everywhere_else():
    anna, here, there = _anna(), Client(), Client()
    _enter(here)
    _enter(there)

    page = text_of(here.get(reverse("usersessions_list")))
    here.post(reverse("usersessions_list"))

    assert "Sign out everywhere else" in page
    assert get_user(here) == anna
    assert not get_user(there).is_authenticated
    assert UserSession.objects.count() == 1


def test_somebody_taken_out_of_the_project_is_signed_out():
    anna, client = _anna(), Client()
    boss = sign_in(Project.objects.get(), "ADMIN", "boss@example.com")
    _enter(client)

    boss.delete(anna.memberships.get())

    assert not get_user(client).is_authenticated
