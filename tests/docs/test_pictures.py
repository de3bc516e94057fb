"""The pictures of the documentation: each is there, named, of a journey, and small."""

import re

from django.conf import settings

ROOT = settings.BASE_DIR
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
MOST_BYTES = 4_000_000
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_TAKEN = re.compile(r"\bpicture\(\s*\w+,\s*\"([\w-]+)\"")


def told() -> dict[str, list[str]]:
    """Return what the pages say of each picture, by its name."""
    found: dict[str, list[str]] = {}
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        for words, target in _IMAGE.findall(page.read_text()):
            path = (page.parent / target).resolve()
            found.setdefault(path.relative_to(IMAGES).stem, []).append(words)
    return found


def kept() -> set[str]:
    return {path.stem for path in IMAGES.glob("*.png")}


def test_each_picture_that_a_page_names_is_there_and_each_that_is_there_is_named():
    assert set(told()) == kept()


def test_each_picture_says_in_words_what_it_shows():
    assert [name for name, words in told().items() if not all(words)] == []


def test_each_picture_is_taken_by_one_journey():
    sources = sorted((ROOT / "tests" / "browser").glob("test_*.py"))
    taken = [name for path in sources for name in _TAKEN.findall(path.read_text())]

    assert sorted(taken) == sorted(kept())


def test_the_pictures_are_small_together():
    sizes = [path.stat().st_size for path in IMAGES.glob("*.png")]

    assert 0 < sum(sizes) < MOST_BYTES
