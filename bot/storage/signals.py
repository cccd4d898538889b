"""The bell between those who bring work and those who wait for it, within one process."""

import threading
from typing import Final

GIVE_WAY: Final = 0.05
"""Seconds: a flood of deliveries slows the work down, it does not stop it."""


class Bell:
    """A ring that nobody waits for is kept for the next who would wait."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = False

    def ring(self) -> None:
        """Wake one who waits."""
        with self._condition:
            self._rung = True
            self._condition.notify()

    def wait(self, timeout: float) -> None:
        """Until it rings or `timeout` seconds are over."""
        with self._condition:
            if not self._rung:
                self._condition.wait(timeout)
            self._rung = False


class Door:
    """Whether deliveries are being taken in: who would write something else lets them go first.

    Their senders wait ten seconds at most, work can wait: but never longer than `GIVE_WAY` a time.
    """

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()

    def taken(self) -> None:
        """The first of the senders has come."""
        self._free.clear()

    def free(self) -> None:
        """No sender waits."""
        self._free.set()

    def give_way(self) -> None:
        """Until no sender waits, or `GIVE_WAY` seconds are over."""
        self._free.wait(GIVE_WAY)
