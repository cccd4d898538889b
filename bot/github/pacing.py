"""Pacing: a call waits while GitHub has asked for patience, content for room in its limit."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.github.backoff import Tries
from bot.github.call import Call
from bot.github.failures import Paused, Unsent
from bot.ports import Clock, LeaseLost, NoRoom, Permanent, RateLimited, Retryable

if TYPE_CHECKING:
    from githubkit import Response

log = logging.getLogger(__name__)

APP: Final = 0
"""The App itself among those whose limits count; all others are installations."""

FIRST_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 480.0


class Budgets(Protocol):
    """What GitHub lets a caller do, shared by all processes."""

    def take(self, installation_id: int, urgent: bool) -> tuple[float, float]:
        """Take one content-creating call: 0 when taken, else the seconds to wait; its mark."""

    def give_back(self, installation_id: int, mark: float) -> None:
        """The call with this mark was never sent."""

    def room(self, installation_id: int) -> float:
        """0 when there is room for ordinary content, else the seconds to wait; takes nothing."""

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for this installation, or the App (0), for so many seconds."""

    def blocked_for(self, caller: int) -> float:
        """Seconds until nothing blocks it, 0 when nothing does."""

    def now(self) -> datetime:
        """The time by the clock that all processes share."""


class Pacing:
    """Whose turn it is. Thread-safe; one for all leased views."""

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        self._budgets, self.clock = budgets, clock
        self._pauses, self._tries = dict[int, float](), Tries()

    def now(self) -> datetime:
        """The time by the clock that all processes share."""
        return self._budgets.now()

    def await_turn(self, call: Call) -> None:
        """Raises RateLimited until the pause is over that GitHub asked this caller for.

        Workers that ran already, other replicas, and those who write into a shared repository hear
        of it only here. What is asked as nobody counts by our address, which has no account.
        """
        after = 0.0 if call.anonymous else self._budgets.blocked_for(_caller(call))
        if after > 0:
            raise Paused(f"{call.name}: not sent, GitHub asked for a pause", after)

    def is_free(self, installation_id: int) -> bool:
        """Whether no pause holds it up."""
        return self._budgets.blocked_for(installation_id) <= 0

    @contextmanager
    def content(self, call: Call, urgent: bool) -> Iterator[None]:
        """Around one content-creating call: it uses room, and gives it back if it was never sent.

        A call whose answer was lost stays counted: GitHub may have counted it. Raises NoRoom when
        the limit leaves none, Retryable while other calls are the ones that try (see `Tries`).
        """
        installation_id = _caller(call)
        self._tries.begin(installation_id, self.clock.now())
        wait, mark = self._budgets.take(installation_id, urgent)
        _room(wait)
        try:
            yield
        except (Unsent, Paused, LeaseLost):
            self._budgets.give_back(installation_id, mark)
            raise
        except (RateLimited, Permanent):
            self._tries.over(installation_id)
            raise
        except Retryable:
            self._tries.failed(installation_id, self.clock.now())
            raise
        self._tries.over(installation_id)

    def await_room(self, installation_id: int) -> None:
        """Raises as `content` would, for content that is not urgent. Takes nothing."""
        self._tries.await_turn(installation_id, self.clock.now())
        _room(self._budgets.room(installation_id))

    def limited(self, call: Call, answer: "Response[Any, Any]") -> RateLimited:
        """What a rate limit means: its caller sends nothing for as long as GitHub asks."""
        asked, caller = answer.headers.get("retry-after"), _caller(call)
        after = self._own_pause(caller) if asked is None else float(asked)
        if not call.anonymous:
            self.block(caller, after)
        return RateLimited(f"{call.name}: {answer.status_code}, a rate limit", after)

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for this caller for so many seconds."""
        try:
            self._budgets.block(caller, after)
        except Retryable as trouble:  # who was refused waits all the same
            log.warning("a pause that GitHub asked for is not noted for others: %s", trouble)

    def _own_pause(self, caller: int) -> float:
        """Where GitHub names none: a minute at least, as it says, doubled while it goes on."""
        seconds = self._pauses.get(caller, FIRST_PAUSE)
        self._pauses[caller] = min(seconds * 2, LONGEST_PAUSE)
        return seconds

    def answered(self, call: Call) -> None:
        """GitHub answered, and asked for no pause."""
        self._pauses.pop(_caller(call), None)


def _caller(call: Call) -> int:
    return APP if call.installation_id is None else call.installation_id


def _room(wait: float) -> None:
    if wait > 0:
        raise NoRoom(wait)
