"""Bodies and queries that are too large."""

from typing import Any

import pytest
from django.test import override_settings

from promo.tenancy.models import ApiKey
from tests.fixtures.api import ApiClient

pytestmark = [pytest.mark.urls("tests.promo.api.shelf"), pytest.mark.django_db]

PATH = "/v1/shelf"


@pytest.mark.spec("engine 12.1 query_too_large")
def test_a_body_beyond_the_limit_is_413_and_stores_nothing(api: ApiClient) -> None:
    before = ApiKey.objects.count()

    with override_settings(MAX_BODY_BYTES=30):
        fits = api.post(PATH, b'{"name": "%s"}' % (b"a" * 18))
        response = api.post(PATH, b'{"name": "%s"}' % (b"b" * 19))

    assert fits.status_code == 200
    assert response.status_code == 413
    assert response.json() == {
        "code": 413,
        "key": "query_too_large",
        "statusCode": 413,
        "error": "Request Entity Too Large",
        "message": "Payload content length greater than maximum allowed: 30",
        "request_id": response.headers["X-Request-Id"],
    }
    assert ApiKey.objects.count() == before + 1


@pytest.mark.spec("engine 12.1 query_too_large")
@pytest.mark.parametrize(
    "query",
    [
        {"name": "x" * 6996},
        {f"filters[name][conditions][$in][{n}]": "x" for n in range(250)},
        {"a": [""] * 1001},
    ],
)
def test_a_query_beyond_the_limit_is_refused(api: ApiClient, query: Any) -> None:
    response = api.get(PATH, query)

    shown = response.json()
    assert response.status_code == shown["code"] == 400
    assert (shown["key"], shown["message"]) == ("query_too_large", "Query too large")
    assert shown["request_id"] == response.headers["X-Request-Id"]


def test_a_query_up_to_the_limit_is_answered(api: ApiClient) -> None:
    assert api.get(PATH, {"name": "x" * 6995}).status_code == 200
    assert api.get(PATH, {"a": [""] * 1000}).status_code == 200
