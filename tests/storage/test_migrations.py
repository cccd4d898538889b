"""The schema's revisions: where they lead, and what processes do that know older or newer ones."""

import re
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, func, insert, select

from bot.storage import Store, schema
from bot.storage.database import Busy, Database
from bot.storage.tables import METADATA
from tests.storage.making import arrival, claimed, drain, make_row, until

REVISIONS = list(
    ScriptDirectory(str(Path(schema.__file__).with_name("migrations"))).walk_revisions()
)
STEPS = [(one.down_revision, one.revision) for one in REVISIONS if one.down_revision]
NEXT = f"{int(schema.HEAD[:4]) + 1:04}"


@pytest.fixture
def database(database_url: str):
    """A database without anything in it."""
    one = Database(database_url)
    one.make_file()
    yield one
    one.close()


def test_the_newest_revision_is_what_the_code_wants() -> None:
    assert REVISIONS[0].revision == schema.HEAD
    for revision in REVISIONS:
        assert re.fullmatch(r"\d{4}_since_\d{4}", revision.revision)
        assert revision.path.rpartition("/r")[2].startswith(revision.revision[:4])


def test_the_revisions_lead_to_the_tables_of_an_empty_database(database: Database) -> None:
    with database.alone() as connection:
        schema.upgrade(connection)
    with database.read() as connection:
        found = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(found, METADATA) == []
        migrated = triggers(connection)
    with database.alone() as connection:
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
    schema.prepare(database)
    with database.read() as connection:
        assert schema.revision(connection) == schema.HEAD
        assert triggers(connection) == migrated


@pytest.mark.parametrize(("before", "after"), STEPS or [(schema.HEAD, schema.HEAD)])
def test_an_older_process_reads_and_writes_while_its_schema_grows(
    database: Database, before: str, after: str
) -> None:
    """What the older code knows are the tables of its revision; rows are made up."""
    with database.alone() as connection:
        schema.upgrade(connection, before)
        known = MetaData()
        known.reflect(connection)
        known.remove(known.tables[schema.VERSION.name])
    with database.write() as connection:
        for table in known.tables.values():
            connection.execute(insert(table), made_up(table, 1))
    with at_work(lambda turn: patiently(lambda: read_and_write(database, known, turn))) as turns:
        until(lambda: len(turns) > 3, "the older process at work")
        with database.alone() as connection:
            schema.upgrade(connection, after)
        done = len(turns)
        until(lambda: len(turns) > done + 3, "the older process still at work", seconds=30)
    with database.read() as connection:
        assert schema.revision(connection) == after
        for table in known.tables.values():
            counted = connection.execute(select(func.count()).select_from(table)).scalar()
            assert counted == len(turns) + 1, table.name


