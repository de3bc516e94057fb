"""Every page of the dashboard costs few statements, found by its address.

A page that is added is held as well. Where a page needs something that the project of
``tests/admin_pages.py`` has not got, its test says so.
"""

from collections.abc import Mapping

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from promo.admin.pages import AdminPage, admin_pages
from tests.admin_pages import furnish, is_seen
from tests.admin_site import sign_in
from tests.contract.inhabitants import inhabit
from tests.contract.test_query_counts import twenty
from tests.factories.tenancy import ProjectFactory

MOST = 20
PAGES = {page.route: page for page in admin_pages() if is_seen(page)}
#: Found, gone elsewhere, not for this role, a button alone.
ANSWERS = {200, 302, 403, 405}
#: Pages of a second factor, which nobody has here.
NOT_FOUND = "admin/account/two-factor/"
Cost = tuple[int, int]


@pytest.fixture(scope="module")
def costs(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> dict[str, Cost | None]:
    """Status and statements of each page by route, opened for the second time.

    None of what cannot be addressed. There are twenty of everything, and nothing stays.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        project = ProjectFactory.create()
        client = sign_in(project, "ADMIN").client
        names = inhabit(project)
        values = furnish(project, names)
        twenty(project, names)
        found = {route: _cost(client, page, values) for route, page in PAGES.items()}
        transaction.set_rollback(True)
    return found


def _cost(client: Client, page: AdminPage, values: Mapping[str, str]) -> Cost | None:
    address = page.address(values)
    if address is None:
        return None
    client.get(address)
    with CaptureQueriesContext(connection) as statements:
        response = client.get(address)
    return response.status_code, len(statements)


@pytest.mark.parametrize("route", sorted(PAGES))
def test_a_page_costs_few_statements(
    costs: Mapping[str, Cost | None], route: str
) -> None:
    cost = costs[route]

    assert cost is not None, "tests/admin_pages.py names nothing for this page"
    status, statements = cost
    assert status in ANSWERS or (status == 404 and route.startswith(NOT_FOUND))
    assert statements <= MOST
