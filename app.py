"""The composition root and the command line: `python app.py COMMAND --help`."""

import argparse
import logging
import os
import sys
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

try:
    from datetime import UTC, datetime

    from bot.cli import arguments, log, output
    from bot.settings import Settings, SettingsError, load
except ImportError as missing:  # another Python than ours, or one older than 3.11
    sys.exit(f"{missing}: run `make install` once, then `.venv/bin/python app.py …`.")

if TYPE_CHECKING:  # what a command does not need is not imported: `serve` has a small parent
    from collections.abc import Mapping

    from flask import Flask

    from bot.domain.accounts import Account
    from bot.domain.health import Trouble
    from bot.ports import Clock, GitHub, Job, Retryable, World
    from bot.storage import Claim, Store
    from bot.web import Delivery, Metrics, Outcome, State, Told

ROOT = Path(__file__).resolve().parent

_log = logging.getLogger("app")
_current = threading.local()


def read_settings() -> Settings:
    """The settings; with ones that cannot be used the process ends with 2 and says why."""
    try:
        settings = load(os.environ, ROOT)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    log.configure(settings.log_level, settings.log_format, _current_delivery)
    return settings


def _current_delivery() -> str | None:
    return getattr(_current, "delivery", None)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)


def open_store(settings: Settings, clock: "Clock | None" = None, *, create: bool = True) -> "Store":
    """The store of these settings. Raises what `Store.open` raises."""
    from bot.storage import Store

    return Store.open(
        settings.database_url.reveal(),
        app_id=settings.app_id,
        content_limit=settings.content_limit,
        clock=clock,
        audit_key=settings.audit_key.reveal() if settings.audit_key else None,
        create=create,
    )


