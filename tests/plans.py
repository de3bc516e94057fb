"""What PostgreSQL means to do for rows, so that tests hold an index and not a time."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from tests.admin_site import make_project, sign_in

_SETTINGS = (
    # So small a table is read and sorted as a whole unless that is dear.
    "SET LOCAL enable_seqscan TO off",
    "SET LOCAL enable_sort TO off",
    "SET LOCAL plan_cache_mode TO force_generic_plan",
)


def prepared_plan(rows: QuerySet[Any]) -> str:
    """Return the plan of ``rows`` made without their values, as of what is prepared."""
    text, values = rows.query.sql_with_params()
    for number in range(1, len(values) + 1):
        text = text.replace("%s", f"${number}", 1)
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.execute(f"PREPARE planned AS {text.replace('%%', '%')}")
        given = sql.SQL(", ").join(values).as_string(connection.connection)
        cursor.execute(
            f"EXPLAIN EXECUTE planned ({given})"
            if values
            else "EXPLAIN EXECUTE planned"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE planned")
    return plan


def plan_of_page(model: type, **query: Any) -> str:
    """Return the plan of the first rows of a list at the dashboard."""
    page: Any = sign_in(make_project(), "VIEWER").list(model, **query)
    return prepared_plan(page.context["cl"].queryset[:51])
