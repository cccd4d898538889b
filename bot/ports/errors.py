"""How a call of GitHub or the store may fail, and what the worker does about it."""


class Retryable(Exception):  # noqa: N818 - named for what the worker does with it
    """It may work later: 5xx, time-outs, a database away. `after`: seconds to wait at least."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class NoAnswer(Retryable):
    """A call was sent and no answer came: GitHub may still be at it, for 10 seconds at most."""


class RateLimited(Retryable):
    """GitHub, our own pacing or our own record asks to wait; no attempt is counted."""


class NoRoom(RateLimited):
    """Our own pacing: nothing was sent, and its turn comes. Nobody is alarmed by such a wait."""

    WHY = "the content limit leaves no room yet"

    def __init__(self, after: float) -> None:
        super().__init__(self.WHY, after)


class NotAccepted(Retryable):
    """GitHub answers 401: it does not accept our credentials. Waits until somebody mends them."""


class NotPermitted(Retryable):
    """The installation is suspended or lacks a permission: waits until somebody changes that."""


class Conflict(Retryable):
    """Somebody else saved the row first: load again and run again."""


class LeaseLost(Retryable):
    """Another worker owns this lane now: stop, write nothing."""


class Permanent(Exception):  # noqa: N818 - named for what the worker does with it
    """It will not work by waiting. Repeated 8 times the job is parked as failed."""


class Park(Permanent):
    """Waiting would be in vain: the job is parked as failed at once, until a person retries it."""


class IssueTaken(Permanent):
    """The issue belongs to another request or digest: nothing was saved."""


class NoDatabase(Permanent):
    """There is no database of the bot, and a command that reads makes none."""


class NotFound(Permanent):
    """GitHub answers 404 or 410: gone, or never there."""


class Refused(Permanent):
    """GitHub answers 422 or another 4xx: it understood and will not do it."""


class Defer(Exception):  # noqa: N818 - a way out of a handler, not a fault
    """This job waits without holding up its lane, and is judged anew on its turn."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds
