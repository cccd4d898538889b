"""What GitHub answers for one judgement."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from bot.ports import LeaseLost, Permanent, RateLimited, Retryable, World

log = logging.getLogger(__name__)

MOST_AT_ONCE = 10
"""Calls of GitHub side by side for one command."""


class Answers:
    """Each thing is asked once, when it is first needed. `read_at` is when the oldest was asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked: dict[object, Callable[[], Any]] = {}
        self._told: dict[object, Any] = {}
        self.read_at = world.clock.now()

    def ask_again(self, *others: "Answers") -> None:
        """Ask for everything anew, and for all that others asked, at once, the membership last.

        Where GitHub is slow, the first answers are too old when the last one is there. The age of
        an answer counts from when it was asked for.
        """
        with ThreadPoolExecutor(MOST_AT_ONCE) as side_by_side:
            answers = [one.send_again(side_by_side) for one in (self, *others)]
        for take in answers:
            take()

    def send_again(self, side_by_side: Executor) -> Callable[[], None]:
        """Send all that was asked once more; what to call when the answers are there."""
        self.read_at = self._world.clock.now()
        answers = {key: side_by_side.submit(ask) for key, ask in self._asked.items()}

        def take() -> None:
            self._told = {key: answer.result() for key, answer in answers.items()}

        return take

    def _ask(self, key: object, ask: Callable[..., Any], *about: Any) -> Any:
        if key not in self._told:
            self._asked[key] = partial(ask, *about)
            self._told[key] = self._asked[key]()
        return self._told[key]


def if_told(what: str, ask: Callable[..., Any], *about: Any) -> Any:
    """The answer; None when GitHub does not tell, so that nothing passes that needs it."""
    try:
        return ask(*about)
    except (LeaseLost, RateLimited):
        raise
    except (Retryable, Permanent) as trouble:
        log.warning("a decision has to do without %s, which cannot be read: %s", what, trouble)
        return None
