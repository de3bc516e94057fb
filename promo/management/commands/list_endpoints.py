import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

_VERBS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_HEADER = """# Endpoints

Who serves which address, as `manage.py list_endpoints` prints it (`make docs`).
The pages of the dashboard under `/admin/` are not listed.

| Method | Path | Served by |
| --- | --- | --- |
"""


class Endpoint(NamedTuple):
    path: str
    method: str
    served_by: str


class Command(BaseCommand):
    help = "Print the table of docs/endpoints.md."

    def handle(self, **_options: Any) -> None:
        rows = [
            f"| {endpoint.method} | `{endpoint.path}` | `{endpoint.served_by}` |\n"
            for endpoint in sorted(set(endpoints()))
        ]
        self.stdout.write(_HEADER + "".join(rows), ending="")


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint outside the dashboard, one a method."""
    for path, pattern in _leaves("/", get_resolver().url_patterns):
        view = pattern.callback
        cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
        served_by = cls or view
        name = f"{served_by.__module__}.{served_by.__qualname__}"
        for method in _methods(view, cls):
            yield Endpoint(path, method.upper(), name)


def _leaves(
    prefix: str, patterns: list[URLPattern | URLResolver]
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith("/admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from _leaves(path, pattern.url_patterns)
        else:
            yield _PARAMETER.sub(r"{\1}", path), pattern


def _methods(view: Any, cls: Any) -> list[str]:
    if actions := getattr(view, "actions", None):
        return [verb for verb in _VERBS if verb in actions]
    if cls is None or cls.__module__.startswith("django."):
        return ["get"]
    return [verb for verb in _VERBS if hasattr(cls, verb)]
