"""Who needs the embedded PostgreSQL, and when: commands, tests, web and worker."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType

from django.conf import settings

from promo.embedded.server import ensure_running

_COMMANDS_WITHOUT_DATABASE = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "list_endpoints",
        "makemessages",
        "spectacular",
        "version",
    }
)


def start_if_used() -> None:
    """Start or join the embedded server, unless DATABASE_URL names another."""
    if settings.USES_EMBEDDED_POSTGRES:
        ensure_running(
            settings.EMBEDDED_POSTGRES_FOLDER,
            tcp_port=settings.EMBEDDED_POSTGRES_PORT,
        )


def start_for_command(arguments: Sequence[str]) -> None:
    """Start or join it when the command in ``arguments`` may use a database."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command not in _COMMANDS_WITHOUT_DATABASE and not command.startswith("-"):
        _end_in_order()
        start_if_used()


def _end_in_order() -> None:
    """Let a command that is told to end do so by its own steps.

    Ended by the signal itself, it would leave its server running.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Ignored is how nohup asks a command to outlive its terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
