"""What the author of a refused command reads, for each cause."""

from collections.abc import Callable

from bot.domain.case import Cause
from bot.domain.policy import Objection
from bot.domain.record import RequestRecord
from bot.replies import refusals
from bot.replies.links import GITHUB


def refusal_text(cause: Cause, row: RequestRecord, org_login: str, web_url: str = GITHUB) -> str:
    """Why the command is not carried out, and what to do next."""
    if cause is Cause.REQUESTER_LEFT:
        return refusals.requester_left(row, org_login, web_url)
    if cause in _OF_REQUEST:
        return _OF_REQUEST[cause](row, web_url)
    return author_text(cause, org_login, web_url)


def author_text(cause: Cause, org_login: str, web_url: str = GITHUB) -> str:
    """The same when the command is about no single request."""
    return _OF_AUTHOR[cause](org_login, web_url)


def _objection(why: Objection) -> Callable[[str, str], str]:
    return lambda org, web_url: refusals.objection(why, org, web_url)


_OF_AUTHOR: dict[Cause, Callable[[str, str], str]] = {
    Cause.OWN_REQUEST: _objection(Objection.OWN_REQUEST),
    Cause.NOT_A_PERSON: _objection(Objection.NOT_A_PERSON),
    Cause.NOT_AN_OWNER: _objection(Objection.NOT_AN_OWNER),
    Cause.UNKNOWN_CODE: lambda *_: refusals.unknown_code(),
    Cause.ANOTHERS_CODE: lambda *_: refusals.not_your_code(),
    Cause.OLD_CODE: lambda *_: refusals.old_code(),
    Cause.CANNOT_REVOKE: lambda *_: refusals.cannot_revoke(),
    Cause.NO_TOKEN_ID: lambda *_: refusals.no_token_id(),
    Cause.COMMENT_GONE: lambda *_: refusals.comment_not_found(),
    Cause.COMMENT_BY_AN_APP: lambda *_: refusals.edited_comment(),
    Cause.COMMENT_ELSEWHERE: lambda *_: refusals.edited_comment(),
    Cause.COMMENT_EDITED: lambda *_: refusals.edited_comment(),
    Cause.ISSUE_CHANGED: lambda *_: refusals.edited_issue(),
    Cause.REQUEST_CHANGED: lambda *_: refusals.changed(),
    Cause.OLDER_THAN_SHOWN: lambda *_: refusals.changed(),
    Cause.OLDER_THAN_RECORD: lambda *_: refusals.older_than_record(),
    Cause.REFUSED_BEFORE: lambda *_: refusals.refused_before(),
    Cause.RULE_DENIES: lambda *_: refusals.rule_denies(),
    Cause.NOT_NAMED: refusals.not_named,
    Cause.NO_RULE_DECIDES: lambda *_: refusals.rule_denies(),
    Cause.HELD_BY_AN_OWNER: refusals.held_by_owner,
    Cause.NOT_TAKEN: lambda *_: refusals.not_taken(""),
}
_OF_REQUEST: dict[Cause, Callable[[RequestRecord, str], str]] = {
    Cause.DECIDED: refusals.already_decided,
    Cause.EXPIRED: refusals.already_decided,
    Cause.NOT_APPROVED: refusals.not_approved,
    Cause.HELD: refusals.held,
}
