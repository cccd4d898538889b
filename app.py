"""The composition root: `python app.py COMMAND --help`, and `app:create_app()` for gunicorn."""

import logging
import os
import sys
import threading
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

try:
    from datetime import UTC, datetime

    from bot import INSTALLED
    from bot.cli import arguments, log, output
    from bot.settings import (
        LEAST_SECRET,
        RecordSettings,
        Settings,
        SettingsError,
        SetupSettings,
        load,
        load_for_record,
        load_for_setup,
        weak_secrets,
    )
except ImportError as missing:  # another Python than ours, or one older than 3.11
    sys.exit(f"{missing}: run `make install` once, then `.venv/bin/python app.py …`.")

if TYPE_CHECKING:  # what a command does not need is not imported: `serve` has a small parent
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from flask import Flask

    from bot.cli.setup import Setup
    from bot.domain.accounts import Account
    from bot.domain.audit.chain import Proves
    from bot.domain.doctor.check import Check
    from bot.domain.doctor.facts import FileFacts
    from bot.domain.health import Trouble
    from bot.domain.record import Decision
    from bot.domain.token_request import TokenRequest
    from bot.handlers.doctor.examine import Examination
    from bot.ports import Clock, GitHub, Job, Notifier, Options, Retryable, World
    from bot.storage import Claim, Reader, Store
    from bot.storage.backup import Progress
    from bot.storage.doctor import StoreExamination
    from bot.storage.inbox.queue import InboxStore
    from bot.storage.record.store import RecordStore
    from bot.storage.upkeep import Upkeep
    from bot.web import Delivery, Metrics, Outcome, State, Told
    from bot.web.asgi import AsgiFront
    from bot.web.front import Front

HERE = Path(__file__).resolve().parent
ROOT = Path.home() / ".local/state/countersign" if INSTALLED else HERE
"""The folder with `.env`, `config/` and `var/`, unless COUNTERSIGN_HOME names another."""

Figures = dict[tuple[str, ...], float]
S = TypeVar("S", RecordSettings, Settings, SetupSettings | None)

_log = logging.getLogger("app")
_current = threading.local()


def read_settings() -> Settings:
    """All settings; with ones that cannot be used the process ends with 2 and says why."""
    return _checked(load)


def _checked(read: "Callable[[Mapping[str, str], Path], S]") -> "S":
    try:
        settings = read(os.environ, ROOT)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    if settings is not None:
        log.configure(settings.log_level, settings.log_format, _current_delivery)
    return settings


def _current_delivery() -> str | None:
    return getattr(_current, "delivery", None)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)


def open_store(settings: Settings, clock: "Clock | None" = None) -> "Store":
    """The store of these settings. Raises what `Store.open` raises."""
    from bot.storage import Store

    return Store.open(
        settings.database_url.reveal(),
        app_id=settings.app_id,
        content_limit=settings.content_limit,
        clock=clock,
        audit_key=settings.audit_key.reveal() if settings.audit_key else None,
    )


