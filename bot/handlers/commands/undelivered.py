"""Commands that stand on an issue without an answer: GitHub's delivery is late, lost, or never
comes, as while the App was suspended. Each is judged as if it had been delivered.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.accounts import AdminRepository
from bot.domain.commands import Command, Misuse, Name, Place, read_command
from bot.domain.events import Comment, IssueCommentEvent, RepositoryFacts
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.times import (
    COMMENTS_APART,
    COMMENTS_OVERLAP,
    DELIVERIES_ARE_KEPT,
    DELIVERY_IS_LATE,
    LONG_AGO,
)
from bot.domain.token_request import request_lane
from bot.handlers.answered import was_answered
from bot.handlers.digest.dates import digest_lane
from bot.handlers.gaps import known_since
from bot.handlers.issues.adoption import known_wholly_since
from bot.handlers.organizations.admin_repository import holder_of
from bot.handlers.policies.sources import policy_lane
from bot.ports import NotFound, Refused, World
from bot.replies import markers

log = logging.getLogger(__name__)

COME_FIRST = frozenset({Name.HOLD, Name.DENY, Name.COUNTER})
"""Commands that come before every approval, however late they are heard of."""

FEW = 50
"""So many comments are read at every look. Of more, those that were looked through are not read
again: all their pages may take longer than facts are fresh.
"""

QUESTIONS = frozenset({Name.STATUS, Name.HELP, Name.EXPLAIN})
"""Nobody waits for their answer any more."""


@dataclass(frozen=True)
class _Place:
    """An issue of ours: what its commands may be, who handles them, and since when they count."""

    kind: Place
    org_id: int
    lane: str
    since: datetime | None


def undelivered_stops(
    world: World, org: OrganizationRecord, rows: Sequence[RequestRecord]
) -> frozenset[tuple[int, int]] | None:
    """Which of these requests have a `/hold` or `/deny` without an answer, on their issue or on a
    digest that names them: that is judged first. None: GitHub does not show the comments.
    """
    repo, holder = org.admin_repo, holder_of(world, org)
    if repo is None or holder is None:
        return None
    ours = {row.issue.number: row for row in rows if row.issue and row.issue.repo_id == repo.id}
    waiting = {row.key for row in rows if row.issue and row.issue.repo_id != repo.id}
    try:
        recent = _stops_since_the_sweep(world, repo)
        unanswered = [
            stop
            for row in ours.values()
            if len(rows) == 1 or _is_of_earlier_record(world, row)
            for stop in _unanswered_stops_on(world, repo, row)
        ]
    except NotFound:
        return None
    for number, comment in [*unanswered, *recent]:
        place = _place(world, holder, repo, number)
        stopped = _stopped_by(comment, number, place, ours) if place else []
        if (
            (place is not None and stopped)
            and ((number, comment) in unanswered or _is_unanswered(world, place, comment))
            and _waits(world, holder, repo, number, place, comment)
        ):
            waiting.update(row.key for row in stopped)
    return frozenset(waiting)


def _stopped_by(
    comment: Comment, number: int, place: _Place, ours: Mapping[int, RequestRecord]
) -> list[RequestRecord]:
    """The requests that this comment stops: its issue's, or those that it names on a digest."""
    command = read_command(comment.body, place.kind)
    if not isinstance(command, Command) or command.name not in COME_FIRST:
        return []
    named = command.targets.numbers if command.targets else ()
    numbers = named if place.kind is Place.DIGEST else (number,)
    rows = [ours[one] for one in numbers if one in ours]
    return [row for row in rows if row.request.org_id == place.org_id]


def _unanswered_stops_on(
    world: World, repo: AdminRepository, row: RequestRecord
) -> list[tuple[int, Comment]]:
    """On one issue, whenever they were written."""
    number = row.issue.number if row.issue else 0
    step = (f"comments:{repo.id}", f"no stop on {number}")
    clean = world.record.remote_id(*step)
    since = datetime.fromtimestamp(clean, UTC) - COMMENTS_OVERLAP if clean else LONG_AGO
    comments = world.github.comments(repo, number, since)
    stops = [one for one in comments if _is_stop(one.body, Place.REVIEW)]
    place = _of_request(world, row, number) if stops else None
    unanswered = [
        (number, one)
        for one in stops
        if place and (_is_unanswered(world, place, one) or _is_lost(world, place, one, comments))
    ]
    newest = max((one.created_at for one in comments if one.created_at), default=None)
    if newest and len(comments) > FEW and not unanswered:
        world.record.done(*step, int(newest.timestamp()))
    return unanswered


def _stops_since_the_sweep(world: World, repo: AdminRepository) -> list[tuple[int, Comment]]:
    """On all issues: the sweep has found those from before. Most comments are none, and the record
    need not be asked about them.
    """
    step, _ = _looks(repo)
    before = world.record.remote_id(*step)
    last = datetime.fromtimestamp(before, UTC) if before else world.clock.now()
    comments = world.github.comments_since(repo, last - COMMENTS_OVERLAP)
    kinds = (Place.REVIEW, Place.DIGEST)
    stops = [one for one in comments if any(_is_stop(one.body, kind) for kind in kinds)]
    return [(one.issue_number or 0, one) for one in stops if one.author.is_person]


