"""Files and functions stay short enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FOLDERS = ("promo", "customers", "campaigns", "redemptions", "webhooks", "benchmarks")
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}

    assert {p: n for p, n in lengths.items() if n >= LINES_OF_A_FILE} == {}
    assert len(lengths) > 200


def test_functions_are_short() -> None:
    long = [
        f"{path}:{each.name}"
        for path in sources()
        for each in functions(path)
        if (each.end_lineno or 0) - each.lineno + 1 > LINES_OF_A_FUNCTION
    ]

    assert long == []
