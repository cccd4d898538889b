"""Comments made to be slow: reading stays linear.

Measured on one core of the build machine: the slowest of these (100,000 characters) takes 0.9 s.
"""

import time

import pytest

from bot.domain.commands import Place, read_command

SIZE = 100_000
LIMIT = 8.0
"""Seconds; an order of magnitude above what was measured, far below anything quadratic."""


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
    "combining": "/a" + _filled("\u0300"),
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
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_stays_linear(name: str) -> None:
    began = time.process_time()
    read_command(HOSTILE[name], Place.DIGEST)
    assert time.process_time() - began < LIMIT
