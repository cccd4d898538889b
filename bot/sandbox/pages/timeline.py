"""An issue's comments and events in the order in which they happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.state import Comment, Issue, IssueEvent, Label, Reaction, User

TOGETHER = timedelta(seconds=5)  # label changes this close are told in one line, as on GitHub


@dataclass
class Happening:
    """Events of one kind that one person made at one time."""

    event: str
    actor: User
    at: datetime
    added: list[Label] = field(default_factory=list)
    removed: list[Label] = field(default_factory=list)
    reason: str | None = None


def timeline(issue: Issue) -> list[Comment | Happening]:
    """Comments and happenings, oldest first."""
    every: list[Comment | Happening] = [*issue.comments, *_happenings(issue)]
    return sorted(every, key=lambda one: one.at if isinstance(one, Happening) else one.created_at)


def _happenings(issue: Issue) -> list[Happening]:
    found: list[Happening] = []
    for event in issue.events:
        if event.label is None:
            found.append(_plain(issue, event))
            continue
        if not (found and _goes_with(issue, found[-1], event)):
            found.append(Happening("labels", event.actor, event.created_at))
        _add_label(found[-1], event, event.label)
    return [one for one in found if one.event != "labels" or one.added or one.removed]


def _plain(issue: Issue, event: IssueEvent) -> Happening:
    last = [one for one in issue.events if one.event == event.event][-1]
    reason = issue.state_reason if event is last and issue.state == "closed" else None
    return Happening(event.event, event.actor, event.created_at, reason=reason)


def _goes_with(issue: Issue, before: Happening, event: IssueEvent) -> bool:
    same = before.event == "labels" and before.actor is event.actor
    near = event.created_at - before.at < TOGETHER
    parted = any(before.at <= one.created_at <= event.created_at for one in issue.comments)
    return same and near and not parted


def _add_label(line: Happening, event: IssueEvent, label: Label) -> None:
    (line.added if event.event == "labeled" else line.removed).append(label)


def reaction_counts(reactions: list[Reaction]) -> list[tuple[str, int, str]]:
    """Content, how many, and who."""
    counts = Counter(one.content for one in reactions)
    return [
        (content, number, ", ".join(one.user.login for one in reactions if one.content == content))
        for content, number in counts.items()
    ]
