"""`audit export`: what is written for auditors, and what it says of itself."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

import app
from bot.cli.audit.export import export
from bot.domain.record import HistoryEntry
from bot.storage import Store
from bot.storage.audit.key import new_seed, proves
from bot.storage.tables import AUDIT_HEADS, HISTORY
from tests.storage.audit_stories import changed, removed, tamper
from tests.storage.making import make_row

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def open_store(tmp_path: Path):
    """Opens the same database, with this key."""

    def run(seed: str) -> Store:
        return Store.open(f"sqlite:///{tmp_path / 'bot.db'}", app_id=1, audit_key=seed)

    return run


def note(store: Store, *texts: str, hours: int = 0) -> None:
    at = AT + timedelta(hours=hours)
    for text in texts:
        store.record.note_org(42, HistoryEntry(at, "fact", "", text))


def written(store: Store, form: str = "jsonl", **span: datetime | None) -> tuple[int, bytes]:
    out = io.BytesIO()
    span = {"since": None, "until": None, **span}
    return export(store.audit, proves, out, form, None, **span), out.getvalue()


@pytest.mark.parametrize(
    "before", ["", " ", "\ufeff", "\u00a0", "\u3000", "\u200b", " \ufeff\u00a0", "\x00"]
)
@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(1)", "＝1"])
def test_no_cell_is_computed_whatever_is_before_the_formula(
    open_store, before: str, formula: str
) -> None:
    store = open_store(new_seed())
    note(store, before + formula, "a = b", "-", "")
    _, out = written(store, "csv")
    texts = [row["text"] for row in csv.DictReader(io.StringIO(out.decode(), newline=""))]
    blank = " " * len(before.replace("\x00", ""))
    assert texts[1:] == [f"'{blank}{formula}", "a = b", "'-", ""]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\x1b[31mred\x07", " [31mred "),
        ("\x9b2J\x7f", " 2J "),
        ("\u202eevil\u2066", " evil "),
        ("first\r\nsecond\nthird\rfourth\tfifth", "first\nsecond\nthird fourth fifth"),
        ("an = ключ, 漢字, é, 👍", "an = ключ, 漢字, é, 👍"),
    ],
)
def test_no_cell_moves_a_cursor(open_store, text: str, cell: str) -> None:
    store = open_store(new_seed())
    store.record.note_org(42, HistoryEntry(AT, "fact", "mona", text, data={"name": text}))
    _, out = written(store, "csv")
    (*_, row) = csv.DictReader(io.StringIO(out.decode(), newline=""))
    assert row["text"] == cell
    assert json.loads(row["data"]).keys() == {"name"}
    assert row["data"].isprintable()
    _, out = written(store)
    assert json.loads(out.splitlines()[-2])["text"] == text, "what is signed stays exact"


def test_what_is_older_than_the_keys_time_is_not_signed_with_it(
    open_store, tmp_path: Path, capsys
) -> None:
    note(open_store(new_seed()), "first", "second")
    store = open_store(new_seed())
    note(store, "third", hours=2)
    for span, said in (
        ({"until": AT + timedelta(hours=1)}, "entry 3 is the head and is not signed"),
        ({"since": AT + timedelta(hours=1)}, "only entries 4 to 5, whole, signed by this key;"),
        ({}, "signed by this key from entry 4 on (entries 1 to 3 are vouched for by"),
    ):
        status, out = written(store, **span)
        assert status == 0
        assert ("are not signed" in capsys.readouterr().err) is ("not signed" in said)
        file = tmp_path / "export.jsonl"
        file.write_bytes(out)
        key = str(store.audit.public_key)
        app.main(["audit", "verify", "--file", str(file), "--public-key", key])
        assert said in capsys.readouterr().out


TAKEN = {
    "the first of the period": [removed(4)],
    "the first of the period, and the one before": [removed(3), removed(4)],
    "all of the period": [removed(4), removed(5)],
    "the first of the period, by its time": [changed(4, at=(AT - timedelta(days=9)).timestamp())],
    "all of the period, by their times": [
        changed(seq, at=(AT - timedelta(days=9)).timestamp()) for seq in (4, 5)
    ],
    "the whole log": [delete(HISTORY)],
    "the whole log and its head": [delete(HISTORY), delete(AUDIT_HEADS)],
}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("what", TAKEN)
def test_what_somebody_took_out_of_a_period_is_told(
    open_store, capsys, what: str, form: str
) -> None:
    store = open_store(new_seed())
    store.record.save(make_row())
    note(store, "first", "second")
    note(store, "third", "fourth", hours=48)
    span = {"since": AT + timedelta(hours=24)}
    status, out = written(store, form, **span)
    assert (status, out.count(b"fact")) == (0, 2)
    assert not capsys.readouterr().err
    tamper(store, *TAKEN[what])
    status, out = written(store, form, **span)
    assert status == 1
    assert "BROKEN  organization 42: " in capsys.readouterr().err
    assert b'{"head"' not in out


def test_a_period_without_entries_is_empty_and_well(open_store, capsys) -> None:
    store = open_store(new_seed())
    note(store, "first")
    for span in ({"since": AT + timedelta(days=9)}, {"until": AT - timedelta(days=9)}):
        assert written(store, **span) == (0, b"")
    assert not capsys.readouterr().err
