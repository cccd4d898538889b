"""Answers to `/revoke token:ID`, `/revoke KIND` and `/keep`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.tokens import KnownGrant
from bot.replies.budget import BODY_LIMIT, fitting
from bot.replies.escape import code
from bot.replies.links import GITHUB
from bot.replies.times import day
from bot.replies.tokens import named, use

OWN = "it is your own"
GONE = "GitHub does not list its access any more"
OTHER = "GitHub lists another access of this token by now"
KEPT = "an owner keeps it by now"
STOPPED = "the command does not hold any more"
CHANGED = "it is not {kind} any more"


def token_preview(
    kind: str,
    chosen: Sequence[KnownGrant],
    more: int,
    own: int,
    token_code: str,
    web_url: str = GITHUB,
) -> str:
    """What `/revoke KIND` would do, with the code that does it."""
    lines = [f"- {named(one, web_url)}, {use(one)}" for one in chosen]
    tokens = f"{_tokens(len(chosen))} that {'is' if len(chosen) == 1 else 'are'} {kind}"
    head = f"As far as the bot knows, this would revoke all access of {tokens}:"
    text = [head, "", *fitting(lines, BODY_LIMIT - 2000, _more)]
    if more:
        text += ["", f"{more} more are {kind}: ask again when these are done."]
    if own:
        text += ["", f"Left out, because they are your own: {own}."]
    confirm = f"To do it, comment {code(f'/confirm {token_code}')} within 24 hours."
    return "\n".join([*text, "", f"{confirm} Each is read again just before."])


def revoked_tokens(
    done: Sequence[KnownGrant], left_out: Mapping[str, Sequence[KnownGrant]], web_url: str = GITHUB
) -> str:
    """What became of each token of a revocation."""
    lines = [f"- {named(one, web_url)}: revoked" for one in done]
    lines += [f"- {one}" for one in left_out_tokens(left_out, web_url)]
    head = f"Revoked all access of {_tokens(len(done))}."
    return "\n".join([head, "", *fitting(lines, BODY_LIMIT - 1000, _more)])


def kept_tokens(
    done: Sequence[KnownGrant],
    left_out: Mapping[str, Sequence[KnownGrant]],
    until: datetime,
    web_url: str = GITHUB,
) -> str:
    """Which tokens digests do not list for a while."""
    lines = [f"- {named(one, web_url)}" for one in done]
    lines += [f"- {one}" for one in left_out_tokens(left_out, web_url)]
    head = f"Until {day(until)} digests do not list {_tokens(len(done))}."
    return "\n".join([head, "", *fitting(lines, BODY_LIMIT - 1000, _more)])


def left_out_tokens(
    left_out: Mapping[str, Sequence[KnownGrant]], web_url: str = GITHUB
) -> list[str]:
    """Each token that was left out, and why."""
    return [
        f"{named(one, web_url)}: left out, {why}"
        for why, grants in left_out.items()
        for one in grants
    ]


def no_tokens(left_out: Mapping[str, Sequence[KnownGrant]], web_url: str = GITHUB) -> str:
    """Nothing could be done."""
    lines = [f"- {one}" for one in left_out_tokens(left_out, web_url)]
    if not lines:
        return "No active token is meant, so nothing was done."
    text = ["Nothing was done:", "", *fitting(lines, BODY_LIMIT - 1000, _more)]
    return "\n".join(text)


def unknown_tokens(token_ids: Sequence[int]) -> str:
    """Ids of no active token of the organization."""
    shown = ", ".join(code(f"token:{one}") for one in token_ids[:20])
    return (
        f"I know no active token of this organization with the id {shown}, so nothing was done. "
        "The daily pass brings new tokens into the record; `tokens` on the command line lists them."
    )


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count} tokens"


def _more(count: int) -> str:
    return f"- … and {count} more that do not fit here"
