"""What the pages for people say about the installation and a project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is well or not: its name, how it is, and what to do about it.

    ``tone`` is ``good``, ``warn``, ``bad``, or ``plain`` where nothing is judged.
    ``link`` leads to the rows behind it, for who may see them.
    """

    name: str
    value: str
    tone: str = "good"
    note: str = ""
    link: str = ""
