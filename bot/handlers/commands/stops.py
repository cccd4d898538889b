"""A `/hold` or `/deny` that waits stops every approval of its request until it is judged, and a
`/revoke` every renewal.
"""

from bot.domain.commands import Command, Name
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.answered import was_answered
from bot.ports import World


def note_stop(world: World, comment_id: int, row: RequestRecord, command: Command) -> None:
    """Note, before GitHub is asked for anything, that this comment may hold, deny or revoke the
    request.

    It counts until its delivery's job has run to its end; those that did are forgotten.
    """
    stops = row.state.is_open and command.name in (Name.HOLD, Name.DENY)
    ends = row.state is State.APPROVED and command.name is Name.REVOKE
    if (stops or ends) and comment_id not in row.stops:
        waiting = {id_: job for id_, job in row.stops.items() if _is_unjudged(world, id_, job)}
        row.stops = {**waiting, comment_id: world.job.name}
        world.record.save(row)


def has_unjudged_stop(world: World, row: RequestRecord, author: int | None) -> bool:
    """Whether a `/hold`, `/deny` or `/revoke` of the request is not judged yet, other than the
    comment `author`. One that was given up waits for a person, who runs it again, or for the
    sweep, whose own job may judge the comment.
    """
    return any(_is_unjudged(world, id_, job) for id_, job in row.stops.items() if id_ != author)


def _is_unjudged(world: World, comment_id: int, job: str) -> bool:
    if world.inbox.was_given_up(job):
        return not was_answered(world, comment_id)
    return world.inbox.goes_on(job)