def options_of(settings: Settings) -> "Options":
    """What handlers need of the settings."""
    from bot.ports import Notifications, Options
    from bot.replies.links import pages_of

    after, names = settings.notify_after, settings.notify_names
    told = Notifications(after, names) if settings.notify_url else None

    return Options(
        admin_repo=settings.admin_repo,
        assignees=settings.assignees,
        organizations=settings.organizations,
        digest_timezone=settings.digest_timezone.key,
        web_url=pages_of(settings.github_api_url),
        prefilled_links=settings.prefilled_links == "on",
        notifications=told,
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
            on_limit=self.metrics.limit,
        )
        self.pool = WorkerPool(self.store.inbox, self._run, self.store.lock)
        self.schedule = Schedule(
            self.store.inbox,
            self.store.record,
            digest_at=settings.digest_at,
            digest_timezone=settings.digest_timezone.key,
            digest_days=settings.digest_days,
            grants_at=settings.grants_at,
            sweep_minutes=settings.sweep_minutes,
            clock=self._clock,
        )
        self._notifier = _notifier(settings, self._clock)
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
        for name in weak_secrets(self._settings):
            _log.warning(
                "%s has fewer than %d characters, so it can be guessed: make a new one with"
                " `openssl rand -hex 32`, and set it here and on the GitHub App's settings page",
                name,
                LEAST_SECRET,
            )
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
            level = logging.INFO if found.foreign else logging.DEBUG
            _log.log(level, "ignored: %s", found.why, extra={"delivery": delivery.guid})
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
        from bot.ports import World

        store, options = self.store, options_of(self._settings)
        return World(
            github,
            store.record,
            store.inbox,
            self._clock,
            options,
            job,
            self._recent_denials,
            self._notifier,
        )

    def front(self) -> "Front":
        """What receives, for granian."""
        from bot.web.front import Front

        settings = self._settings
        asks = settings.hub_owner is not None  # of whom is not served: whether it lends the hub
        return Front(settings.webhook_path, self.webhook, self.flask_app, asks=asks)

    def asgi(self) -> "AsgiFront":
        """The same for a server that speaks ASGI; see `config/gunicorn.conf.py`."""
        from bot.web.asgi import AsgiFront

        return AsgiFront(self.front())

    @property
    def inbox(self) -> "InboxStore":
        """Where work waits."""
        return self.store.inbox

    def while_no_bot_runs(self) -> "AbstractContextManager[None]":
        """For a command that no bot may run beside. Raises Permanent when one does."""
        return self.store.while_no_bot_runs()

    def work(self) -> None:
        """Begin to work, unless another process of this bot works: for one command."""
        self.pool.start()

    def world_of_command(self) -> "World":
        """What a command of the command line may touch."""
        from bot.ports import Job

        now = self._clock.now()
        return self.world(self.github, Job(0, "command", 1, now, now))

    def state(self) -> "State":
        """How the service is doing. Raises Retryable when the store does not answer."""
        from bot.domain.doctor.needs import lacking
        from bot.domain.record import InstallationState
        from bot.web import State

        self.store.ready()
        problems = () if self.pool.alive else ("No worker is alive.",)
        every = [org for org in self.store.record.organizations() if org.served]
        served, jobs = [org for org in every if org.active], self.store.inbox
        return State(
            problems,
            organizations=len(served),
            unfit_repositories=sum(bool(org.admin_problem) for org in served),
            audit_log=self._audit_log(),
            troubles=self._troubles(),
            suspended=sum(org.state is InstallationState.SUSPENDED for org in every),
            lacking=sum(bool(lacking(org.permissions)) for org in served),
            stuck=bool(jobs.alarms(1)),
            parked=bool(jobs.deliveries("failed", 1)),
            weak_secret=bool(weak_secrets(self._settings)),
        )

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
        from bot import VERSION
        from bot.handlers.milestones import last_milestone

        inbox, record = self.store.inbox, self.store.record
        record.on_decision = self._count_decision

        def jobs() -> Figures:
            counts = inbox.counts()
            return {("waiting",): counts.waiting, ("failed",): counts.failed}

        def digest() -> Figures:
            return _at(last_milestone(record, "digest"))

        def sweep() -> Figures:
            return _at(last_milestone(record, "sweep"))

        watch = metrics.watch
        name = "countersign_build_info"
        watch(name, "The version.", ["version"], lambda: {(VERSION,): 1})
        watch("countersign_jobs", "Jobs that wait or have failed.", ["state"], jobs)
        name = "countersign_oldest_job_seconds"
        watch(name, "Age of the oldest waiting job.", [], lambda: {(): inbox.counts().oldest})
        name = "countersign_last_digest_timestamp_seconds"
        watch(name, "When a digest last went out.", [], digest)
        name = "countersign_last_sweep_timestamp_seconds"
        watch(name, "When GitHub's list was last compared.", [], sweep)
        name = "countersign_oldest_request_timestamp_seconds"
        watch(name, "Since when a request waits.", [], lambda: _at(record.oldest_open()))

    def _count_decision(self, request: "TokenRequest", decision: "Decision") -> None:
        from bot.domain.token_request import State

        answered = decision.outcome in (State.APPROVED, State.DENIED)
        waited = (decision.at - request.created_at).total_seconds() if answered else None
        self.metrics.decision(decision.outcome.value, decision.way, waited)


def _at(moment: datetime | None) -> Figures:
    return {} if moment is None else {(): moment.timestamp()}


def _notifier(settings: Settings, clock: "Clock") -> "Notifier | None":
    if settings.notify_url is None or settings.notify_secret is None:
        return None
    from bot.notify.post import Post

    return Post(settings.notify_url.reveal(), settings.notify_secret.reveal(), clock)


def _in_words(kept: "bool | Retryable") -> "Outcome":
    if isinstance(kept, bool):
        return "accepted" if kept else "duplicate"
    return kept


