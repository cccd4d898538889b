"""Effects on GitHub that must happen once, whatever dies in between."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.accounts import AdminRepository
from bot.ports import World

SKEW = timedelta(minutes=2)
"""How far GitHub's clock and ours may be apart when we look for what we may have made."""


def once(
    world: World,
    scope: str,
    step: str,
    find: Callable[[datetime], int | None],
    act: Callable[[], int],
) -> int:
    """Do `act` unless it was done before; its remote id.

    The intent is committed before the call and the id after it. With an intent and no id the
    outcome is unknown: `find` looks for the effect, made since the intent, before another try.
    """
    known = world.record.remote_id(scope, step)
    if known is not None:
        return known
    tried = world.record.intend(scope, step)
    found = find(tried - SKEW) if tried else None
    remote_id = act() if found is None else found
    world.record.done(scope, step, remote_id)
    return remote_id


def comment_once(
    world: World,
    repo: AdminRepository,
    number: int,
    marker: str,
    body: str,
    *,
    urgent: bool = False,
) -> int:
    """Comment on an issue once; `marker` is the hidden line that tells this comment."""

    def find(since: datetime) -> int | None:
        own = world.github.own_comments(repo, number, since)
        return next((id_ for id_, text in own.items() if text.startswith(marker)), None)

    def act() -> int:
        return world.github.create_comment(repo, number, f"{marker}\n{body}", urgent=urgent)

    return once(world, f"issue:{repo.id}/{number}", marker, find, act)
