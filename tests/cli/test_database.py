"""`db current|upgrade|check`: they need DATABASE_URL alone, and only `upgrade` changes anything."""

import json
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import app
from bot.domain.record import OrganizationRecord
from bot.storage import Store, schema
from bot.storage.database import Database

HEAD = int(schema.HEAD[:4])
OLDER = "0005_since_0001"
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database will be."""
    for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET", "AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/bot.db")
    return tmp_path / "var" / "bot.db"


@pytest.fixture
def db(capfd: pytest.CaptureFixture[str]) -> Iterator[Command]:
    def run(*words: str) -> tuple[int, str]:
        capfd.readouterr()
        return app.main(["db", *words]), "".join(capfd.readouterr())

    return run


def made(file: Path) -> None:
    file.parent.mkdir()
    with closing(Store.open(f"sqlite:///{file}", app_id=7)) as store:
        store.record.save_organization(OrganizationRecord(42, "acme", 7))


def changed(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_upgrade_makes_a_database_where_there_is_none(file: Path, db: Command) -> None:
    status, said = db("current")
    assert (status, "There is no database yet" in said, "db upgrade" in said) == (0, True, True)
    status, said = db("check")
    assert (status, "no database of the bot" in said) == (1, True)
    assert not file.exists(), "who only looks makes nothing"

    status, said = db("upgrade")

    assert (status, f"made, with schema {HEAD}" in said) == (0, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert db("check")[0] == 0
    with closing(Store.open(f"sqlite:///{file}", app_id=7)) as store:
        assert store.record.organizations() == []


def test_a_database_of_this_version(file: Path, db: Command) -> None:
    made(file)
    status, said = db("current")
    numbers = f"The database has schema {HEAD}; this version has schema {HEAD}.\n"
    assert (status, said) == (0, numbers)
    status, said = db("upgrade")
    assert (status, "Nothing was changed" in said) == (0, True)
    status, said = db("check")
    assert (status, "all that this version needs is there" in said) == (0, True)


def test_an_older_database_is_named_and_upgraded(file: Path, db: Command) -> None:
    file.parent.mkdir()
    with closing(Database(f"sqlite:///{file}")) as database:
        database.make_file()
        with database.alone() as connection:
            schema.upgrade(connection, OLDER)
    status, said = db("current")
    assert (status, "has schema 5;" in said, "db upgrade" in said) == (0, True, True)
    status, said = db("check")
    assert (status, "schema 5" in said, "db upgrade" in said) == (1, True, True)
    assert revision(file) == OLDER

    status, said = db("upgrade")

    assert (status, f"has schema {HEAD} now. It had schema 5." in said) == (0, True)
    assert db("check")[0] == 0


def test_a_newer_database_is_refused(file: Path, db: Command) -> None:
    made(file)
    newer = f"{HEAD + 2:04}_since_{HEAD + 1:04}"
    changed(file, f"UPDATE alembic_version SET version_num = '{newer}'")
    for step in ("upgrade", "check"):
        status, said = db(step)
        assert (status, "Start the newer version, or restore a backup" in said) == (1, True)
    assert f"schema {HEAD + 2};" in db("current")[1]
    assert revision(file) == newer


def test_what_is_missing_is_named(file: Path, db: Command) -> None:
    made(file)
    changed(file, "DROP TABLE effects", "ALTER TABLE organizations RENAME COLUMN login TO logon")
    status, said = db("check")
    assert status == 1
    assert "BROKEN  effects is missing" in said
    assert "BROKEN  organizations.login is missing" in said


def test_a_damaged_file_is_named(file: Path, db: Command) -> None:
    made(file)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xff" * 4096 * 40)
    status, said = db("check")
    assert status == 1
    assert "the database cannot be used" in said or "BROKEN" in said


def test_json(file: Path, db: Command) -> None:
    def told(*words: str) -> object:
        (line,) = [one for one in db(*words, "--json")[1].splitlines() if one.startswith("{")]
        return json.loads(line)

    assert told("current") == {"database": None, "program": HEAD}
    assert told("upgrade") == {"before": None, "database": HEAD, "program": HEAD}
    assert told("check") == {"database": HEAD, "program": HEAD, "faults": []}
