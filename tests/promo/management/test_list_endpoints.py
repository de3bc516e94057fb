from io import StringIO

from django.core.management import call_command

from promo.management.commands.list_endpoints import endpoints


def test_every_endpoint_is_listed_once_with_its_method() -> None:
    listed = [(endpoint.method, endpoint.path) for endpoint in endpoints()]

    assert len(listed) == len(set(listed))
    assert ("GET", "/healthz") in listed
    assert ("POST", "/v1/redemptions/{reference}/rollback") in listed
    assert not [path for _, path in listed if path.startswith("/admin/")]


def test_the_table_is_printed_in_order_of_path() -> None:
    out = StringIO()

    call_command("list_endpoints", stdout=out)

    rows = [line for line in out.getvalue().splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(list(endpoints()))
    assert "| GET | `/healthz` | `promo.health.views.healthz` |" in rows
