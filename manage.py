#!/usr/bin/env python
"""Promo's command line."""

import os
import sys


def main() -> None:
    """Run the management command named by the arguments."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from promo.embedded.startup import start_for_command  # noqa: PLC0415

    try:
        start_for_command(sys.argv)
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
