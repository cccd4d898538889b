"""Pacing: a call waits while GitHub has asked for patience, content for room in its limit."""

import logging
from typing import Final, Protocol

from bot.github.operation import Answer, Operation
from bot.github.rate_limits import Pauses, asked_pause
from bot.ports import Clock, NoRoom, RateLimited, Retryable

log = logging.getLogger(__name__)

APP: Final = 0
"""The App itself among those whose limits count; all others are installations."""


class Budgets(Protocol):
    """What GitHub lets a caller do, shared by all processes."""

    def take(self, installation_id: int, urgent: bool) -> float:
        """Take one content-creating call: 0 when taken, else the seconds to wait."""

    def room(self, installation_id: int) -> float:
        """0 when there is room for ordinary content, else the seconds to wait; takes nothing."""

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for this installation, or the App (0), for so many seconds."""

    def blocked_for(self, caller: int) -> float:
        """Seconds until nothing blocks it, 0 when nothing does."""


class Pacing:
    """Whose turn it is. Thread-safe; one for all leased views."""

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        self._budgets, self._clock = budgets, clock
        self._pauses = Pauses()

    def await_turn(self, operation: Operation) -> None:
        """Raises RateLimited until the pause is over that GitHub asked this caller for.

        Workers that ran already, other replicas, and those who write into a shared repository hear
        of it only here. What is asked as nobody counts by our address, which has no account.
        """
        after = 0.0 if operation.anonymous else self._budgets.blocked_for(_caller(operation))
        if after > 0:
            raise RateLimited(f"{operation.name}: not sent, GitHub asked for a pause", after)

    def is_free(self, installation_id: int) -> bool:
        """Whether no pause holds it up."""
        return self._budgets.blocked_for(installation_id) <= 0

    def take(self, installation_id: int, urgent: bool) -> None:
        """Use one content-creating call. Raises NoRoom when the limit leaves none."""
        _room(self._budgets.take(installation_id, urgent))

    def await_room(self, installation_id: int) -> None:
        """Raises NoRoom while `take` would, for content that is not urgent."""
        _room(self._budgets.room(installation_id))

    def limited(self, operation: Operation, answer: Answer) -> RateLimited:
        """What a rate limit means: its caller sends nothing for as long as GitHub asks."""
        installation_id = operation.installation_id
        asked = asked_pause(answer, self._clock.now())
        after = self._pauses.longer(installation_id) if asked is None else asked
        if not operation.anonymous:
            self.block(_caller(operation), after)
        return RateLimited(f"{operation.name}: {answer.status}, a rate limit", after)

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for this caller for so many seconds."""
        try:
            self._budgets.block(caller, after)
        except Retryable as trouble:  # who was refused waits all the same
            log.warning("a pause that GitHub asked for is not noted for others: %s", trouble)

    def answered(self, operation: Operation) -> None:
        """GitHub answered, and asked for no pause."""
        self._pauses.over(operation.installation_id)


def _caller(operation: Operation) -> int:
    return APP if operation.installation_id is None else operation.installation_id


def _room(wait: float) -> None:
    if wait > 0:
        raise NoRoom(wait)
