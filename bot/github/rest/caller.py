"""Caller: who makes calls, bound to a lease or to none. githubkit is imported at the first one."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from bot.github.call import Call, Lease
from bot.github.pacing import Pacing

if TYPE_CHECKING:
    from bot.github.client import Client, Session


class Once:
    """The client, made by whichever thread makes the first call."""

    def __init__(self, make: "Callable[[], Client]") -> None:
        self._make, self._lock = make, threading.Lock()
        self.made: Client | None = None

    def __call__(self) -> "Client":
        with self._lock:
            self.made = self.made or self._make()
            return self.made


class Caller:
    """What all calls have in common."""

    _connect: Once
    _pacing: Pacing
    _lease: Lease | None = None

    def _call(self, call: Call) -> "AbstractContextManager[Session]":
        return self._connect().call(call, self._lease)

    def _creation(self, call: Call, *, urgent: bool) -> "AbstractContextManager[Session]":
        return self._connect().creation(call, self._lease, urgent=urgent)
