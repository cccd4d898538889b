"""`audit verify --file`: an export is judged anywhere, without settings and without a database."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import app
from bot.domain.audit.entry import GENESIS, Head, seal
from bot.domain.audit.jsonl import entry_line, head_line
from bot.domain.record import HistoryEntry
from bot.storage.audit.key import AuditKey, new_seed

KEY = AuditKey(new_seed())
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def entries(length: int = 5):
    """A chain; one of its texts tries to move a terminal's cursor."""
    made, previous = [], GENESIS
    for seq in range(1, length + 1):
        made.append(seal(42, seq, previous, None, HistoryEntry(AT, "fact", "mona", "\x1b[2J")))
        previous = made[-1].hash
    return made


def export(part) -> bytes:
    """These entries and their signed head."""
    head = Head(42, part[-1].seq, part[-1].hash, KEY.public, first=part[0].seq)
    head = replace(head, signature=KEY.sign(head.message))
    return b"".join(line + b"\n" for line in [*map(entry_line, part), head_line(head)])


@pytest.fixture
def verify(tmp_path: Path, capsys):
    """Runs the command on a file with these bytes: its status, and all it printed."""

    def run(content: bytes, *arguments: str, key: str = KEY.public) -> tuple[int, str]:
        file = tmp_path / "export.jsonl"
        file.write_bytes(content)
        where = ["--file", str(file), "--public-key", key]
        status = app.main(["audit", "verify", *where, *arguments])
        return status, "".join(capsys.readouterr())

    return run


def test_a_whole_export_is_good_and_its_head_can_be_kept(verify) -> None:
    made = entries()
    status, out = verify(export(made))
    head = f"5:{made[-1].hash}"
    assert (status, out.strip().endswith(f"signed by this key; head {head}")) == (0, True)
    assert verify(export(made), "--head", head, "--head", f"2:{made[1].hash}")[0] == 0
    status, out = verify(export(made[:3]), "--head", head)
    assert (status, f"there is no entry {head}" in out) == (1, True)


def test_a_part_says_that_it_is_one(verify) -> None:
    status, out = verify(export(entries()[2:]))
    assert (status, "only entries 3 to 5, whole" in out) == (0, True)


@pytest.mark.parametrize("content", [b"", b"\n", b"not an export\n"])
def test_where_there_is_no_entry_nothing_is_good(verify, content: bytes) -> None:
    status, out = verify(content)
    assert (status, "there is no entry in it" in out) == (1, True)


def test_a_line_that_is_none_is_named_and_the_rest_is_judged(verify) -> None:
    lines = export(entries()).splitlines(keepends=True)
    lines[2] = b'{"actor":"mallory",' + lines[2][1:]
    other = export([seal(43, 1, GENESIS, None, HistoryEntry(AT, "fact", "mona", ""))])
    other = other.replace(b'"org_id":42', b'"org_id":43')
    status, out = verify(b"".join(lines) + other)
    assert status == 1
    assert "BROKEN  line 3 is not written as an export writes it" in out
    assert "entry 3 is missing" in out
    assert "(43): entry 1 is the head and its signature is wrong" in out


def test_many_lines_that_are_none_are_not_all_named(verify) -> None:
    _, out = verify(b"x\n" * 500)
    assert len(out.splitlines()) < 30


def test_lines_that_went_through_windows_are_the_same(verify) -> None:
    assert verify(export(entries()).replace(b"\n", b"\r\n"))[0] == 0


def test_nothing_of_the_file_moves_the_cursor(verify) -> None:
    made = entries()
    made[1] = seal(42, 2, GENESIS, None, HistoryEntry(AT, "audit broken", "", "\x1b[2J\x9b2J"))
    head = replace(Head(42, 5, "f", "\x1b[2J", "\x1b[2J"))
    for content in (export(made), export(made[:1]) + head_line(head)):
        status, out = verify(content)
        assert status == 1
        assert out.replace("\n", "").isprintable()


def test_a_pipe_is_read_once() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as pipe:
        pipe.write(export(entries()))
    where = ["--file", f"/dev/fd/{ours}", "--public-key", KEY.public]
    assert app.main(["audit", "verify", *where]) == 0
    os.close(ours)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--public-key", KEY.public[:-4]],
        ["--public-key", "no key"],
        ["--public-key", "ключ"],
        ["--head", "5"],
        ["--head", "5:abc"],
        ["--head", f"0:{'f' * 64}"],
    ],
)
def test_arguments_that_can_be_no_key_or_head_are_no_tampering(verify, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        verify(export(entries()), *wrong)
    assert ended.value.code == 2


def test_one_organization_of_an_export_is_not_looked_at_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It would say that all is well of what was not looked at."""
    with pytest.raises(SystemExit) as ended:
        app.main(["audit", "verify", "--file", "export.jsonl", "--org", "acme"])
    assert ended.value.code == 2
    assert "not allowed with argument --file" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(capsys) -> None:
    assert app.main(["audit", "verify", "--file", "/nowhere/export.jsonl"]) == 1
    assert "/nowhere/export.jsonl cannot be read: No such file" in capsys.readouterr().err
