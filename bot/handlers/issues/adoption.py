"""A fresh record, or one from an older backup, takes over the issues that an earlier one opened."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from bot import COMMAND
from bot.domain.accounts import AdminRepository
from bot.domain.record import IssueOwner, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import save
from bot.handlers.effects import SKEW
from bot.handlers.gaps import gap_of, known_since
from bot.handlers.own_issues import claim_only_one, marked
from bot.ports import Issue, Record, World
from bot.replies import markers
from bot.replies.labels import REQUEST_LABEL

log = logging.getLogger(__name__)


def opening_effect(org_id: int, request_id: int, repo_id: int, generation: int) -> tuple[str, str]:
    """The scope and step under which the opening of a review issue is noted."""
    return f"request:{org_id}/{request_id}", f"issue:{repo_id}:{generation}"


def adopt_issues(world: World, repo: AdminRepository, pending: Iterable[TokenRequest]) -> None:
    """Note which issues these requests have already, though the record does not know of it.

    Only requests without an issue for which none was ever tried are looked for; each issue is
    written anew when its request is recorded, and comments from before never count.
    """
    without = [one for one in pending if _was_never_opened(world, repo, one)]
    if not without:
        return
    since = min(one.created_at for one in without)
    own, adopted = world.github.own_issues(repo, REQUEST_LABEL, since), 0
    for one in without:
        if not _was_never_opened(world, repo, one):
            continue  # while GitHub was asked: an issue that we open now is no earlier record's
        adopted += _take_over(world, repo, one, own, 0)
    if adopted and gap_of(world.record, without[0].org_id) is None:
        log.warning(
            "%d issue%s of %s %s opened by an earlier record, which this one knows nothing of: the"
            " ends of its `/approve for` are forgotten. If it was lost, stop the bot and run"
            " `%s restore FILE --force`, or without a backup `%s rebuild`",
            *(adopted, "" if adopted == 1 else "s", repo.full_name.partition("/")[0]),
            *("was" if adopted == 1 else "were", COMMAND, COMMAND),
        )


def adopt_later_one(world: World, repo: AdminRepository, row: RequestRecord) -> None:
    """Before another issue is opened: a record that is lost may have done so, in place of one that
    was deleted or in another repository, and nobody has looked for it.
    """
    gap, made = gap_of(world.record, row.request.org_id), row.request.created_at
    if gap is None or made > gap.until + SKEW:
        return
    if world.record.intended(*opening_effect(*row.key, repo.id, row.generation)) is None:
        own = world.github.own_issues(repo, REQUEST_LABEL, made)
        _take_over(world, repo, row.request, own, row.generation)


def _take_over(
    world: World, repo: AdminRepository, one: TokenRequest, own: list[Issue], generation: int
) -> bool:
    """Whether one of our own issues is the request's; then it is noted as if opened just now."""
    same = marked(own, markers.request_marker(one.org_id, one.id), one.created_at)
    owner = IssueOwner("request", one.org_id, str(one.id))
    found = claim_only_one(world, repo, same, owner)
    if found is None:
        return False
    note_adopted(world.record, one.org_id, one.id, found.number, world.clock.now())
    effect = opening_effect(one.org_id, one.id, repo.id, generation)
    world.record.done(*effect, found.number)
    return True


def note_adopted(record: Record, org_id: int, request_id: int, number: int, at: datetime) -> None:
    """Note that an earlier record knew this issue of the request, and maybe more about it."""
    scope, _ = opening_effect(org_id, request_id, 0, 0)
    record.done(scope, _adopted(number), int(at.timestamp()))


def keep_hold(world: World, row: RequestRecord, issue: Issue) -> None:
    """The label is all that is known of a hold that an earlier record had."""
    if not was_adopted(world, *row.key, issue.number):
        return
    held = State.HELD.label in {name.lower() for name in issue.labels}
    if held and row.state is State.PENDING:
        save(world, row, row.hold(world.github.bot(), "its issue has the label", 0))


def was_adopted(world: World, org_id: int, request_id: int, number: int) -> bool:
    """Whether an earlier record opened this issue of the request."""
    return adopted_at(world, org_id, request_id, number) is not None


def adopted_at(world: World, org_id: int, request_id: int, number: int) -> datetime | None:
    """When this record took the issue over from an earlier one; None: it opened it itself."""
    scope, _ = opening_effect(org_id, request_id, 0, 0)
    at = world.record.remote_id(scope, _adopted(number))
    return None if at is None else datetime.fromtimestamp(at, UTC)


def known_wholly_since(world: World, row: RequestRecord, number: int) -> datetime | None:
    """Since when the record knows what was commanded on this issue of the request; None: always."""
    began = (known_since(world.record, row.request.org_id), adopted_at(world, *row.key, number))
    return max(filter(None, began), default=None)


def _adopted(number: int) -> str:
    return f"adopted:{number}"


def _was_never_opened(world: World, repo: AdminRepository, request: TokenRequest) -> bool:
    row = world.record.request(request.org_id, request.id)
    if row is not None and (row.issue is not None or row.generation):
        return False
    effect = opening_effect(request.org_id, request.id, repo.id, 0)
    return world.record.intended(*effect) is None
