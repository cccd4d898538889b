"""`python app.py requests`: token requests, filtered as on GitHub's own page."""

import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Protocol

from bot.cli.printing import one_line
from bot.domain.commands import Targets
from bot.domain.commands.selection import matches
from bot.domain.commands.targets import permission_name
from bot.domain.permissions import LEVELS, PERMISSION_NAMES, permission_rows
from bot.domain.record import HistoryEntry, OrganizationRecord, RequestRecord
from bot.domain.token_request import State


class Record(Protocol):
    """The part of the record that commands read."""

    def organizations(self) -> Sequence[OrganizationRecord]: ...
    def request(self, org_id: int, request_id: int) -> RequestRecord | None: ...
    def history(self, org_id: int, request_id: int) -> list[HistoryEntry]: ...
    def requests(
        self,
        org_id: int | None = None,
        state: State | None = None,
        limit: int = 100,
        wanted: Callable[[RequestRecord], bool] = ...,
    ) -> Sequence[RequestRecord]: ...


def filters(
    owners: Sequence[str], permissions: Sequence[str], repositories: Sequence[str]
) -> Targets:
    """What is looked for, as the commands of a digest issue say it."""
    named = [one.partition(":") for one in permissions]
    return Targets(
        owners=tuple(one.lower().removeprefix("@") for one in owners),
        permissions=tuple(
            (permission_name(name), level.lower() or None) for name, _, level in named
        ),
        repositories=tuple(one.lower() for one in repositories),
    )


def show_list(
    record: Record,
    names: dict[int, str],
    org_id: int | None,
    state: str | None,
    wanted: Targets,
    limit: int,
) -> int:
    """One line a request, the newest first."""
    rows = record.requests(
        org_id, State(state) if state else None, limit, lambda row: matches(wanted, row.request)
    )
    for row in rows:
        print(_line(row, names))
    if not rows:
        print("No such token requests.")
        for name, level in wanted.permissions:
            print(_hint(name, level), end="", file=sys.stderr)
    return 0


def _hint(name: str, level: str | None) -> str:
    """What this version does not know of a permission; GitHub may know it by now."""
    hint = ""
    if name not in PERMISSION_NAMES:
        near = get_close_matches(name, PERMISSION_NAMES, 1)
        meant = f"; did you mean {near[0]}?" if near else "."
        hint += f"This version knows no permission {name!r}{meant}\n"
    if level and level not in LEVELS:
        hint += f"This version knows no level {level!r}; levels are read, write and admin.\n"
    return hint


def show_one(record: Record, names: dict[int, str], org_id: int, request_id: int) -> int:
    """Everything about one request, and its history."""
    row = record.request(org_id, request_id)
    if row is None:
        print("There is no such token request; `requests` lists them.", file=sys.stderr)
        return 1
    for name, value in _facts(row, names):
        print(f"{name:14}{one_line(value)}")
    for change in permission_rows(row.request):
        print(
            f"{'permission':14}{one_line(change.name)}: {one_line(change.result)} ({change.change})"
        )
    for entry in record.history(org_id, request_id):
        by = f" by {entry.actor}" if entry.actor else ""
        text = f": {entry.text}" if entry.text else ""
        mark = "" if entry.chained else " (not in the audit log)"
        print(f"{entry.at:%Y-%m-%d %H:%M:%S}  {one_line(entry.kind + by + text)}{mark}")
    return 0


def _facts(row: RequestRecord, names: dict[int, str]) -> list[tuple[str, str]]:
    request, decision = row.request, row.decision
    repositories = ", ".join(one.full_name for one in request.repositories)
    facts = [
        ("request", _name(row, names)),
        ("state", row.state.value),
        ("owner", request.requester.login),
        ("token", request.token_name),
        ("reason", request.reason or "none given"),
        ("made", f"{request.created_at:%Y-%m-%d %H:%M:%S}"),
        ("expires", f"{request.expires_at:%Y-%m-%d}" if request.expires_at else "never"),
        ("repositories", repositories or request.selection),
        ("issue", f"{row.issue.repo}#{row.issue.number}" if row.issue else "none"),
    ]
    if decision:
        by = decision.by.login if decision.by else "GitHub"
        facts.append(("decision", f"{decision.outcome} by {by} {decision.reason}".rstrip()))
    if row.revoke_at:
        facts.append(("revoked at", f"{row.revoke_at:%Y-%m-%d %H:%M:%S}"))
    return facts


def _line(row: RequestRecord, names: dict[int, str]) -> str:
    request = row.request
    expires = f"{request.expires_at:%Y-%m-%d}" if request.expires_at else "never"
    issue = f"{row.issue.repo}#{row.issue.number}" if row.issue else "-"
    return (
        f"{request.created_at:%Y-%m-%d %H:%M}  {row.state.value:10}{_name(row, names):30}"
        f"{one_line(request.requester.login):20}expires {expires:12}{issue:30}"
        f"{one_line(request.token_name)}"
    )


def _name(row: RequestRecord, names: dict[int, str]) -> str:
    org_id, request_id = row.key
    return f"{names.get(org_id, org_id)}/{request_id}"
