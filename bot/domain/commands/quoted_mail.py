"""Answers by mail carry the mail they answer: where it begins, surely or perhaps.

Mail programs write its head in the language of their user. What only looks like one is taken for
one too, since what others wrote must never command; but then its author is told. Lines are compared
as plain letters (see spelling.plain), so the words here have no accents.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.domain.commands.spelling import plain

_WRAPPED = 3
"""Mail programs break `On … wrote:` into at most so many lines."""

_ORIGINAL = re.compile(
    r"[-_=]{2,} ?(original message|urspr(u|ue)ngliche nachricht|message d['’]origine"
    r"|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht) ?[-_=]{2,}"
)
_BETWEEN_LINES = re.compile(r"[-_=]{4,} ?\w[^-_=].* ?[-_=]{4,}")
_UNDERSCORES = re.compile(r"_{20,}")  # Outlook's line; people draw theirs shorter
_OPENING = re.compile(r"(on|am|le|el|il|op|den|em|il giorno) ")
_WROTE = re.compile(r"\b(wrote|schrieb|ecrit|escribio|scritto|schreef|skrev|escreveu)\b( ?:$)?")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")  # GitHub masks it as ***@***.***
_SENDER = re.compile(r"[*_]*(from|von|de|da|van|fran|fra|expediteur|remitente)[*_]* ?:")
_FIELD = re.compile(
    r"[*_]*(from|von|de|da|van|fran|fra|expediteur|remitente|sent|date|to|cc|subject|gesendet|datum"
    r"|an|betreff|envoye|envoye le|objet|enviado|enviado el|fecha|para|asunto|inviato|data|a"
    r"|oggetto|verzonden|aan|onderwerp|skickat|till|amne|sendt|til|emne|assunto)[*_]* ?:"
)


@dataclass(frozen=True)
class QuotedMail:
    """The numbers of the first line of what is surely, and of what may be, quoted mail."""

    surely: int
    perhaps: int


def quoted_mail_begins(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> QuotedMail:
    """Where quoted mail begins; the count of lines when nowhere.

    `spans` are the text blocks and rules (first line, line after the last): a head in code is none.
    """
    perhaps = len(lines)
    for start, block in _windows(lines, dict.fromkeys(spans)):  # a table's row is named often
        if _is_head(block):
            return QuotedMail(start, min(start, perhaps))
        if _may_be_head(block):
            perhaps = min(start, perhaps)
    return QuotedMail(len(lines), perhaps)


def _windows(
    lines: Sequence[str], spans: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, list[str]]]:
    """Each line of a text block with the few that follow it there, as they are compared."""
    for start, stop in spans:
        plain = [_plain(line) for line in lines[start:stop]]
        for n in range(len(plain)):
            yield start + n, plain[n : n + _WRAPPED]


def _plain(line: str) -> str:
    return " ".join(plain(line).split())


def _is_head(block: Sequence[str]) -> bool:
    if _ORIGINAL.fullmatch(block[0]):
        return True
    if _SENDER.match(block[0]) and _fields(block) >= (2 if _ADDRESS.search(block[0]) else 3):
        return True
    said = _until_colon(block) if _OPENING.match(block[0]) else ""
    wrote = _WROTE.search(said)
    return wrote is not None and (wrote[2] is not None or any(map(str.isdigit, said)))


def _may_be_head(block: Sequence[str]) -> bool:
    first = block[0]
    if _UNDERSCORES.fullmatch(first) or _BETWEEN_LINES.fullmatch(first):
        return True
    if _fields(block) > 1:
        return True
    if _SENDER.match(first):
        return bool(_ADDRESS.search(first))
    said = _until_colon(block)
    return bool(_ADDRESS.search(said) or (_OPENING.match(first) and _WROTE.search(said)))


def _fields(block: Sequence[str]) -> int:
    """How many lines from here on are fields of a mail."""
    return sum(1 for _ in takewhile(_FIELD.match, block))


def _until_colon(block: Sequence[str]) -> str:
    """The sentence that begins here and ends a line with a colon; empty when there is none."""
    for count, line in enumerate(block, 1):
        if line.startswith("/"):
            return ""
        if line.endswith(":"):
            return " ".join(block[:count])
    return ""