class Service:
    """The whole bot, put together: receiver, store, handlers, GitHub, workers, schedule."""

    def __init__(self, settings: Settings, clock: "Clock | None" = None) -> None:
        from bot.domain.recent_denials import RecentDenials
        from bot.github.api import GitHubApi
        from bot.jobs import WorkerPool
        from bot.jobs.schedule import Schedule
        from bot.web import Metrics, Webhook, make_app

        self._settings, self._clock = settings, clock or SystemClock()
        self._started = self._clock.now()
        self._recent_denials = RecentDenials()
        self.metrics = Metrics()
        self.store = open_store(settings, clock)
        self.github = GitHubApi(
            settings.app_id,
            settings.private_key.reveal(),
            settings.github_api_url,
            self.store.budgets,
            self._clock,
            on_call=self.metrics.call,
        )
        self.pool = WorkerPool(self.store.inbox, self._run, self.store.lock)
        self.schedule = Schedule(
            self.store.inbox,
            self.store.record,
            digest_at=settings.digest_at,
            digest_timezone=settings.digest_timezone.key,
            digest_days=settings.digest_days,
            sweep_minutes=settings.sweep_minutes,
            clock=self._clock,
        )
        secrets = [secret.reveal().encode() for secret in settings.webhook_secrets]
        self.webhook = Webhook(secrets, self.take, self.metrics)
        self.flask_app = make_app(
            webhook_path=settings.webhook_path,
            webhook=self.webhook,
            read_state=self.state,
            metrics=self.metrics,
        )
        self._watch(self.metrics)

    def start(self) -> None:
        """Begin to work on what is stored, and to look at the clock; after any fork."""
        self._look_after_audit_log()
        self.pool.start()
        self.schedule.start()

    def _look_after_audit_log(self) -> None:
        audit = self.store.audit
        if audit.public_key is None:
            _log.warning("the audit log is not signed: set AUDIT_KEY (see `audit key --new`)")
        for org_id in audit.take_over():
            how = "signed with a new key" if audit.public_key else "no longer signed"
            _log.warning("the audit log of organization %d is %s from here on", org_id, how)

    def stop(self) -> None:
        """End the work; running steps have ten seconds."""
        self.schedule.stop()
        self.pool.stop()
        self.github.close()
        self.store.close()

    def take(self, delivery: "Delivery", told: "Told") -> None:
        """Route and store one delivery; see `bot.web.delivery.Take`."""
        from bot.github.webhooks.routing import Ignored, Malformed, route
        from bot.storage import Arrival
        from bot.web import Malformed as Refused

        found = route(delivery.event, delivery.payload, self._allows, self._lends)
        if isinstance(found, Malformed):
            raise Refused(found.why)
        if isinstance(found, Ignored):
            _log.debug("ignored: %s", found.why, extra={"delivery": delivery.guid})
            told("ignored")
            return
        arrival = Arrival(
            guid=delivery.guid,
            event=delivery.event,
            action=found.action,
            body=delivery.body,
            installation_id=found.installation_id,
            org_id=found.org_id,
            lane=found.lane,
            issue=found.issue,
            priority=found.priority,
        )
        self.store.intake.put(arrival, lambda kept: told(_in_words(kept)))

    def _allows(self, account: "Account") -> bool:
        return self._settings.allows(account.id, account.login)

    def _lends(self, account: "Account") -> bool:
        """Asked of organizations that are not served."""
        from bot.domain.shared_repository import owns_hub

        hub = self._settings.admin_repo if self._settings.hub_owner else None
        return hub is not None and owns_hub(hub, account, self.store.record.organizations())

    def _run(self, claim: "Claim") -> None:
        """Carry out one job: what it is about becomes an event, and its handler runs."""
        from bot.github.webhooks.payloads import read_event
        from bot.handlers.table import handle

        _current.delivery = claim.job.name
        try:
            event = claim.event or read_event(claim.kind, claim.body or b"")
            handle(event, self.world(self.github.leased(claim.lease), claim.job))
        finally:
            _current.delivery = None

    def world(self, github: "GitHub", job: "Job") -> "World":
        """What a handler may touch, for one job."""
        from bot.ports import Options, World
        from bot.replies.links import pages_of

        options = Options(
            admin_repo=self._settings.admin_repo,
            assignees=self._settings.assignees,
            organizations=self._settings.organizations,
            digest_timezone=self._settings.digest_timezone.key,
            web_url=pages_of(self._settings.github_api_url),
        )
        store = self.store
        return World(
            github, store.record, store.inbox, self._clock, options, job, self._recent_denials
        )

    def state(self) -> "State":
        """How the service is doing. Raises Retryable when the store does not answer."""
        from bot.web import State

        self.store.ready()
        problems = () if self.pool.alive else ("No worker is alive.",)
        served = [org for org in self.store.record.organizations() if org.served and org.active]
        unfit = sum(bool(org.admin_problem) for org in served)
        return State(problems, len(served), unfit, self._audit_log(), self._troubles())

    def _troubles(self) -> "tuple[Trouble, ...]":
        from bot.domain.health import warnings
        from bot.handlers.reconcile.health import looked_at, standing

        record, now = self.store.record, self._clock.now()
        return tuple(warnings(standing(record), looked_at(record), self._started, now))

    def _audit_log(self) -> str:
        if self.store.audit.broken:
            return "broken"
        return "signed" if self.store.audit.public_key else "unsigned"

    def _watch(self, metrics: "Metrics") -> None:
        def jobs() -> dict[tuple[str, ...], float]:
            return {(state,): n for state, n in self.store.inbox.counts().jobs.items()}

        def age() -> dict[tuple[str, ...], float]:
            return {(): self.store.inbox.counts().oldest}

        metrics.watch("countersign_jobs", "Jobs by state.", ["state"], jobs)
        metrics.watch("countersign_oldest_job_seconds", "Age of the oldest waiting job.", [], age)


def _in_words(kept: "bool | Retryable") -> "Outcome":
    if isinstance(kept, bool):
        return "accepted" if kept else "duplicate"
    return kept


class LocalBot:
    """A whole bot in this process, on a port of loopback: for the demo and the tests."""

    def __init__(self, settings: Settings, clock: "Clock | None" = None) -> None:
        from bot.web.loopback import LoopbackServer

        self.service = Service(settings, clock)
        self._server = LoopbackServer(self.service.flask_app)
        self.webhook_url = f"{self._server.url}{settings.webhook_path}"
        self.service.start()

    @classmethod
    def beside(cls, environ: "Mapping[str, str]", folder: Path) -> "LocalBot":
        """Start one with these settings, its database in this folder."""
        database = {"DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"}
        settings = load({**database, **environ}, folder)
        log.configure(settings.log_level, settings.log_format, _current_delivery)
        return cls(settings)

    def send_digests(self) -> str:
        """Send today's digests now; a sentence on what happens."""
        from bot.domain.events import DigestDue

        today = datetime.now(UTC).date()
        for org in self.service.store.record.organizations():
            self.service.store.inbox.put(
                DigestDue(org.id, today),
                dedupe=f"digest:{org.id}:{today}:{uuid.uuid4()}",
                lane=f"digest:{org.id}",
                org_id=org.id,
            )
        return "The digest comes within seconds: one per day, none if there is nothing to report."

    def stop(self) -> None:
        """End it all."""
        self._server.stop()
        self.service.store.intake.close()  # requests may still be open
        self.service.stop()


