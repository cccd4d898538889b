"""Commands that look at the record: they need its address alone, and leave it as it is."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import app
from bot.domain.record import HistoryEntry, InstallationState, OrganizationRecord
from bot.storage import Store, schema
from bot.storage.audit.key import new_seed
from tests.storage.making import T0, arrival, make_row

Command = Callable[..., tuple[int | str | None, str]]
READING = [
    "requests",
    "requests show acme/1",
    "deliveries",
    "deliveries retry guid",
    "audit verify",
    "audit key",
    "audit export --format csv",
    "tokens",
    "policy show",
]
OTHERS = ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET", "AUDIT_KEY", "AUDIT_KEY_PATH", "LOG_LEVEL")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bot's folder, with a record in it; the commands are started somewhere else."""
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    folder = tmp_path / "home"
    monkeypatch.setenv("COUNTERSIGN_HOME", str(folder))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/bot.db")
    (folder / "var").mkdir(parents=True)
    with closing(opened(folder)) as store:
        store.record.save_organization(OrganizationRecord(42, "acme", 7))
        store.record.save(make_row(1), HistoryEntry(T0, "created", "mona", "first"))
        store.intake.store(arrival("g1"))
    return folder


def opened(home: Path) -> Store:
    return Store.open(f"sqlite:///{home}/var/bot.db", app_id=7)


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Iterator[Command]:
    def run(*words: str) -> tuple[int | str | None, str]:
        try:
            status: int | str | None = app.main([*words])
        except SystemExit as end:
            status = end.code
        return status, "".join(capfd.readouterr())

    return run


@pytest.mark.parametrize("words", READING)
def test_a_command_that_reads_needs_no_app(home: Path, command: Command, words: str) -> None:
    status, said = command(*words.split())
    expected = 1 if "retry" in words else 0
    assert status == expected, said
    assert "APP_ID" not in said


def test_a_failed_delivery_is_run_again_without_the_app(home: Path, command: Command) -> None:
    with closing(opened(home)) as store:
        claim = store.inbox.claim("tester")
        assert claim
        store.inbox.fail(claim, "Refused: no", park=True)
    assert command("deliveries", "retry", "g1")[0] == 0
    with closing(opened(home)) as store:
        assert store.inbox.find("g1").state == "waiting"


def test_what_it_does_not_need_is_not_judged(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_ID", "none at all")
    monkeypatch.setenv("PRIVATE_KEY_PATH", "/nowhere/key.pem")
    assert command("requests")[0] == 0
    monkeypatch.setenv("LOG_LEVEL", "loud")
    status, said = command("requests")
    assert (status, "LOG_LEVEL" in said, "APP_ID" in said) == (2, True, False)


@pytest.mark.parametrize("words", READING)
def test_an_older_schema_is_not_changed(home: Path, command: Command, words: str) -> None:
    file = home / "var" / "bot.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP TABLE issues")
        database.execute("UPDATE alembic_version SET version_num = '0003_since_0001'")
        database.commit()
    status, said = command(*words.split())
    assert status == 1
    for shown in ("schema 3", f"schema {int(schema.HEAD[:4])}", "app.py db upgrade"):
        assert shown in said
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [("0003_since_0001",)]


def test_only_who_checks_signatures_needs_the_key(home: Path, command: Command) -> None:
    public = command("audit", "key")[1].strip()
    (home / "var" / "bot.db.audit-key").unlink()
    for words in ("requests", "deliveries", f"audit verify --public-key {public}"):
        status, said = command(*words.split())
        assert status == 0, said
    for words in ("audit verify", "audit key", "audit export --format jsonl"):
        status, said = command(*words.split())
        assert (status, "audit-key" in said) == (1, True), said
    assert not (home / "var" / "bot.db.audit-key").exists()


# ------------------------------------------------------------------ a database that was set back


def kept_head(said: str) -> str:
    return said.strip().rpartition("head ")[2]


def test_a_database_that_was_set_back_lacks_the_head_that_was_kept(
    home: Path, command: Command
) -> None:
    file = home / "var" / "bot.db"
    shutil.copy(file, home / "yesterday.db")
    with closing(opened(home)) as store:
        row = store.record.request(42, 1)
        assert row
        store.record.save(row, HistoryEntry(T0, "approved", "olga", "later"))
    status, said = command("audit", "verify")
    head = kept_head(said)
    assert (status, "signed by this key" in said) == (0, True)
    assert command("audit", "verify", "--head", head)[0] == 0

    shutil.copy(home / "yesterday.db", file)

    status, said = command("audit", "verify")
    assert (status, kept_head(said) != head) == (0, True)  # nothing in it tells
    status, said = command("audit", "verify", "--head", head)
    assert status == 1
    assert f"BROKEN  there is no entry {head}: the log was set back" in said


def test_of_several_heads_each_is_looked_for(home: Path, command: Command) -> None:
    head = kept_head(command("audit", "verify")[1])
    wrong = f"1:{'f' * 64}"
    status, said = command("audit", "verify", "--head", head, "--head", wrong)
    assert (status, f"no entry {wrong}" in said, f"no entry {head}" in said) == (1, True, False)


def test_the_key_of_the_settings_must_have_signed(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_KEY", new_seed())
    status, said = command("audit", "verify")
    assert (status, "BROKEN" in said, "key" in said) == (1, True, True)


# ------------------------------------------------------------------ one login, two organizations


def another_acme(home: Path, **old: InstallationState) -> None:
    """Organization 42 is as told, and 43 took its login and asked for token request 2."""
    with closing(opened(home)) as store:
        store.record.save_organization(OrganizationRecord(42, "acme", 7, **old))
        store.record.save_organization(OrganizationRecord(43, "acme", 8))
        row = make_row(2, request={"org_id": 43})
        store.record.save(row, HistoryEntry(T0, "created", "mona", "second"))


NAMING = ["requests", "tokens", "policy show", "audit verify", "audit export --format jsonl"]


def test_a_login_means_the_organization_that_has_the_app(home: Path, command: Command) -> None:
    another_acme(home, state=InstallationState.DELETED)
    for words in NAMING:
        status, by_login = command(*words.split(), "--org", "ACME")
        assert status == 0
        assert by_login == command(*words.split(), "--org", "43")[1], words
    assert command("audit", "verify", "--org", "acme")[1].startswith("good    acme (43)")
    assert "\tacme/2\t" in command("requests", "--org", "acme")[1]
    assert "created by mona: second" in command("requests", "show", "acme/2")[1]
    assert command("requests", "show", "acme/1")[0] == 1

    # what the list calls it finds the old one
    assert "\t42/1\t" in command("requests")[1]
    assert "created by mona: first" in command("requests", "show", "42/1")[1]


@pytest.mark.parametrize(
    "words", [*(f"{one} --org acme" for one in NAMING), "requests show acme/1"]
)
def test_a_login_that_may_mean_two_is_refused_with_their_ids(
    home: Path, command: Command, words: str
) -> None:
    another_acme(home)
    status, said = command(*words.split())
    assert status not in {0, None}
    assert "Please give the id of the one you mean: 42 or 43." in f"{status}{said}"


def test_an_id_means_no_login_of_the_same_digits(home: Path, command: Command) -> None:
    with closing(opened(home)) as store:
        store.record.save_organization(OrganizationRecord(41, "42", 8))
    assert "acme/1" in command("requests", "--org", "42")[1]
    assert command("requests", "--org", "41") == (0, "No such token requests.\n")
