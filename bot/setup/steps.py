"""The five steps as the page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.ports import Retryable
from bot.replies.warnings import warned
from bot.setup.checks import Check, Verdict
from bot.setup.room import Room


class Place(StrEnum):
    """Where a step is."""

    DONE = "done"
    CURRENT = "now"
    OPEN = "later"


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
    checking = _all_checks(room)
    every: list[tuple[bool, Sequence[Check]]] = [
        (bool(progress.organization and progress.url), ()),
        (room.has_app, () if found is None else _faults(found.app)),
        (bool(installing) and all(one.well for one in installing), installing),
        (bool(checking) and all(one.well for one in checking), checking),
        (progress.delivered, ()),
    ]
    result: list[Step] = []
    current = False
    for number, ((name, title), (done, checks)) in enumerate(zip(TITLES, every, strict=True), 1):
        place = Place.DONE if done else Place.OPEN if current else Place.CURRENT
        current = current or not done
        result.append(Step(number, name, title, place, checks))
    return result


def _faults(check: Check) -> tuple[Check, ...]:
    return () if check.well else (check,)


def _all_checks(room: Room) -> list[Check]:
    found = room.found()
    if found is None or room.service is None:
        return []
    checks = [found.app, found.installed, found.repository, found.permissions]
    try:
        state = room.service.state()
    except Retryable:
        return [*checks, Check(Verdict.FAULT, "The store does not answer.", "Read the bot’s log.")]
    checks += [Check(Verdict.FAULT, one, "Read the bot’s log.") for one in state.problems]
    if not state.problems:
        checks.append(Check(Verdict.OK, "The bot works, and its store answers."))
    for trouble in map(warned, state.troubles):
        verdict = Verdict.UNKNOWN if trouble.is_unknown else Verdict.FAULT
        checks.append(Check(verdict, trouble.what, trouble.way_out))
    return checks
