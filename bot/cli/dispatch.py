"""From the words of the command line to the command, with what app.py lends to it."""

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from bot.cli.printing import Printer
from bot.ports import NoDatabase, Permanent, Retryable

if TYPE_CHECKING:  # a command loads what it needs, and `serve` starts quickly
    from bot.cli.audit.keys import AuditLog
    from bot.cli.backup import Copies
    from bot.cli.database import Upkeep
    from bot.cli.deliveries import Deliveries
    from bot.cli.policy_record import PolicyRecord
    from bot.cli.rebuild import Busy
    from bot.cli.requests import Record
    from bot.cli.setup import Setup
    from bot.domain.audit.chain import Proves
    from bot.domain.record import OrganizationRecord
    from bot.handlers.doctor.examine import Examination
    from bot.handlers.tokens.check import Checked
    from bot.ports import World

    class StoredRecord(Record, Checked, PolicyRecord, Protocol):
        """The record as commands read it."""


class Reader(Protocol):
    """The store as commands read it."""

    @property
    def record(self) -> "StoredRecord": ...
    @property
    def deliveries(self) -> "Deliveries": ...
    @property
    def audit(self) -> "AuditLog": ...


class Bot(Protocol):
    """The whole bot, for a command that works itself."""

    @property
    def inbox(self) -> "Busy": ...
    def world_of_command(self) -> "World": ...
    def while_no_bot_runs(self) -> AbstractContextManager[None]: ...
    def work(self) -> None: ...


class Parts(Protocol):
    """What app.py puts together, each when a command needs it."""

    def serve(self, *, may_set_up: bool) -> int:
        """Serve until a signal comes, the set-up page when nothing is set; the exit status."""

    def setup(self) -> "Setup":
        """What the set-up knows; it takes all settings but the App's."""

    def demo(self, port: int) -> int:
        """Show the bot beside a local GitHub until a signal comes; the exit status."""

    def bot(self) -> AbstractContextManager[Bot]:
        """The whole bot; it takes all settings, and makes the database where there is none."""

    def reader(self, *, signs: bool = False) -> AbstractContextManager[Reader]:
        """The store as it is; takes DATABASE_URL alone, with `signs` the audit log's key too."""

    def upkeep(self) -> AbstractContextManager["Upkeep"]:
        """What `db` does; takes DATABASE_URL alone."""

    def examination(self) -> AbstractContextManager["Examination"]:
        """What the doctor may look at; it takes all settings, and opens or makes nothing yet."""

    def copies(self) -> "Copies":
        """Backups of the record; takes DATABASE_URL and the audit log's key alone."""

    def new_audit_key(self) -> tuple[str, str]:
        """A new private key and its public key, base64."""

    @property
    def proves(self) -> "Proves":
        """What checks a signature."""


def run(options: argparse.Namespace, parts: Parts) -> int:
    """Run the command; its exit status. What the store lacks ends it with 1 and a sentence."""
    commands: dict[str, Callable[[argparse.Namespace, Parts], int]] = {
        "serve": lambda chosen, lent: lent.serve(may_set_up=not chosen.no_setup),
        "setup": _setup,
        "demo": lambda chosen, lent: lent.demo(chosen.port),
        "digest": _digest,
        "deliveries": _deliveries,
        "doctor": _doctor,
        "requests": _requests,
        "tokens": _tokens,
        "audit": _audit,
        "backup": _backup,
        "restore": _restore,
        "rebuild": _rebuild,
        "catalogue": _catalogue,
        "policy": _policy,
        "db": _database,
    }
    try:
        return commands[options.command](options, parts)
    except (Permanent, Retryable) as trouble:  # of the store, mostly while it is opened
        print(f"`{options.command}` ends: {trouble}", file=sys.stderr)
        return 1


