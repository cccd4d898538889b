"""Characters that nobody sees: one list for commands, reasons and foreign text.

What is drawn as nothing hides a time limit or makes an empty reason long, and nobody who reads the
text can know.
"""

import re
import unicodedata

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""For a regular expression's class: what fonts leave out (Unicode's Default_Ignorable_Code_Point,
DerivedCoreProperties.txt), and the Braille pattern without a dot.
"""

_UNSEEN = re.compile(f"[{UNSEEN}]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_unseen(character: str) -> bool:
    """Whether it is drawn as nothing: a control character or a line end is, a blank is not."""
    return unicodedata.category(character) in _HIDDEN or _UNSEEN.match(character) is not None


def seen(text: str) -> str:
    """The text as it is seen, trimmed: one line."""
    return "".join(c for c in text if not is_unseen(c)).strip()


def appearance(text: str) -> str:
    """The same for texts that look the same but for similar letters: what is seen, with one blank
    for all that look like some, and one form of each letter.
    """
    return " ".join(unicodedata.normalize("NFKC", seen(text)).split())


def blanked(text: str) -> str:
    """The text with blanks for what is not seen: some of it is drawn as wide as a letter."""
    return _UNSEEN.sub(" ", text)
