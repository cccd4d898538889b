"""The workers: threads that claim a job, run it, and say what became of it."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Generic

from bot.jobs.heartbeat import Heartbeat
from bot.jobs.outcome import Ending, run_to_ending
from bot.jobs.work import C, Lock, Source
from bot.ports import LeaseLost, Retryable

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds after which idle workers look for what other processes brought."""

SPACE = 0.01
"""Seconds between two looks at the least, when a due lane is just being taken by another."""


class WorkerPool(Generic[C]):
    """Runs jobs in `threads` threads, in the process that holds `lock`.

    `run` carries one claimed job out; how it ends (see `outcome`) decides what becomes of the job.
    """

    def __init__(
        self, source: Source[C], run: Callable[[C], None], lock: Lock, threads: int = 4
    ) -> None:
        self._source = source
        self._run = run
        self._lock = lock
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._heartbeat = Heartbeat(source)
        self._threads = [
            threading.Thread(
                target=self._work, args=(f"worker-{number}",), daemon=True, name=f"worker-{number}"
            )
            for number in range(1, threads + 1)
        ]

    def start(self) -> None:
        """Start the threads; call it after any fork, once."""
        self._source.listen()
        self._heartbeat.start()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Claim nothing more and let running jobs end; False when some did not within `timeout`.

        What did not end is taken up again by the next process.
        """
        self._stopping.set()
        end = time.monotonic() + timeout
        self._source.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
        self._heartbeat.stop()
        return not self.alive

    @property
    def alive(self) -> bool:
        """Whether a worker thread lives, also while another process does the work."""
        return any(thread.is_alive() for thread in self._threads)

    def _work(self, name: str) -> None:
        worker = f"{socket.gethostname()}:{os.getpid()}:{name}"
        while (claim := self._next_claim(worker)) is not None:
            self._carry_out(claim)
            self._source.wake()  # its lane may have more

    def _next_claim(self, worker: str) -> C | None:
        """One thread looks for work, the others wait for their turn; None when it is to stop."""
        with self._looking:
            while not self._stopping.is_set():
                try:
                    due = self._source.next_due() if self._may_work() else None
                    # a look first: it is done often, and a claim locks the database
                    claim = self._source.claim(worker) if due == 0 else None
                    if claim is not None:
                        return claim
                    self._source.wait(POLL if due is None else min(POLL, max(SPACE, due)))
                except Retryable as trouble:
                    log.warning("no work: %s", trouble)
                    self._stopping.wait(POLL)
                except Exception:
                    log.exception("the inbox failed")
                    self._stopping.wait(POLL)
        return None

    def _may_work(self) -> bool:
        """An embedded store has one working process; who takes over ends the leases of the last."""
        if self._lock.held:
            return True
        if not self._lock.try_acquire():
            return False
        self._source.release_all()
        return True

    def _carry_out(self, claim: C) -> None:
        self._heartbeat.add(claim)
        try:
            ending = run_to_ending(self._source, claim, self._run)
            if ending is not None:
                self._tell(claim, ending)
        finally:
            self._heartbeat.remove(claim)

    def _tell(self, claim: C, ending: Ending) -> None:
        """Say it until the store hears it, or until the lease ends and the job is run again."""
        while True:
            try:
                ending()
            except LeaseLost as lost:
                log.warning("not noted: %s", lost, extra={"delivery": claim.job.name})
            except Retryable as trouble:
                log.warning("not noted yet: %s", trouble, extra={"delivery": claim.job.name})
                if claim.lease.remaining() > POLL and not self._stopping.wait(POLL / 2):
                    continue
            except Exception:
                log.exception("not noted", extra={"delivery": claim.job.name})
            return
