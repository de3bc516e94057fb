"""Reading the customers that a request names, with statements written once."""

from collections.abc import Collection, Sequence
from typing import Any

from customers.models import Customer
from customers.models.customer import ID_PREFIX
from promo import sql_arrays
from promo.ids import parse, parse_or_none
from promo.row_reader import RowReader
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project

_CUSTOMER = RowReader(Customer, "c")
# The text is put together from table and column names of our own model.
_NAMED = f"""
SELECT {_CUSTOMER.columns} FROM {_CUSTOMER.table} c
WHERE c.project_id = %s AND c.deleted_at IS NULL
  AND """  # noqa: S608
# One source id is what is asked most, and PostgreSQL keeps one plan for it: it is told
# that the id is not empty, for the index has no empty ones.
_BY_ONE_SOURCE_ID = "c.source_id > '' AND c.source_id = %s"
_BY_SOURCE_IDS = "c.source_id = ANY(%s::text[])"
_BY_EITHER = "(c.id = ANY(%s::uuid[]) OR c.source_id = ANY(%s::text[]))"
_KEPT = "c.id = ANY(%s::uuid[]) ORDER BY c.id FOR KEY SHARE"
_HELD = " ORDER BY c.id FOR NO KEY UPDATE"


def named_customers(
    project: Project, references: Sequence[str], *, held: bool = False
) -> list[Customer]:
    """Return the living customers behind ids or source ids, in one statement.

    ``held`` locks them, in key order.
    """
    return customers_found(project, ask_customers(project, references, held=held))


def ask_customers(
    project: Project, references: Sequence[str], *, held: bool = False
) -> Asked:
    """Ask for them as ``named_customers`` does, for ``customers_found`` to read."""
    keys = [key for text in references if (key := parse_or_none(ID_PREFIX, text))]
    arguments: list[Any] = [parse("proj_", project.pk)]
    if keys:
        by = _BY_EITHER
        arguments += [sql_arrays.uuids(keys), sql_arrays.texts(references)]
    elif len(references) == 1:
        by = _BY_ONE_SOURCE_ID
        arguments += references
    else:
        by = _BY_SOURCE_IDS
        arguments.append(sql_arrays.texts(references))
    return Asked(_NAMED + by + (_HELD if held else ""), arguments)


def customers_found(project: Project, asked: Asked) -> list[Customer]:
    """Return the customers that were asked for."""
    found = _CUSTOMER.read_all(asked.rows())
    for customer in found:
        customer.project = project
    return found


def keep_customers(project: Project, customer_ids: Collection[str]) -> list[Customer]:
    """Return living customers, and keep them from being erased until the commit.

    Whoever tells of somebody does: so nothing is told after an erasure. One statement;
    nobody but who erases waits for it.
    """
    keys = [parse(ID_PREFIX, one) for one in customer_ids]
    arguments = [parse("proj_", project.pk), sql_arrays.uuids(keys)]
    return _CUSTOMER.select(_NAMED + _KEPT, arguments)
