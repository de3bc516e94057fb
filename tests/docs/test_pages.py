"""Pages that repeat what the code says, held to it."""

import re
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from promo.metrics.counts import REGISTRY

DOCS = settings.BASE_DIR / "docs"


def names_in_tables(page: str) -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))


def test_the_settings_page_names_what_is_read_and_nothing_else() -> None:
    source = (settings.BASE_DIR / "promo" / "settings.py").read_text()
    page = (DOCS / "settings.md").read_text()

    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    told = names_in_tables(page.partition("## Make")[0])

    assert told == read


def test_the_settings_page_names_what_make_reads_and_nothing_else() -> None:
    source = (settings.BASE_DIR / "Makefile").read_text()
    page = (DOCS / "settings.md").read_text()

    used = set(re.findall(r"\$\(([A-Z_]+)\)", source))
    fixed = set(re.findall(r"^([A-Z_]+) :=", source, re.MULTILINE))
    offered = set(re.findall(r"^([A-Z_]+) \?=", source, re.MULTILINE))

    assert names_in_tables(page.partition("## Make")[2]) == (used | offered) - fixed


def test_the_endpoints_page_is_as_the_command_writes_it() -> None:
    written = StringIO()

    call_command("list_endpoints", stdout=written)

    assert (DOCS / "endpoints.md").read_text() == written.getvalue()


def test_the_events_page_is_as_the_command_writes_it() -> None:
    written = StringIO()

    call_command("list_events", stdout=written)

    assert (DOCS / "events.md").read_text() == written.getvalue()


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [settings.BASE_DIR / "README.md", settings.BASE_DIR / "CONTRIBUTING.md"]
    pages += sorted(DOCS.rglob("*.md"))

    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_the_monitoring_page_names_every_metric_and_check(
    client: Client, db: None
) -> None:
    page = (DOCS / "monitoring.md").read_text()

    told = set(re.findall(r"^\| `(promo_\w+)` \|", page, re.MULTILINE))
    health = page.partition("## Metrics")[0]
    checks = re.findall(r"^\| `(\w+)` \|", health, re.MULTILINE)

    counts = {family.name for family in REGISTRY.collect()}
    told_at_once = text_string_to_metric_families(
        client.get("/metrics").content.decode()
    )
    assert {name.removesuffix("_total") for name in told} == counts | {
        family.name for family in told_at_once
    }
    assert checks == [each["name"] for each in client.get("/readyz").json()["checks"]]
