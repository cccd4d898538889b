"""The bell between those who bring work and those who wait for it, within one process."""

import threading


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