def create_app() -> "Flask":
    """The WSGI application; `extensions["countersign"]` has `start` and `stop` of its work."""
    bot = Service(read_settings())
    bot.flask_app.extensions["countersign"] = bot
    return bot.flask_app


def _serve(settings: Settings) -> int:
    from bot.cli.serve import serve
    from bot.web.front import Front

    def make() -> tuple[Front, Service]:
        bot = Service(settings)
        asks = settings.hub_owner is not None  # of whom is not served: whether it lends the hub
        return Front(settings.webhook_path, bot.webhook, bot.flask_app, asks=asks), bot

    return serve(settings.host, settings.port, make)


def main(words: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = arguments.parse(words)
    if options.command == "demo":
        from bot.sandbox.demo import demo

        return demo(LocalBot.beside, options.port)
    if options.command == "audit" and (needs_no_settings := _audit_alone(options)) is not None:
        return needs_no_settings
    from bot.ports import Permanent, Retryable

    try:
        return _run(read_settings(), options)
    except (Permanent, Retryable) as trouble:  # of the store, mostly while it is opened
        print(f"`{options.command}` ends: {trouble}", file=sys.stderr)
        return 1


def _run(settings: Settings, options: argparse.Namespace) -> int:
    if options.command == "serve":
        return _serve(settings)
    if options.command == "digest":
        return _digest(Service(settings), options)
    store = open_store(settings, create=False)  # who mistyped DATABASE_URL should hear of it
    if options.command == "audit":
        return _audit(store, options)
    if options.command == "requests":
        return _requests(store, options)
    from bot.cli import deliveries

    return deliveries.run(store.inbox, options)


def _audit_alone(options: argparse.Namespace) -> int | None:
    """The steps that need neither settings nor a database; None for the others."""
    from bot.cli.audit import keys
    from bot.cli.audit.verify import verify_file
    from bot.storage.audit.key import AuditKey, new_seed, proves

    if options.step == "key" and options.new:
        seed = new_seed()
        return keys.print_new_key(seed, AuditKey(seed).public)
    if options.step == "verify" and options.file:
        return verify_file(options.file, proves, options.public_key, options.head)
    return None


def _audit(store: "Store", options: argparse.Namespace) -> int:
    from bot.cli.audit import keys
    from bot.cli.audit.export import export
    from bot.cli.audit.verify import verify_database
    from bot.storage.audit.key import proves

    if options.step == "key":
        return keys.print_public_key(store.audit)
    names = {org.id: org.login for org in store.record.organizations()}
    org_id = _org_id(names, options.org)
    if options.step == "verify":
        return verify_database(store.audit, proves, names, org_id, options.public_key)
    out, span = sys.stdout.buffer, (options.since, options.until)
    return export(store.audit, proves, out, options.format, org_id, *span)


def _requests(store: "Store", options: argparse.Namespace) -> int:
    from bot.cli import requests

    names = {org.id: org.login for org in store.record.organizations()}
    if options.step == "show":
        org, request_id = options.request
        return requests.show_one(store.record, names, _org_id(names, org) or 0, request_id)
    filters = requests.filters(options.owner, options.permission, options.repository)
    org_id = _org_id(names, options.org)
    return requests.show_list(store.record, names, org_id, options.state, filters, options.limit)


def _org_id(names: dict[int, str], name: str | None) -> int | None:
    """The organization with this login or id; None when none is named. Ends when there is none."""
    if name is None:
        return None
    for org_id, login in names.items():
        if name.lower() in {login.lower(), str(org_id)}:
            return org_id
    sys.exit(f"No organization {name!r} is known; known: {', '.join(names.values()) or 'none'}.")


def _digest(bot: Service, options: argparse.Namespace) -> int:
    from bot.cli import digest
    from bot.ports import Job

    now = SystemClock().now()
    world = bot.world(bot.github, Job(0, "digest", 1, now, now))
    try:
        return digest.run(
            world, bot.store.inbox, bot.pool.start, options.org, dry_run=options.dry_run
        )
    finally:
        bot.stop()


if __name__ == "__main__":
    with output.patient():
        try:
            sys.exit(main())
        except KeyboardInterrupt:  # Ctrl-C while a command works or waits
            sys.exit(130)
