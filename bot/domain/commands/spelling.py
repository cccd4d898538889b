"""Is this slash word ours, nearly ours, or another bot's?"""

import re
import unicodedata
from functools import lru_cache

from bot.domain.commands.table import Name
from bot.domain.unseen import UNSEEN, blanked, is_unseen

SLASHES = "/\uff0f\u2215\u2044\u29f8"
"""The slash, and what looks like one."""

BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Blanks that are no plain ones, such as the one that does not break; for the same."""

NEAR = 2
"""A word within so many letters of a command is taken for a slip of the pen."""

_LEAD = re.compile(rf"[ {UNSEEN}{BLANKS}]*")
_GOES_ON = re.compile(r"[a-z0-9_/-]")
"""Behind a command's name these make another word: `/approve-all`, `/help/me`."""

_LOOK_ALIKES = str.maketrans(
    "аАεеЕсСԁɗеһНіІıΙιӏןοоОσрРρѕЅтТτυцѵνхХуУγмМкКκηпяՏհոօ",
    "aaeeecCddehhiiiiillooooppPsstttuuvvxxyyymmkkknnrshno",
)


def slash_word(line: str) -> str:
    """The word that a line begins with, its slash included, and what hides before the slash."""
    bare = line.lstrip(" ").replace("\t", " ")
    lead = _LEAD.match(bare)
    begin = lead.end() if lead else 0
    return bare[:begin] + bare[begin:].partition(" ")[0]


def read_word(word: str) -> tuple[Name | None, bool]:
    """The command that a slash word means, and whether it is exactly that.

    (None, False) means: another bot's word. Case does not matter; only plain ASCII is exact.
    """
    slash, name = re.split(f"(?<=[{SLASHES}])", word, maxsplit=1)
    if slash == "/" and name.isascii() and name.lower() in set(Name):
        return Name(name.lower()), True
    return nearest(name), False


def nearest(word: str) -> Name | None:
    """The command within two letters of this word, look-alikes and invisible letters undone.

    An invisible letter may also stand where a blank was meant.
    """
    return _closest(skeleton(word)[:24]) or _closest(
        skeleton(blanked(word).replace("&nbsp;", " "))[:24]
    )


@lru_cache(maxsize=256)
def _closest(plain: str) -> Name | None:
    for name in Name:
        if plain.startswith(name) and not _GOES_ON.match(plain, len(name)):
            return name
    close = [name for name in Name if abs(len(name) - len(plain)) <= NEAR]
    best = min(close, key=lambda name: _distance(plain, name), default=None)
    return best if best and _distance(plain, best) <= _near(best) else None


def _near(name: Name) -> int:
    """`/retest` is another bot's, and two letters from `/reject`, which few issues know."""
    return 1 if name is Name.REJECT else NEAR


def skeleton(word: str) -> str:
    """The first word of a text as it looks; empty when there is none."""
    return "".join(plain(word).split(maxsplit=1)[:1])


def plain(text: str) -> str:
    """A text as it looks: accents, invisible letters and look-alikes undone, in lower case.

    Each character is decomposed by itself. `unicodedata.normalize` sorts the marks that follow
    each other, and with thousands of them in a row it takes seconds; marks are dropped here anyway.
    """
    if text.isascii() and text.isprintable():
        return text.lower()
    return "".join(_plain_character(each) for each in text).casefold()


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    letters = unicodedata.normalize("NFKD", character.translate(_LOOK_ALIKES))
    return "".join(c for c in letters if not is_unseen(c) and unicodedata.category(c) != "Mn")


def _distance(one: str, two: str) -> int:
    """Levenshtein's edit distance; the words are short."""
    row = list(range(len(two) + 1))
    for i, left in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(two, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
            previous, row[j] = row[j], cost
    return row[-1]
