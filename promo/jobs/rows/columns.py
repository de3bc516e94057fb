"""Which columns of a CSV file mean what.

Source: data specification, "CSV imports".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from promo.errors import PromoError
from promo.jobs.rows.cells import Cell, RowRefused

#: What a person may choose for a column beside a known field.
METADATA, SKIPPED = "metadata", "-"
_BETWEEN = re.compile(r"[\s_-]+")
_SPACE = re.compile(r"\s")


class UnreadableFile(PromoError):
    """A file whose rows have no meaning; nothing of it is taken."""

    key = "invalid_file"
    message = "Invalid file"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: the field's name and how its cells are read."""

    name: str
    read: Cell


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, in the order of its header line."""

    titles: tuple[str, ...]
    #: By column: what it holds, None for metadata, False for nothing.
    columns: tuple[Column | Literal[False] | None, ...]

    def read(self, cells: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the fields of a row, None where empty, and its metadata cells.

        Raises:
            RowRefused: there are more or fewer cells than headers, or a cell does
                not hold what it must.
        """
        if len(cells) != len(self.titles):
            wanted = len(self.titles)
            details = f"The row has {len(cells)} cells, the header has {wanted}"
            raise RowRefused(details)
        values: dict[str, Any] = {}
        metadata: dict[str, str] = {}
        for title, column, cell in zip(self.titles, self.columns, cells, strict=True):
            if column:
                values[column.name] = _read(title, column, cell)
            elif column is None:
                metadata[title] = cell
        return values, metadata

    def cell(self, name: str, cells: Sequence[str]) -> str:
        """Return the text of the field ``name`` in a row; empty where it has none."""
        for column, cell in zip(self.columns, cells, strict=False):
            if column and column.name == name:
                return cell.strip()
        return ""


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """The columns that an import knows; what it does not know is metadata.

    ``fields`` are by the header as people write it: letter case, spaces, ``_`` and
    ``-`` make no difference. A file without a header of ``required`` has no meaning.
    ``skipped`` are headers that are known and say nothing here.
    """

    fields: Mapping[str, Column]
    required: Sequence[str] = ()
    skipped: Sequence[str] = ()
    with_metadata: bool = True

    def layout(
        self, header: Sequence[str], chosen: Mapping[str, str] | None = None
    ) -> Layout:
        """Return what the columns under a header line mean.

        ``chosen`` is what somebody chose for columns, by their plain titles.

        Raises:
            UnreadableFile: rows would have no meaning; it says which column is wrong.
        """
        titles = tuple(title.strip() for title in header)
        columns = tuple(self._meant(title, chosen or {}) for title in titles)
        _check(titles, columns)
        present = {column.name for column in columns if column}
        for title in self.required:
            if self.fields[title].name not in present:
                raise UnreadableFile(f"The column {title} is missing")
        if not self.with_metadata:
            columns = tuple(False if each is None else each for each in columns)
        return Layout(titles, columns)

    def filled_by(self, title: str, chosen: Mapping[str, str]) -> str:
        """Return the choice that a column stands for by now: a header or a sign."""
        meant = self._meant(title.strip(), chosen)
        if not meant:
            return METADATA if meant is None and self.with_metadata else SKIPPED
        return next(
            title for title, column in self.fields.items() if column.name == meant.name
        )

    def _meant(
        self, title: str, chosen: Mapping[str, str]
    ) -> Column | Literal[False] | None:
        """Return what a column holds: what was chosen, else what its title says."""
        wanted = chosen.get(plain(title), title)
        if wanted == SKIPPED:
            return False
        if wanted == METADATA:
            return None
        known: dict[str, Column | Literal[False]]
        known = {plain(each): column for each, column in self.fields.items()}
        known |= {plain(each): False for each in self.skipped}
        return known.get(plain(wanted))

    def meanings(
        self, header: Sequence[str], chosen: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return in words what each column fills.

        Raises:
            UnreadableFile: rows would have no meaning.
        """
        columns = self.layout(header, chosen).columns
        return [
            column.name if column else "not used" if column is False else "metadata"
            for column in columns
        ]


def plain(title: str) -> str:
    """Return a header as it is compared."""
    return _BETWEEN.sub("", title.strip().lower())


def _check(
    titles: Sequence[str], columns: Sequence[Column | Literal[False] | None]
) -> None:
    seen: set[str] = set()
    for title, column in zip(titles, columns, strict=True):
        name = column.name if column else f"{plain(title)} "
        if column is None:
            name = f"metadata.{title}"
        if not title and column is False:
            continue
        if not title:
            raise UnreadableFile("A column has no header")
        if name in seen:
            raise UnreadableFile(f"The column {title} stands twice")
        if column is None and _SPACE.search(title):
            raise UnreadableFile(f"The metadata header {title} holds a space")
        seen.add(name)


def _read(title: str, column: Column, cell: str) -> Any:
    if not cell.strip():
        return None
    try:
        return column.read(cell)
    except RowRefused as refused:
        raise RowRefused(f"{title}: {refused.details}") from refused
