"""What happened to a thing, one line each, told by whoever keeps it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: when, what in words, a note, and where to read on.

    ``tone`` is ``plain``, ``good``, ``warn`` or ``bad``.
    """

    at: datetime
    what: str
    note: str = ""
    link: str = ""
    tone: str = "plain"
