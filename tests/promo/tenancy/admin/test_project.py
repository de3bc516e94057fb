"""Projects and their settings at the dashboard."""

import pytest

from promo.tenancy.models import Project
from tests.admin_site import make_project, sign_in

pytestmark = pytest.mark.django_db

_SETTINGS = {
    "name": "Shop of Anna",
    "currency": "EUR",
    "timezone": "Europe/Paris",
    "week_starts_on": "6",
    "client_trusted_domains": "shop.example.com\n*.example.com",
}


def test_changing_settings_goes_through_the_service():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.change(project, **_SETTINGS)

    project.refresh_from_db()
    assert response.status_code == 302
    assert (project.name, project.currency) == ("Shop of Anna", "EUR")
    assert project.timezone == "Europe/Paris"
    assert project.week_starts_on == 6
    assert project.client_trusted_domains == ["shop.example.com", "*.example.com"]
    assert project.updated_at is not None


def test_a_refused_currency_shows_beside_its_field_and_changes_nothing():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.change(project, **{**_SETTINGS, "currency": "eur"})

    project.refresh_from_db()
    assert "ISO 4217" in response.context["adminform"].form.errors["currency"][0]
    assert project.name == "Shop"


def test_a_project_one_does_not_administer_is_not_there():
    person = sign_in(make_project(), "ADMIN")

    assert person.open(make_project("Other")).status_code == 302
    assert len(person.list(Project).context["cl"].result_list) == 1


def test_only_who_runs_the_installation_makes_projects():
    person = sign_in(make_project(), "ADMIN")
    assert person.add(Project, **_SETTINGS).status_code == 403

    person.user.is_superuser = True
    person.user.save()
    response = person.add(Project, **_SETTINGS, case_sensitive_codes="on")

    made = Project.objects.get(name="Shop of Anna")
    assert made.keys.count() == 2
    assert len(response.context["rows"]) == 6
