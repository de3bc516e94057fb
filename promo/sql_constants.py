"""Constants that stand in the statement itself instead of beside it.

Statements are prepared, and after some calls planned without looking at what is asked
for. An index over a part of a table is then found only if what makes the part is
written out.
"""

import re
from typing import Any

from django.db.models import Value

_PLAIN = re.compile(r"[A-Za-z_]*")


class Constant(Value):
    """A word of our own, for conditions that have to fit that of an index.

    Raises:
        ValueError: it has something beside letters and underscores.
    """

    def __init__(self, word: str) -> None:
        if not _PLAIN.fullmatch(word):
            msg = f"Not a word: {word!r}"
            raise ValueError(msg)
        super().__init__(str(word))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:
        """Return the word in quotes, without any parameters."""
        return f"'{self.value}'", ()
