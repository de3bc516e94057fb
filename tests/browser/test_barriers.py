"""No page of the dashboard keeps somebody out: axe-core looks at each of them.

Pages are found by their addresses, so that new ones are looked at too: in light and
dark, at the width of a desk and of a phone.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from promo.admin.pages import AdminPage, admin_pages
from promo.tenancy.models import Project
from promo.tenancy.services.people import assign_role
from tests.admin_pages import furnish, is_seen
from tests.contract.inhabitants import inhabit

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: High enough that what stays at the bottom of the window covers nothing.
WIDTHS = {"desk": (1280, 3000), "phone": (390, 3000)}
#: Pages that look the same for every model are looked at for this one.
SAME_FOR_ALL, EXAMPLE = ("_delete", "_history"), "campaigns.Campaign"
_RUN = """
async ([tags, dark]) => {
  document.documentElement.classList.toggle("dark", dark)
  const only = dark
    ? { type: "rule", values: ["color-contrast"] }
    : { type: "tag", values: tags }
  const found = await axe.run(document, {
    runOnly: only, resultTypes: ["violations"], elementRef: false })
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(one => one.nodes.map(node =>
      [one.id, node.target.join(" "), node.html.slice(0, 160)]))
}
"""


def seen_pages(values: Mapping[str, str]) -> Iterator[tuple[AdminPage, str]]:
    for page in admin_pages():
        address = page.address(values)
        if not is_seen(page) or address is None:
            continue
        if page.name.endswith(SAME_FOR_ALL) and page.model != EXAMPLE:
            continue
        yield page, address


def barriers(page: Page) -> Iterator[tuple[str, Any]]:
    """Yield what axe finds on the page that is open, by look."""
    page.evaluate(AXE.read_text())
    for width, (x, y) in WIDTHS.items():
        page.set_viewport_size({"width": x, "height": y})
        for dark in (False, True):
            for one in page.evaluate(_RUN, [TAGS, dark]):
                yield f"{width}, {'dark' if dark else 'light'}", one


def test_no_page_has_a_serious_barrier(page: Page, shop: Project) -> None:
    person = shop.memberships.get().user
    assign_role(user=person, project=shop, role="ADMIN")
    values = furnish(shop, inhabit(shop))
    found: dict[tuple[str, ...], list[str]] = {}
    looked_at = 0

    for each, address in seen_pages(values):
        answer = page.request.get(address)
        is_page = answer.status == 200 and "<html" in answer.text()
        if not is_page:
            continue
        page.goto(address)
        looked_at += 1
        for look, (rule, target, html) in barriers(page):
            found.setdefault((rule, target, html), []).append(f"{each.name} ({look})")

    said = [f"{key}\n    {places[:4]} {len(places)}" for key, places in found.items()]
    assert said == [], "\n".join(said)
    assert looked_at > 80
