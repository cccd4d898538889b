"""`countersign requests`: token requests, filtered as on GitHub's own page."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol

from bot.cli.printing import Cell, Printer, one_line, say
from bot.cli.request_data import entry_data, request_data, request_name
from bot.domain.commands import Targets
from bot.domain.commands.selection import matches
from bot.domain.commands.targets import permission_name
from bot.domain.permissions import LEVELS, PERMISSION_NAMES, permission_rows
from bot.domain.record import Decision, HistoryEntry, OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.ports.record import Grants


class Record(Grants, Protocol):
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


@dataclass(frozen=True)
class Chosen:
    """Which requests are listed; None: of any organization, in any state."""

    org_id: int | None
    state: str | None
    wanted: Targets
    limit: int


HEADERS = ("made (UTC)", "state", "request", "owner", "expires (UTC)", "issue", "token")


def show_list(record: Record, names: dict[int, str], chosen: Chosen, printer: Printer) -> int:
    """One line a request, the newest first."""
    state, wanted = State(chosen.state) if chosen.state else None, chosen.wanted
    rows = record.requests(
        chosen.org_id, state, chosen.limit, lambda row: matches(wanted, row.request)
    )
    printer.rows(HEADERS, ((_cells(row, names), request_data(row, names)) for row in rows))
    if not rows:
        say("No such token requests.")
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


def show_one(
    record: Record, names: dict[int, str], org_id: int, request_id: int, printer: Printer
) -> int:
    """Everything about one request, and its history."""
    row = record.request(org_id, request_id)
    if row is None:
        say("There is no such token request; `requests` lists them.")
        return 1
    history = record.history(org_id, request_id)
    if printer.as_json:
        printer.document(request_data(row, names) | {"history": [*map(entry_data, history)]})
        return 0
    for name, value in _facts(row, names):
        print(f"{name:14}{one_line(value)}")
    for change in permission_rows(row.request):
        print(
            f"{'permission':14}{one_line(change.name)}: {one_line(change.result)} ({change.change})"
        )
    for entry in history:
        by = f" by {entry.actor}" if entry.actor else ""
        text = f": {entry.text}" if entry.text else ""
        mark = "" if entry.chained else " (not in the audit log)"
        print(f"{_time(entry.at)}  {one_line(entry.kind + by + text)}{mark}")
    return 0


def _facts(row: RequestRecord, names: dict[int, str]) -> list[tuple[str, str]]:
    request, decision = row.request, row.decision
    repositories = ", ".join(one.full_name for one in request.repositories)
    facts = [
        ("request", request_name(row, names)),
        ("state", row.state.value),
        ("owner", request.requester.login),
        ("token", request.token_name),
        ("reason", request.reason or "none given"),
        ("made", _time(request.created_at)),
        ("expires", _time(request.expires_at) if request.expires_at else "never"),
        ("repositories", repositories or request.selection),
        ("issue", f"{row.issue.repo}#{row.issue.number}" if row.issue else "none"),
    ]
    if decision:
        facts.append(("decision", _in_words(decision)))
    if row.revoke_at:
        facts.append(("ends", _time(row.revoke_at)))
    return facts


def _in_words(decision: Decision) -> str:
    by = f" by {decision.by.login}" if decision.by else ""
    if decision.rules:
        by = f" by the policy's rules {', '.join(decision.rules)}"
    why = decision.reason or decision.note
    return f"{decision.outcome}{by}" + (f": {why}" if why else "")


def _cells(row: RequestRecord, names: dict[int, str]) -> Sequence[Cell]:
    request = row.request
    return (
        request.created_at,
        row.state.value,
        request_name(row, names),
        request.requester.login,
        request.expires_at or "never",
        f"{row.issue.repo}#{row.issue.number}" if row.issue else None,
        request.token_name,
    )


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
