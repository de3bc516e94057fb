"""Printing what checks find, for the commands that prove kept numbers."""

from collections.abc import Sequence

from django.core.management.base import CommandError, OutputWrapper

from redemptions.services.verification import Check

SHOWN = 10


def prove(checks: Sequence[Check], stdout: OutputWrapper, *, failure: str) -> None:
    """Print each check with the first of the drifts that it finds.

    Raises:
        CommandError: something drifted; it says how many ``failure``.
    """
    width = max(len(check.name) for check in checks)
    drifted = 0
    for check in checks:
        found = list(check.find())
        drifted += len(found)
        stdout.write(f"{check.name:<{width}}  {len(found) or 'ok'}")
        for drift in found[:SHOWN]:
            stdout.write(
                f"  {drift.thing}: kept {drift.kept}, recorded {drift.recorded}"
            )
    if drifted:
        msg = f"{drifted} {failure}"
        raise CommandError(msg)
