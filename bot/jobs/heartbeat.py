"""Keeps the leases of running jobs, so that only dead workers lose their lanes."""

import logging
import threading
import time
from typing import Generic

from bot.jobs.work import C, Source
from bot.ports import LeaseLost, Retryable

log = logging.getLogger(__name__)

LONGEST = 600.0
"""Seconds that one run of a job is kept leased: a stuck one must not hold its lane for ever."""


class Heartbeat(Generic[C]):
    """One thread renews all leases of this process, each at a third of its time."""

    def __init__(self, source: Source[C], longest: float = LONGEST) -> None:
        self._source = source
        self._longest = longest
        self._guard = threading.Lock()
        self._running: dict[int, tuple[C, float]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def start(self) -> None:
        """Start renewing."""
        self._thread.start()

    def stop(self) -> None:
        """Renew nothing more."""
        self._stopping.set()

    def add(self, claim: C) -> None:
        """Keep this claim from now on."""
        with self._guard:
            self._running[claim.job.id] = (claim, time.monotonic() + self._longest)

    def remove(self, claim: C) -> None:
        """Its run has ended."""
        with self._guard:
            self._running.pop(claim.job.id, None)

    def _beat(self) -> None:
        while not self._stopping.wait(self._source.lease_seconds / 6):
            with self._guard:
                running = list(self._running.values())
            for claim, end in running:
                if claim.lease.remaining() < claim.lease.seconds * 2 / 3:
                    self._renew(claim, end)

    def _renew(self, claim: C, end: float) -> None:
        extra = {"delivery": claim.job.name}
        if time.monotonic() > end:
            log.error("runs for too long: its lease is left to end", extra=extra)
            self.remove(claim)
            return
        try:
            self._source.heartbeat(claim)
        except LeaseLost as lost:
            log.warning("%s", lost, extra=extra)
            self.remove(claim)
        except Retryable as trouble:
            log.warning("lease not renewed: %s", trouble, extra=extra)
        except Exception:
            log.exception("lease not renewed", extra=extra)
