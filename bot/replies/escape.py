"""Foreign text made harmless: it cannot mention, link, format, hide or command.

Foreign is all that people or other programs chose: token names, reasons, logins, repositories,
permission names, comments.
"""

import re

from bot.domain.unseen import seen

NAME_LIMIT = 200
"""Characters of a token's name that are shown (GitHub's own limit is lower)."""
REASON_LIMIT = 2048
"""Characters of a requester's reason that are shown."""
REASON_LINES = 20

MASK = "[masked GitHub token]"
_PREFIX = "(?:github_pat|gh[pousr])_"
_TOKEN = re.compile(rf"\b{_PREFIX}[\w.-]{{4,}}|{_PREFIX}[\w.-]{{20,}}", re.ASCII)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_LINES = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ZERO_WIDTH = "\u200b"


def clean(text: str) -> str:
    """The text without control, bidi, zero-width and newline characters, trimmed."""
    return seen(text)


def masked(text: str) -> str:
    """The text with everything that looks like a GitHub token masked."""
    return _TOKEN.sub(MASK, text)


def has_token(text: str | None) -> bool:
    """Whether the text shows something that looks like a GitHub token."""
    return _TOKEN.search(clean(text or "")) is not None


def cut(text: str, limit: int) -> str:
    """The text, shortened to `limit` characters with an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """One line of foreign text as a code span, in which nothing is markup or a mention."""
    return _span(masked(clean(text)), limit)


def repository_code(full_name: str) -> str:
    """A repository's name as a code span, never masked: who decides has to know which one is meant,
    also if its name begins as tokens do.
    """
    return _span(clean(full_name), NAME_LIMIT)


def _span(text: str, limit: int) -> str:
    plain = cut(text, limit)
    if not plain:
        return "(empty)"
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if plain[0] == "`" or plain[-1] == "`" else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def cell(text: str) -> str:
    """A code span for a table's cell, where even in code a bar would end the cell."""
    return code(text.replace("|", "¦"))


def quote(text: str) -> str:
    """Several lines of foreign text as a block quote of code spans."""
    lines = [clean(line) for line in _LINES.split(text[: REASON_LIMIT * 4])]
    shown = [line for line in lines if line]
    kept, room = [], REASON_LIMIT
    for line in shown[:REASON_LINES]:
        if room <= 0:
            break
        kept.append(code(line, room))
        room -= len(line)
    if len(kept) < len(shown) or len(text) > REASON_LIMIT * 4:
        kept.append("… (shortened)")
    return "\\\n".join(f"> {line}" for line in kept)


def person(login: str, web_url: str) -> str:
    """A login as a link without `@`; bots and odd logins as a code span."""
    if _LOGIN.fullmatch(login):
        return f"[{title_text(login)}]({web_url}/{login})"
    return code(login)


def title_text(text: str) -> str:
    """Foreign text for an issue's title: as it is when harmless.

    Titles are no Markdown but for code spans; `@`, `#` and `GH-` get a zero-width space behind
    them where they would mention or refer.
    """
    plain = masked(clean(text)).replace("`", "'")
    plain = re.sub(r"@(?=\w)", f"@{_ZERO_WIDTH}", plain)
    plain = re.sub(r"#(?=\d)", f"#{_ZERO_WIDTH}", plain)
    return re.sub(r"(?i)(?<![a-z0-9])(gh)-(?=\d)", rf"\1{_ZERO_WIDTH}-", plain)
