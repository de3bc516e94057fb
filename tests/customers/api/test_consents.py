"""What there is to agree to, and what customers agree to."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Consent, ConsentChoice, Customer
from promo.tenancy.models import Project
from tests.factories.consents import ConsentFactory, ConsentGroupFactory
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient, browser_client, client_of, server_client
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOBODY = "cnst_" + "0" * 32
BASES = ["/v1", "/client/v1"]


@pytest.fixture
def ada(project: Project) -> Customer:
    """Somebody who may be asked."""
    made: Customer = CustomerFactory(project=project, source_id="ada")
    return made


def said(customer: Customer) -> dict[str, bool]:
    return dict(customer.consent_choices.values_list("consent__name", "given"))


@pytest.mark.parametrize("base", BASES)
def test_groups_and_consents_are_listed_whole(
    project: Project, other_project: Project, base: str
) -> None:
    group = ConsentGroupFactory(project=project, name="Channels", description="How")
    mail = ConsentFactory(project=project, name="E-mail", group=group)
    calls = ConsentFactory(
        project=project, name="Calls", category="PHONE", description="By day"
    )
    ConsentFactory(project=other_project)

    response = client_of(base + "/", project).get(f"{base}/consents")

    at = "2026-03-10T12:00:00.000Z"
    assert response.status_code == 200
    assert response.json() == {
        "groups": {
            "object": "list",
            "data_ref": "data",
            "data": [
                {
                    "id": group.pk,
                    "name": "Channels",
                    "description": "How",
                    "consents": [mail.pk],
                    "created_at": at,
                    "updated_at": None,
                    "object": "consent_group",
                }
            ],
            "total": 1,
        },
        "consents": {
            "object": "list",
            "data_ref": "data",
            "data": [
                {
                    "id": mail.pk,
                    "name": "E-mail",
                    "description": None,
                    "category": "EMAIL",
                    "created_at": at,
                    "updated_at": None,
                    "object": "consent",
                },
                {
                    "id": calls.pk,
                    "name": "Calls",
                    "description": "By day",
                    "category": "PHONE",
                    "created_at": at,
                    "updated_at": None,
                    "object": "consent",
                },
            ],
            "total": 2,
        },
    }


def test_listing_costs_the_same_for_one_as_for_twenty(
    api: ApiClient, project: Project
) -> None:
    ConsentFactory(project=project, group=ConsentGroupFactory(project=project))
    api.get("/v1/consents")
    with CaptureQueriesContext(connection) as for_one:
        api.get("/v1/consents")
    for _ in range(19):
        ConsentFactory(project=project, group=ConsentGroupFactory(project=project))

    with CaptureQueriesContext(connection) as for_twenty:
        api.get("/v1/consents")

    assert len(for_twenty) == len(for_one) == 2


@pytest.mark.parametrize("base", BASES)
def test_choices_are_kept_each_by_itself(
    project: Project, ada: Customer, base: str
) -> None:
    mail, calls, post = (
        ConsentFactory(project=project, name=name) for name in ("mail", "calls", "post")
    )
    caller = client_of(base + "/", project)
    path = f"{base}/customers/ada/consents"

    first = caller.put(path, {mail.pk: True, calls.pk: False})
    second = caller.put(path, {calls.pk: True, post.pk: False})

    assert (first.status_code, first.content) == (204, b"")
    assert second.status_code == 204
    assert said(ada) == {"mail": True, "calls": True, "post": False}
    channels = {one.channel for one in ConsentChoice.objects.all()}
    assert channels == {"API" if base == "/v1" else "CLIENT_API"}


def test_the_same_choice_keeps_its_moment(
    api: ApiClient, project: Project, ada: Customer
) -> None:
    mail = ConsentFactory(project=project)
    path = f"/v1/customers/{ada.pk}/consents"
    api.put(path, {mail.pk: True})
    before = ConsentChoice.objects.get().changed_at

    api.put(path, {mail.pk: True})

    assert ConsentChoice.objects.get().changed_at == before
    api.put(path, {mail.pk: False})
    assert ConsentChoice.objects.get().changed_at > before


def test_no_choices_change_nothing(api: ApiClient, ada: Customer) -> None:
    assert api.put("/v1/customers/ada/consents", {}).status_code == 204
    assert ConsentChoice.objects.count() == 0


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("unknown", [NOBODY, "newsletter", "theirs"])
def test_an_unknown_consent_is_named_and_nothing_is_kept(
    project: Project, other_project: Project, ada: Customer, base: str, unknown: str
) -> None:
    mail = ConsentFactory(project=project)
    if unknown == "theirs":
        unknown = ConsentFactory(project=other_project).pk

    answer = client_of(base + "/", project).put(
        f"{base}/customers/ada/consents", {mail.pk: True, unknown: True}
    )

    assert answer.status_code == 404
    assert answer.json()["key"] == "not_found"
    assert answer.json()["resource_type"] == "consent"
    assert answer.json()["resource_id"] == unknown
    assert ConsentChoice.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([], "Payload must be object"),
        ({NOBODY: "yes"}, f"Property .{NOBODY} must be boolean"),
        ({NOBODY: None}, f"Property .{NOBODY} must be boolean"),
        ({NOBODY: 1}, f"Property .{NOBODY} must be boolean"),
        (
            {f"n{number}": True for number in range(1_001)},
            "Payload must NOT have more than 1000 properties",
        ),
    ],
)
def test_a_malformed_body_is_refused(
    api: ApiClient, ada: Customer, body: Any, details: str
) -> None:
    answer = api.put("/v1/customers/ada/consents", body or b"[]")

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == details
    assert ConsentChoice.objects.count() == 0


@pytest.mark.parametrize("base", BASES)
def test_a_customer_who_is_not_there_chooses_nothing(
    project: Project, ada: Customer, base: str
) -> None:
    mail = ConsentFactory(project=project)
    server_client(project).delete("/v1/customers/ada")

    answer = client_of(base + "/", project).put(
        f"{base}/customers/ada/consents", {mail.pk: True}
    )

    assert answer.status_code == 404
    assert answer.json()["resource_type"] == "customer"
    assert ConsentChoice.objects.count() == 0


def test_a_foreign_page_neither_reads_nor_chooses(
    project: Project, ada: Customer
) -> None:
    project.client_trusted_domains = ["shop.example.com"]
    project.save()
    mail = ConsentFactory(project=project)
    page = browser_client(project)
    page.headers["Origin"] = "https://elsewhere.example.com"

    read = page.get("/client/v1/consents")
    chosen = page.put("/client/v1/customers/ada/consents", {mail.pk: True})

    assert (read.status_code, chosen.status_code) == (403, 403)
    assert ConsentChoice.objects.count() == 0


def test_the_role_decides_who_chooses(project: Project, ada: Customer) -> None:
    mail = ConsentFactory(project=project)
    viewer = server_client(project, role="VIEWER")

    read = viewer.get("/v1/consents")
    refused = viewer.put("/v1/customers/ada/consents", {mail.pk: True})

    assert read.status_code == 200
    assert refused.status_code == 403
    assert refused.json()["key"] == "missing_required_permission"
    assert ConsentChoice.objects.count() == 0


def test_a_deleted_consent_takes_its_choices_along(
    api: ApiClient, project: Project, ada: Customer
) -> None:
    mail = ConsentFactory(project=project)
    api.put("/v1/customers/ada/consents", {mail.pk: True})

    Consent.objects.all().delete()

    assert ConsentChoice.objects.count() == 0
    assert api.get("/v1/consents").json()["consents"]["total"] == 0


@pytest.mark.django_db(transaction=True)
def test_choices_made_at_once_end_in_one_row(project: Project, ada: Customer) -> None:
    mail, calls = ConsentFactory.create_batch(2, project=project)

    def choose(body: dict[str, bool]) -> int:
        path = "/v1/customers/ada/consents"
        status: int = server_client(project).put(path, body).status_code
        return status

    bodies = [{mail.pk: True, calls.pk: False}, {calls.pk: True, mail.pk: False}] * 3
    outcomes = at_once(*[lambda body=body: choose(body) for body in bodies])

    assert outcomes == [204] * 6
    given = dict(ada.consent_choices.values_list("consent_id", "given"))
    assert given in (bodies[0], bodies[1])
