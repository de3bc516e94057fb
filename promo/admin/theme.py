"""How the dashboard looks: name, marks, colours and what stands in its frame.

Imported by the settings, so it imports nothing that needs them.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def _asset(name: str) -> Any:
    def address(_: HttpRequest) -> str:
        return static(f"promo/{name}")

    return address


# Ink for text and frames, a deep green for what can be pressed: white text on
# primary-600 and primary-700 on white both pass WCAG AA.
_INK = {
    "50": "oklch(98.4% .003 197)",
    "100": "oklch(96.4% .005 197)",
    "200": "oklch(92.4% .008 200)",
    "300": "oklch(86.5% .012 202)",
    "400": "oklch(69.5% .022 205)",
    "500": "oklch(54.5% .026 208)",
    "600": "oklch(44% .027 210)",
    "700": "oklch(36.5% .027 212)",
    "800": "oklch(27.5% .024 214)",
    "900": "oklch(20.8% .022 216)",
    "950": "oklch(14.5% .018 218)",
}
_GREEN = {
    "50": "oklch(97.7% .018 172)",
    "100": "oklch(94.6% .042 170)",
    "200": "oklch(89.4% .078 169)",
    "300": "oklch(82.6% .112 168)",
    "400": "oklch(74% .128 168)",
    "500": "oklch(63.5% .12 169)",
    "600": "oklch(50.5% .098 171)",
    "700": "oklch(44% .085 172)",
    "800": "oklch(37.5% .072 174)",
    "900": "oklch(31% .058 176)",
    "950": "oklch(22% .042 178)",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Promo",
    "SITE_HEADER": "Promo",
    "SITE_SUBHEADER": "promo.admin.navigation.project_name",
    "SITE_DROPDOWN": "promo.admin.navigation.project_choices",
    "SITE_URL": None,
    "SITE_ICON": _asset("mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _asset("favicon.svg")}
    ],
    "STYLES": [_asset("promo.css"), _asset("pages.css")],
    "SCRIPTS": [_asset("promo.js")],
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": _INK, "primary": _GREEN},
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "redemptions.admin.home.dashboard",
    "ENVIRONMENT": "promo.admin.navigation.environment",
    "ACCOUNT": {"navigation": "promo.admin.navigation.account"},
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "promo.admin.navigation.sidebar",
    },
}
