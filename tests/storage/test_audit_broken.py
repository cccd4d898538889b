"""Somebody changed the audit log behind the bot's back: it goes on, and never hides it."""

import logging
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, update

from bot.domain.audit.entry import BROKEN, GENESIS
from bot.storage import Store
from bot.storage.audit.key import AuditKey, new_seed
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
from tests.storage.making import arrival, claimed


def forge(store: Store, head: dict[str, object]) -> None:
    """As a thief of the database does, who has no key: another past, whole in itself."""
    entries, statements = log(store), []
    previous = GENESIS
    for one in entries:
        text = "forged" if one.seq == 3 else one.text
        new = replace(one, text=text, previous=previous)
        previous = new.true_hash
        statements.append(changed(one.seq, text=text, previous=new.previous, hash=previous))
    tamper(store, *statements, update(AUDIT_HEADS).values(hash=previous, **head))


def inserted(seq: int, **values: object):
    row = {"request_id": 0, "at": 0.0, "kind": "x", "actor": "", "text": "", **values}
    return insert(HISTORY).values(org_id=42, seq=seq, **row)


def test_a_forged_past_is_not_signed_by_the_next_entry(five: Store, caplog) -> None:
    forge(five, {})
    five.record.note_org(42, fact("next"))
    verdict = check(five)
    assert (verdict.seq, verdict.boundary) == (6, 6)
    assert "the head's signature is wrong; nothing vouches for the entries before" in verdict.fault
    assert kinds(five)[5:] == [BROKEN, "next"]
    (said,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "organization 42" in said.getMessage()
    assert "audit verify" in said.getMessage()
    assert five.audit.broken


def test_behind_a_break_the_log_is_whole_and_signed_again(five: Store, caplog) -> None:
    forge(five, {})
    for number in range(3):
        five.record.note_org(42, fact(str(number)))
    verdict = check(five)
    assert verdict.rest is not None
    assert (verdict.rest.first, verdict.rest.seq, verdict.rest.signed) == (6, 9, True)
    assert sum(one.levelno == logging.ERROR for one in caplog.records) == 1
    tamper(five, changed(8, text="forged again"))
    verdict = check(five)
    assert verdict.seq == 6
    assert (verdict.rest.seq, "was changed" in verdict.rest.fault) == (8, True)


ATTACKS = {
    "the signature is taken away": [update(AUDIT_HEADS).values(signature=None)],
    "the signature is none": [update(AUDIT_HEADS).values(signature="é")],
    "the head is gone": [delete(AUDIT_HEADS)],
    "the head is set back": [update(AUDIT_HEADS).values(seq=0, hash=GENESIS)],
    "the head is far ahead": [update(AUDIT_HEADS).values(seq=2**63 - 1)],
    "a row behind the head": [inserted(6)],
    "a row far behind the head": [inserted(1000)],
    "the last row is changed": [changed(5, hash="f" * 64)],
    "the last row is gone": [removed(5)],
    "all rows are gone": [delete(HISTORY)],
}


@pytest.mark.parametrize("what", ATTACKS)
def test_whatever_does_not_fit_stops_nothing_and_is_a_break(five: Store, what: str) -> None:
    tamper(five, *ATTACKS[what])
    five.record.note_org(42, fact("next"))
    five.intake.store(arrival("guid-1"))
    five.inbox.finish(claimed(five))
    assert kinds(five)[-3:] == [BROKEN, "next", "delivery handled"], what
    assert len({one.seq for one in log(five)}) == len(log(five))
    verdict = check(five)
    assert verdict.fault, what
    assert verdict.rest.signed, what
    five.record.note_org(42, fact("more"))
    assert kinds(five).count(BROKEN) == 1


def test_a_row_too_far_away_to_be_a_place_is_named_and_stops_nothing(five: Store) -> None:
    tamper(five, inserted(2**63 - 1))
    five.record.note_org(42, fact("next"))
    assert [one.seq for one in log(five)][:6] == [1, 2, 3, 4, 5, 6]
    assert check(five).fault


def test_a_number_is_never_used_twice(five: Store) -> None:
    tamper(five, removed(4), removed(5))
    five.record.note_org(42, fact("next"))
    assert [one.seq for one in log(five)] == [1, 2, 3, 6, 7]
    assert check(five).seq == 4


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the other makes a key
def test_an_unsigned_chain_is_looked_at_too(open_store) -> None:
    store = open_store(audit_key=None)
    store.record.note_org(42, fact("first"))
    tamper(store, inserted(2))
    store.record.note_org(42, fact("next"))
    assert kinds(store) == ["first", BROKEN, "next"]
    assert check(store, None).fault


def test_a_thief_who_takes_the_key_out_of_the_head_gets_no_past_signed(
    five: Store, open_store
) -> None:
    forge(five, {"key": None, "signature": None})
    again = open_store(audit_key=SEED)
    assert again.audit.take_over() == [42]
    assert "the head names another key than the log itself, or none" in check(again).fault
    assert (check(again).seq, check(again).rest.signed) == (6, True)
    assert again.audit.broken


def test_from_which_entry_on_the_key_vouches_is_told(five: Store, open_store) -> None:
    seed = new_seed()
    other = open_store(audit_key=seed)
    other.audit.take_over()
    other.record.note_org(42, fact("next"))
    verdict = check(other, AuditKey(seed).public)
    assert (verdict.fault, verdict.signed, verdict.since) == ("", True, 6)
    assert check(five, PUBLIC).fault


def test_a_change_of_key_hides_no_break(five: Store, open_store) -> None:
    tamper(five, inserted(6))
    seed = new_seed()
    other = open_store(audit_key=seed)
    assert other.audit.take_over() == [42]
    assert kinds(other)[-2:] == ["fact 3", BROKEN]
    verdict = check(other, AuditKey(seed).public)
    assert verdict.fault
    assert verdict.rest.signed
