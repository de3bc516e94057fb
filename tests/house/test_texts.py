"""What no file of the project says."""

import re
import subprocess
from pathlib import Path

from django.conf import settings

TEXT = {".py", ".md", ".toml", ".lock", ".html", ".css", ".sh", ".yaml", ""}
#: Folders of one machine; a temporary folder is fine where a test names none.
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|work)/\w")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - wherever git is
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [settings.BASE_DIR / name for name in listed.stdout.splitlines()]
    mine = Path(__file__)
    return [p for p in paths if p.suffix in TEXT and p != mine and p.is_file()]


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
