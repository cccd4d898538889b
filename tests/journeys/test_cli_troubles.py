"""What goes wrong at a keyboard: each mistake gets a sentence, never a traceback."""

import os
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from bot.domain.record import HistoryEntry
from tests.journeys.outside import (
    APP,
    GUNICORN,
    ROOT,
    Outside,
    Program,
    outside,
    status_and_words,
    surroundings,
)
from tests.journeys.stage import until
from tests.postgres import Postgres
from tests.processes import Forked
from tests.storage.making import T0, arrival, make_row

# ------------------------------------------------------------------ DATABASE_URL


@pytest.mark.parametrize("command", ["serve", "deliveries"])
@pytest.mark.parametrize(
    "place", ["dor:hunter2@db.example/x", "127.0.0.1:hunter2/x", "[::1/hunter2", "db/x?hunter2=1"]
)
def test_a_database_password_is_never_printed(tmp_path: Path, command: str, place: str) -> None:
    with outside(tmp_path, start=False) as scene:
        url = f"postgresql+psycopg://bot:Tr0ub@{place}"
        status, said = status_and_words(scene, command, DATABASE_URL=url)
    assert (status, "DATABASE_URL" in said, "percent-encoded" in said) == (2, True, True)
    assert "hunter2" not in said
    assert "Tr0ub" not in said


READING = (
    "audit verify",
    "audit key",
    "audit export --format jsonl",
    "requests",
    "requests show acme/1",
    "deliveries",
    "deliveries retry guid",
)


@pytest.mark.parametrize("command", READING)
def test_who_only_reads_makes_no_database(tmp_path: Path, command: str) -> None:
    with outside(tmp_path, start=False) as scene:
        url = f"sqlite:///{tmp_path}/typo/bot.db"
        status, said = status_and_words(scene, *command.split(), DATABASE_URL=url)
    assert status == 1
    for shown in (
        f"{tmp_path}/typo/bot.db",
        "`serve` makes it",
        "DATABASE_URL",
        "restore FILE",
        "rebuild",
    ):
        assert shown in said
    assert not (tmp_path / "typo").exists()


def test_who_only_reads_fills_no_empty_database(tmp_path: Path, postgres: Postgres) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    with outside(tmp_path, start=False) as scene, postgres.database() as url:
        for one in (f"sqlite:///{empty}", url, url):
            status, said = status_and_words(scene, "deliveries", DATABASE_URL=one)
            assert (status, "`serve` makes" in said, "DATABASE_URL" in said) == (1, True, True)
    assert empty.stat().st_size == 0
    assert not list(tmp_path.glob("empty.db?*"))


def test_who_only_reads_makes_no_key(tmp_path: Path) -> None:
    """A database that was copied without its key: its log cannot be signed with another one."""
    with outside(tmp_path, start=False) as scene:
        with scene.store():
            key = next(tmp_path.glob("*.audit-key"))
        key.unlink()
        status, _ = status_and_words(scene, "audit", "key")
    assert status == 1
    assert not key.exists()


# ------------------------------------------------------------------ files that are none


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    """A bot that is not running, with a database."""
    with outside(tmp_path, start=False) as one:
        with one.store():
            pass
        yield one


