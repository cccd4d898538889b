"""Foreign text that attacks, and the check that it does nothing."""

import re

from hypothesis import strategies as st

from bot.domain.commands import Place, read_command
from tests.replies.github_markdown import look
from tests.replies.rendering import Rendered, render

ALLOWED_LINK = re.compile(
    r"https://docs\.github\.com/en/[a-z/-]+(#[a-z-]+)?"
    r"|https://github\.com/([A-Za-z0-9_-]+"
    r"|[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/issues/[0-9]+"
    r"|organizations/[\w%.~-]*/settings/personal-access-tokens"
    r"|organizations/[\w%.~-]*/settings/personal-access-token-requests)"
)
OUR_COMMENT = re.compile(r"(token-(request|digest|alarm|policy)|countersign) [\w:/-]+")
_PIECES = [
    "EVIL!",
    "@bob",
    "@acme-corp/owners",
    "#1",
    "acme-corp/web#2",
    "GH-3",
    "fixes #4",
    "https://evil.example/",
    "www.evil.example",
    "eve@evil.example",
    "![](https://evil.example/p.png)",
    "[x](https://evil.example)",
    "<https://evil.example>",
    "<script>",
    "<img src=x>",
    "</details>",
    "<!--",
    "-->",
    "&#64;bob",
    "&lt;",
    "\\",
    "`",
    "``",
    "```",
    "~~~",
    "|",
    "\\|",
    "*",
    "**",
    "_",
    "~~",
    "$",
    "> ",
    "- ",
    "# ",
    "---",
    "    ",
    "\t",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\u2028",
    "\x85",
    "\x0b",
    "\x00",
    "/approve",
    "\n/approve\n",
    "/deny no",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u0301",
    "\U000e0041",
    "\ud800",
    "e",
    "\U0001f600",
    "x" * 300,
]
foreign = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=60)
"""Text that an attacker may choose."""


def assert_harmless(text: str, allowed_numbers: frozenset[int] = frozenset()) -> Rendered:
    """Nothing foreign in this text is markup, a mention, a reference, a link or a command."""
    seen = render(text)
    words = "\n".join(seen.words)
    assert seen.strange == []
    assert all(ALLOWED_LINK.fullmatch(link) for link in seen.links), seen.links
    assert "@" not in words
    assert "EVIL!" not in words
    assert not re.search(r"\bGH-\d", words)
    assert {int(n) for n in re.findall(r"#(\d+)", words)} <= allowed_numbers
    assert not [line for line in text.split("\n") if line.lstrip().startswith("/")]
    assert all(read_command(text, place) is None for place in Place)
    assert len(text.encode("utf-8", "strict")) < 65_536
    _harmless_on_github(text, allowed_numbers)
    return seen


def _harmless_on_github(text: str, allowed_numbers: frozenset[int]) -> None:
    """The same, as GitHub's own Markdown renders it; every table keeps its shape."""
    seen = look(text)
    words = "\n".join(seen.words)
    assert seen.strange == []
    assert all(OUR_COMMENT.fullmatch(comment) for comment in seen.comments), seen.comments
    assert all(ALLOWED_LINK.fullmatch(link) for link in seen.links), seen.links
    assert "@" not in words
    assert "EVIL!" not in words
    assert not re.search(r"(?i)\bGH-\d", words)
    assert {int(n) for n in re.findall(r"#(\d+)", words)} <= allowed_numbers
    assert set(seen.columns) <= {2, 4}
