"""A `/hold` or `/deny` that waits stops every approval of its request until it is judged."""

from bot.domain.commands import Command, Name
from bot.domain.record import RequestRecord
from bot.ports import World


def note_stop(world: World, comment_id: int, row: RequestRecord, command: Command) -> None:
    """Note, before GitHub is asked for anything, that this comment may hold or deny the request.

    It counts as long as its delivery's job goes on; those that ended are forgotten.
    """
    stops = command.name in (Name.HOLD, Name.DENY)
    if stops and row.state.is_open and comment_id not in row.stops:
        waiting = {id_: job for id_, job in row.stops.items() if world.inbox.goes_on(job)}
        row.stops = {**waiting, comment_id: world.job.name}
        world.record.save(row)
