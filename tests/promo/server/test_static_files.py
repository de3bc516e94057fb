from pathlib import Path

from django.test import override_settings

from promo.server.static_files import collect_if_stale


def test_static_files_are_collected_again_only_after_a_change(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")

    with override_settings(
        STATICFILES_DIRS=[source],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STATIC_ROOT=tmp_path / "collected",
    ):
        first, second = collect_if_stale(), collect_if_stale()
        (source / "page.css").write_text("a { color: red }")
        third = collect_if_stale()

    assert (first, second, third) == (True, False, True)
    assert (tmp_path / "collected" / "page.css").read_text() == "a { color: red }"
