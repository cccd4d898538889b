"""Effects on GitHub that must happen once, whatever dies in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.domain.accounts import AdminRepository
from bot.domain.times import EARLIER_CALL, GONE_FOR_GOOD
from bot.ports import Defer, LeaseLost, NoAnswer, NoRoom, Retryable, Try, World

SKEW = timedelta(minutes=15)
"""How far two clocks may be apart when we look for what we may have made: GitHub's, or another
replica's, and ours."""


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
    Raises Retryable while a try of a process that died may still be under way.
    """
    known = world.record.remote_id(scope, step)
    if known is not None:
        return known
    tried = world.record.intend(scope, step)
    remote_id = _of_earlier_try(world, scope, step, lambda: find(tried - SKEW)) if tried else None
    if remote_id is None:
        remote_id = _try(world, scope, step, act, first=tried is None)
    world.record.done(scope, step, remote_id)
    return remote_id


def _of_earlier_try(
    world: World, scope: str, step: str, find: Callable[[], int | None]
) -> int | None:
    """What an earlier try made, if anything; else another one may begin."""
    last = world.record.last_try(scope, step)  # before looking: what ends meanwhile is found
    found = find()
    if found is None and (_is_under_way(last) or not world.record.begin(scope, step, last)):
        raise Retryable("GitHub may still be at another try")
    return found


def _is_under_way(last: Try) -> bool:
    # one that began in days to come is of a clock that was ahead, and over
    return last.unended is not None and abs(last.unended) < EARLIER_CALL.total_seconds()


def is_under_way(world: World, scope: str, step: str) -> bool:
    """Whether GitHub may still be at a call of an earlier run that nobody waits for any more."""
    return _is_under_way(world.record.last_try(scope, step))


@contextmanager
def trying(world: World, scope: str, step: str) -> Iterator[None]:
    """Around a call whose outcome GitHub's state tells: it is noted when it began and ended.

    Raises Retryable while another try may be under way.
    """
    if world.record.intend(scope, step) is not None:
        last = world.record.last_try(scope, step)
        if _is_under_way(last) or not world.record.begin(scope, step, last):
            raise Retryable("GitHub may still be at another try")
    with _noting_trouble(world, scope, step):
        yield
    world.record.ended(scope, step)


def _try(world: World, scope: str, step: str, act: Callable[[], int], *, first: bool) -> int:
    try:
        with _noting_trouble(world, scope, step):
            return act()
    except NoRoom:
        if first:
            world.record.forget(scope, step)  # nothing was sent
        raise


@contextmanager
def _noting_trouble(world: World, scope: str, step: str) -> Iterator[None]:
    """The end of a try in vain is noted, unless GitHub may still be at it."""
    try:
        yield
    except (NoAnswer, LeaseLost):  # with the lease the try is another worker's, too
        raise
    except Exception:
        world.record.ended(scope, step)
        raise


def same_lines(one: str, other: str) -> bool:
    """Whether two texts differ at most in what GitHub changes by itself: line ends, blanks."""
    return plain_lines(one) == plain_lines(other)


def plain_lines(text: str) -> str:
    """A text without what GitHub changes by itself."""
    return text.replace("\r\n", "\n").strip()


def comment_once(
    world: World,
    repo: AdminRepository,
    number: int,
    marker: str,
    body: str,
    *,
    urgent: bool = False,
) -> int:
    """Comment on an issue once; `marker` is the hidden line that tells this comment.

    A comment counts as the one of an earlier try when the App wrote it since, and it reads as it
    would be written now, or was never edited (a preview's code is another one each time). People
    with write access can edit the App's comments, and put any marker into them.
    """
    text = f"{marker}\n{body}"

    def find(since: datetime) -> int | None:
        for one in world.github.own_comments(repo, number, since):
            is_new = one.created_at is not None and one.created_at >= since
            is_own = same_lines(one.body, text) or not one.edited
            if is_new and is_own and one.body.startswith(marker):
                return one.id
        return None

    def act() -> int:
        return world.github.create_comment(repo, number, text, urgent=urgent)

    return once(world, comments_of(repo.id, number), marker, find, act)


def comments_of(repo_id: int, number: int) -> str:
    """The scope under which the comments on an issue are noted."""
    return f"issue:{repo_id}/{number}"


def require_gone(world: World, repo: AdminRepository, number: int) -> None:
    """Nothing is concluded from GitHub's first 404 about an issue: it is gone when this job is told
    so again, some time later. Raises Defer until then.
    """
    since = world.record.intend(f"job:{world.job.name}", f"not found: {repo.id}#{number}")
    if since is None or world.clock.now() - since < GONE_FOR_GOOD:
        raise Defer(
            f"GitHub does not find {repo.full_name}#{number} now", GONE_FOR_GOOD.total_seconds()
        )
