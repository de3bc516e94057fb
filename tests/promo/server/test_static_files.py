from pathlib import Path

import pytest

from promo.server.static_files import collect_if_stale


def test_static_files_are_collected_again_only_after_a_change(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")
    monkeypatch.setattr(settings, "STATICFILES_DIRS", [source])
    monkeypatch.setattr(
        settings,
        "STATICFILES_FINDERS",
        ["django.contrib.staticfiles.finders.FileSystemFinder"],
    )
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "collected")

    first, second = collect_if_stale(), collect_if_stale()
    (source / "page.css").write_text("a { color: red }")
    third = collect_if_stale()

    assert (first, second, third) == (True, False, True)
    assert (tmp_path / "collected" / "page.css").read_text() == "a { color: red }"
