"""`countersign deliveries`: what came, what became of it, and how to try again."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot import COMMAND
from bot.cli.job_words import cause_in_words, event_in_words
from bot.cli.printing import Printer, Row, one_line, say


class Delivered(Protocol):
    """One delivery or timer, as the store lists it."""

    @property
    def name(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def last_error(self) -> str | None: ...
    @property
    def org(self) -> str | None: ...


class Deliveries(Protocol):
    """The part of the inbox that this command reads."""

    def deliveries(self, state: str | None = None, limit: int = 50) -> Sequence[Delivered]: ...
    def retry_dead(self, name: str) -> bool: ...


HEADERS = ("received (UTC)", "state", "event", "organization", "GUID", "tries", "trouble")


def run(inbox: Deliveries, options: argparse.Namespace, printer: Printer) -> int:
    """List deliveries, or let a failed one run again; the exit status."""
    if options.step == "retry":
        return _retry(inbox, options.guid)
    rows = inbox.deliveries(options.state, options.limit)
    printer.rows(HEADERS, map(_row, rows))
    if not rows:
        say("No deliveries." if options.state is None else f"No {options.state} deliveries.")
    if any(row.state == "failed" for row in rows):
        say(f"To run a failed one again: `{COMMAND} deliveries retry GUID`")
    return 0


def _retry(inbox: Deliveries, guid: str) -> int:
    if inbox.retry_dead(guid):
        print(f"{guid} waits again; a running bot takes it up within a second.")
        return 0
    say(f"No failed delivery {one_line(guid)}; `deliveries --state failed` lists them.")
    return 1


def _row(row: Delivered) -> Row:
    event = f"{row.event}.{row.action}" if row.action else event_in_words(row.event)
    trouble = cause_in_words(row.last_error) if row.last_error and row.state != "done" else None
    cells = (row.received_at, row.state, event, row.org, row.name, row.attempts, trouble)
    names = ("received_at", "state", "event", "organization", "guid", "tries", "trouble")
    return cells, dict(zip(names, cells, strict=True))
