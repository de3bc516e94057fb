"""API keys at the dashboard."""

from datetime import timedelta

import pytest
import time_machine

from promo.clock import utc_now
from promo.errors import InvalidPayload
from promo.tenancy import secrets
from promo.tenancy.access_scope import Place
from promo.tenancy.credentials import authenticate
from promo.tenancy.models import ApiKey
from promo.tenancy.services.keys import rotate_key
from tests.admin_site import NOW, make_project, sign_in, text_of
from tests.factories.areas import AreaFactory, StoreFactory

pytestmark = pytest.mark.django_db

_NEW_KEY = {
    "kind": "server",
    "name": "Checkout",
    "role": "USER",
    "allowed_networks": "203.0.113.0/24",
}


def server_key(project):
    return project.keys.get(kind="server")


def test_issuing_a_key_shows_its_secret_once():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.add(ApiKey, **_NEW_KEY)

    key = project.keys.get(name="Checkout")
    secret = response.context["rows"]["X-App-Token"]
    assert response.status_code == 200
    assert secrets.matches(secret, key.salt, key.secret_hash)
    assert "no-store" in response["Cache-Control"]
    assert key.allowed_networks == ["203.0.113.0/24"]
    assert secret not in person.open(key).content.decode()
    assert secret not in str(dict(person.client.session))


def test_a_refused_network_shows_beside_its_field_and_issues_nothing():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.add(ApiKey, **{**_NEW_KEY, "allowed_networks": "nonsense"})

    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert "must be a CIDR network" in errors["allowed_networks"][0]
    assert not project.keys.filter(name="Checkout").exists()


def test_rotating_a_key_shows_the_new_secret_and_kills_the_old_one():
    project = make_project()
    person = sign_in(project, "ADMIN")
    before = server_key(project).secret_hash

    response = person.run(server_key(project), "rotate")

    key = server_key(project)
    assert key.secret_hash != before
    secret = response.context["rows"]["X-App-Token"]
    assert secrets.matches(secret, key.salt, key.secret_hash)


def test_blocking_and_unblocking_a_key():
    project = make_project()
    person = sign_in(project, "ADMIN")

    assert person.run(server_key(project), "block").status_code == 302
    assert server_key(project).blocked_at is not None

    assert person.run(server_key(project), "unblock").status_code == 302
    assert server_key(project).blocked_at is None


def test_a_command_asks_first_and_changes_nothing_by_a_link():
    project = make_project()
    person = sign_in(project, "ADMIN")
    page = person.open(server_key(project)).content.decode()
    key = server_key(project)

    asked = person.client.get(
        f"/admin/tenancy/apikey/{key.pk.replace('_', '_5F')}/block/"
    )

    assert "Block" in page
    assert asked.status_code == 200
    assert server_key(project).blocked_at is None


@pytest.mark.parametrize("command", ["block", "rotate"])
def test_a_key_of_another_project_does_not_exist(command):
    person = sign_in(make_project(), "ADMIN")
    foreign = server_key(make_project("Other"))

    assert person.run(foreign, command).status_code == 404
    assert person.open(foreign).status_code == 302
    assert person.delete(foreign).status_code == 302
    assert ApiKey.objects.filter(pk=foreign.pk, blocked_at=None).exists()


def test_a_role_without_the_permission_cannot_block():
    project = make_project()
    person = sign_in(project, "USER")

    assert person.run(server_key(project), "block").status_code == 403
    assert server_key(project).blocked_at is None


def test_deleting_a_key_goes_through_the_service():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.delete(server_key(project))

    assert response.status_code == 302
    assert not project.keys.filter(kind="server").exists()


def test_a_restricted_key_is_issued_with_its_places():
    project = make_project()
    person = sign_in(project, "ADMIN")
    store = StoreFactory(area__project=project, name="Main Street")
    area = AreaFactory(project=project, name="Nordics")
    places = f"{area.pk}\n{store.area_id}*\n{store.pk}"

    person.add(ApiKey, **_NEW_KEY | {"role": "USER_RESTRICTED", "places": places})

    key = project.keys.get(name="Checkout")
    assert {each.place for each in key.assignments.all()} == {
        Place(area.pk),
        Place(store.area_id, all_stores=True),
        Place(store.area_id, store=store.pk),
    }
    page = person.open(key).content.decode()
    assert f"Main Street in {store.area}, Nordics, all stores of {store.area}" in page


