"""The engine: one SQLite file or PostgreSQL, and the two kinds of transaction on it."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bot.ports import Clock, Retryable
from bot.storage import file_modes
from bot.storage.codec import seconds
from bot.storage.signals import Door

BUSY = 2.0
"""Seconds that one transaction waits for another; a delivery's sender waits 10 s at most."""

ADVISORY_KEY = 0x636F756E746572
"""Names our set-up among PostgreSQL's advisory locks ("counter" in ASCII)."""

CHANNEL = "countersign"
"""On which PostgreSQL's processes tell each other that there is work."""

LISTENER = "countersign listens"
"""How PostgreSQL's list of sessions names a bot that works."""

CONFLICTS = ("55P03", "40P01")
"""PostgreSQL's states for `lock_timeout` and a deadlock."""


class Busy(Retryable):
    """Another transaction holds what this one needs."""


class Database:
    """Transactions, time and the few words in which SQLite and PostgreSQL differ.

    `clock` is for tests that turn time; without it PostgreSQL's own clock counts, so that the
    machines of several processes need not agree, and on SQLite the machine's.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = make_url(url)
        self.path = _file(self.url)
        self._clock = clock
        self._engine = _sqlite(self.url, self.path) if self.path else _postgresql(self.url)
        self.door = Door()
        self._turn = threading.Lock()
        self._known_file: tuple[int, int] | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction. Raises Retryable when the store does not answer."""
        self._check_file()
        with _troubles(), self._engine.begin() as connection:
            self._begin(connection, "BEGIN")
            yield connection

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Connection]:
        """One writing transaction, committed at the end. Raises Retryable, also when locked.

        Threads queue up before SQLite does: its own waiting is blind (p99 821 ms against 20). What
        is not `urgent` lets deliveries go first.
        """
        self._check_file()
        if not urgent:
            self.door.give_way()
        with _troubles(), self._my_turn(), self._engine.begin() as connection:
            self._begin(connection, "BEGIN IMMEDIATE")
            yield connection

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the clock that all processes of this store share."""
        if self._clock is not None:
            return seconds(self._clock.now())
        if self.path:
            return time.time()
        return float(connection.execute(_DATABASE_CLOCK).scalar_one())

    def insert(self, table: Table) -> Any:
        """INSERT with ON CONFLICT; the same words in both dialects, but not the same class."""
        if self.path:
            from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415 - one

            return sqlite_insert(table)
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - of two is loaded

        return insert(table)

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A writing transaction for changes of the schema, which only one process makes at a time.

        Each step may take its time. Raises Busy while another process is at it.
        """
        with self.write() as connection:
            if not self.path:
                connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_KEY)))
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection

    def hint(self, connection: Connection) -> None:
        """Tell all processes, once this transaction is committed, that there is work."""
        if not self.path:
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")

    @contextmanager
    def hints(self, timeout: float) -> Iterator[Callable[[], bool]]:
        """PostgreSQL: a function that waits `timeout` seconds for a hint; whether one came.

        Raises Retryable, within the context too, when the connection breaks.
        """
        import psycopg  # noqa: PLC0415 - only where it is used

        where = self._engine.dialect.create_connect_args(self._engine.url)[1]
        try:
            with psycopg.connect(**where, **_CONNECT, autocommit=True) as connection:
                connection.execute(f"SET application_name = '{LISTENER}'")
                connection.execute(f"LISTEN {CHANNEL}")
                yield lambda: any(True for _ in connection.notifies(timeout=timeout, stop_after=1))
        except psycopg.Error as trouble:
            raise _retryable(trouble) from trouble

    def listening(self) -> list[int]:
        """PostgreSQL: the server's processes that serve a bot which waits for hints."""
        if self.path:
            return []
        with self.read() as connection:
            return list(connection.execute(_LISTENING, {"name": LISTENER}).scalars())

    def make_file(self) -> None:
        """SQLite: make the file and its folder, if missing, for the bot's account alone.

        Raises Retryable, Busy when locked.
        """
        if not self.path:
            return
        _make_private(self.path)
        with _troubles(), closing(self._engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
        self._known_file = _identity(self.path)

    def close(self) -> None:
        """Close all connections; the next transaction would open new ones."""
        self._engine.dispose()

    def _check_file(self) -> None:
        """SQLite would go on writing into a file that was removed, and nobody could read it."""
        if self.path and self._known_file and _identity(self.path) != self._known_file:
            raise Retryable(
                f"the database file {self.path} was removed or replaced: restart the bot"
            )

    def _begin(self, connection: Connection, how: str) -> None:
        """SQLite: pysqlite's own transactions begin late, and never on reads. So we say it, and to
        the driver itself: whoever listens to SQLAlchemy's event for it slows every statement down.
        """
        if self.path:
            _driver(connection).execute(how)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with nullcontext() if not self.path else _held(self._turn):
            yield


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """SQLite keeps any bytes as text; within this, those that are none are half characters."""
    raw = _driver(connection)
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    raw.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def _driver(connection: Connection) -> Any:
    """The connection as sqlite3 or psycopg made it."""
    return connection.connection.driver_connection


_DATABASE_CLOCK = select(func.extract("epoch", func.clock_timestamp()))
_LISTENING = text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name ORDER BY pid"
)