COMMANDS = ("serve", "deliveries", "requests", "audit verify", "digest --org acme")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_database(scene: Outside, tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.txt").write_text("no database at all\n" * 100)
    url = f"sqlite:///{tmp_path}/notes.txt"
    status, said = status_and_words(scene, *command.split(), DATABASE_URL=url)
    assert (status, "file is not a database" in said, "DATABASE_URL" in said) == (1, True, True)
    assert "backup" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_damaged(scene: Outside, tmp_path: Path, command: str) -> None:
    file = next(tmp_path.glob("*.db"))
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    status, said = status_and_words(scene, *command.split())
    assert (status, "malformed" in said, "backup" in said) == (1, True, True), said


def test_a_folder_that_cannot_be_made(scene: Outside, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in ("file", "file/deep", "/proc/nothing"):
        url = f"sqlite:///{tmp_path / folder}/bot.db"
        status, said = status_and_words(scene, "serve", DATABASE_URL=url)
        assert (status, f"{tmp_path / folder}" in said, "DATABASE_URL" in said) == (1, True, True)


def test_a_folder_in_place_of_the_file(scene: Outside, tmp_path: Path) -> None:
    status, said = status_and_words(scene, "serve", DATABASE_URL=f"sqlite:///{tmp_path}")
    assert (status, "unable to open" in said, "DATABASE_URL" in said) == (1, True, True)


@pytest.mark.parametrize("command", ["audit key", "audit verify", "serve"])
def test_a_key_that_cannot_be_read(scene: Outside, tmp_path: Path, command: str) -> None:
    key = next(tmp_path.glob("*.audit-key"))
    seed = key.read_text()
    key.write_text("no key\n" + seed)
    status, said = status_and_words(scene, *command.split())
    assert (status, str(key) in said, seed.strip() in said) == (1, True, False)
    key.unlink()
    key.mkdir()
    status, said = status_and_words(scene, *command.split())
    assert (status, str(key) in said) == (1, True)


# ------------------------------------------------------------------ nobody reads


def told(scene: Outside, stdout: int, *arguments: str, **more: int) -> tuple[int, str]:
    """The status of a command whose output goes there, and what it says elsewhere."""
    env, stderr = surroundings(scene.environ), more.get("stderr")
    done = Forked(list(arguments), env=env, cwd=scene.folder, stdout=stdout, stderr=stderr)
    said = done.stderr.read() if done.stderr else ""
    return done.wait(), said


@pytest.fixture
def closed() -> Iterator[int]:
    """A pipe that nobody reads any more, as behind `| head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


WORDS = [
    (0, "--help"),
    (0, "requests --help"),
    (0, "deliveries"),
    (0, "requests"),
    (0, "audit verify"),
    (0, "audit key"),
    (0, "audit key --new"),
    (0, "audit export --format csv"),
    (1, "requests show acme/1"),
    (2, "requests --limit 0"),
]


@pytest.mark.parametrize(("status", "command"), WORDS)
def test_a_reader_that_is_gone_changes_no_status(
    scene: Outside, closed: int, status: int, command: str
) -> None:
    ended, said = told(scene, closed, *command.split())
    assert (ended, "Traceback" in said, "Broken pipe" in said) == (status, False, False), said
    assert told(scene, closed, *command.split(), stderr=closed)[0] == status


def test_a_broken_log_is_found_without_a_reader(
    scene: Outside, tmp_path: Path, closed: int
) -> None:
    with scene.store() as store:
        store.record.save(make_row(), HistoryEntry(T0, "requested", "mona", ""))
    with closing(sqlite3.connect(next(tmp_path.glob("*.db")))) as file, file:
        file.execute("DROP TRIGGER history_no_update")
        file.execute("UPDATE history SET actor = 'hubot'")
    with Path(os.devnull).open("wb") as nowhere:
        for stdout in (nowhere.fileno(), closed):
            assert told(scene, stdout, "audit", "verify")[0] == 1


@pytest.mark.parametrize(("status", "command"), WORDS)
def test_a_full_disk_is_told(scene: Outside, status: int, command: str) -> None:
    with scene.store() as store:  # an empty list prints nothing there
        store.record.save(make_row(), HistoryEntry(T0, "requested", "mona", ""))
        store.intake.store(arrival("g1"))
    with Path("/dev/full").open("wb") as full:
        ended, said = told(scene, full.fileno(), *command.split())
    assert "Traceback" not in said
    prints = status == 0
    assert (ended, "No space left on device" in said) == (1 if prints else status, prints), said


def test_without_any_output(scene: Outside) -> None:
    """`>&-`: there is nowhere to write to, and the database must not be mistaken for it."""
    for _, command in WORDS[2:8]:
        line = f"{' '.join(APP)} {command} >&- 2>&-"
        assert scene.run("sh", "-c", line).exit_status() == 0, command
    assert status_and_words(scene, "audit", "verify")[0] == 0


def test_ctrl_c_while_a_command_waits_for_the_store(scene: Outside, tmp_path: Path) -> None:
    scene.organization("acme")
    started: list[Program] = []

    def soon() -> None:
        Timer(0.3, started[0].interrupt).start()  # it is at its store by then

    scene.gh.failures.add(mode="told", then=soon)
    with closing(sqlite3.connect(next(tmp_path.glob("*.db")), isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")  # the digest's job cannot be stored for two seconds
        started.append(scene.run(*DIGEST))
        assert_interrupted(started[0])


def test_ctrl_c_while_a_command_waits_for_github(scene: Outside) -> None:
    scene.organization("acme")
    slow = scene.gh.failures.add(mode="delay", delay=10)
    one = scene.run(*DIGEST)
    until(lambda: slow.hits, "the command's first call")
    one.interrupt()
    assert_interrupted(one)


DIGEST = (*APP, "digest", "--org", "acme")


def assert_interrupted(one: Program) -> None:
    assert (one.exit_status(), "Traceback" in one.said) == (130, False), one.said


# ------------------------------------------------------------------ starting


def newer(scene: Outside, tmp_path: Path) -> None:
    """A later version of the bot has been here."""
    with closing(sqlite3.connect(next(tmp_path.glob("*.db")))) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999_since_9998'")


@pytest.mark.parametrize("command", [[*APP, "serve"], [*APP, "requests"], GUNICORN])
def test_a_database_of_a_newer_version(scene: Outside, tmp_path: Path, command: list[str]) -> None:
    newer(scene, tmp_path)
    one = scene.run(*command)
    assert one.exit_status() == 1
    assert one.leaves_nothing()
    assert one.said.count("schema 9999") == 1
    assert one.said.count("Start the newer version") == 1
    assert len(one.printed) <= 2, one.said


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid", "a..b", "1.2.3.4.5"])
def test_a_host_that_is_not_of_this_machine(scene: Outside, host: str) -> None:
    status, said = status_and_words(scene, "serve", HOST=host)
    assert (status, f"HOST {host}" in said, "another PORT" in said) == (2, True, False)
    assert "127.0.0.1" in said


def test_a_python_without_the_dependencies(scene: Outside) -> None:
    one = scene.run(sys.executable, "-S", str(ROOT / "app.py"), "serve")
    assert one.exit_status() == 1
    assert len(one.printed) == 1
    assert "`make install`" in one.said
    assert "`.venv/bin/python app.py" in one.said


def test_a_demo_on_a_port_that_is_taken(scene: Outside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, said = status_and_words(scene, "demo", "--port", port)
    assert (status, f"port {port}: Address already in use" in said, "--port" in said) == (
        2,
        *[True] * 2,
    )
