"""Lines of an export: one way to write each fact, and nothing else is taken."""

import json
from datetime import UTC, datetime

import pytest

from bot.domain.audit.entry import GENESIS, Head, seal
from bot.domain.audit.jsonl import entry_line, head_line, read_line
from bot.domain.record import HistoryEntry

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FACT = HistoryEntry(AT, "approved", "olga", "fine", 5, {"n": 1})
ENTRY = entry_line(seal(42, 7, GENESIS, 9, FACT))
HEAD = head_line(Head(42, 7, "f" * 64, "key", "signature"))


def with_fields(line: bytes, **values: object) -> bytes:
    """The line with other values, written as an export writes them."""
    fields = json.loads(line)
    fields.get("head", fields).update(values)
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def test_what_an_export_writes_is_taken() -> None:
    assert entry_line(read_line(ENTRY)) == ENTRY == with_fields(ENTRY)
    assert head_line(read_line(HEAD)) == HEAD == with_fields(HEAD)


DEEP = b"[" * 200_000
ODD = {
    "nothing": b"",
    "a list": b"[]",
    "an empty mapping": b"{}",
    "only a word": b'"head"',
    "half a character": ENTRY.replace(b"fine", b"fi\\ud800ne"),
    "no text": b"\xff",
    "bytes that are no text": ENTRY.replace(b"fine", b"fi\xffne"),
    "deep nesting": DEEP,
    "deep data": with_fields(ENTRY, data=json.loads("[" * 60 + "]" * 60)),
    "deep data in a mapping": with_fields(ENTRY, data={"a": json.loads("[" * 90 + "]" * 90)}),
    "a key twice": b'{"actor":"mallory",' + ENTRY[1:],
    "a key more": with_fields(ENTRY, more=1),
    "blanks": ENTRY.replace(b":", b": "),
    "another zone": ENTRY.replace(b"T09:30:00.000000Z", b"T09:30:00.000000+00:00"),
    "no zone": ENTRY.replace(b"000000Z", b"000000"),
    "the end of time": with_fields(ENTRY, at="0001-01-01T00:00:00+23:59"),
    "a place in text": with_fields(ENTRY, seq="7"),
    "a place that is true": with_fields(ENTRY, seq=True),
    "a place that is no whole number": with_fields(ENTRY, seq=7.5),
    "no place": with_fields(ENTRY, seq=0),
    "a number as text": with_fields(ENTRY, text=5),
    "data that are a list": with_fields(ENTRY, data=[]),
    "an actor that is a mapping": with_fields(ENTRY, actor={}),
    "a head that is a number": b'{"head":1}',
    "a head with other fields": b'{"head":{"x":1}}',
    "a head with something beside it": HEAD[:-1] + b',"x":1}',
    "a head with a key twice": HEAD.replace(b'{"first":1,', b'{"first":3,"first":1,'),
    "a head whose place is text": with_fields(HEAD, seq="7"),
    "a head of a list": with_fields(HEAD, org_id=[1]),
    "a head that begins nowhere": with_fields(HEAD, first=None),
    "a head that begins before the first": with_fields(HEAD, first=-3),
    "a signature that is a number": with_fields(HEAD, signature=5),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_line_of_an_export_is_refused(what: str) -> None:
    assert ODD[what] not in (ENTRY, HEAD)
    with pytest.raises(ValueError, match="is no"):
        read_line(ODD[what])
