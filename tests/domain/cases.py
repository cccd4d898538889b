"""A command as a case with every fact read: nothing speaks against it but what a test changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.accounts import Account, Membership
from bot.domain.case import AskBack, Case, Cause, Confirm, Fact, Proceed, Refuse, Waiting
from bot.domain.commands import Command, Place, read_command
from bot.domain.events import Comment
from bot.domain.record import Decision, IssueRef, Preview
from bot.domain.token_request import State
from tests.domain.making import NOW, make_row, make_token_request

OLGA = Account(501, "olga")
OSCAR = Account(502, "oscar")
HERE = IssueRef(5, "acme-corp/token-requests", 12)
WRITTEN = NOW - timedelta(seconds=2)
SHOWN = make_row(12).request.fingerprint
OTHER = make_token_request(id=700012, result={"repository": {"administration": "write"}})
CRITICAL = {"organization": {"organization_administration": "write"}}
COMMENT = Comment(
    77, "", OLGA, "2026-11-22T09:29:58Z", created_at=WRITTEN, issue_number=HERE.number
)
PREVIEW = Preview("c0de", 70001, HERE, OLGA.id, "/approve for 3d", {}, NOW - timedelta(hours=1))
LATER = NOW + timedelta(days=2)


def asked(text: str) -> Command:
    place = Place.DIGEST if text.startswith("/keep") else Place.REVIEW
    command = read_command(text, place)
    assert isinstance(command, Command)
    return command


def make_case(text: str = "/approve", **changes: Any) -> Case:
    """An owner's command with every fact read, and nothing that speaks against it."""
    in_row = {name[4:]: changes.pop(name) for name in list(changes) if name.startswith("row_")}
    in_comment = {n[3:]: changes.pop(n) for n in list(changes) if n.startswith("by_")}
    row = make_row(12, **{"shown_fingerprint": SHOWN, **in_row})
    comment = replace(COMMENT, body=text, **in_comment)
    facts = {
        "row": row,
        "bound_to": row.shown_fingerprint,
        "may_revoke": True,
        "read_at": NOW,
        "comment_now": comment,
        "issue_as_recorded": True,
        "listed": row.request,
        "unanswered_stop": False,
        "requester_left": False,
        "has_access": False,
        "others": (),
        "membership": Membership(OLGA.id, "admin", "active"),
    }
    return Case(asked(text), comment, HERE, NOW, **{**facts, **changes})


def under_way(comment_id: int) -> dict[str, Any]:
    """The row's fields while this comment's decision is carried out."""
    decision = Decision(State.APPROVED, NOW, by=OLGA, comment_id=comment_id)
    return {"row_state": State.DECIDING, "row_decision": decision}


def never(**changes: Any) -> dict[str, Any]:
    """A token that never expires, as shown and as listed."""
    request = make_token_request(id=700012, expires_at=None, **changes)
    shown = request.fingerprint
    of_request = {f"row_{name}": value for name, value in changes.items()}
    return {"row_expires_at": None, "row_shown_fingerprint": shown, "listed": request, **of_request}


def edited(**changes: Any) -> dict[str, Any]:
    return {"comment_now": replace(COMMENT, body="/approve", **changes)}


def refuse(cause: Cause) -> Refuse:
    return Refuse(cause)


def wait(why: Waiting, fact: Fact | None = None) -> tuple[Waiting, Fact | None]:
    return why, fact


def confirm(*reasons: AskBack) -> Confirm:
    return Confirm(frozenset(reasons))


GO = Proceed()
MEMBER = Membership(OLGA.id, "member", "active")
INVITED = Membership(OLGA.id, "admin", "pending")
IMPOSTOR = Membership(OSCAR.id, "admin", "active")
LONG_GONE = {Fact.COMMENT: NOW - timedelta(seconds=9), Fact.MEMBERSHIP: NOW - timedelta(seconds=9)}
JUST_GONE = {Fact.COMMENT: NOW - timedelta(seconds=7), Fact.MEMBERSHIP: NOW - timedelta(seconds=7)}
DEAD = {
    "row_expires_at": NOW,
    "row_shown_fingerprint": make_token_request(expires_at=NOW).fingerprint,
}
