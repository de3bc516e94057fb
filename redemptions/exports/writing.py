"""Copying rows out of the database into a file, as they come.

The database makes the cells and quotes them; what is left is the end of each line.
Nothing of the file is held but a portion of its lines.
"""

import csv
import io
from typing import IO

from django.db import connection

from redemptions.exports.selection import Selection

#: Rows that no index gives in their order are sorted in memory up to here: a file
#: of a few hundred thousand then needs no disk for it.
_SORT_IN_MEMORY = "SET LOCAL work_mem = '64MB'"
#: Bytes that are handed on at once.
_PORTION = 256 * 1024
#: The database ends a line its own way; lines within a cell stay as they are.
_END = b"\r\n"


def write(selection: Selection, file: IO[bytes]) -> int:
    """Write the header and all rows as CSV; return how many rows there were.

    UTF-8, commas, CRLF. Runs inside a transaction: a copy ends with its statement.
    """
    file.write(_header(selection.titles))
    statement = selection.statement()
    if statement is None:
        return 0
    sql, arguments = statement
    copy = f"COPY ({sql}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    rows = 0
    portion = bytearray()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(_SORT_IN_MEMORY)
        # psycopg's own cursor: Django's has no arguments for a copy while it debugs.
        with cursor.cursor.copy(copy, arguments) as lines:
            for line in lines:
                portion += line[:-1]
                portion += _END
                rows += 1
                if len(portion) > _PORTION:
                    file.write(portion)
                    portion.clear()
    file.write(portion)
    return rows


def _header(titles: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(titles)
    return line.getvalue().encode()
