"""Switching several offers on or off from their list."""

from promo.admin.commands import for_selected

SWITCHES = [
    for_selected("enable", label="Enable", permission="manage"),
    for_selected("disable", label="Disable", permission="manage"),
]