def test_this_version_keeps_working_while_a_newer_one_expands_the_schema(
    open_store, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store()
    store.record.save(make_row(1))

    def turn(number: int) -> None:
        patiently(lambda: store.intake.store(arrival(f"g{number}")))
        claim = patiently(lambda: claimed(store))
        patiently(lambda: store.inbox.finish(claim))

    with at_work(turn) as turns:
        until(lambda: len(turns) > 3, "work")
        upgrade_to_next(database_url, tmp_path, since=schema.HEAD[:4])
        done = len(turns)
        until(lambda: len(turns) > done + 3, "work after it", seconds=30)
    restarted = open_store()
    assert "works on it" in caplog.text
    assert restarted.record.request(42, 1) == store.record.request(42, 1)
    assert len(restarted.inbox.deliveries("done", limit=9999)) == len(turns)


def test_a_version_that_is_too_old_says_so_and_touches_nothing(
    open_store, database_url: str, tmp_path: Path
) -> None:
    open_store().intake.store(arrival("g1"))
    upgrade_to_next(database_url, tmp_path, since=NEXT)
    with pytest.raises(schema.NewerSchema, match="Start the newer version"):
        open_store()


@pytest.mark.parametrize(
    ("found", "head", "usable"),
    [
        (None, "0001_since_0001", False),
        ("0001_since_0001", "0001_since_0001", True),
        ("0001_since_0001", "0002_since_0001", False),
        ("0003_since_0002", "0002_since_0001", True),
        ("0004_since_0003", "0003_since_0002", True),
    ],
)
def test_which_schema_is_usable_as_it_is(found: str | None, head: str, usable: bool) -> None:
    assert schema.is_usable(found, head) is usable


@pytest.mark.parametrize("found", ["0004_since_0003", "9999_since_9000"])
def test_which_schema_needs_a_newer_version(found: str) -> None:
    with pytest.raises(schema.NewerSchema):
        schema.is_usable(found, "0002_since_0001")


def test_a_store_of_the_newest_schema_is_opened_without_alembic(store: Store, new_process) -> None:
    assert new_process("import sys; print('alembic' in sys.modules)") == "False"


def test_an_upgrade_is_done_by_one_of_those_that_start_at_once(
    database: Database, database_url: str, new_process
) -> None:
    first = REVISIONS[-1].revision
    with database.alone() as connection:
        schema.upgrade(connection, first)
    processes = [threading.Thread(target=new_process, args=("pass",)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    store = Store.open(database_url, app_id=1)
    store.intake.store(arrival("g1"))
    assert drain(store) == ["g1"]
    store.close()


# ------------------------------------------------------------------ what the stories are made of


@contextmanager
def at_work(turn: Any):
    """A process that does one turn after the other; the numbers of the turns it has done."""
    turns: list[int] = []
    ending, troubles = threading.Event(), []

    def work() -> None:
        while not ending.is_set():
            try:
                turn(len(turns))
            except Exception as trouble:  # noqa: BLE001 - whatever it is, the story fails
                troubles.append(trouble)
                return
            turns.append(len(turns))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield turns
    finally:
        ending.set()
        thread.join()
        assert troubles == []


def patiently(step: Callable[[], Any]) -> Any:
    """As the bot and GitHub do: again, while the database is locked for the upgrade."""
    while True:
        with suppress(Busy):
            return step()


def read_and_write(database: Database, known: MetaData, turn: int) -> None:
    with database.write() as connection:
        for table in known.tables.values():
            connection.execute(insert(table), made_up(table, turn + 2))
            assert connection.execute(select(table).limit(1)).first() is not None


def made_up(table: Table, number: int) -> dict[str, Any]:
    """A row of this table; what is a key differs in every row."""
    kinds: dict[type, Any] = {
        bool: False,
        bytes: b"",
        float: 0.5,
        int: number,
        str: f"{number:020}",
    }
    return {column.name: kinds[column.type.python_type] for column in table.c}


def upgrade_to_next(database_url: str, folder: Path, since: str) -> None:
    """A version that does not exist yet starts: it adds a column, an index and a table."""
    revision = f"{NEXT}_since_{since}"
    (folder / f"r{NEXT}_next.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = {revision!r}, {schema.HEAD!r}\n"
        "def upgrade():\n"
        "    op.add_column('jobs', sa.Column('colour', sa.Text))\n"
        "    op.create_index('jobs_colour', 'jobs', ['colour'])\n"
        "    op.create_table('moons', sa.Column('id', sa.BigInteger, primary_key=True))\n"
    )
    newer = Database(database_url)
    with newer.alone() as connection:
        config = schema.alembic_config(connection)
        ours = Path(schema.__file__).with_name("migrations") / "versions"
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{ours}\n{folder}")
        command.upgrade(config, "head")
        assert schema.revision(connection) == revision
    newer.close()


def triggers(connection: Any) -> list[Any]:
    """What autogenerate does not see."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    else:
        query = (
            "SELECT tgname, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY tgname"
        )
    return [tuple(row) for row in connection.exec_driver_sql(query)]
