"""A table below the form of a thing: what belongs to it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; ``link`` leads to its page, ``tone`` makes a badge of it.

    A tone is ``plain``, ``good``, ``warn`` or ``bad``; ``note`` stands beneath, and
    ``lines`` make a list instead of a text. ``asks`` says that the link opens a dialog.
    """

    text: str
    link: str = ""
    note: str = ""
    tone: str = ""
    lines: Sequence[str] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled table; ``empty`` says so where it has no rows.

    ``link`` leads to all there is, with ``link_text`` on it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str
    link: str = ""
    link_text: str = ""
