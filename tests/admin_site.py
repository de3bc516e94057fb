"""People at the dashboard, for tests of its screens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from promo.tenancy.models import Project, User
from promo.tenancy.services.people import assign_role, create_person
from promo.tenancy.services.projects import create_project

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def make_project(name: str = "Shop", **values: Any) -> Project:
    return create_project(name=name, now=NOW, **values).project


@dataclass
class Person:
    """Somebody signed in, and the addresses they go to."""

    client: Client
    user: User
    project: Project

    def list(self, model: type, **query: Any) -> HttpResponse:
        return self.client.get(address(model, "changelist"), query)

    def open(self, row: Any) -> HttpResponse:
        return self.client.get(page_of(row))

    def tab(self, row: Any, name: str) -> HttpResponse:
        """Open one tab of the page of a customer, as htmx does."""
        return self.client.get(address(type(row), "tab", quote(row.pk), name))

    def add(self, model: type, **values: Any) -> HttpResponse:
        return self.client.post(address(model, "add"), values)

    def change(self, row: Any, **values: Any) -> HttpResponse:
        return self.client.post(page_of(row), values)

    def delete(self, row: Any) -> HttpResponse:
        return self.client.post(
            address(type(row), "delete", quote(row.pk)), {"post": "yes"}
        )

    def run_on(self, rows: Sequence[Any], action: str) -> HttpResponse:
        """Run an action on rows that are ticked in their list."""
        return self.client.post(
            address(type(rows[0]), "changelist"),
            {"action": action, "_selected_action": [row.pk for row in rows]},
        )

    def run(self, row: Any, command: str, **values: Any) -> HttpResponse:
        """Confirm the dialog of a command."""
        return self.client.post(
            address(type(row), command, quote(row.pk)),
            {"_form_submitted": "True", **values},
        )


def address(model: Any, page: str, *args: Any) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def page_of(row: Any) -> str:
    return address(type(row), "change", quote(row.pk))


def sign_in(project: Project, role: str, email: str = "") -> Person:
    user = create_person(email=email or f"{role.lower()}@example.com", password=None)
    assign_role(user=user, project=project, role=role)
    client = Client()
    client.force_login(user)
    return Person(client, user, project)


def messages_of(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def statements_of(call: Callable[[], Any]) -> int:
    """Return how many statements a page costs once it is warm."""
    call()
    with CaptureQueriesContext(connection) as caught:
        call()
    return len(caught)


def rows_of(response: HttpResponse) -> list[Any]:
    """Return the rows that a list shows."""
    return [*response.context["cl"].result_list]


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def tables_of(response: HttpResponse) -> dict[str, list[list[Any]]]:
    """Return the tables of a tab by title: the texts of their cells, or their lines."""
    return {
        panel.title: [
            [list(cell.lines) or cell.text for cell in row] for row in panel.rows
        ]
        for panel in response.context["panels"]
    }


def errors_of(response: HttpResponse) -> dict[str, Any]:
    """Return what a form refused, by field; ``__all__`` is the form itself."""
    return dict(response.context["adminform"].form.errors)