@pytest.mark.parametrize(
    ("role", "places"), [("USER", "{}"), ("USER_RESTRICTED", "ar_unknown")]
)
def test_places_that_cannot_be_issue_nothing(role, places):
    project = make_project()
    person = sign_in(project, "ADMIN")
    named = places.format(AreaFactory(project=project).pk)

    person.add(ApiKey, **_NEW_KEY | {"role": role, "places": named})

    assert not project.keys.filter(name="Checkout").exists()


def test_a_platform_gets_a_key_of_its_own():
    project = make_project()
    person = sign_in(project, "ADMIN")

    person.add(ApiKey, **_NEW_KEY, integration="braze")

    key = project.keys.get(name="Checkout")
    assert key.integration == "braze"
    assert "Braze" in person.open(key).content.decode()


def test_a_platform_gets_no_key_for_browsers():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.add(
        ApiKey, **{**_NEW_KEY, "kind": "client", "integration": "braze"}
    )

    errors = response.context["adminform"].form.errors
    assert errors["integration"] == ["Must be empty for a client key."]
    assert not project.keys.filter(name="Checkout").exists()


def test_a_rotated_key_lets_its_former_secret_in_for_as_long_as_chosen():
    project = make_project()
    person = sign_in(project, "ADMIN")
    before = server_key(project)
    first = rotate_key(before, now=NOW).secret

    with time_machine.travel(NOW, tick=False):
        answer = person.run(server_key(project), "rotate", overlap="24")
        second = answer.context["rows"]["X-App-Token"]
        app_id = str(before.app_id)
        within = [authenticate("server", app_id, one) for one in (first, second)]
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        after = [authenticate("server", app_id, one) for one in (first, second)]

    assert [one is not None for one in within] == [True, True]
    assert [one is not None for one in after] == [False, True]
    assert server_key(project).former_until == NOW + timedelta(hours=24)


def test_a_rotation_without_time_ends_a_former_secret_too():
    project = make_project()
    key = server_key(project)
    first = rotate_key(key, now=utc_now()).secret
    rotate_key(key, now=utc_now(), overlap=timedelta(days=1))

    sign_in(project, "ADMIN").run(server_key(project), "rotate", overlap="0")

    assert authenticate("server", str(key.app_id), first) is None
    assert server_key(project).former_hash == ""


def test_a_rotation_with_too_long_an_overlap_changes_nothing():
    key = server_key(make_project())
    before = key.secret_hash

    with pytest.raises(InvalidPayload, match="between 0 and 30 days"):
        rotate_key(key, now=NOW, overlap=timedelta(days=31))

    key.refresh_from_db()
    assert (key.secret_hash, key.rotated_at) == (before, None)


def test_a_keys_page_tells_who_made_it_and_what_it_may():
    project = make_project()
    person = sign_in(project, "ADMIN")
    person.add(ApiKey, **_NEW_KEY)
    key = project.keys.get(name=_NEW_KEY["name"])

    page = person.open(key).content.decode()

    assert "admin@example.com" in page
    assert "redemptions.redeem" in page
    assert "former secret works until" in page.lower()


@pytest.mark.parametrize(("is_sandbox", "word"), [(True, "Test"), (False, "Live")])
def test_the_list_says_whether_what_is_done_with_a_key_counts(
    is_sandbox: bool, word: str
) -> None:
    shop = make_project(is_sandbox=is_sandbox)

    shown = text_of(sign_in(shop, "ADMIN").list(ApiKey))

    other = {"Test": "Live", "Live": "Test"}[word]
    assert f">{word}<" in shown.replace(" ", "").replace("\n", "")
    assert f">{other}<" not in shown.replace(" ", "").replace("\n", "")
