"""Whatever somebody wrote into the audit log: verify names it, judges the rest, and never fails."""

import pytest
from sqlalchemy import delete, insert, update

from bot.cli.audit.verify import verify_database
from bot.storage import Store
from bot.storage.audit.key import proves
from bot.storage.tables import AUDIT_HEADS, HISTORY
from tests.storage.audit_stories import PUBLIC, changed, check, fact, kinds, log, removed, tamper
from tests.storage.making import T0, make_row

NAMES = {42: "acme", 43: "globex\x1b[2J"}


@pytest.fixture
def two(five: Store) -> Store:
    """Another organization has a chain too."""
    five.record.note_org(43, fact())
    return five


@pytest.fixture
def verify(capsys):
    def run(store: Store, org_id: int | None = None, **more: object) -> tuple[int, str]:
        status = verify_database(store.audit, proves, NAMES, org_id, PUBLIC, **more)
        return status, capsys.readouterr().out

    return run


def third(column: str, value: str) -> str:
    return f"UPDATE history SET {column} = {value} WHERE org_id = 42 AND seq = 3"


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""SQLite keeps any value in any column; PostgreSQL only what fits."""

NONSENSE = {
    "a text of bytes": third("text", "x'ff00'"),
    "a text that is no UTF-8": third("text", "CAST(x'ff41' AS TEXT)"),
    "a time in words": third("at", "'hello'"),
    "a time far away": third("at", "1e300"),
    "a place in words": third("seq", "'abc'"),
    "half a place": third("seq", "3.5"),
    "deep data": third("data", "replace(hex(zeroblob(60000)), '0', '[')"),
    "data that are no JSON": third("data", "'{'"),
    "no data": third("data", "NULL"),
    "data with a key twice": third("data", "'{\"comment_id\":8,' || substr(data, 2)"),
    "data with a blank": third("data", "' ' || data"),
    "a request in words": third("request_id", "'x'"),
    "a request of nothing": third("request_id", "''"),
    "no hash": third("hash", "NULL"),
    "a hash of bytes": third("hash", "x'ff'"),
    "no kind, but bytes": third("kind", "x'ff'"),
}


@on_sqlite
@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_a_broken_entry_and_the_other_chains_are_judged(
    two: Store, verify, what: str
) -> None:
    tamper(two, NONSENSE[what])
    status, out = verify(two)
    assert status == 1
    assert "BROKEN  acme (42): entry 3 " in out
    assert "good    globex [2J (43): whole up to entry 2, signed by this key; head 2:" in out
    two.record.note_org(42, fact("next"))
    assert kinds(two)[-1] == "next"


HEADS = {
    "a place in words": "seq = 'x'",
    "a signature of bytes": "signature = x'ff'",
    "a hash of bytes": "hash = x'ff'",
    "a hash that is no UTF-8": "hash = CAST(x'ff' AS TEXT)",
    "a key that is no UTF-8": "key = CAST(x'ff' AS TEXT)",
    "no place at all": "seq = -7",
}


@on_sqlite
@pytest.mark.parametrize("what", HEADS)
def test_a_head_of_nonsense_is_found_and_stops_nothing(two: Store, verify, what: str) -> None:
    tamper(two, f"UPDATE audit_heads SET {HEADS[what]} WHERE org_id = 42")
    status, out = verify(two)
    assert (status, "BROKEN  acme" in out, "good    globex" in out) == (1, True, True)
    two.record.note_org(42, fact("next"))
    assert kinds(two)[-2:] == ["audit broken", "next"]
    assert check(two).fault


@on_sqlite
def test_rows_of_what_is_no_organization_are_named(two: Store, verify) -> None:
    tamper(two, third("org_id", "'zzz'"))
    status, out = verify(two)
    assert (status, "1 ids in the log are no organization's" in out) == (1, True)


def row(**values: object):
    usual = {"org_id": 42, "request_id": 1, "at": 0.0, "kind": "approved", "actor": "", "text": ""}
    return insert(HISTORY).values({**usual, **values})


def test_rows_without_a_place_are_counted_and_those_before_the_first_are_broken(
    two: Store, verify
) -> None:
    tamper(two, row())
    status, out = verify(two)
    assert (status, "note    acme (42): 1 rows are not in the chain" in out) == (0, True)
    tamper(two, row(seq=0), row(seq=-7))
    status, out = verify(two)
    assert (status, "BROKEN  acme (42): 2 rows have a place before the first" in out) == (1, True)
    with two.audit.snapshot() as snapshot:
        assert snapshot.span(42, None, None) == (1, 5)


def test_where_nothing_is_left_to_trust_it_does_not_say_good(two: Store, verify) -> None:
    tamper(two, delete(HISTORY).where(HISTORY.c.org_id == 42), delete(AUDIT_HEADS))
    status, out = verify(two)
    assert status == 1
    assert "BROKEN  acme (42): there is no chain at all" in out
    assert "(43): entry 2 has no head behind it" in out
    assert verify(two, 42)[0] == 1


def test_all_places_taken_away_is_no_good_either(two: Store, verify) -> None:
    tamper(two, update(HISTORY).values(seq=None), delete(AUDIT_HEADS))
    status, out = verify(two, 42)
    assert (status, "no chain at all" in out, "5 rows are not in the chain" in out) == (
        1,
        True,
        True,
    )


def test_a_head_that_somebody_kept_shows_what_nothing_else_can(two: Store, verify) -> None:
    """The log is set back to an older state, with the older head, which is signed as it should."""
    old = [one.hash for one in log(two)]
    with two.audit.snapshot() as snapshot:
        (older,) = snapshot.heads(42)
    two.record.note_org(42, fact("denied"))
    status, out = verify(two)
    seq, _, digest = out.splitlines()[0].rpartition(" ")[2].partition(":")
    kept = (int(seq), digest)
    assert kept == (6, log(two)[-1].hash)
    assert verify(two, kept=[kept, (2, old[1])])[0] == 0
    tamper(two, removed(6), update(AUDIT_HEADS).where(AUDIT_HEADS.c.org_id == 42).values(
        seq=5, hash=older.hash, signature=older.signature
    ))  # fmt: skip
    assert verify(two)[0] == 0
    two.record.note_org(42, fact("approved"))
    status, out = verify(two, kept=[kept])
    assert (status, f"there is no entry 6:{digest}: the log was set back" in out) == (1, True)


def test_a_whole_chain_is_missed_by_the_head_that_was_kept(two: Store, verify) -> None:
    kept = (2, log(two, 43)[-1].hash)
    tamper(two, *(delete(table).where(table.c.org_id == 43) for table in (HISTORY, AUDIT_HEADS)))
    assert verify(two)[0] == 0
    assert verify(two, kept=[kept])[0] == 1


def test_a_log_without_anything_is_only_empty(open_store, verify) -> None:
    assert verify(open_store()) == (0, "The audit log is empty.\n")


def test_what_is_changed_by_less_than_a_reader_sees_is_broken(two: Store) -> None:
    tamper(two, changed(3, at=T0.timestamp() + 3e-7), update(AUDIT_HEADS).values(seq=5))
    assert check(two).seq == 3


def test_requests_of_a_version_without_a_log_are_named(open_store, verify) -> None:
    store = open_store()
    store.record.save(make_row())
    status, out = verify(store)
    assert (status, "no chain at all" in out) == (1, True)