def _make_private(path: Path) -> None:
    try:
        file_modes.make_folder(path.parent)
    except OSError as error:
        raise Retryable(
            f"the database's folder {path.parent} cannot be made: {error.strerror}."
            " Please check DATABASE_URL."
        ) from error
    with suppress(OSError):  # what keeps it from being made or read SQLite says better
        file_modes.make_file(path)
        file_modes.mend(path)


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file this name means now, as the file system counts; None: none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _held(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=BUSY):
        raise Retryable("the store is busy: other threads of this process are writing")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as trouble:
        raise _retryable(trouble.orig) from trouble
    except sqlite3.OperationalError as trouble:
        raise _retryable(trouble) from trouble
    except (DatabaseError, sqlite3.DatabaseError) as trouble:
        if type(trouble) not in (DatabaseError, sqlite3.DatabaseError):
            raise  # one of the finer kinds, a broken constraint say
        raise _damaged(trouble) from trouble
    except NoConnection as trouble:
        raise Retryable("the store does not answer: no free connection") from trouble


def _retryable(trouble: BaseException | None) -> Retryable:
    said = str(trouble).strip().splitlines() or ["no answer"]
    busy = getattr(trouble, "sqlstate", None) in CONFLICTS or "locked" in said[0]
    way_out = ". Please check DATABASE_URL." if said[0].startswith("unable to open") else ""
    return (Busy if busy else Retryable)(f"the store does not answer: {said[0]}{way_out}")


def _damaged(trouble: DatabaseError | sqlite3.DatabaseError) -> Retryable:
    """What SQLite says of a file that it cannot read; PostgreSQL has finer kinds for everything."""
    said = trouble.orig if isinstance(trouble, DatabaseError) else trouble
    return Retryable(
        f"the database cannot be used: {said}. Please check DATABASE_URL, or restore a backup."
    )


def _file(url: URL) -> Path | None:
    """The SQLite file; None on PostgreSQL. Raises ValueError for what we cannot use."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("SQLite needs a file (sqlite:///var/bot.db): memory is not durable")
        return Path(url.database)
    if kind != "postgresql":
        raise ValueError(f"the store can be SQLite or PostgreSQL, not {kind}")
    return None


def _sqlite(url: URL, path: Path) -> Engine:
    """Transactions begin where we say it, see `Database._begin`."""
    engine = create_engine(
        url.set(database=str(path)),
        connect_args={"timeout": BUSY},
        pool_timeout=BUSY,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # an acknowledged delivery survives power loss
        cursor.execute("PRAGMA synchronous=FULL")
        # pages: 16 MB of log, so that what is written often is copied to its place less often
        cursor.execute("PRAGMA wal_autocheckpoint=4000")
        cursor.close()

    return engine


_CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 10,  # who only listens hears nothing of a dead server
    "options": "-c lock_timeout=2000 -c statement_timeout=8000",
}


def _postgresql(url: URL) -> Engine:
    """A dead server is noticed within seconds; psycopg 3 unless the URL names a driver."""
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        connect_args=_CONNECT,
        pool_pre_ping=True,
        pool_timeout=BUSY,
        hide_parameters=True,
    )
