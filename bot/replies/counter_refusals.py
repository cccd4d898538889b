"""Why a counter-offer is not made, and how to make one."""

from bot.domain.counter_offer import OfferCause, OfferRefusal
from bot.replies.escape import code

_WORD = 60


def offer_refusal(why: OfferRefusal) -> str:
    """What the author of a refused `/counter` reads."""
    too_long = why.cause is OfferCause.TOO_LONG
    text = _TOO_LONG[why.word == "text"] if too_long else _TEXTS[why.cause]
    said = text.format(word=code(why.word, _WORD), over=_characters(why.over))
    return f"{said} Nothing was done."


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count:,} characters"


_TEXTS = {
    OfferCause.UNKNOWN_PERMISSION: "I do not know the permission {word}. Please use the names in "
    "the table of permissions.",
    OfferCause.MORE_PERMISSION: "The request does not ask for {word}, and an offer must be smaller "
    "than the request. Please name only permissions of the table, at its level or a lower one.",
    OfferCause.MORE_REPOSITORIES: "The request does not ask for the repository {word}, and an "
    "offer must be smaller than the request. Please name only repositories that it asks for.",
    OfferCause.MORE_TIME: "The request asks for a shorter time, and an offer must be smaller than "
    "the request. Please write a shorter time, or none: then the request\u2019s counts.",
}
_TOO_LONG = {
    True: "With your text the reason is {over} longer than GitHub takes. Please shorten the text "
    "by so much.",
    False: "The reason is {over} longer than GitHub takes, even without your text. Please name "
    "fewer repositories, or fewer permissions.",
}
