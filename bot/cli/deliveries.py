"""`python app.py deliveries`: what came, what became of it, and how to try again."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.cli.job_words import cause_in_words, event_in_words
from bot.cli.printing import one_line


class Row(Protocol):
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

    def deliveries(self, state: str | None = None, limit: int = 50) -> Sequence[Row]: ...
    def retry_dead(self, name: str) -> bool: ...


def run(inbox: Deliveries, options: argparse.Namespace) -> int:
    """List deliveries, or let a failed one run again; the exit status."""
    if options.step == "retry":
        return _retry(inbox, options.guid)
    rows = inbox.deliveries(options.state, options.limit)
    for row in rows:
        print(_line(row))
        if row.last_error and row.state != "done":
            print(f"    {one_line(cause_in_words(row.last_error))}")
    if not rows:
        print("No deliveries." if options.state is None else f"No {options.state} deliveries.")
    if any(row.state == "failed" for row in rows):
        print("To run a failed one again: .venv/bin/python app.py deliveries retry GUID")
    return 0


def _retry(inbox: Deliveries, guid: str) -> int:
    if inbox.retry_dead(guid):
        print(f"{guid} waits again; a running bot takes it up within a second.")
        return 0
    print(
        f"No failed delivery {one_line(guid)}; `deliveries --state failed` lists them.",
        file=sys.stderr,
    )
    return 1


def _line(row: Row) -> str:
    event = f"{row.event}.{row.action}" if row.action else event_in_words(row.event)
    at = row.received_at.strftime("%Y-%m-%d %H:%M:%S")
    tries = f"{row.attempts} tries" if row.attempts else ""
    return f"{at}  {row.state:8}{event:40}{row.org or '-':20}{row.name}  {tries}".rstrip()
