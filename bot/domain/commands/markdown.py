"""Which lines of a comment stand free: in no code, quote, list, table, HTML or quoted mail.

A comment is Markdown (CommonMark, with GitHub's tables). Each line that begins with a slash word of
ours is marked in the source with its number; where the parser puts the mark tells where it stands.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.commands.footnotes import footnote_and_formula_lines
from bot.domain.commands.quoted_mail import quoted_mail_begins
from bot.domain.commands.raw_html import OpenElements
from bot.domain.commands.spelling import BLANKS, SLASHES, read_word, slash_word
from bot.domain.commands.table import Name
from bot.domain.unseen import UNSEEN

# Emphasis and entities move no line. The parser's time grows with the nesting it follows.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 10})
_MARKDOWN.enable("table").disable(["emphasis", "entity"])
# At most three blanks; invisible letters and odd blanks before the slash do not hide it.
_SLASH_LINE = re.compile(rf" {{0,3}}(?:[{UNSEEN}{BLANKS}][ {UNSEEN}{BLANKS}]*)?[{SLASHES}]")


@dataclass(frozen=True)
class SlashLine:
    """A line that means a command of ours. `exact` False: the word is only nearly the name.

    `free` False: for want of a blank line it belongs to the text around it. `quoted`: it stands
    below what may be the head of a quoted mail. `talk`: the lines outside quotes and code that
    follow the comment's first slash line.
    """

    text: str
    name: Name
    exact: bool
    free: bool
    quoted: bool = False
    talk: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The slash word as written."""
        return slash_word(self.text)


@dataclass
class _Places:
    """Numbers of slash lines that stand free, of those in other text; spans of all text blocks and
    of rules (`____`), and of the text blocks inside quotes.
    """

    free: list[int] = field(default_factory=list)
    enclosed: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    quotes: list[tuple[int, int]] = field(default_factory=list)

    def spoken(self) -> set[int]:
        """The numbers of the lines of text: neither code nor quote."""
        quoted = {n for start, stop in set(self.quotes) for n in range(start, stop)}
        return {n for start, stop in set(self.spans) for n in range(start, stop)} - quoted


def slash_lines(text: str) -> list[SlashLine]:
    """The comment's lines that mean us: the free ones, and those that lack a blank line to be.

    Lines in code, quotes, lists, HTML, footnotes, formulas and what follows a mail's head are left
    out; of what may follow one only as long as nothing above it means us. Linear time.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ours = _our_slash_words(lines)
    if not ours:
        return []
    places = _parse(lines, ours)
    found = dict.fromkeys(places.free, True)
    if places.enclosed:
        freed = _parse(lines, ours, spread=frozenset(places.enclosed)).free
        found |= dict.fromkeys(set(freed) & set(places.enclosed), False)
    mail = quoted_mail_begins(lines, places.spans)
    beside = footnote_and_formula_lines(lines, places.spans)
    heard = [n for n in sorted(found) if n < mail.surely and n not in beside]
    above = [n for n in heard if n < mail.perhaps]
    first = min(above or heard, default=len(lines))
    talk = tuple(
        lines[n] for n in sorted(places.spoken()) if first < n < mail.surely and lines[n].strip()
    )
    return [
        SlashLine(lines[n].strip(), *ours[n], found[n], quoted=not above, talk=talk)
        for n in above or heard
    ]


def _our_slash_words(lines: Sequence[str]) -> dict[int, tuple[Name, bool]]:
    """Line numbers whose slash word is ours, or nearly: the command and whether it says just so."""
    ours = {}
    for n, line in enumerate(lines):
        name, exact = read_word(slash_word(line)) if _SLASH_LINE.match(line) else (None, False)
        if name:
            ours[n] = name, exact
    return ours


def _parse(
    lines: Sequence[str], numbers: Iterable[int], spread: frozenset[int] = frozenset()
) -> _Places:
    """Parse with marks. Lines in `spread` get blank lines around them, to see who lets them go."""
    mark = _unused_character(lines)
    source = list(lines)
    for n in numbers:
        bare = lines[n].lstrip(" ")
        marked = f"{lines[n][: -len(bare)]}{mark}{n}{mark}{bare}"
        source[n] = f"\n{marked}\n" if n in spread else marked
    return _find_places(_MARKDOWN.parse("\n".join(source)), re.compile(f"{mark}([0-9]+){mark}"))


def _find_places(tokens: Sequence[Token], mark: re.Pattern[str]) -> _Places:
    places, elements, quotes = _Places(), OpenElements(), 0
    for block, token in pairwise(tokens):
        quotes += block.nesting if block.type.startswith("blockquote_") else 0
        if block.type == "html_block":
            elements.read(block.content)
        if block.type == "hr" and block.map:
            places.spans.append((block.map[0], block.map[1]))
        if token.type != "inline":
            continue
        if token.map:
            places.spans.append((token.map[0], token.map[1]))
            places.quotes += places.spans[-1:] if quotes else []
        top = block.type == "paragraph_open" and block.level == 0
        for n, plain in _marks_in(token.children or [], mark, elements):
            (places.free if top and plain else places.enclosed).append(n)
    return places


def _marks_in(
    children: Iterable[Token], mark: re.Pattern[str], elements: OpenElements
) -> Iterator[tuple[int, bool]]:
    """Marks that begin a line of text, and whether they stand outside links and raw HTML."""
    links = 0
    for child in children:
        if child.type == "html_inline":
            elements.read(child.content)
        links += child.nesting if child.type.startswith("link_") else 0
        found = mark.match(child.content) if child.type == "text" else None
        if found:
            yield int(found[1]), not links and not elements.any


def _unused_character(lines: Sequence[str]) -> str:
    """A private-use character that the comment does not contain."""
    used = set().union(*lines)
    planes = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    return next(chr(code) for plane in planes for code in plane if chr(code) not in used)
