"""The audit log in the database: chained, signed, append-only, never forked."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.audit.verify import verify_database
from bot.domain.audit.entry import DETAILS
from bot.domain.record import DigestRecord
from bot.ports import Conflict, Retryable
from bot.storage import Store
from bot.storage.audit.key import AuditKey, new_seed, proves
from bot.storage.tables import AUDIT_HEADS, HISTORY
from tests.storage.audit_stories import (
    PUBLIC,
    SEED,
    changed,
    check,
    fact,
    kinds,
    log,
    removed,
    tamper,
)
from tests.storage.making import T0, arrival, claimed, make_row


@pytest.fixture
def store(open_store) -> Store:
    return open_store(audit_key=SEED)


TAMPERED = {
    "a text": (3, [changed(3, text="something else")]),
    "an author": (2, [changed(2, actor_id=6)]),
    "a time": (4, [changed(4, at=0.0)]),
    "data that is no JSON": (4, [changed(4, data="{")]),
    "a removed row": (3, [removed(3)]),
    "swapped rows": (2, [changed(2, seq=99), changed(3, seq=2), changed(99, seq=3)]),
    "a cut tail": (4, [removed(4), removed(5)]),
    "all rows": (1, [delete(HISTORY)]),
    "no head": (5, [delete(AUDIT_HEADS)]),
    "a signature taken away": (5, [update(AUDIT_HEADS).values(key=None, signature=None)]),
    "a head that names an earlier entry": (5, [update(AUDIT_HEADS).values(seq=4)]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found_and_the_first_broken_entry_named(five: Store, what: str) -> None:
    seq, statements = TAMPERED[what]
    tamper(five, *statements)
    verdict = check(five)
    assert verdict.fault, what
    assert verdict.seq == seq


def test_a_row_added_without_a_place_is_counted(five: Store) -> None:
    row = {"org_id": 42, "request_id": 1, "at": 0.0, "kind": "approved", "actor": "", "text": ""}
    with five._database.write() as connection:
        connection.execute(insert(HISTORY), row)
    with five.audit.snapshot() as snapshot:
        assert snapshot.outside(42) == (1, 0)
    assert check(five).signed


def execute(store: Store, statement) -> None:
    with store._database.write() as connection:
        connection.execute(statement)


ROW = {"org_id": 42, "request_id": 1, "at": 0.0, "kind": "x", "actor": "", "text": ""}


@pytest.mark.parametrize("statement", [changed(2, text="x"), removed(2), delete(HISTORY)])
def test_rows_cannot_be_changed_or_removed(five: Store, statement) -> None:
    with pytest.raises((SQLAlchemyError, Retryable), match="append-only"):
        execute(five, statement)
    assert check(five).seq == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the other has no OR REPLACE
@pytest.mark.parametrize("place", [{"id": 2, "seq": None}, {"id": 2, "seq": 99}, {"seq": 2}])
def test_rows_cannot_be_replaced(five: Store, place) -> None:
    with pytest.raises((SQLAlchemyError, Retryable), match="append-only"):
        execute(five, insert(HISTORY).prefix_with("OR REPLACE").values({**ROW, **place}))
    assert check(five).signed


@pytest.mark.parametrize("seq", [0, -7])
def test_a_place_is_counted_from_1(five: Store, seq: int) -> None:
    with pytest.raises((SQLAlchemyError, Retryable), match="from 1 on"):
        execute(five, insert(HISTORY).values(**ROW, seq=seq))
    execute(five, insert(HISTORY).values(**ROW, seq=None))


def test_what_is_not_saved_leaves_no_entry(store: Store) -> None:
    store.record.save(make_row(), fact("first"))
    with pytest.raises(Conflict):
        store.record.save(make_row(), fact("second"))
    assert kinds(store) == ["audit key", "first"]


def test_facts_come_from_everywhere_into_one_chain(store: Store) -> None:
    store.record.save(make_row(), fact("requested"))
    store.record.note_org(42, fact("membership"), request_id=1)
    store.record.note_org(42, fact("command taken"), once="comment:7")
    store.record.note_org(42, fact("command taken"), once="comment:7")
    store.record.save_digest(DigestRecord(42, T0.date(), T0), fact("digest"))
    store.intake.store(arrival("guid-1"))
    store.inbox.finish(claimed(store))
    assert kinds(store)[1:] == [
        "requested",
        "membership",
        "command taken",
        "digest",
        "delivery handled",
    ]
    handled = log(store)[-1]
    assert handled.text == "personal_access_token_request.created"
    assert (handled.data["delivery"], len(handled.data["body_sha256"])) == ("guid-1", 64)
    assert [one.request_id for one in log(store)] == [None, 1, 1, None, None, None]
    assert [one.kind for one in store.record.history(42, 1)] == ["requested", "membership"]
    assert "membership" in DETAILS
    assert check(store).signed


def test_a_delivery_that_is_tried_again_is_handled_once(store: Store) -> None:
    store.intake.store(arrival("guid-1"))
    store.inbox.retry(claimed(store), "later", None)
    assert log(store) == []
    store.intake.store(arrival("guid-2", lane="request:42/2"))
    assert store.inbox.fail(claimed(store), "no use", park=True)
    assert kinds(store) == ["audit key", "delivery failed"]


def test_many_writers_make_one_chain(open_store) -> None:
    """As replicas do: each writer has a store of its own."""
    stores = [open_store(audit_key=SEED) for _ in range(3)]

    def write(store: Store) -> None:
        for number in range(15):
            store.record.note_org(42, fact(str(number)), fact(str(number)))

    writers = [threading.Thread(target=write, args=[one]) for one in stores]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    verdict = check(stores[0])
    assert (verdict.seq, verdict.fault) == (1 + 3 * 15 * 2, "")


def test_organizations_have_chains_of_their_own(store: Store) -> None:
    store.record.note_org(42, fact())
    store.record.note_org(43, fact())
    assert [[one.seq for one in log(store, org)] for org in (42, 43)] == [[1, 2], [1, 2]]
    assert log(store, 43)[0].hash != log(store)[0].hash


def test_another_key_says_from_where_on_it_signs(five: Store, open_store) -> None:
    seed = new_seed()
    other = open_store(audit_key=seed)
    assert "another key" in check(five, other.audit.public_key).fault
    assert other.audit.take_over() == [42]
    assert other.audit.take_over() == []
    assert check(five, other.audit.public_key).signed
    newest = log(other)[-1]
    assert newest.kind == "audit key"
    assert newest.data == {"before": PUBLIC, "key": AuditKey(seed).public}


def test_a_span_of_time_is_a_span_of_the_chain(store: Store) -> None:
    for hour in (1, 3, 2, 4):
        at = T0 + timedelta(hours=hour)
        store.record.note_org(42, replace(fact(str(hour)), at=at))
    with store.audit.snapshot() as snapshot:

        def span(since: int | None, until: int | None) -> tuple[int, int] | None:
            hours = [None if one is None else T0 + timedelta(hours=one) for one in (since, until)]
            return snapshot.span(42, *hours)

        assert span(None, None) == (1, 5)
        assert span(3, None) == (3, 5)
        assert span(None, 3) == (1, 4)
        assert span(5, None) is None


def test_without_a_key_sqlite_makes_one_and_postgresql_is_not_signed(
    open_store, database_url: str, tmp_path, capsys
) -> None:
    store = open_store()
    store.record.note_org(42, fact())
    if database_url.startswith("sqlite"):
        (file,) = tmp_path.rglob("*.audit-key")
        assert file.stat().st_mode & 0o777 == 0o600
        assert AuditKey(file.read_text()).public == store.audit.public_key
        assert open_store().audit.public_key == store.audit.public_key
        assert check(store, store.audit.public_key).signed
        assert list(file.parent.glob("*.audit-key.*")) == []
    else:
        assert store.audit.public_key is None
        assert kinds(store) == ["fact"]
        assert check(store, None).signed is False
        assert "not signed" in check(store, PUBLIC).fault
        assert verify_database(store.audit, proves, {42: "acme"}, None, None) == 0
        said = capsys.readouterr()
        assert "good    acme (42): whole up to entry 1, not signed" in said.out
        assert "set AUDIT_KEY" in said.err


def test_a_key_is_never_shown() -> None:
    key = AuditKey(SEED)
    assert SEED not in f"{key!r} {key} {vars(key)}"
