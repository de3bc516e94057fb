"""A change of a schema holds from the next request on."""

import pytest

from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMAS, CUSTOMERS = "/v1/metadata-schemas", "/v1/customers"


def test_every_request_keeps_to_the_schema_as_it_is_by_then():
    api = server_client(ProjectFactory.create())
    big = {"source_id": "ada", "metadata": {"size": "big"}}

    def send():
        return api.post(CUSTOMERS, big).status_code

    answers = [send()]
    text = {"related_object": "customer", "properties": {"size": {"type": "string"}}}
    made = api.post(SCHEMAS, text).json()["id"]
    answers.append(send())
    small = {"properties": {"size": {"type": "string", "maxLength": 2}}}
    api.put(f"{SCHEMAS}/{made}", small)
    answers.append(send())
    api.delete(f"{SCHEMAS}/{made}")
    answers.append(send())

    assert answers == [200, 200, 400, 200]
