"""Whatever our own OpenAPI document allows, and what it does not, is answered.

At least twenty requests an operation, sound ones and broken ones, many of them about
things that exist. Nothing may end in a 5xx.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from promo.management.commands.list_endpoints import endpoints
from promo.tenancy.models import Project
from tests.contract.inhabitants import inhabit, named
from tests.fixtures.api import ApiClient, client_of

EXAMPLES = 24
SERVER_ERROR = 500

OPERATIONS = sorted(
    {(one.method, one.path) for one in endpoints() if "/v1/" in one.path}
)


@pytest.fixture(scope="session")
def document() -> Any:
    """Our OpenAPI document as schemathesis reads it."""
    raw = SchemaGenerator().get_schema(request=None, public=True)
    return schemathesis.openapi.from_dict(raw)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_ends_in_a_server_error(
    document: Any, project: Project, method: str, path: str
) -> None:
    project.client_redeem_enabled = True
    project.client_create_customer_enabled = True
    project.client_list_vouchers_enabled = True
    project.client_loyalty_events_enabled = True
    project.save()
    names = inhabit(project)
    api = client_of(path, project)
    operation = document[path][method]
    sound = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=sound | broken, exists=st.booleans())
    def send(case: Any, exists: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        parameters = dict(case.path_parameters or {})
        if exists:
            parameters |= named(path, names)
        response = answer(api, method, path, parameters, case)
        assert response.status_code < SERVER_ERROR, response.content

    send()


def answer(
    api: ApiClient, method: str, path: str, parameters: dict[str, Any], case: Any
) -> Any:
    """Send ``case`` with these parameters of the address."""
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = urlencode(dict(case.query or {}), doseq=True, errors="replace")
    body = None if isinstance(case.body, NotSet) else _encoded(case.body)
    return api.request(method, f"{path}?{query}" if query else path, body)


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
