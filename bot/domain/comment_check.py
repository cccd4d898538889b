"""A commanding comment as it was delivered, and as GitHub shows it just before its execution."""

from enum import StrEnum

from bot.domain.events import Comment


class Unfit(StrEnum):
    """Why what GitHub shows now does not command."""

    DELETED = "deleted"
    NOT_A_PERSON = "not by a person"
    ELSEWHERE = "on another issue"
    EDITED = "edited"


SILENT = frozenset({Unfit.DELETED, Unfit.NOT_A_PERSON, Unfit.ELSEWHERE})
"""Nobody is there who waits for an answer: no reaction, no reply."""


def unfit(then: Comment, now: Comment | None, issue_number: int) -> Unfit | None:
    """Why a comment does not command; None when it stands as delivered, never edited, by a person.

    What a delivery leaves out GitHub's own answer tells: an App that wrote in somebody's name, an
    edit before the delivery, another issue. Times are whole seconds: an edit within the second in
    which a comment was written leaves no trace, but then its text was delivered so.
    """
    if now is None:
        return Unfit.DELETED
    if now.via_app is not None or not now.author.is_person:
        return Unfit.NOT_A_PERSON
    if now.id != then.id or now.issue_number not in {None, issue_number}:
        return Unfit.ELSEWHERE
    return None if _is_untouched(then, now) else Unfit.EDITED


def _is_untouched(then: Comment, now: Comment) -> bool:
    same = (now.body, now.updated_at, now.author.id) == (then.body, then.updated_at, then.author.id)
    return same and now.created_at == then.created_at and not now.edited
