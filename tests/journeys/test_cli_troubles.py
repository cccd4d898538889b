"""What goes wrong at a keyboard: each mistake gets a sentence, never a traceback."""

from pathlib import Path

import pytest

from tests.journeys.outside import outside
from tests.journeys.test_cli import status_and_words
from tests.postgres import Postgres

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
    for shown in (f"{tmp_path}/typo/bot.db", "`serve` makes it", "DATABASE_URL"):
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
