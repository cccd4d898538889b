"""What is asked back before an approval that may mean more than was meant."""

from datetime import datetime

from bot.domain.permissions import Danger
from bot.domain.record import RequestRecord
from bot.replies.people import token_name
from bot.replies.times import minute


def ask_back(confirm_code: str, *doubts: str) -> str:
    """These doubts, and how to go on in spite of them."""
    how = (
        f"Nothing is done yet. If you want this, comment `/confirm {confirm_code}` within 24 "
        "hours. Only you can use this code."
    )
    return "\n\n".join([*doubts, how])


def never_expires(row: RequestRecord, *, known: bool) -> str:
    """An approval without a time limit, of a critical token that never expires. Not `known`:
    GitHub did not tell the requester's other tokens, which may make it critical.
    """
    if not known:
        danger = "GitHub does not tell what else its owner's tokens may do: it may be **critical**"
    elif row.danger is Danger.CRITICAL:
        danger = "its danger is **critical**"
    else:
        danger = "together with its owner's other active tokens its danger is **critical** by now"
    return (
        f"⚠️ The token {token_name(row.request)} **never expires**, and {danger}. Your command "
        "sets no time limit, so the access would last **for ever**. To limit it, post for "
        "example `/approve for 30d` in a new comment instead."
    )


def widens_access(row: RequestRecord) -> str:
    """A timed approval of a token that has access already."""
    return (
        f"The token {token_name(row.request)} already has access. When the time is over, I revoke "
        "**all of its access, the older access included**. If you do not want that, post "
        "`/approve` without a time limit in a new comment."
    )


def lasts_longer(row: RequestRecord, earlier: datetime, later: datetime | None) -> str:
    """A later end than an earlier approval's (`earlier`); `later` None is no end at all."""
    until = f"until **{minute(later)}**" if later else "**without a time limit**"
    return (
        f"An earlier approval of the token {token_name(row.request)} ends on **{minute(earlier)}**."
        f" Your command would let the access last {until}. To keep the earlier end, post "
        "`/approve` without a time limit in a new comment."
    )
