"""Whether the bot's own side is well: its database, its audit log, its secrets."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import Cause, ChainFacts, FileFacts, StoreFacts, Unread
from bot.domain.health import FRESH_FOR

LEAST_FREE = 1_000_000_000
"""Bytes that should be free on the database's disk."""

NO_SPACE = 100_000_000
"""Bytes with which it is nearly over."""

LONG = timedelta(hours=1)
"""What waits longer waits in vain."""

LEAST_SECRET = 16
"""Characters that a webhook secret should have."""


def check_store(facts: StoreFacts | Unread, now: datetime) -> Iterator[Check]:
    """The database, and what waits in it."""
    row = "store"
    if isinstance(facts, Unread):
        yield Check(
            row,
            Verdict.FAULT,
            f"The database cannot be used: {facts.why.rstrip('.')}.",
            "The bot records and decides nothing without it.",
            "Check DATABASE_URL. If there is no database yet, start the bot: `serve` makes it. If"
            " it was lost, do not: run `restore FILE`, or without a backup `rebuild`.",
        )
        return
    yield ok(row, f"{facts.place} answers; its schema is {facts.schema}.")
    if facts.free is not None:
        yield _disk(row, facts.place, facts.free)
    yield _jobs(row, facts)
    yield _parked(row, facts.parked)
    yield _worker(row, facts, now)


def _disk(row: str, place: str, free: int) -> Check:
    seen = f"{free / 1e9:.1f} GB are free on the disk of {place}."
    if free >= LEAST_FREE:
        return ok(row, seen)
    return Check(
        row,
        Verdict.WARNING if free >= NO_SPACE else Verdict.FAULT,
        seen,
        "On a full disk the bot records nothing and answers 503 to GitHub.",
        "Make room, or move the database to a larger disk.",
    )


def _jobs(row: str, facts: StoreFacts) -> Check:
    if facts.oldest < LONG.total_seconds():
        return ok(row, "No job waits for longer than an hour.")
    return Check(
        row,
        Verdict.WARNING,
        f"A job has waited for {facts.oldest / 3600:.0f} hours.",
        "Somebody's request or command is not carried out, or NOTIFY_URL is not told.",
        "`deliveries --state waiting` names it and why it waits.",
    )


def _parked(row: str, parked: int) -> Check:
    if not parked:
        return ok(row, "No job has failed for good.")
    return Check(
        row,
        Verdict.WARNING,
        f"{parked} job{'' if parked == 1 else 's'} failed and will not run again by"
        f" {'itself' if parked == 1 else 'themselves'}.",
        "Somebody's request or command is not carried out, or NOTIFY_URL is not told.",
        "`deliveries --state failed` names each and its cause. `deliveries retry GUID` runs it"
        " again.",
    )


def _worker(row: str, facts: StoreFacts, now: datetime) -> Check:
    if facts.worked_at and abs(now - facts.worked_at) <= FRESH_FOR:
        processes = "process" if facts.replicas == 1 else "processes"
        seen = f", in {facts.replicas} {processes}" if facts.replicas else ""
        return ok(row, f"A bot works on it{seen}.")
    since = f"since {facts.worked_at:%Y-%m-%d %H:%M} UTC" if facts.worked_at else "yet"
    return Check(
        row,
        Verdict.WARNING,
        f"No bot has worked on it {since}.",
        "Deliveries that arrive are not worked on.",
        "Start the bot with `serve`. If it runs, its log says what holds it up.",
    )


def check_audit(
    chains: Sequence[ChainFacts] | Unread, key_files: Sequence[FileFacts] | Unread
) -> Iterator[Check]:
    """The audit log's end and its key."""
    row = "audit"
    if isinstance(chains, Unread) and chains.cause is Cause.OTHER:
        yield Check(
            row,
            Verdict.FAULT,
            f"The audit log cannot be checked: {chains.why}.",
            "Nothing that the bot writes into it is signed until that is mended.",
            "Put the key back where it was, from the backup of the bot's secrets.",
        )
    elif isinstance(chains, Unread):
        yield chains.unknown(row, "The audit log")
    else:
        yield from (_chain(row, one) for one in chains)
        if not chains:
            yield ok(row, "The audit log has no entry yet.")
    if isinstance(key_files, Unread):
        yield key_files.unknown(row, "Who can read the audit log's key")
    else:
        yield from (_file(row, one) for one in key_files)


def _chain(row: str, chain: ChainFacts) -> Check:
    if chain.fault:
        return Check(
            row,
            Verdict.FAULT,
            f"The audit log of {chain.name} is broken: {chain.fault}.",
            "Somebody changed it past the bot, or a backup was restored.",
            "`audit verify` checks the whole log. Compare it with an export that you kept.",
        )
    if chain.signed:
        return ok(row, f"The audit log of {chain.name} is signed and unbroken at its end.")
    return Check(
        row,
        Verdict.WARNING,
        f"The audit log of {chain.name} is unbroken at its end, but not signed.",
        "Whoever can write to the database can forge it.",
        "Make a key with `audit key --new`, and set AUDIT_KEY for every process of the bot.",
    )


def _file(row: str, file: FileFacts) -> Check:
    if not file.open_to_others:
        return ok(row, f"Only its owner can read {file.path} ({file.holds}).")
    return Check(
        row,
        Verdict.WARNING,
        f"Other accounts of this machine can read {file.path} ({file.holds}).",
        "Whoever reads it can do what the bot can do.",
        f"Run: chmod 600 {file.path}",
    )


def check_secrets(weak: Sequence[str], files: Sequence[FileFacts] | Unread) -> Iterator[Check]:
    """`weak`: names of webhook secrets that are too short."""
    row = "secrets"
    for name in weak:
        yield Check(
            row,
            Verdict.WARNING,
            f"{name} has fewer than {LEAST_SECRET} characters.",
            "It can be guessed, and then anybody can send deliveries in GitHub's name.",
            "Make a new one with `openssl rand -hex 32`. Set it here and on the App's settings"
            " page; WEBHOOK_SECRET_PREVIOUS takes the old one meanwhile.",
        )
    if not weak:
        yield ok(row, f"WEBHOOK_SECRET has at least {LEAST_SECRET} characters.")
    if isinstance(files, Unread):
        yield files.unknown(row, "Who can read the files with secrets")
    else:
        yield from (_file(row, one) for one in files)