def _looks(repo: AdminRepository) -> tuple[tuple[str, str], tuple[str, str]]:
    """The steps that tell of the last and the first look of this installation's sweeps."""
    scope, by = f"comments:{repo.id}", repo.installation_id
    return (scope, f"read by {by}"), (scope, f"first read by {by}")


def put_undelivered(world: World, org: OrganizationRecord) -> None:
    """Let the commands in the admin repository be judged of which no delivery told since the last
    look. What is older than GitHub keeps deliveries is left: nobody counts on it any more; so is
    what was written before this installation's first look: the App may not have been there.
    """
    repo, holder, now = org.admin_repo, holder_of(world, org), world.clock.now()
    if repo is None or holder is None:
        return
    step, first = _looks(repo)
    before, until = world.record.remote_id(*step), now - DELIVERY_IS_LATE
    if before is None:
        world.record.done(*first, int(now.timestamp()))
        world.record.done(*step, int(now.timestamp()))
        return
    last = datetime.fromtimestamp(before, UTC)
    if until - last < COMMENTS_APART:
        return  # the sweep of another organization that shares the repository has looked
    began = datetime.fromtimestamp(world.record.remote_id(*first) or 0, UTC)
    since = max(last, now - DELIVERIES_ARE_KEPT)
    try:
        comments = world.github.comments_since(repo, since - COMMENTS_OVERLAP)
    except (NotFound, Refused) as trouble:  # the rest of the sweep does not need them
        log.warning("the comments in %s cannot be looked through: %s", repo.full_name, trouble)
        return
    for one in comments:
        number = one.issue_number or 0
        place = _place(world, holder, repo, number)
        in_time = one.created_at is not None and began < one.created_at <= until
        if (
            (place is not None and in_time)
            and _decides(one.body, place.kind)
            and _is_unanswered(world, place, one)
        ):
            _waits(world, holder, repo, number, place, one)
    world.record.done(*step, int(until.timestamp()))


def _is_of_earlier_record(world: World, row: RequestRecord) -> bool:
    """Whether it may have been held before the record came back, where no sweep looks."""
    since = known_wholly_since(world, row, row.issue.number if row.issue else 0)
    return since is not None and row.request.created_at <= since


def _is_lost(world: World, place: _Place, hold: Comment, comments: Sequence[Comment]) -> bool:
    """Whether it is a `/hold` from before the record came back that has no reply: a bot that holds
    a request says so.
    """
    command = read_command(hold.body, place.kind)
    is_hold = isinstance(command, Command) and command.name is Name.HOLD
    if not is_hold or not _is_unanswered(world, replace(place, since=None), hold):
        return False
    bot, reply = world.github.bot().id, markers.reply_marker(hold.id)
    return not any(one.author.id == bot and one.body.startswith(reply) for one in comments)


def _is_unanswered(world: World, place: _Place, comment: Comment) -> bool:
    """Whether a person's command has no answer. An edited comment commands nothing: nobody knows
    what stood there before.
    """
    by_a_person = comment.author.is_person and comment.via_app is None and not comment.edited
    counts = place.since is None or (
        comment.created_at is not None and comment.created_at > place.since
    )
    return by_a_person and counts and not was_answered(world, comment.id)


def _waits(
    world: World,
    holder: OrganizationRecord,
    repo: AdminRepository,
    number: int,
    place: _Place,
    comment: Comment,
) -> bool:
    """Let the comment's command be judged soon. False when its job has ended without an answer, as
    where the bot may not act. One that was given up waits for a person.
    """
    event = IssueCommentEvent(
        action="created",
        installation_id=repo.installation_id,
        org_id=holder.id,
        repository=RepositoryFacts(repo.id, repo.full_name, repo.private),
        issue_number=number,
        issue_body="",  # of an issue that the record knows
        issue_author=world.github.bot(),
        comment=comment,
        sender=comment.author,
    )
    name = f"undelivered:{repo.id}/{comment.id}"
    if world.inbox.put(event, dedupe=name, lane=place.lane, org_id=place.org_id):
        log.info("%s#%d has a command that is not answered yet", repo.full_name, number)
        return True
    return not world.inbox.is_done(name)


def _place(
    world: World, holder: OrganizationRecord, repo: AdminRepository, number: int
) -> _Place | None:
    row = world.record.request_of_issue(repo.id, number)
    if row is not None:
        return _of_request(world, row, number)
    digest = world.record.digest_of_issue(repo.id, number)
    since = known_since(world.record, digest.org_id if digest else holder.id)
    if digest is not None:
        return _Place(Place.DIGEST, digest.org_id, digest_lane(digest.org_id), since)
    version = world.record.policy_of_issue(repo.id, number)
    if version is not None:
        return _Place(Place.POLICY, version.org_id, policy_lane(version.org_id), since)
    return None


def _of_request(world: World, row: RequestRecord, number: int) -> _Place:
    """What was commanded before the record was lost, or came back, may have had its answer."""
    since = known_wholly_since(world, row, number)
    return _Place(Place.REVIEW, row.request.org_id, request_lane(*row.key), since)


def _is_stop(body: str, kind: Place) -> bool:
    command = read_command(body, kind)
    return isinstance(command, Command) and command.name in COME_FIRST


def _decides(body: str, kind: Place) -> bool:
    command = read_command(body, kind)
    return command is not None and (isinstance(command, Misuse) or command.name not in QUESTIONS)
