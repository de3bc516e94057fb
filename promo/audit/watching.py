"""Watching a table: what migrations put on it so that its changes are told.

Each watched table has a trigger a statement and verb, so that whatever writes, the ORM,
hand-written SQL or somebody at the database's own console, is recorded.
"""

from collections.abc import Sequence

from django.db import migrations

#: What no change is told for, in every table.
_NEVER = ("updated_at",)
_VERBS = {
    "INSERT": "NEW TABLE AS after_rows",
    "UPDATE": "OLD TABLE AS before_rows NEW TABLE AS after_rows",
    "DELETE": "OLD TABLE AS before_rows",
}


def watch(
    table: str,
    *,
    by_hand: bool = False,
    unwatched: Sequence[str] = (),
    silent: Sequence[str] = (),
    secret: Sequence[str] = (),
    part_of: str = "",
    project: str = "",
    customer: str = "",
) -> migrations.RunSQL:
    """Return the step of a migration that has changes of ``table`` recorded.

    All names are our own. ``by_hand`` is for tables that checkouts and long work write:
    only what a person or a key changes there by itself is told. ``unwatched`` columns
    are never told, ``silent`` ones along with others, of ``secret`` ones only that they
    changed. ``part_of`` is the column with what a row is a part of, ``customer`` that
    with whom it tells of. ``project`` finds the project of a row without one: SQL that
    takes the row as JSON, ``$1``.
    """
    arguments = ", ".join(
        _quoted(each)
        for each in (
            _array([*_NEVER, *unwatched]),
            _array(silent),
            _array(secret),
            part_of,
            project,
            customer,
        )
    )
    condition = "WHEN (audit_is_by_hand()) " if by_hand else ""
    made = "; ".join(
        f"CREATE TRIGGER audit_{verb.lower()} AFTER {verb} ON {table} "
        f"REFERENCING {rows} FOR EACH STATEMENT {condition}"
        f"EXECUTE FUNCTION audit_record({arguments})"
        for verb, rows in _VERBS.items()
    )
    undone = "; ".join(
        f"DROP TRIGGER audit_{verb.lower()} ON {table}" for verb in _VERBS
    )
    return migrations.RunSQL(made, undone)


def _array(names: Sequence[str]) -> str:
    return "{" + ",".join(names) + "}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
