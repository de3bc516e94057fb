"""What no file of the project says."""

import re
from pathlib import Path

from django.conf import settings

TEXT = {".py", ".md", ".toml", ".lock", ".html", ".css", ".sh", ".yaml", ""}
ROOT = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "manage.py"),
    *("pyproject.toml", ".gitignore", ".pre-commit-config.yaml"),
)
FOLDERS = (
    *(".ci", "benchmarks", "campaigns", "customers", "docs", "promo", "redemptions"),
    *("templates", "tests", "webhooks"),
)
#: Folders of one machine; a temporary folder is fine where a test names none.
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|work)/\w")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


def tracked() -> list[Path]:
    found = [settings.BASE_DIR / name for name in ROOT]
    for folder in FOLDERS:
        found += (settings.BASE_DIR / folder).rglob("*")
    mine = Path(__file__)
    return [
        path
        for path in found
        if path.is_file() and path.suffix in TEXT and path != mine
    ]


def test_nothing_names_a_folder_of_one_machine() -> None:
    assert [p for p in tracked() if MACHINE.search(p.read_text())] == []


def test_nothing_is_left_for_later() -> None:
    assert [p for p in tracked() if UNFINISHED.search(p.read_text())] == []


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (settings.BASE_DIR / ".ci" / name).read_text()
        packages = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)

        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(packages) > 20
