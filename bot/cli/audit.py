"""`python app.py audit key` and `audit verify`: the log's key, and whether the log is whole."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from bot.domain.audit import AuditEntry, Head, read_line
from bot.domain.audit_check import Proves, Verdict, verify

UNSIGNED = (
    "The audit log is not signed: set AUDIT_KEY, or AUDIT_KEY_PATH to a file with it;"
    " `python app.py audit key --new` makes one."
)


class Snapshot(Protocol):
    """The log at one moment."""

    def heads(self) -> list[Head]: ...
    def organizations(self) -> list[int]: ...
    def entries(self, org_id: int, first: int = 1) -> Iterator[AuditEntry]: ...
    def span(
        self, org_id: int, since: datetime | None, until: datetime | None
    ) -> tuple[int, int] | None: ...
    def unchained(self) -> int: ...


class AuditLog(Protocol):
    """The log as this command reads it."""

    @property
    def public_key(self) -> str | None: ...
    def snapshot(self) -> AbstractContextManager[Snapshot]: ...
    def signed(self, head: Head) -> Head: ...


def print_new_key(seed: str, public_key: str) -> int:
    """The private key on stdout, for a file or a pipe; what to do with it on stderr."""
    print(seed)
    _say("Above is a new private key; it is shown once and kept nowhere.")
    _say("Give it to every process of the bot as AUDIT_KEY, or as a file named by AUDIT_KEY_PATH.")
    _say(f"Its public key, for auditors: {public_key}")
    return 0


def print_public_key(log: AuditLog) -> int:
    """The public key on stdout."""
    if log.public_key is None:
        _say(UNSIGNED)
        return 1
    print(log.public_key)
    return 0


def verify_database(
    log: AuditLog, proves: Proves, names: dict[int, str], org_id: int | None, key: str | None
) -> int:
    """Check every chain, or one; 1 when something is wrong."""
    public_key = key or log.public_key
    with log.snapshot() as snapshot:
        wanted = [one for one in snapshot.organizations() if org_id in (None, one)]
        heads = [head for head in snapshot.heads() if head.org_id in wanted]
        entries = (entry for one in wanted for entry in snapshot.entries(one))
        status = _tell(verify(entries, heads, proves, public_key), names)
        if count := snapshot.unchained():
            print(f"{count} entries are outside the chains; nothing vouches for them. A version")
            print("of the bot that had no chains wrote them, or somebody else did.")
    if public_key is None:
        _say(f"{UNSIGNED} Until then whoever can write to the database can forge it.")
    return status


def verify_file(path: Path, proves: Proves, public_key: str | None) -> int:
    """Check an export in the form jsonl, without any database; 1 when something is wrong."""
    try:
        with path.open("rb") as file:
            heads = [one for one in _lines(file) if isinstance(one, Head)]
        with path.open("rb") as file:
            entries = (one for one in _lines(file) if isinstance(one, AuditEntry))
            status = _tell(verify(entries, heads, proves, public_key), {})
    except (OSError, ValueError) as trouble:
        _say(f"{path} cannot be read as an export: {trouble}")
        return 1
    if public_key is None:
        _say("No signature was checked: give the bot's key with --public-key.")
    return status


def _lines(file: BinaryIO) -> Iterator[AuditEntry | Head]:
    return (read_line(line) for line in file if line.strip())


def _tell(verdicts: Iterable[Verdict], names: dict[int, str]) -> int:
    """One line a chain; the head's hash is worth keeping elsewhere."""
    found, broken = 0, 0
    for verdict in verdicts:
        found += 1
        name = f"{names.get(verdict.org_id, 'organization')} ({verdict.org_id})"
        if verdict.fault:
            broken += 1
            print(f"BROKEN  {name}: entry {verdict.seq} {verdict.fault}.")
        else:
            seal = {True: "signed", False: "not signed", None: "signature not checked"}
            print(
                f"good    {name}: whole up to entry {verdict.seq}, {seal[verdict.signed]},"
                f" head {verdict.hash}"
            )
    if not found:
        print("The audit log is empty.")
    return 1 if broken else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)
