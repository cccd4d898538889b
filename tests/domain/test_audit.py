"""The chain: any change, gap or swap is found, and the first broken entry is named."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit.entry import BROKEN, GENESIS, KEY_CHANGED, Head, canonical, seal
from bot.domain.audit.jsonl import entry_line, read_line
from bot.domain.audit.verify import Verdict, verify
from bot.domain.record import HistoryEntry

AT = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
KEY = "the key"


def proves(message: bytes, signature: str, public_key: str) -> bool:
    return signature == sign(message, public_key)


def sign(message: bytes, key: str) -> str:
    return hashlib.sha256(key.encode() + message).hexdigest()


def chain(org_id: int = 42, length: int = 5):
    entries, previous = [], GENESIS
    for seq in range(1, length + 1):
        fact = HistoryEntry(AT, f"fact {seq}", "mona", "said – “x”", 5, {"n": [seq, None, True]})
        entries.append(seal(org_id, seq, previous, seq % 2 or None, fact))
        previous = entries[-1].hash
    return entries, signed(Head(org_id, length, previous))


def signed(head: Head) -> Head:
    return replace(head, key=KEY, signature=sign(head.message, KEY))


def check(entries, *heads, key: str | None = KEY) -> Verdict:
    (verdict,) = verify([*entries, *heads], proves, key)
    return verdict


def test_a_whole_chain_is_good_and_signed() -> None:
    entries, head = chain()
    assert check(entries, head) == Verdict(42, 5, head.hash, "", signed=True)
    assert check(entries, head, key=None).signed is None


FIELDS = {
    "at": AT.replace(year=2025),
    "kind": "approved",
    "request_id": 9,
    "actor_id": 6,
    "actor": "olga",
    "text": "",
    "data": {"n": [3, None, False]},
    "previous": GENESIS,
    "hash": "f" * 64,
    "seq": 9,
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field_names_its_entry(field: str) -> None:
    entries, head = chain()
    entries[2] = replace(entries[2], **{field: FIELDS[field]})
    verdict = check(entries, head)
    assert verdict.seq == 3
    assert verdict.fault


def test_an_entry_that_was_sealed_anew_is_not_the_one_that_the_next_one_follows() -> None:
    entries, head = chain()
    entries[2] = seal(42, 3, entries[2].previous, None, HistoryEntry(AT, "approved", "mallory", ""))
    assert check(entries, head) == Verdict(
        42, 4, entries[3].hash, "does not follow the entry before it"
    )


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_removed_entry_is_named(seq: int) -> None:
    entries, head = chain()
    del entries[seq - 1]
    assert (check(entries, head).seq, "is missing" in check(entries, head).fault) == (seq, True)


def test_a_removed_entry_is_found_when_the_rest_is_numbered_anew() -> None:
    entries, head = chain()
    entries[2:] = [replace(entry, seq=entry.seq - 1) for entry in entries[3:]]
    assert check(entries, head).seq == 3


def test_swapped_entries_are_named() -> None:
    entries, head = chain()
    entries[1], entries[2] = replace(entries[2], seq=2), replace(entries[1], seq=3)
    assert check(entries, head).seq == 2
    entries[1], entries[2] = entries[2], entries[1]
    assert check(entries, head).seq == 2


def test_a_cut_tail_is_found_by_the_head() -> None:
    entries, head = chain()
    verdict = check(entries[:3], head)
    assert (verdict.seq, "goes on to entry 5" in verdict.fault) == (4, True)
    assert check([], head).seq == 1
    shorter = replace(head, seq=3, hash=entries[2].hash)
    assert "signature is wrong" in check(entries[:3], shorter).fault
    assert "added behind the head" in check(entries, signed(shorter)).fault


def test_a_chain_written_anew_has_no_signature_that_fits() -> None:
    entries, head = chain()
    previous = entries[2].previous
    forged = entries[:2]
    for entry in entries[2:]:
        fact = HistoryEntry(AT, "approved", "mallory", "")
        forged.append(seal(42, entry.seq, previous, None, fact))
        previous = forged[-1].hash
    assert "signature is wrong" in check(forged, replace(head, hash=previous)).fault
    assert "not the one that the head names" in check(forged, head).fault
    bare = Head(42, 5, previous)
    assert "not signed" in check(forged, bare).fault
    other = replace(bare, key="mallory's", signature=sign(bare.message, "mallory's"))
    assert "another key" in check(forged, other).fault
    assert check(forged, bare, key=None).signed is False


def test_each_organization_has_a_verdict_of_its_own() -> None:
    (mine, head), (theirs, other) = chain(42), chain(43, 2)
    theirs[0] = replace(theirs[0], text="changed")
    found = {one.org_id: one for one in verify([*mine, head, *theirs, other], proves, KEY)}
    assert not found[42].fault
    assert (found[43].seq, bool(found[43].fault)) == (1, True)
    assert "has no head behind it" in check(mine).fault


def test_a_part_is_checked_from_its_first_entry_on() -> None:
    entries, head = chain()
    part = signed(replace(head, first=3))
    assert check(entries[2:], part).signed
    assert check(entries[3:], part).seq == 3
    assert check(entries[1:], part).fault
    assert check(entries[3:], replace(part, first=4)).fault, "where it begins is signed too"


def going_on(entries, *facts: HistoryEntry):
    """The chain with more entries, and its head."""
    entries = list(entries)
    for fact in facts:
        entries.append(seal(42, entries[-1].seq + 1, entries[-1].hash, None, fact))
    return entries, signed(Head(42, entries[-1].seq, entries[-1].hash))


def of_key(kind: str, before: str | None, key: str | None = KEY) -> HistoryEntry:
    return HistoryEntry(AT, kind, "", "what", data={"before": before, "key": key})


def test_an_entry_that_tells_of_a_break_is_one_for_ever() -> None:
    entries, head = going_on(chain()[0], of_key(BROKEN, None), HistoryEntry(AT, "next", "", ""))
    verdict = check(entries, head)
    assert (verdict.seq, verdict.boundary) == (6, 6)
    assert "what; nothing vouches for the entries before it" in verdict.fault
    assert verdict.rest == Verdict(42, 7, head.hash, signed=True, first=6, since=6)
    assert check(entries[5:], signed(replace(head, first=6))).seq == 6, "a part begins with it"
    del entries[3]
    assert check(entries, head).seq == 4, "the first broken entry is named"
    entries[-1] = replace(entries[-1], text="changed")
    assert (check(entries, head).seq, check(entries, head).rest.seq) == (4, 7)


def test_the_key_vouches_from_the_entry_on_that_tells_of_it() -> None:
    entries, head = going_on(chain()[0], of_key(KEY_CHANGED, None))
    assert check(entries, head) == Verdict(42, 6, head.hash, signed=True, since=6)
    assert check(entries, head, key=None).signed is None


def test_a_change_of_keys_follows_the_one_before() -> None:
    """Who takes key and signature out of the head is betrayed by what the log says of its keys."""
    first = of_key(KEY_CHANGED, None)
    start = [seal(42, 1, GENESIS, None, first)]
    whole = going_on(start, of_key(KEY_CHANGED, KEY, "new"), of_key(KEY_CHANGED, "new"))
    assert check(*whole).since == 3
    entries, head = going_on(start, HistoryEntry(AT, "fact", "", ""), first)
    assert (check(entries, head).seq, "no entry tells" in check(entries, head).fault) == (3, True)


def test_anybody_can_compute_the_hash_from_a_line() -> None:
    entries, _ = chain()
    fields = json.loads(entry_line(entries[1]))
    stated = fields.pop("hash")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == stated
    assert fields["previous"] == entries[0].hash
    assert fields["at"] == "2026-11-22T09:30:00.123456Z"
    assert [read_line(entry_line(entry)) for entry in entries] == entries


@given(st.text(), st.text(), st.dictionaries(st.text(), st.one_of(st.text(), st.integers())))
def test_whatever_is_written_its_line_comes_back_and_is_whole(actor, text, data) -> None:
    plain = json.loads(canonical({"actor": actor, "text": text, "data": data}))
    fact = HistoryEntry(AT, "fact", plain["actor"], plain["text"], None, plain["data"])
    entry = seal(1, 1, GENESIS, None, fact)
    again = read_line(entry_line(entry))
    assert again == entry
    assert again.true_hash == entry.hash
