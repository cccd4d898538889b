"""The key in the file beside a SQLite database: made once, and never replaced in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

import app
from bot.ports import Permanent
from bot.storage import Store
from bot.storage.audit.key import AuditKey, new_seed
from tests.storage.audit_stories import SEED, check, fact, kinds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.db.audit-key"


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Store]:
    def run(**settings: object) -> Store:
        store = Store.open(f"sqlite:///{tmp_path / 'bot.db'}", app_id=1, **settings)
        store.close()
        return store

    return run


def spoil(file: Path, how: str) -> None:
    """The file is not what it was."""
    file.unlink(missing_ok=True)
    if how == "directory":
        file.mkdir()
    elif how != "missing":
        file.write_bytes({"empty": b"", "garbage": b"\xff\x00", "short": b"AAAA\n"}[how])


@pytest.mark.parametrize("how", ["empty", "garbage", "short", "directory", "missing"])
def test_a_key_that_is_lost_is_told_and_a_new_one_begins_on_purpose_only(
    start, file: Path, how: str, capsys
) -> None:
    store = start()
    store.record.note_org(42, fact("first"))
    kept = file.read_text()
    spoil(file, how)
    with pytest.raises(Permanent) as told:
        start()
    assert str(file) in str(told.value)
    assert "AUDIT_KEY_PATH" in str(told.value)
    assert f"audit key --new > {file}" in str(told.value)
    if how == "directory":
        file.rmdir()
    file.write_text(kept)
    assert start().audit.public_key == store.audit.public_key

    capsys.readouterr()
    assert app.main(["audit", "key", "--new"]) == 0
    file.write_text(capsys.readouterr().out)
    new = start()
    assert new.audit.take_over() == [42]
    assert kinds(new) == ["audit key", "first", "audit key"]
    assert check(new, new.audit.public_key).since == 3


def test_with_the_key_from_elsewhere_the_file_is_not_needed(start, file: Path) -> None:
    start(audit_key=SEED).record.note_org(42, fact())
    assert not file.exists()
    assert start(audit_key=SEED).audit.public_key == AuditKey(SEED).public
    with pytest.raises(Permanent, match="is missing, and the log was signed"):
        start()


def test_a_log_that_was_never_signed_gets_a_key(start, file: Path) -> None:
    start()
    file.unlink()
    assert start().audit.public_key == AuditKey(file.read_text()).public


def test_a_file_that_cannot_be_made_is_named(start, file: Path) -> None:
    file.symlink_to("/nowhere/key")
    with pytest.raises(Permanent, match=r"bot\.db\.audit-key, the file .* cannot be read"):
        start()


def test_a_key_without_the_line_end_is_read_too(start, file: Path) -> None:
    seed = new_seed()
    file.write_text(seed)
    assert start().audit.public_key == AuditKey(seed).public
