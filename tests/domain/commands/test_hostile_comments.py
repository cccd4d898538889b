"""Comments made to be slow: reading stays linear.

A process of its own reads each of them, and the kernel ends it when one takes too much of its time:
LIMIT is six times what the slowest needs on the build machine; what is quadratic needs minutes.
"""

import resource
import subprocess
import sys
import time

import pytest

from bot.domain.commands import Command, Misuse, MisuseKind, Name, Place, read_command

SIZE = 65_536
"""Characters; GitHub takes no longer comment."""

LIMIT = 6
"""Seconds of processor time for one comment."""

A_FEW = 5
"""Comments that one process reads."""


def _filled(unit: str) -> str:
    return unit * (SIZE // len(unit))


HOSTILE = {
    "brackets": "/approve " + _filled("["),
    "images": "/approve " + _filled("!["),
    "links": "/approve " + _filled("[a]("),
    "stars": "/approve " + _filled("*a **b "),
    "backticks": "/approve " + " ".join("`" * n for n in range(1, 440)),
    "entities": "/approve " + _filled("&#64;"),
    "cdata": "/approve " + _filled("<![CDATA["),
    "tags": "/approve " + _filled("<code>"),
    "comments": _filled("<!--\n") + "/approve",
    "quotes": _filled(">") + "\n/approve",
    "lists": _filled("- ") + "a\n/approve",
    "mixed nesting": _filled("> - ") + "\n/approve",
    "commands": _filled("/approve\n"),
    "swallowed": _filled("- a\n/approve\n"),
    "headings": _filled("/approve\n-\n"),
    "table": "a|b\n-|-\n" + _filled("/approve|x\n"),
    "other bots": _filled("/lgtm\n"),
    "zero width": "/" + _filled("\u200b") + "approve",
    "combining": "/a" + _filled("\u0300") * 3,
    "combining, out of order": "/a" + _filled("\u0300\u0316") * 3,
    "combining, in disguise": "/a" + _filled("\u0300\uff9e") * 3,
    "combining, in a reason": "/approve a" + _filled("\u0300\u0316") * 3,
    "combining, later": "/approve\na" + _filled("\u0300\u0316") * 3,
    "combining, in many words": "/approve " + _filled("a\u0300\u0316 ") * 3,
    "mail": _filled("On \n") + "/approve",
    "mail without its end": _filled("On a@b ") + "\n/approve",
    "mail after mail": _filled("on a@b.c\n") + "/approve",
    "underscores": _filled("_") + "a\n/approve",
    "footnotes": _filled("[^1]: a\n") + "/approve",
    "formulas": _filled("$$\n") + "/approve",
    "formulas in a line": _filled("$$") + "\n/approve",
    "wide table": "|" + "a|" * 25_000 + "\n|" + "-|" * 25_000 + "\n\n/approve",
    "one word": "/approve #1 " + _filled("a:"),
    "numbers": "/approve " + _filled("#1,"),
    "filters": "/approve " + _filled("owner:a "),
    "open quotes": "/approve " + _filled('owner:"'),
    "dashes": "/approve #1 " + _filled("-"),
    "double dashes": "/approve #1 " + _filled(" --x"),
    "blanks": "/approve for" + _filled(" ") + "x",
    "fors": "/approve " + _filled("for "),
    "fors in one word": "/approve " + _filled("for-"),
    "articles": "/approve " + _filled("for the the the the the "),
    "numbers without a unit": "/approve " + _filled("3 "),
    "digits": "/approve " + _filled("3"),
    "glued units": "/approve " + _filled("3d") + "x",
    "glued minutes": "/approve " + _filled("3min") + "x",
    "list marks": "/approve\n\n" + _filled("- ") + "x",
    "later lines": "/approve\n" + _filled("for a\n"),
    "quoted lines": "/approve\n" + _filled("> for 3d\n"),
    "table, later": "/approve\n\na|b\n-|-\n" + _filled("for|x\n"),
}


@pytest.mark.parametrize("first", range(0, len(HOSTILE), A_FEW))
def test_reading_stays_linear(first: int) -> None:
    names = list(HOSTILE)[first : first + A_FEW]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *names], capture_output=True, text=True, check=False
    )
    read = done.stdout.split("\n")[:-1]
    assert read == names, f"{names[len(read) :][:1]}: {done.stderr}"
    assert done.returncode == 0


@pytest.mark.parametrize("marks", ["\u0300", "\u0300\u0316", "\uff9e\u0301", "\u200b\ufeff"])
def test_marks_without_end_hide_no_command(marks: str) -> None:
    answer = read_command(f"/appr{marks * 20_000}ove", Place.REVIEW)
    assert isinstance(answer, Misuse)
    assert (answer.kind, answer.command) == (MisuseKind.MISSPELT, Name.APPROVE)
    assert len(answer.word) <= 60


def test_marks_without_end_hide_no_limit() -> None:
    answer = read_command("/approve f" + "\u0300\u0316" * 20_000 + "or 3d", Place.REVIEW)
    assert not isinstance(answer, Command)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    for name in sys.argv[1:]:
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + LIMIT, hard))
        read_command(HOSTILE[name], Place.DIGEST)
        print(name, flush=True)
