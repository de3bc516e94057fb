"""The rows of the specification and the tests that show them: docs/coverage.md.

Rows are listed in ``spec_rows.txt``, one a line under its section; tests name them by
``@pytest.mark.spec("engine 2.3 PERCENT 12.5")``: section, then the row or enough of
its beginning. Nothing is imported: the markers are read from the source.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = Path(__file__).with_name("spec_rows.txt")
PAGE = TESTS.parent / "docs" / "coverage.md"
_MARKS = frozenset({"pytest.mark.spec", "spec"})
HEAD = """# What the tests show

Every row of the specification's tables about rules and decisions, and the tests that
show it. `make docs` writes this page from the tests; do not edit it.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its section ("engine 2.3"), and what its cells begin with."""

    section: str
    title: str
    text: str

    @property
    def plain(self) -> str:
        """The row as it is compared."""
        return plain(self.text)

    @property
    def names(self) -> list[str]:
        """The first cell as it is compared, then its parts: "`$after`, `$before`"."""
        first = plain(self.text.partition(" | ")[0])
        return [first, *re.split(r", | / ", first)]


@dataclass(frozen=True, slots=True)
class Marker:
    """What a test says it shows; ``test`` is its path below tests/ and its name."""

    text: str
    path: str
    test: str

    @property
    def section(self) -> str:
        """The section named: the first two words."""
        return " ".join(self.text.split()[:2])

    @property
    def plain(self) -> str:
        """The rest of the text, as it is compared."""
        return plain(self.text.strip().removeprefix(self.section))


@dataclass(frozen=True)
class Coverage:
    """Rows and markers, brought together."""

    rows: Sequence[Row]
    markers: Sequence[Marker]

    @cached_property
    def tests(self) -> dict[Row, list[Marker]]:
        """The markers of every row, in the order of the files."""
        found: dict[Row, list[Marker]] = {row: [] for row in self.rows}
        for marker in self.markers:
            for row in self.meant(marker):
                found[row].append(marker)
        return found

    @property
    def uncovered(self) -> list[Row]:
        """The rows that no test shows."""
        return [row for row, markers in self.tests.items() if not markers]

    @property
    def ambiguous(self) -> list[Marker]:
        """The markers that may mean more than one row."""
        return [each for each in self.markers if len(self.meant(each)) > 1]

    @property
    def beside(self) -> list[Marker]:
        """The markers of what stands in no row: lists, other sections."""
        return [each for each in self.markers if not self.meant(each)]

    def meant(self, marker: Marker) -> list[Row]:
        """Return the rows that a marker can mean; one, when all is well.

        A row that reads exactly so goes before those that begin so, and these before
        the longest that the marker goes on from.
        """
        said = marker.plain
        rows = [row for row in self.rows if row.section == marker.section]
        whole = [row for row in rows if said in {row.plain, row.names[0]}]
        part = [row for row in rows if said in row.names]
        begun = [row for row in rows if said and goes_on(row.plain, said)]
        return whole or part or begun or _longest(said, rows)


def _longest(said: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the longest name that a text goes on from."""
    found = [
        (len(name), row) for row in rows for name in row.names if goes_on(said, name)
    ]
    longest = max((length for length, _ in found), default=0)
    return list(dict.fromkeys(row for length, row in found if length == longest))


def plain(text: str) -> str:
    """Return a text without what is written one way here and another way there."""
    for mark, written in {
        "`": "",
        "*": "",
        "|": " ",
        "\u00d7": "x",
        "\u2013": "-",
    }.items():
        text = text.replace(mark, written)
    return " ".join(text.split()).casefold()


def goes_on(longer: str, shorter: str) -> bool:
    """Say whether a text begins with another, which ends at the end of a word."""
    ends = re.match(r"\W|$", longer.removeprefix(shorter)) is not None
    return longer.startswith(shorter) and ends


def rows_of_the_specification() -> list[Row]:
    """Return the rows that must be shown, in the order of the specification."""
    rows, section, title = [], "", ""
    for line in ROWS.read_text().splitlines():
        if heading := re.fullmatch(r"# (\S+ \S+) (.*)", line):
            section, title = heading.groups()
        elif line:
            rows.append(Row(section, title, line))
    return rows


def markers_in(folder: Path = TESTS) -> list[Marker]:
    """Return the markers of all tests below a folder."""
    return [
        marker
        for path in sorted(folder.rglob("*.py"))
        for marker in markers_of(path.read_text(), str(path.relative_to(folder)))
    ]


def markers_of(source: str, path: str) -> Iterator[Marker]:
    """Find the markers of a module: on tests, classes, parameters and the module."""
    tree = ast.parse(source)
    shared = {
        target.id: _rows_named(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    everywhere = shared.pop("pytestmark", [])
    for test, owners in _tests(tree):
        said = list(everywhere)
        for decorator in (each for owner in owners for each in owner.decorator_list):
            said += _rows_named(decorator)
            for node in ast.walk(decorator):
                if isinstance(node, ast.Name):
                    said += shared.get(node.id, [])
        yield from (Marker(text, path, test) for text in dict.fromkeys(said))


def _tests(
    tree: ast.Module,
) -> Iterator[tuple[str, list[ast.FunctionDef | ast.ClassDef]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, [node]
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name[:5] == "test_":
                    yield inner.name, [node, inner]


def _rows_named(node: ast.AST) -> list[str]:
    """Return the texts of the ``pytest.mark.spec`` calls below a node.

    Raises:
        ValueError: a text is put together when the tests run.
    """
    texts = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in _MARKS:
            try:
                texts.append(str(ast.literal_eval(call.args[0])))
            except ValueError as error:
                msg = f"write the text of the marker out: {ast.unparse(call)}"
                raise ValueError(msg) from error
    return texts


def found() -> Coverage:
    """Return what the tests of this project show."""
    return Coverage(rows_of_the_specification(), markers_in())


def as_page(coverage: Coverage) -> str:
    """Return the page: a table a section, then what stands in no row."""
    parts, section = [HEAD], ""
    for row, markers in coverage.tests.items():
        if row.section != section:
            section = row.section
            parts.append(
                f"\n## {section} {row.title}\n\n| Row | Tests |\n| --- | --- |"
            )
        shown = row.text.replace(" | ", ": ").replace("|", r"\|")
        parts.append(f"| {shown} | {'<br>'.join(map(_link, markers)) or '**none**'} |")
    if coverage.beside:
        parts.append("\n## Beside the tables\n")
        texts = dict.fromkeys(marker.text for marker in coverage.beside)
        for text in sorted(texts):
            links = [_link(each) for each in coverage.beside if each.text == text]
            parts.append(f"- {text}: {', '.join(links)}")
    return "\n".join(parts) + "\n"


def _link(marker: Marker) -> str:
    words = marker.test.removeprefix("test_").replace("_", " ")
    return f"[{words}](../tests/{marker.path})"


if __name__ == "__main__":
    sys.stdout.write(as_page(found()))
