"""Other accounts of the machine read nothing of the record, under the usual umask."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.service import running
from tests.journeys.outside import APP, Program


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """The folder is ".", its files are by their names."""
    every = {".": folder, **{one.name: one for one in folder.iterdir()}}
    return {name: one.stat().st_mode & 0o777 for name, one in every.items()}


OURS = {"bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock", "bot.db.audit-key"}


def test_what_the_bot_makes_is_for_its_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "var"
    with running(tmp_path, DATABASE_URL=f"sqlite:///{folder}/bot.db") as process:
        process.deliver("one")
        assert modes(folder) == {".": 0o700, **dict.fromkeys(OURS, 0o600)}
        assert modes(tmp_path / "deep")["."] == 0o700


def test_what_is_open_from_before_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    url = f"sqlite:///{folder}/bot.db"
    with running(tmp_path, DATABASE_URL=url) as process:
        process.deliver("one")
    for one in (folder, *folder.iterdir()):  # killed: its WAL is there
        one.chmod(0o755 if one.is_dir() else 0o644)
    with running(tmp_path, DATABASE_URL=url) as process:
        assert process.deliver("one") == "duplicate"
        assert modes(folder) == {".": 0o700, **dict.fromkeys(OURS, 0o600)}
        assert any("open to other accounts" in line for line in process.lines)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for another account")
def test_what_root_makes_is_for_the_account_of_the_folder(tmp_path: Path) -> None:
    """An administrator's `restore` beside a service with an account of its own, say."""
    service = 65534
    os.chown(tmp_path, service, service)

    def owners(*words: str) -> dict[str, int]:
        program = Program([*APP, *words], {"COUNTERSIGN_HOME": str(tmp_path)}, tmp_path)
        assert program.exit_status() == 0, program.said
        return {str(one.relative_to(tmp_path)): one.stat().st_uid for one in tmp_path.rglob("*")}

    assert set(owners("db", "upgrade").values()) == {service}
    backup = str(tmp_path / "backup.db")
    made = owners("backup", backup)
    assert made.pop("backup.db") == 0
    os.chown(backup, service, service)
    assert set(owners("restore", backup, "--force").values()) == {service}
    assert set(owners("setup").values()) == {service}
    (tmp_path / "var/bot.db").unlink()
    found = owners("restore", backup)
    assert {"var/bot.db", "var/bot.db.lock"} <= set(found)
    assert set(found.values()) == {service}


def test_a_folder_that_has_other_files_is_left_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "srv"
    folder.mkdir()
    (folder / "letters.txt").touch()
    with running(tmp_path, DATABASE_URL=f"sqlite:///{folder}/bot.db") as process:
        found = modes(folder)
        assert (found["."], found["letters.txt"], found["bot.db"]) == (0o755, 0o644, 0o600)
        assert any(f"chmod 700 {folder}" in line for line in process.lines)


def test_a_short_webhook_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    secrets = {"WEBHOOK_SECRET": "zq", "WEBHOOK_SECRET_PREVIOUS": "long enough to be one"}
    with running(tmp_path, **secrets) as process:
        warned = [line for line in process.lines if "can be guessed" in line]
    assert len(warned) == 1
    assert "WEBHOOK_SECRET has" in warned[0]
    assert "zq" not in "".join(process.lines)
