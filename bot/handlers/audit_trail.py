"""What handlers tell the audit log: who did what, what GitHub was asked and what it answered."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.accounts import Account
from bot.domain.record import Change, HistoryEntry, OrganizationRecord, RequestRecord
from bot.domain.token_request import TokenRequest
from bot.ports import LeaseLost, Permanent, Retryable, World
from bot.replies.escape import cut, masked

LONGEST = 2000
"""Characters of a comment that are kept."""


def note(world: World, kind: str, actor: Account | str, text: str, **data: object) -> HistoryEntry:
    """A fact of now, with the name of the job that brought it. GitHub tokens are masked."""
    login, actor_id = (actor.login, actor.id) if isinstance(actor, Account) else (actor, None)
    facts = {name: masked(one) if isinstance(one, str) else one for name, one in data.items()}
    facts["job"] = world.job.name
    text = masked(cut(text, LONGEST))
    return HistoryEntry(world.clock.now(), kind, login, text, actor_id, facts)


def save(world: World, row: RequestRecord, *changes: Change) -> None:
    """Save a row together with what its changes of state tell the audit log. Raises Conflict."""
    entries = [note(world, one.kind, one.actor, one.text, **one.data) for one in changes]
    world.record.save(row, *entries)


def asked_for(request: TokenRequest) -> dict[str, object]:
    """The data that tell what a token request asks for.

    `repositories` are those that GitHub has told by now; all of them with `repositories_complete`.
    """
    return {
        "token_id": request.token_id,
        "token_name": request.token_name,
        "permissions": {group: dict(levels) for group, levels in request.result.items()},
        "selection": request.selection,
        "repositories": [{"id": one.id, "name": one.full_name} for one in request.repositories],
        "repositories_complete": not request.needs_repositories,
        "expires_at": request.expires_at.isoformat() if request.expires_at else None,
        "fingerprint": request.fingerprint,
    }


@contextmanager
def asking(
    world: World,
    org: OrganizationRecord,
    what: str,
    text: str,
    request_id: int | None = None,
    **data: object,
) -> Iterator[None]:
    """Around a call that decides or revokes: the call is told before it, GitHub's answer after.

    `what` is `review` or `revoke`. A call without its answer is one whose process died.
    """

    def tell(kind: str, actor: str, said: str) -> None:
        entry = note(world, f"{what} {kind}", actor, said, **data)
        world.record.note_org(org.id, entry, request_id=request_id)

    tell("call", "", text)
    try:
        yield
    except (Retryable, Permanent) as answer:
        if not isinstance(answer, LeaseLost):  # else nothing was sent, and another worker goes on
            tell("answer", "GitHub", f"{type(answer).__name__}: {answer}")
        raise
    tell("answer", "GitHub", "taken")
