"""Pictures of the journeys, for the documentation.

``make pictures`` names a folder in ``PROMO_PICTURES``. Without it none is taken, and a
journey goes on in whatever window it has.
"""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
#: A chart that is still growing is shown as it will be.
_SETTLE = """
() => document.querySelectorAll("canvas").forEach(canvas =>
  window.Chart?.getChart(canvas)?.update("none"))
"""


def picture(page: Page, name: str, at: Locator | None = None) -> None:
    """Keep a picture of the window, with ``at`` at its top where it is given."""
    folder = os.environ.get("PROMO_PICTURES")
    if not folder:
        return
    if at is not None:
        at.evaluate("part => part.scrollIntoView({ block: 'start' })")
    page.evaluate(_SETTLE)
    path = Path(folder) / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")


def on_a_dark_phone(page: Page) -> None:
    """Go on at the width of a phone, in the dark."""
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")


def fits(page: Page) -> bool:
    """Return whether nothing reaches beyond the sides of the window."""
    wide = "document.documentElement.scrollWidth"
    return bool(page.evaluate(f"{wide} <= document.documentElement.clientWidth"))
