"""`python app.py audit verify`: whether the log, or an export of it, is whole."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from bot.cli.audit import UNSIGNED, AuditLog, say
from bot.cli.printing import one_line
from bot.domain.audit import AuditEntry, Head
from bot.domain.audit_check import Verdict, verify
from bot.domain.audit_lines import read_line
from bot.domain.audit_run import Proves


def verify_database(
    log: AuditLog, proves: Proves, names: dict[int, str], org_id: int | None, key: str | None
) -> int:
    """Check every chain, or one; 1 when something is wrong."""
    public_key = key or log.public_key
    with log.snapshot() as snapshot:
        wanted = [one for one in snapshot.organizations() if org_id in (None, one)]
        items = chain.from_iterable(snapshot.chain(one) for one in wanted)
        status = _tell(verify(items, proves, public_key), names)
        if count := snapshot.unchained():
            print(f"{count} entries are outside the chains; nothing vouches for them. A version")
            print("of the bot that had no chains wrote them, or somebody else did.")
    if public_key is None:
        say(f"{UNSIGNED} Until then whoever can write to the database can forge it.")
    return status


def verify_file(path: Path, proves: Proves, public_key: str | None) -> int:
    """Check an export in the form jsonl, without any database; 1 when something is wrong."""
    try:
        with path.open("rb") as file:
            status = _tell(verify(_items(file), proves, public_key), {})
    except (OSError, ValueError) as trouble:
        say(f"{path} cannot be read as an export: {trouble}")
        return 1
    if public_key is None:
        say("No signature was checked: give the bot's key with --public-key.")
    return status


def _items(file: BinaryIO) -> Iterator[AuditEntry | Head]:
    return (read_line(line) for line in file if line.strip())


def _tell(verdicts: Iterable[Verdict], names: dict[int, str]) -> int:
    """A line or two a chain; 1 when one of them is broken."""
    found, broken = 0, 0
    for verdict in verdicts:
        found += 1
        broken += bool(verdict.fault)
        name = f"{names.get(verdict.org_id, 'organization')} ({verdict.org_id})"
        print(one_line(f"{'BROKEN' if verdict.fault else 'good':8}{name}: {_said(verdict)}"))
        if rest := verdict.rest:
            print(one_line(f"{'':8}from entry {rest.first} on: {_said(rest)}"))
    if not found:
        print("The audit log is empty.")
    return 1 if broken else 0


def _said(verdict: Verdict) -> str:
    if verdict.fault:
        return f"entry {verdict.seq} {verdict.fault}."
    extent = f"whole up to entry {verdict.seq}"
    if verdict.first > 1:
        extent = f"only entries {verdict.first} to {verdict.seq}, whole"
    return f"{extent}, {_seal(verdict)}; head {verdict.seq}:{verdict.hash}"


def _seal(verdict: Verdict) -> str:
    """Whether the chain is signed; the head's key cannot vouch for what is older than it."""
    if not verdict.signed:
        return "not signed" if verdict.signed is False else "signature not checked"
    if verdict.since == verdict.first:
        return "signed by this key"
    return (
        f"signed by this key from entry {verdict.since} on (entries {verdict.first} to"
        f" {verdict.since - 1} are vouched for by a kept head or an earlier export only)"
    )
