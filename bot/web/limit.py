"""A time limit that many tasks share."""

import asyncio
from types import TracebackType


class Limit:
    """`with limit:` in a task ends what it awaits after so many seconds, by TimeoutError.

    As `asyncio.timeout` does, which makes a timer for each: that took a tenth of a delivery's
    time. All have as long, so that who came first ends first, and one timer is enough. A task is
    within it once at a time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop, self._seconds = loop, seconds
        self._ends: dict[asyncio.Task[object] | None, float] = {}
        self._watched = False

    def __enter__(self) -> None:
        """Begins now."""
        self._ends[asyncio.current_task(self._loop)] = self._loop.time() + self._seconds
        if not self._watched:
            self._watched = True
            self._loop.call_later(self._seconds, self._look)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task(self._loop)
        over = self._ends.pop(task, None) is None
        if over and task is not None and isinstance(error, asyncio.CancelledError):
            task.uncancel()  # it was we, and nobody else ends it
            raise TimeoutError from error

    def _look(self) -> None:
        now = self._loop.time()
        for task, end in list(self._ends.items()):
            if end > now:
                self._loop.call_at(end, self._look)
                return
            del self._ends[task]
            if task is not None:
                task.cancel()
        self._watched = False
