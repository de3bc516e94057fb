"""Which web pages may call the client API, by header and by answer."""

import pytest

from promo.api.origins import origin_is_trusted
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import browser_client


@pytest.mark.parametrize(
    ("entry", "origin", "trusted"),
    [
        ("*", "https://shop.example", True),
        ("shop.example", "https://shop.example", True),
        ("shop.example", "http://shop.example:8080", True),
        ("shop.example", "https://other.example", False),
        ("shop.example:8080", "https://shop.example:8080", True),
        ("shop.example:8080", "https://shop.example", False),
        ("https://shop.example", "https://shop.example", True),
        ("https://shop.example", "https://shop.example:443", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example/", "https://SHOP.example", True),
        ("*.shop.example", "https://eu.shop.example", True),
        ("*.shop.example", "https://shop.example", False),
        ("*.shop.example", "https://evilshop.example", False),
        ("shop.example", "https://shop.example:port", False),
        ("shop.example", "null", False),
        ("shop.example", "", False),
    ],
)
def test_an_entry_covers_the_origins_it_means(entry, origin, trusted):
    assert origin_is_trusted(origin, [entry]) is trusted


def ask_first(api, origin, path="/client/v1/validations"):
    """Send what a browser sends before a request to another host."""
    return api.client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-client-application-id, x-client-token",
        },
    )


@pytest.mark.django_db
def test_a_trusted_page_may_send_the_keys_of_its_project():
    project = ProjectFactory.create(client_trusted_domains=["shop.example.com"])
    api = browser_client(project)

    first = ask_first(api, "https://shop.example.com")
    then = api.post(
        "/client/v1/validations",
        {"redeemables": [{"object": "voucher", "id": "NONE"}]},
        Origin="https://shop.example.com",
    )

    allowed = first.headers["Access-Control-Allow-Headers"]
    assert first.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert {"x-client-application-id", "x-client-token"} <= set(allowed.split(", "))
    assert then.status_code == 200
    assert then.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"


@pytest.mark.django_db
def test_a_page_that_nobody_trusts_is_refused():
    project = ProjectFactory.create(client_trusted_domains=["shop.example.com"])
    api = browser_client(project)

    first = ask_first(api, "https://evil.example")
    then = api.post(
        "/client/v1/validations",
        {"redeemables": [{"object": "voucher", "id": "NONE"}]},
        Origin="https://evil.example",
    )

    assert "Access-Control-Allow-Origin" not in first.headers
    assert (then.status_code, then.json()["key"]) == (403, "forbidden")


@pytest.mark.django_db
def test_the_server_api_is_for_no_page():
    project = ProjectFactory.create(client_trusted_domains=["*"])
    api = browser_client(project)

    first = ask_first(api, "https://shop.example.com", "/v1/validations")

    assert "Access-Control-Allow-Origin" not in first.headers