class LocalBot:
    """A whole bot in this process, on a port of loopback: for the demo and the tests."""

    def __init__(self, settings: Settings, clock: "Clock | None" = None) -> None:
        from bot.web.loopback import LoopbackServer

        self._clock = clock or SystemClock()
        self.service = Service(settings, self._clock)
        self._server = LoopbackServer(self.service.flask_app)
        self.webhook_url = f"{self._server.url}{settings.webhook_path}"
        self.service.start()

    @classmethod
    def beside(
        cls, environ: "Mapping[str, str]", folder: Path, clock: "Clock | None" = None
    ) -> "LocalBot":
        """Start one with these settings, its database in this folder."""
        database = {"DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"}
        settings = load({**database, **environ}, folder)
        log.configure(settings.log_level, settings.log_format, _current_delivery)
        return cls(settings, clock)

    def send_digests(self) -> str:
        """Send today's digests now; a sentence on what happens."""
        from bot.domain.events import DigestDue

        today = self._clock.now().date()
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
    """The WSGI application. `extensions["countersign"]` is the bot, with `start` and `stop` of its
    work, and `asgi()`, the same as ASGI: there slow clients hold no threads.
    """
    bot = Service(read_settings())
    bot.flask_app.extensions["countersign"] = bot
    return bot.flask_app


class Machine:
    """What of this machine the doctor looks at: `ports.doctor.Machine`."""

    def __init__(self, settings: Settings, store: "StoreExamination") -> None:
        self._settings, self._store = settings, store

    def weak_secrets(self) -> list[str]:
        """Names of settings whose secret is too short."""
        return weak_secrets(self._settings)

    def secret_files(self) -> "list[FileFacts]":
        """All but the audit log's key."""
        return [one for one in self._files() if one.holds != "AUDIT_KEY"] + self._store.files()

    def key_files(self) -> "list[FileFacts]":
        """The audit log's key."""
        return [one for one in self._files() if one.holds == "AUDIT_KEY"] + self._store.key_files()

    def _files(self) -> "list[FileFacts]":
        from bot.domain.doctor.facts import FileFacts
        from bot.settings.secret_files import secret_files
        from bot.storage.file_modes import is_open_to_others

        found = secret_files(os.environ, ROOT)
        return [FileFacts(str(path), holds, is_open_to_others(path)) for path, holds in found]


def _shared(name: str) -> Path:
    """A file or folder of ours: beside this file, or where a wheel puts it."""
    beside = HERE / name
    return beside if beside.exists() else Path(sys.prefix) / "share" / "countersign" / name


def _app_yml() -> str:
    return _shared("app.yml").read_text(encoding="utf-8")


def _example_policies() -> dict[str, str]:
    files = sorted(_shared("config/policies").glob("*.yml"))
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


def _service_set_up() -> Service:
    """The bot with the credentials that the set-up page kept. Raises SettingsError."""
    return Service(load(os.environ, ROOT))


@contextmanager
def _examination(settings: Settings) -> "Iterator[Examination]":
    from bot.github.api import GitHubApi
    from bot.github.lone_budgets import LoneBudgets
    from bot.handlers.doctor.examine import Examination
    from bot.storage.doctor import StoreExamination

    clock = SystemClock()
    key = settings.audit_key.reveal() if settings.audit_key else None
    store = StoreExamination(settings.database_url.reveal(), key)
    github = GitHubApi(
        settings.app_id,
        settings.private_key.reveal(),
        settings.github_api_url,
        LoneBudgets(clock),
        clock,
    )
    try:
        yield Examination(
            github,
            store,
            Machine(settings, store),
            clock,
            options_of(settings),
            settings.app_id,
            settings.webhook_path,
        )
    finally:
        github.close()
        store.close()


def _examine_set_up(organization: str) -> "list[Check]":
    """The doctor's checks with the credentials that the set-up page kept."""
    from bot.handlers.doctor.examine import NoSuchOrganization, examine

    with _examination(load(os.environ, ROOT)) as examination:
        try:
            return examine(examination, organization)
        except NoSuchOrganization:  # uninstalled just now: the step before tells
            return []


