"""One fact at a time: what cannot be read is said, and never hides what can."""

import logging
from collections.abc import Callable
from typing import TypeVar

from bot.domain.doctor.facts import Cause, Unread
from bot.ports import NotAccepted, NotPermitted, Permanent, RateLimited, Retryable

T = TypeVar("T")
log = logging.getLogger(__name__)

TRIES = 2
"""One answer that does not come is no trouble yet."""


def attempt(read: Callable[[], T]) -> T | Unread:
    """What is read, or why it is not."""
    for _ in range(TRIES):
        found = _once(read)
        if not (isinstance(found, Unread) and found.cause is Cause.AWAY):
            break
    return found


_CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (RateLimited, Cause.LIMITED),
    (NotAccepted, Cause.REFUSED),
    (NotPermitted, Cause.FORBIDDEN),
    (Retryable, Cause.AWAY),
    (Permanent, Cause.OTHER),
)
"""The first that fits counts."""


def _once(read: Callable[[], T]) -> T | Unread:
    try:
        return read()
    except (Retryable, Permanent) as trouble:
        cause = next(cause for kind, cause in _CAUSES if isinstance(trouble, kind))
        return Unread(str(trouble).rstrip("."), cause)
    except OSError as trouble:
        return Unread(trouble.strerror or "the system refuses it")
    except Exception:  # a bug of ours in one check must not hide the others
        log.exception("a check of the doctor failed")
        return Unread("the bot has a bug here; the log above names it. Please report it")


class GitHubReader:
    """Reads from GitHub until it is clear that it answers nothing: each answer that does not come
    costs many seconds.
    """

    def __init__(self) -> None:
        self._silent = 0
        self._refused = False

    def __call__(self, read: Callable[[], T]) -> T | Unread:
        """What is read, or why it is not."""
        if self._refused:
            return Unread("GitHub does not accept the App's credentials", Cause.REFUSED)
        if self._silent >= TRIES:
            return Unread("GitHub does not answer", Cause.AWAY)
        found = attempt(read)
        away = isinstance(found, Unread) and found.cause is Cause.AWAY
        self._silent = self._silent + 1 if away else 0
        self._refused = isinstance(found, Unread) and found.cause is Cause.REFUSED
        return found
