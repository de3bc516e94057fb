"""Printing what checks find, for the commands that prove kept numbers."""

from collections.abc import Iterable

from django.core.management.base import CommandError, OutputWrapper

from redemptions.services.ledger_verification import SHOWN, Finding


def prove(
    found: Iterable[Finding], stdout: OutputWrapper, *, failure: str, width: int
) -> None:
    """Print each finding with the first of its drifts, as they come.

    ``width`` is that of the longest name.

    Raises:
        CommandError: something drifted; it says how many ``failure``.
    """
    drifted = 0
    for each in found:
        drifted += len(each.drifts)
        stdout.write(f"{each.name:<{width}}  {len(each.drifts) or 'ok'}")
        for drift in each.drifts[:SHOWN]:
            stdout.write(
                f"  {drift.thing}: kept {drift.kept}, recorded {drift.recorded}"
            )
    if drifted:
        msg = f"{drifted} {failure}"
        raise CommandError(msg)
