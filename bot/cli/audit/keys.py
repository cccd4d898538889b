"""`countersign audit key`: the log's key; and how the commands about the log see it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bot import COMMAND
from bot.cli.printing import Printer, say
from bot.domain.audit.entry import AuditEntry, Head, Unreadable

UNSIGNED = (
    "The audit log is not signed: set AUDIT_KEY, or AUDIT_KEY_PATH to a file with it;"
    f" `{COMMAND} audit key --new` makes one."
)


class Snapshot(Protocol):
    """The log at one moment."""

    def heads(self, org_id: int) -> list[Head]: ...
    def organizations(self) -> list[int]: ...
    def entries(self, org_id: int, first: int = 1) -> Iterator[AuditEntry | Unreadable]: ...
    def chain(self, org_id: int) -> Iterator[AuditEntry | Head | Unreadable]: ...
    def span(
        self, org_id: int, since: datetime | None, until: datetime | None
    ) -> tuple[int, int] | None: ...
    def strange(self) -> int: ...
    def outside(self, org_id: int) -> tuple[int, int]: ...


class AuditLog(Protocol):
    """The log as this command reads it."""

    @property
    def public_key(self) -> str | None: ...
    def snapshot(self) -> AbstractContextManager[Snapshot]: ...
    def signed(self, head: Head) -> Head: ...


def print_new_key(seed: str, public_key: str, printer: Printer) -> int:
    """The private key on stdout, for a file or a pipe; what to do with it on stderr."""
    if printer.as_json:
        printer.document({"private_key": seed, "public_key": public_key})
    else:
        print(seed)
    say("Above is a new private key; it is shown once and kept nowhere.")
    say("Give it to every process of the bot as AUDIT_KEY, or as a file named by AUDIT_KEY_PATH.")
    say(f"Its public key, for auditors: {public_key}")
    return 0


def print_public_key(log: AuditLog, printer: Printer) -> int:
    """The public key on stdout."""
    if log.public_key is None:
        say(UNSIGNED)
        return 1
    if printer.as_json:
        printer.document({"public_key": log.public_key})
    else:
        print(log.public_key)
    return 0