def _setup(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import setup

    return setup.run(parts.setup(), options)


def _catalogue(options: argparse.Namespace, _parts: Parts) -> int:
    from bot.cli import catalogue

    return catalogue.run(Printer.of(options), as_markdown=options.markdown)


def _database(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import database

    with parts.upkeep() as upkeep:
        return database.run(upkeep, options.step, Printer.of(options))


def _digest(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import digest

    with parts.bot() as bot:
        world = bot.world_of_command()
        printer, dry_run = Printer.of(options), options.dry_run
        return digest.run(world, bot.inbox, bot.work, options.org, printer, dry_run=dry_run)


def _deliveries(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import deliveries

    with parts.reader() as store:
        return deliveries.run(store.deliveries, options, Printer.of(options))


def _doctor(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import doctor

    with parts.examination() as examination:
        return doctor.run(examination, options.org, Printer.of(options))


def _requests(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import requests

    with parts.reader() as store:
        names = _names(store)
        if options.step == "show":
            org, request_id = options.request
            org_id = _org_id(store, org) or 0
            return requests.show_one(store.record, names, org_id, request_id, Printer.of(options))
        filters = requests.filters(options.owner, options.permission, options.repository)
        chosen = requests.Chosen(_org_id(store, options.org), options.state, filters, options.limit)
        return requests.show_list(store.record, names, chosen, Printer.of(options))


def _tokens(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import requests, tokens
    from bot.domain.tokens import Kind

    with parts.reader() as store:
        names = _names(store)
        wanted = requests.filters(options.owner, options.permission, options.repository)
        kind = Kind(options.kind.replace("-", " ")) if options.kind else None
        org_id = _org_id(store, options.org)
        return tokens.show_tokens(store.record, names, org_id, wanted, kind, Printer.of(options))


def _backup(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import backup

    return backup.back_up(parts.copies(), options.file)


def _restore(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import backup

    if options.mark:
        return backup.mark(parts.copies())
    return backup.restore(parts.copies(), options.file, force=options.force)


def _rebuild(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import rebuild

    with parts.bot() as bot:
        world, printer = bot.world_of_command(), Printer.of(options)
        return rebuild.run(world, bot, printer, force=options.force)


def _policy(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli import policy

    if options.step == "schema":
        return policy.print_schema()
    if options.step == "check":
        return policy.check(options.file, Printer.of(options))
    if options.step == "diff":
        return _policy_diff(options, parts)
    from bot.cli import policy_record

    with parts.reader() as store:
        orgs = _organizations(store, options.org)
        if options.step == "show":
            return policy_record.show(store.record, orgs, Printer.of(options))
        since = datetime.now(UTC) - options.since
        printer = Printer.of(options)
        return policy_record.show_replay(options.file, store.record, orgs, since, printer)


def _policy_diff(options: argparse.Namespace, parts: Parts) -> int:
    """Without a database the examples alone are compared, unless an organization is named."""
    from bot.cli.policy_diff import show_difference

    paths, printer = (options.old, options.new), Printer.of(options)
    try:
        with parts.reader() as store:
            orgs = _organizations(store, options.org)
            since = datetime.now(UTC) - options.since
            return show_difference(*paths, printer, among=(store.record, orgs, since))
    except NoDatabase:
        if options.org:
            raise
        return show_difference(*paths, printer)


def _organizations(store: Reader, name: str | None) -> "list[OrganizationRecord]":
    """The one of this name, or all."""
    org_id = _org_id(store, name)
    return [org for org in store.record.organizations() if org_id in (None, org.id)]


def _audit(options: argparse.Namespace, parts: Parts) -> int:
    steps = {"key": _audit_key, "verify": _audit_verify, "export": _audit_export}
    return steps[options.step](options, parts)


def _audit_key(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli.audit import keys

    if options.new:
        return keys.print_new_key(*parts.new_audit_key(), Printer.of(options))
    with parts.reader(signs=True) as store:
        return keys.print_public_key(store.audit, Printer.of(options))


def _audit_verify(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli.audit.verify import verify_database, verify_file

    key, kept, printer = options.public_key, options.head, Printer.of(options)
    if options.file:
        return verify_file(options.file, parts.proves, key, kept, printer)
    with parts.reader(signs=key is None) as store:
        logins = {org.id: org.login for org in store.record.organizations()}
        org_id = _org_id(store, options.org)
        return verify_database(store.audit, parts.proves, logins, org_id, key, kept, printer)


def _audit_export(options: argparse.Namespace, parts: Parts) -> int:
    from bot.cli.audit.export import export

    out: BinaryIO = sys.stdout.buffer
    with parts.reader(signs=True) as store:
        org_id = _org_id(store, options.org)
        span = options.since, options.until
        return export(store.audit, parts.proves, out, options.format, org_id, *span)


def _names(store: Reader) -> dict[int, str]:
    from bot.cli import organizations

    return organizations.names(store.record.organizations())


def _org_id(store: Reader, name: str | None) -> int | None:
    """The organization that is meant; None when none is named. Ends when that is not clear."""
    from bot.cli import organizations

    if name is None:
        return None
    return organizations.the_one(store.record.organizations(), name).id
