"""Opening a store: what is missing is made, what cannot be one is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.ports import Retryable
from bot.storage import EmbeddedLock, Store

ROOT = Path(__file__).resolve().parents[2]


def test_folder_file_and_tables_are_made(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/var/deep/bot.db", app_id=1)
    store.ready()
    assert (tmp_path / "var/deep/bot.db").exists()
    store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
def test_what_cannot_be_a_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite"):
        Store.open(url, app_id=1)


def test_a_store_that_lost_its_tables_is_not_ready(store: Store) -> None:
    with store._database.write() as connection:
        connection.exec_driver_sql("DROP TABLE lanes")
    with pytest.raises(Retryable):
        store.ready()


def test_a_file_that_cannot_be_opened_is_retryable(tmp_path: Path) -> None:
    (tmp_path / "bot.db").mkdir()
    with pytest.raises(Retryable):
        Store.open(f"sqlite:///{tmp_path}/bot.db", app_id=1)


def test_commits_to_a_file_survive_power_loss(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/bot.db", app_id=1)
    with store._database.read() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    store.close()
    assert settings == ["wal", 2, 2000]


def test_several_processes_start_at_once_on_an_empty_database(database_url: str) -> None:
    code = (
        "from bot.storage import Store\n"
        f"store = Store.open({database_url!r}, app_id=1)\n"
        "store.ready()\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=30)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors


def test_importing_the_store_loads_no_driver_that_is_not_used() -> None:
    code = "import sys, bot.storage; print([m for m in ('psycopg', 'alembic') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_one_process_works_on_a_file_and_another_follows_it(tmp_path: Path) -> None:
    first, second = (EmbeddedLock.beside(tmp_path / "bot.db") for _ in range(2))
    assert first.try_acquire()
    assert first.try_acquire()
    assert not second.try_acquire()
    assert (first.held, second.held) == (True, False)
    first.release()
    assert second.try_acquire()
    second.release()


def test_a_server_needs_no_file_lock() -> None:
    lock = EmbeddedLock.beside(None)
    assert lock.held
    assert lock.try_acquire()
