"""Which Promo this is."""

import tomllib
from functools import cache
from importlib import metadata

from django.conf import settings


@cache
def version() -> str:
    """Return the version that runs, ``0.1.0``; that of its folder if not installed."""
    try:
        return metadata.version("promo")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
        return str(project["project"]["version"])
