"""Files and functions stay short enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FOLDERS = ("promo", "customers", "campaigns", "redemptions", "webhooks", "benchmarks")
LINES_OF_A_FILE = 400
#: A table of cases may run longer than code.
LINES_OF_A_TEST_FILE = 600
LINES_OF_A_FUNCTION = 50


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lengths(*folders: str) -> dict[Path, int]:
    return {path: len(path.read_text().splitlines()) for path in sources(*folders)}


def test_files_are_short() -> None:
    found = lengths(*FOLDERS)

    assert {p: n for p, n in found.items() if n >= LINES_OF_A_FILE} == {}
    assert len(found) > 200


def test_files_of_tests_are_short_enough() -> None:
    found = lengths("tests")

    assert {p: n for p, n in found.items() if n >= LINES_OF_A_TEST_FILE} == {}
    assert len(found) > 100


def test_functions_are_short() -> None:
    long = [
        f"{path}:{each.name}"
        for path in sources(*FOLDERS)
        for each in functions(path)
        if (each.end_lineno or 0) - each.lineno + 1 > LINES_OF_A_FUNCTION
    ]

    assert long == []
