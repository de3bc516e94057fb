"""No request fails because the database was restarted before it."""

import pytest
from django.db import connection

from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import server_client
from tests.proofs.own_database import own_database

pytestmark = pytest.mark.django_db(transaction=True)
IDLE = 3


def test_requests_before_and_after_a_restart_are_answered() -> None:
    with own_database() as database:
        api = server_client(ProjectFactory.create())
        made = api.post("/v1/customers", {"source_id": "ada", "name": "Ada"})
        connection.close()
        idle = [connection.pool.getconn() for _ in range(IDLE)]
        for each in idle:
            connection.pool.putconn(each)

        database.kill()
        answers = [
            api.get("/v1/customers/ada"),
            api.post("/v1/customers", {"source_id": "bob", "name": "Bob"}),
        ]

        assert made.status_code == 200, made.content
        assert [each.status_code for each in answers] == [200, 200]
        assert answers[0].json()["id"] == made.json()["id"]
        assert api.get("/v1/customers").json()["total"] == 2