class Copies:
    """Backups of the record of these settings; see `bot.cli.backup.Copies`."""

    def __init__(self, settings: RecordSettings) -> None:
        self._url = settings.database_url.reveal()
        self._audit_key = settings.audit_key.reveal() if settings.audit_key else None

    def back_up(self, file: Path, progress: "Progress") -> None:
        """Write the record to this file."""
        from bot.storage.backup import back_up

        back_up(self._url, file, progress)

    def restore(self, file: Path, progress: "Progress", *, force: bool) -> None:
        """Put a backup where the record is."""
        from bot.storage.restore import restore

        restore(self._url, self._audit_key, file, _mark_restored, progress, force=force)

    def mark(self) -> None:
        """The database came back by other means: note that."""
        from bot.storage.restore import mark

        mark(self._url, self._audit_key, _mark_restored)


def _mark_restored(record: "RecordStore") -> None:
    from bot.handlers.reconcile.restored import mark_restored

    mark_restored(record, datetime.now(UTC))


def _warn_if_lost(settings: Settings) -> None:
    """After a set-up in the browser there is a record."""
    from bot import COMMAND
    from bot.ports import Retryable
    from bot.storage.upkeep import Upkeep

    upkeep = Upkeep(settings.database_url.reveal())
    try:
        found, _ = upkeep.numbers()
    except Retryable:
        return  # opening it tells more
    finally:
        upkeep.close()
    if found is None:
        _log.warning(
            "the bot was set up before, but there is no record: a new one knows no decisions and no"
            " ends of `/approve for`. If it was lost, stop the bot and run `%s restore FILE"
            " --force`, or without a backup `%s rebuild`",
            *(COMMAND, COMMAND),
        )


class Parts:
    """What the commands borrow; see `bot.cli.dispatch.Parts`."""

    def serve(self, *, may_set_up: bool) -> int:
        """Serve until a signal comes: the set-up page while there is nothing else to serve."""
        from bot.cli.serve import serve

        setup = _checked(load_for_setup) if may_set_up else None
        if setup is not None:
            from bot.setup.progress import is_open

            if is_open(setup.home):
                from bot.setup.serve import serve_setup

                return serve_setup(setup, _app_yml(), _service_set_up, _examine_set_up)
        settings = read_settings()
        if setup is not None:
            _warn_if_lost(settings)

        def make() -> "tuple[Front, Service]":
            bot = Service(settings)
            return bot.front(), bot

        return serve(settings.host, settings.port, make)

    def setup(self) -> "Setup":
        """What `setup` shows."""
        from bot.setup.commands import SetupCommands

        return SetupCommands(_checked(load_for_setup), _app_yml())

    def demo(self, port: int) -> int:
        """Show the bot beside a local GitHub."""
        from bot.sandbox.demo import demo

        return demo(LocalBot.beside, port, _example_policies())

    @contextmanager
    def bot(self) -> "Iterator[Service]":
        """The whole bot."""
        bot = Service(read_settings())
        try:
            yield bot
        finally:
            bot.stop()

    @contextmanager
    def reader(self, *, signs: bool = False) -> "Iterator[Reader]":
        """The store as it is."""
        from bot.storage import Reader

        settings = _checked(load_for_record)
        key = settings.audit_key.reveal() if settings.audit_key else None
        reader = Reader.open(settings.database_url.reveal(), audit_key=key, signs=signs)
        try:
            yield reader
        finally:
            reader.close()

    @contextmanager
    def upkeep(self) -> "Iterator[Upkeep]":
        """What `db` does with the database."""
        from bot.storage.upkeep import Upkeep

        upkeep = Upkeep(_checked(load_for_record).database_url.reveal())
        try:
            yield upkeep
        finally:
            upkeep.close()

    @contextmanager
    def examination(self) -> "Iterator[Examination]":
        """What the doctor may look at."""
        with _examination(read_settings()) as examination:
            yield examination

    def copies(self) -> "Copies":
        """Backups of the record."""
        return Copies(_checked(load_for_record))

    def new_audit_key(self) -> tuple[str, str]:
        """A new private key and its public key."""
        from bot.storage.audit.key import AuditKey, new_seed

        seed = new_seed()
        return seed, AuditKey(seed).public

    @property
    def proves(self) -> "Proves":
        """What checks a signature."""
        from bot.storage.audit.key import proves

        return proves


def main(words: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = arguments.parse(words)
    from bot.cli.dispatch import run

    return run(options, Parts())


def command() -> None:
    """The process: one command, its output, its exit status."""
    with output.patient():
        try:
            sys.exit(main())
        except KeyboardInterrupt:  # Ctrl-C while a command works or waits
            sys.exit(130)


if __name__ == "__main__":
    command()
