"""The five steps as the page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.doctor.check import Check, Verdict, is_trouble, worst_first
from bot.setup.room import Room


class Place(StrEnum):
    """Where a step is."""

    DONE = "done"
    CURRENT = "now"
    OPEN = "later"


UNREADABLE = "approval"
"""The doctor's row that stays unknown: no App can read it."""


@dataclass(frozen=True)
class Step:
    """One step. `checks`: what it waits for, looked at just now."""

    number: int
    name: str
    title: str
    place: Place
    checks: Sequence[Check] = ()


TITLES = (
    ("organization", "Name your organization"),
    ("app", "Create the GitHub App"),
    ("install", "Make the repository and install the App"),
    ("checks", "See that all is well"),
    ("delivery", "See a delivery arrive"),
)


def steps(room: Room) -> list[Step]:
    """All five: the first that is not done is the current one."""
    progress, found = room.progress, room.found()
    installing = (found.repository, found.installed) if found else ()
    installed = bool(installing) and all(one.verdict is Verdict.OK for one in installing)
    checking = worst_first(room.examined()) if installed else []
    every: list[tuple[bool, Sequence[Check]]] = [
        (bool(progress.organization and progress.url), ()),
        (room.has_app, [found.app] if found and found.app.verdict is not Verdict.OK else ()),
        (installed, installing),
        (_are_well(checking, accepted=progress.accepted), checking),
        (progress.delivered, ()),
    ]
    result: list[Step] = []
    current = False
    for number, ((name, title), (done, checks)) in enumerate(zip(TITLES, every, strict=True), 1):
        place = Place.DONE if done else Place.OPEN if current else Place.CURRENT
        current = current or not done
        result.append(Step(number, name, title, place, checks))
    return result


def may_go_on(checks: Sequence[Check]) -> bool:
    """Whether only warnings are left, which a person may accept, and what no App can read."""
    return bool(checks) and not any(
        one.verdict is Verdict.FAULT or (one.verdict is Verdict.UNKNOWN and one.check != UNREADABLE)
        for one in checks
    )


def _are_well(checks: Sequence[Check], *, accepted: bool) -> bool:
    """Whether all was looked at and is well, or what is left was accepted."""
    return may_go_on(checks) and (accepted or not is_trouble(checks))
