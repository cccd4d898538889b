"""What a check says."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is. `unknown`: it could not be looked at."""

    FAULT = "fault"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True)
class Check:
    """One finding. `check` is a row of the doctor's table, `seen` what was seen, `why` why it
    matters, `todo` the way out, `link` the page of GitHub where to go. All but the first three may
    be empty.
    """

    check: str
    verdict: Verdict
    seen: str
    why: str = ""
    todo: str = ""
    link: str = ""


ROWS = (
    "credentials",
    "GitHub",
    "App",
    "webhook",
    "organization",
    "admin repository",
    "approval",
    "policy",
    "store",
    "audit",
    "secrets",
)
"""The table's rows, in its order."""


def complete(checks: Iterable[Check]) -> list[Check]:
    """The checks in the table's order; a row without any is unknown, and never left out."""
    found = list(checks)
    for row in ROWS:
        if not any(one.check == row for one in found):
            seen = "There is no organization of which it could be looked at."
            found.append(Check(row, Verdict.UNKNOWN, seen))
    return sorted(found, key=lambda one: ROWS.index(one.check))


def is_trouble(checks: Iterable[Check]) -> bool:
    """Whether anything is a fault or a warning."""
    return any(one.verdict in {Verdict.FAULT, Verdict.WARNING} for one in checks)


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """Faults, warnings, what is unknown, and what is well; else in the order of the table."""
    order = list(Verdict)
    return sorted(checks, key=lambda one: order.index(one.verdict))


def ok(check: str, seen: str) -> Check:
    """It was looked at, and it is well."""
    return Check(check, Verdict.OK, seen)
