"""Grants for tests: an ordinary one that nobody has to look at, changed where a test says so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import Grant, State
from bot.domain.tokens import KnownGrant
from tests.domain.making import ALICE, BOB, NOW, make_row

DAY = timedelta(days=1)

_GRANT = Grant(
    id=31,
    token_id=4455667,
    owner=ALICE,
    result={"repository": {"contents": "write", "metadata": "read"}},
    selection="subset",
    granted_at=NOW - 3 * DAY,
    expires_at=NOW + timedelta(days=87),
    token_name="deploy bot",
    last_used_at=NOW - DAY,
)
_OF_GRANT = frozenset(Grant.__dataclass_fields__)


def make_known_grant(**changes: Any) -> KnownGrant:
    """A grant that was approved as it is; `changes` are the grant's fields or what is known."""
    of_grant = {name: changes.pop(name) for name in list(changes) if name in _OF_GRANT}
    known = KnownGrant(70001, replace(_GRANT, **of_grant), NOW - 2 * DAY, NOW)
    return replace(known, **changes)


def make_approved(number: int = 12, **changes: Any) -> RequestRecord:
    """The request that it rests on, approved by a command, unless `decision` says otherwise."""
    at = changes.pop("at", NOW - 3 * DAY)
    comment_id = changes.pop("comment_id", 77)
    decision = Decision(State.APPROVED, at, by=BOB, comment_id=comment_id)
    return make_row(number, State.APPROVED, **{"decision": decision, **changes})
