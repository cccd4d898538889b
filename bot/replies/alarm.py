"""The alarm issue: what waits for a person, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot import COMMAND
from bot.domain.record import RequestRecord
from bot.replies.budget import fitting
from bot.replies.escape import code, person, title_text
from bot.replies.labels import ALARM_LABEL
from bot.replies.links import GITHUB, granted_page
from bot.replies.markers import alarm_marker
from bot.replies.people import number
from bot.replies.times import minute

LABEL = ALARM_LABEL
_ROOM = 12_000
"""Bytes for each list."""


class Stuck(Protocol):
    """Work that does not go on by itself; see `ports.StuckJob`."""

    @property
    def name(self) -> str:
        """A delivery's GUID or a timer's key."""

    @property
    def event(self) -> str:
        """What it is about."""

    @property
    def cause(self) -> str:
        """The class of its last error."""

    @property
    def since(self) -> datetime:
        """When it could first run."""


@dataclass(frozen=True)
class Alarm:
    """What waits for a person. `failed`: parked work. `late`: work that waits for over an hour.
    `overdue`: timed approvals that could not be revoked. `paused`: how many requests wait because
    the App is suspended or not installed in their organization. `unheard`: since when no delivery
    arrives.
    """

    failed: Sequence[Stuck] = field(default=())
    late: Sequence[Stuck] = field(default=())
    overdue: Sequence[RequestRecord] = field(default=())
    paused: int = 0
    unheard: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.failed or self.late or self.overdue or self.paused or self.unheard)


def title(org_login: str | None = None) -> str:
    """`Token requests: something waits for you`; with ` (ORG)` in a shared repository."""
    end = f" ({title_text(org_login)})" if org_login else ""
    return f"Token requests: something waits for you{end}"


def body(org_id: int, org_login: str, alarm: Alarm, web_url: str = GITHUB) -> str:
    """What waits and the way out, part by part. The same alarm always has the same body."""
    parts = [
        *_unheard(alarm.unheard),
        *_overdue(alarm.overdue, org_login, web_url),
        *_paused(alarm.paused, org_login, web_url),
        *_failed(alarm.failed),
        *_late(alarm.late),
    ]
    return "\n".join(
        [
            alarm_marker(org_id),
            "This needs a person. I keep this issue up to date and close it when nothing is left.",
            *parts,
        ]
    )


def over(org_id: int) -> str:
    """The body of an alarm issue that is closed."""
    return f"{alarm_marker(org_id)}\nNothing is left to do."


def _unheard(since: datetime | None) -> list[str]:
    return _part(
        "What you write does not reach me",
        "GitHub cannot deliver to me, so I do not hear of comments. Please decide what is urgent "
        "on GitHub's own pages. The operator of this bot can ask "
        f"`{COMMAND} doctor` why. When deliveries arrive again I ask GitHub for what I missed; "
        "it keeps that for three days. A command without an answer then has to be written again.",
        [f"- since {minute(since)}"] if since else [],
    )


def _overdue(rows: Sequence[RequestRecord], org_login: str, web_url: str) -> list[str]:
    page = f"[GitHub's own page]({granted_page(org_login, web_url)})"
    return _part(
        "Access that I should have revoked, but could not",
        f"The time of these approvals is over. Please revoke them on {page}. I can do it when the "
        "App is installed, is not suspended and has the permission "
        "`organization_personal_access_tokens: write`.",
        [f"- {number(row)}, over since {minute(row.revoke_at)}" for row in rows if row.revoke_at],
    )


def _paused(count: int, org_login: str, web_url: str) -> list[str]:
    wait = "request or timed approval waits" if count == 1 else "requests and timed approvals wait"
    return _part(
        "The App is suspended or not installed",
        "Please unsuspend it or install it again, in the organization's settings.",
        [f"- {count} {wait} in {person(org_login, web_url)}"] if count else [],
    )


def _failed(jobs: Sequence[Stuck]) -> list[str]:
    return _part(
        "Failed",
        "The operator of this bot can list these with "
        f"`{COMMAND} deliveries --state failed` and try one again with "
        f"`{COMMAND} deliveries retry GUID`.",
        [f"- {_named(job)}: {_CAUSES.get(job.cause, _FAULT)}" for job in jobs],
    )


def _late(jobs: Sequence[Stuck]) -> list[str]:
    return _part(
        "Waiting for more than an hour",
        "I keep trying. Please check that the App is not suspended and that its permissions are "
        f"accepted. `{COMMAND} deliveries --state waiting` shows why each one waits.",
        [f"- {_named(job)}" for job in jobs],
    )


def _part(heading: str, what_to_do: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    listed = fitting(lines, _ROOM, lambda more: f"- … and {more} more")
    return ["", f"### {heading}", "", what_to_do, "", *listed]


def _named(job: Stuck) -> str:
    return f"{code(job.event, 60)} {code(job.name, 100)}, since {minute(job.since)}"


_CAUSES = {
    "NotFound": "GitHub does not find what it is about",
    "Refused": "GitHub refuses it",
    "Permanent": "it cannot be read",
}
_FAULT = "a bug in this bot; please report it"
