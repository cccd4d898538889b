"""What commands print: a table on a terminal, full values in a pipe, JSON when asked for."""

import json
import os
import pty
import re
import struct
import subprocess
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import closing, suppress
from fcntl import ioctl
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.cli.policy_record import Watched
from bot.cli.progress import Progress
from bot.domain.accounts import Account
from bot.domain.audit.entry import GENESIS, seal
from bot.domain.audit.jsonl import entry_line
from bot.domain.record import Decision, HistoryEntry, OrganizationRecord
from bot.domain.token_request import State
from bot.storage import Reader, Store
from tests.processes import APP, Forked, run
from tests.storage.making import T0, arrival, make_row

LONG = "a token with a name that is much too long for any column of a table, " * 2
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a record: two requests, a delivery that failed, a timer."""
    store = Store.open(f"sqlite:///{tmp_path}/bot.db", app_id=7)
    with closing(store):
        store.record.save_organization(OrganizationRecord(42, "acme", 7))
        for number, state, name in (
            (1, State.PENDING, LONG),
            (2, State.DENIED, "\x1b[2Jevil\t漢字"),
        ):
            facts = {"requester": Account(number, "mona"), "token_name": name}
            row = make_row(number, state=state, request=facts)
            store.record.save(row, HistoryEntry(T0, "created", "mona", "first"))
        store.intake.store(arrival("g1"))
        claim = store.inbox.claim("tester")
        assert claim
        store.inbox.fail(claim, "Refused: POST: 422 No.", park=True)
    return tmp_path


def surroundings(home: Path) -> dict[str, str]:
    url = f"sqlite:///{home}/bot.db"
    return {"PATH": os.environ["PATH"], "COUNTERSIGN_HOME": str(home), "DATABASE_URL": url}


def piped(home: Path, *words: str, status: int = 0) -> list[str]:
    """The lines of stdout, which no terminal shows."""
    done = run(list(words), env=surroundings(home), cwd=home)
    assert done.returncode == status, done.stderr
    return done.stdout.splitlines()


class Terminal:
    """A terminal of this many columns, and what a command writes to it."""

    def __init__(self, columns: int = 100) -> None:
        self.ours, self.theirs = pty.openpty()
        ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        # What is read may end in the middle of a letter.
        self.decode = getincrementaldecoder("utf-8")().decode

    def written(self) -> str:
        """What is there to read by now; nothing once the command has ended."""
        shown = ""
        with suppress(OSError):  # EIO: nobody has it open any more
            while not shown and (read := os.read(self.ours, 65536)):
                shown = self.decode(read)
        return shown

    def run(self, home: Path, *words: str, **settings: str) -> str:
        environ = {**surroundings(home), **settings}
        out = self.theirs
        process = Forked(list(words), env=environ, cwd=home, stdout=out, stderr=out)
        os.close(self.theirs)
        shown = ""
        while part := self.written():
            shown += part
        os.close(self.ours)
        assert process.wait(20) == 0, shown
        return shown.replace("\r\n", "\n")


# ------------------------------------------------------------------ a pipe


def test_in_a_pipe_requests_are_lines_of_full_values_between_tabs(home: Path) -> None:
    newest, oldest = (line.split("\t") for line in piped(home, "requests"))
    assert [newest[1:4], oldest[1:4]] == [
        ["denied", "acme/2", "mona"],
        ["pending", "acme/1", "mona"],
    ]
    assert TIME.fullmatch(oldest[0]), "a time with its zone"
    assert oldest[-1] == LONG, "nothing is cut"
    assert newest[-1] == " [2Jevil 漢字", "no tab, and nothing that moves a cursor"


def test_in_a_pipe_deliveries_are_lines_of_full_values_between_tabs(home: Path) -> None:
    (line,) = piped(home, "deliveries")
    at, state, event, _, guid, tries, trouble = line.split("\t")
    assert TIME.fullmatch(at)
    assert (state, guid, tries) == ("failed", "g1", "1")
    assert event == "personal_access_token_request.created"
    assert trouble == "GitHub refused it: POST: 422 No."


def test_an_empty_list_leaves_a_pipe_empty(home: Path) -> None:
    for words in ("requests --state revoked", "deliveries --state waiting"):
        assert piped(home, *words.split()) == []
        assert piped(home, *words.split(), "--json") == []


# ------------------------------------------------------------------ a terminal


@pytest.mark.parametrize("columns", [40, 80, 132])
@pytest.mark.parametrize(("command", "rows"), [("requests", 2), ("deliveries", 1)])
def test_a_table_has_headers_and_fits_the_terminal(
    home: Path, command: str, rows: int, columns: int
) -> None:
    shown = Terminal(columns).run(home, command, "--no-color")
    header, *lines = shown.splitlines()
    assert columns < 80 or "(UTC)" in header
    assert columns < 80 or re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d  ", lines[0]), "times are whole"
    assert "sta" in header
    assert lines
    assert all(len(line) <= columns for line in (header, *lines[:rows]))
    assert "\x1b" not in shown


def test_what_does_not_fit_is_marked(home: Path) -> None:
    shown = Terminal(100).run(home, "requests", "--no-color")
    assert "…" in shown
    assert LONG not in shown


def test_colours_are_only_on_a_terminal_that_wants_them(home: Path) -> None:
    assert "\x1b[1m" in Terminal().run(home, "requests")
    assert "\x1b[31m" in Terminal().run(home, "deliveries")
    for words in (["--no-color", "deliveries"], ["deliveries", "--no-color"]):
        assert "\x1b" not in Terminal().run(home, *words)
    assert "\x1b" not in Terminal().run(home, "deliveries", NO_COLOR="1")
    assert "\x1b" not in "".join(piped(home, "deliveries"))


# ------------------------------------------------------------------ JSON


def test_json_of_requests_is_one_object_per_line(home: Path) -> None:
    every = piped(home, "requests", "--json")
    newest, oldest = map(json.loads, every)
    assert (newest["request"], newest["state"], newest["token"]) == (
        "acme/2",
        "denied",
        "\x1b[2Jevil\t漢字",
    )
    assert (oldest["organization"], oldest["organization_id"], oldest["id"]) == ("acme", 42, 1)
    assert TIME.fullmatch(oldest["made_at"])
    assert all(line.isascii() for line in every), "no text of a stranger moves a cursor"
    assert piped(home, "requests", "--json", "list") == every
    assert piped(home, "requests", "list", "--json") == every


def test_json_of_one_request_has_its_history(home: Path) -> None:
    (line,) = piped(home, "requests", "show", "acme/1", "--json")
    told = json.loads(line)
    assert told["token"] == LONG
    (entry,) = told["history"]
    assert TIME.fullmatch(entry.pop("at"))
    assert entry == {"kind": "created", "by": "mona", "text": "first", "in_audit_log": True}


def test_json_of_deliveries_is_one_object_per_line(home: Path) -> None:
    (line,) = piped(home, "deliveries", "--json")
    told = json.loads(line)
    assert TIME.fullmatch(told.pop("received_at"))
    assert told == {
        "state": "failed",
        "event": "personal_access_token_request.created",
        "organization": "acme",
        "guid": "g1",
        "tries": 1,
        "trouble": "GitHub refused it: POST: 422 No.",
    }


def test_json_of_a_check_is_one_document(home: Path) -> None:
    (line,) = piped(home, "audit", "verify", "--json")
    told = json.loads(line)
    (chain,) = told["chains"]
    assert (told["whole"], told["broken"], chain["whole"]) == (True, [], True)
    assert (chain["organization"], chain["signed"], chain["first"]) == ("acme", True, 1)
    assert chain["head"].startswith(f"{chain['last']}:")
    missing = f"1:{'f' * 64}"
    (line,) = piped(home, "audit", "verify", "--json", "--head", missing, status=1)
    told = json.loads(line)
    assert told["whole"] is False
    assert f"no entry {missing}" in told["broken"][0]


def test_json_of_the_log_s_key(home: Path) -> None:
    (plain,) = piped(home, "audit", "key")
    (line,) = piped(home, "audit", "key", "--json")
    assert json.loads(line) == {"public_key": plain}
    (line,) = piped(home, "audit", "key", "--new", "--json")
    told = json.loads(line)
    assert told.keys() == {"private_key", "public_key"}
    assert told["public_key"] != plain


def test_a_request_that_is_shown_has_times_with_their_zone(home: Path) -> None:
    shown = piped(home, "requests", "show", "acme/1")
    assert re.search(r"^made +\S+ \S+ UTC$", "\n".join(shown), re.M)
    assert re.match(r"\S+ \S+ UTC  created by mona: first", shown[-1])


DECIDED = [
    ({"by": Account(5, "bob"), "reason": "fine", "comment_id": 7}, "person", "denied by bob: fine"),
    ({"rules": ("small", "late")}, "policy", "denied by the policy's rules small, late"),
    ({"note": "The time is over."}, "elsewhere", "denied: The time is over."),
]


@pytest.mark.parametrize(("facts", "way", "words"), DECIDED)
def test_a_request_that_is_shown_says_who_decided(
    home: Path, facts: Any, way: str, words: str
) -> None:
    decision = Decision(State.DENIED, T0, **facts)
    with closing(Store.open(f"sqlite:///{home}/bot.db", app_id=7)) as store:
        store.record.save(make_row(3, state=State.DENIED, decision=decision))
    assert f"decision      {words}" in piped(home, "requests", "show", "acme/3")
    (line,) = piped(home, "requests", "show", "acme/3", "--json")
    assert json.loads(line)["decision"]["way"] == way


# ------------------------------------------------------------------ a token in a name

PAT = "github_pat_11ABCDEFG0123456789_abcdefghijk"
OLD = "ghp_0123456789abcdefghij0123456789abcdef12"


@pytest.mark.parametrize("hidden", [OLD, "\u200b".join(OLD), "\u3164".join(OLD)])
@pytest.mark.parametrize("words", ["requests", "requests show acme/3"])
def test_a_token_is_masked_wherever_somebody_wrote_it(home: Path, words: str, hidden: str) -> None:
    facts = {"token_name": f"ci {PAT}", "reason": f"It is\n{hidden}."}
    decision = Decision(State.DENIED, T0, by=Account(5, "bob"), reason=f"no {PAT}", comment_id=7)
    row = make_row(3, state=State.DENIED, decision=decision, request=facts)
    with closing(Store.open(f"sqlite:///{home}/bot.db", app_id=7)) as store:
        store.record.save(row, HistoryEntry(T0, "denied", "bob", f"no {hidden}"))
    told = [json.loads(line) for line in piped(home, *words.split(), "--json")]
    plain = "".join(piped(home, *words.split()))
    for text in (plain, json.dumps(told, ensure_ascii=False)):
        assert "ci [masked GitHub token]" in text
        assert not re.search("github_pat_|ghp_", re.sub(r"\W|\u3164", "", text)), text


def test_where_a_token_is_masked_the_rest_is_exact(home: Path) -> None:
    reason = f"\x1b[2J first\r\n\t{PAT}\nlast"
    with closing(Store.open(f"sqlite:///{home}/bot.db", app_id=7)) as store:
        store.record.save(make_row(3, request={"reason": reason}))
    (line,) = piped(home, "requests", "show", "acme/3", "--json")
    assert json.loads(line)["reason"] == reason.replace(PAT, "[masked GitHub token]")


# ------------------------------------------------------------------ progress


def entries() -> Iterator[bytes]:
    """Lines of an export without an end."""
    previous = GENESIS
    for seq in count(1):
        entry = seal(42, seq, previous, None, HistoryEntry(T0, "fact", "mona", ""))
        previous = entry.hash
        yield entry_line(entry) + b"\n"


def test_what_takes_longer_than_a_second_shows_how_far_it_is(home: Path) -> None:
    """The export comes through a pipe for as long as nothing is shown."""
    terminal = Terminal()
    os.set_blocking(terminal.ours, False)
    check = [*APP, "audit", "verify", "--file", "/dev/stdin"]
    process = subprocess.Popen(
        check,
        env=surroundings(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
    )
    shown = ""
    for line in entries():
        assert process.stdin
        process.stdin.write(line)
        if "checking  " in (shown := shown + terminal.written()):
            break
    out, _ = process.communicate(timeout=20)
    shown += "".join(iter(terminal.written, ""))
    assert re.search(r"\rchecking|\x1b\[Kchecking  [\d,]+", shown)
    assert "\r\x1b[K" in shown[shown.rindex("checking  ") :], "the line is cleared at the end"
    assert b"checking" not in out
    assert b"42" in out


def test_a_pipe_gets_no_bar() -> None:
    """However long it takes: nobody looks."""
    for out, shown in ((Tty(), True), (StringIO(), False)):
        times = count(0.0, 0.6)
        with Progress("checking", out=out, clock=lambda times=times: next(times)) as progress:
            for done in range(5):
                progress.at(done, 4)
        assert ("[##############################] 100%" in out.getvalue()) is shown


def test_a_replay_counts_the_requests_that_it_reads(home: Path) -> None:
    out, times = Tty(), count(0.0, 0.6)
    with (
        closing(Reader.open(f"sqlite:///{home}/bot.db", audit_key=None, signs=False)) as reader,
        Progress("judging", out=out, clock=lambda: next(times)) as progress,
    ):
        assert len(list(Watched(reader.record, progress).requests_made_since(42, T0))) == 2
    assert "judging  2" in out.getvalue()


class Tty(StringIO):
    """What somebody looks at."""

    def isatty(self) -> bool:
        return True


POLICY = "version: 1\nmode: enforce\nrules: [{name: none, when: {}, deny: No.}]\n"


@pytest.mark.parametrize("columns", [80, 200])
def test_the_catalogue_fits_a_terminal(home: Path, columns: int) -> None:
    lines = Terminal(columns).run(home, "catalogue", "--no-color").splitlines()
    assert lines[0].split()[:3] == ["GROUP", "PERMISSION", "LEVEL"]
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("words", [("catalogue",), ("tokens",), ("policy", "show")])
def test_no_colours_and_no_headers_in_a_pipe(home: Path, words: tuple[str, ...]) -> None:
    lines = piped(home, *words)
    assert not [one for one in lines if "\x1b" in one or one.isupper()]


def test_policy_check_as_json(home: Path) -> None:
    file = home / "policy.yml"
    file.write_text(POLICY)
    (said,) = piped(home, "policy", "check", "--json", str(file))
    assert json.loads(said) == {
        "usable": True,
        "problems": [],
        "doubts": [],
        "failed_examples": [],
        "rules": 1,
        "examples": 0,
    }
    file.write_text(POLICY + "more: 1\n")
    (said,) = piped(home, "policy", "check", "--json", str(file), status=1)
    (problem,) = json.loads(said)["problems"]
    assert (problem["line"], problem["column"], problem["path"]) == (4, 1, "more")
    rule = (
        "  - {name: r%d, when: {repositories: {selection: [" + "all," * 99 + "all]}}, review: {}}\n"
    )
    file.write_text("version: 1\nmode: enforce\nrules:\n" + "".join(rule % n for n in range(60)))
    (said,) = piped(home, "policy", "check", "--json", str(file), status=1)
    (problem,) = json.loads(said)["problems"]
    assert "so that its issue can show both whole" in problem["expected"]
