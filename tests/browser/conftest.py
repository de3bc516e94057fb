"""A browser in front of a running server; without one these tests are skipped."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from promo.tenancy.models import Project
from promo.tenancy.services.people import assign_role, create_person
from tests.admin_site import make_project
from tests.browser.pictures import DESK

_NAMES = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "a long enough one"  # noqa: S105 - of a test


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine, gone before other tests run in this process."""
    yield from launched()


def launched(*switches: str) -> Iterator[Browser]:
    """Yield the Chromium of this machine, started with ``switches`` of its own."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("PROMO_NEEDS_BROWSER"):
        pytest.fail("PROMO_NEEDS_BROWSER is set, but there is no Chromium.")
    if found is None:
        pytest.skip("No Chromium on this machine: the browser tests are left out.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps a loop in this thread; the tests read the database in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", *switches]
        )
        yield started
        started.close()


@pytest.fixture
def shop(live_server: Any) -> Project:
    """A project with somebody who runs its promotions."""
    project = make_project(currency="EUR", timezone="Europe/Paris")
    person = create_person(email="anna@example.com", password=PASSWORD)
    assign_role(user=person, project=project, role="USER")
    return project


@pytest.fixture
def page(browser: Browser, shop: Project, live_server: Any) -> Iterator[Page]:
    """The dashboard, signed in; what its scripts complain of fails the test."""
    context = browser.new_context(
        base_url=live_server.url,
        timezone_id="Europe/Paris",
        locale="en-GB",
        viewport=DESK,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.goto("/admin/")
    page.locator("#id_username").fill("anna@example.com")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert complaints == []
