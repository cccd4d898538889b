"""A burst of 1,000 deliveries within 128 MB: the bot on a fresh database, its memory limited.

`python -m benchmarks.burst`. The limit is the kernel's, on what the process has of its own
(`RLIMIT_DATA`: heap, private mappings and the stacks of threads): with less a process that wants
more ends, and so does the benchmark. Shared libraries are not in it; the table's PSS has them.
"""

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.deliveries import make_deliveries
from benchmarks.driver import Driver
from benchmarks.servers import Server, bot, scratch

LIMIT = 128 * 1024 * 1024
STACK = 1024 * 1024
"""The stacks of threads are counted with all that they may grow to: 8 MB each, unless told."""
BURST = 1_000
CONNECTIONS = 64


def main() -> None:
    """Send the burst, and print how it was answered and what it took."""
    with scratch() as folder, ExitStack() as running:
        with _limited():
            server = running.enter_context(bot(folder, works=True))
        time.sleep(3)
        idle, peak = server.pss(), _Peak(server)
        driver = Driver(server.port, CONNECTIONS)
        run = driver.as_fast_as_answered(make_deliveries(BURST, server.port))
        time.sleep(3)  # it works on what it took
        driver.close()
        most, accepted = peak.end(), run.statuses[202]
    print("| limit MB | deliveries | accepted | seconds | idle MB | most MB |")
    print("|---|---|---|---|---|---|")
    figures = (f"{run.seconds:.2f}", f"{idle:.0f}", f"{most:.0f}")
    print(f"| {LIMIT >> 20} | {BURST:,} | {accepted:,} | {' | '.join(figures)} |")
    if accepted != BURST or most > LIMIT >> 20:
        raise SystemExit("the burst does not fit")


@contextmanager
def _limited() -> Iterator[None]:
    """What is started within has this much memory."""
    limits = {resource.RLIMIT_DATA: LIMIT, resource.RLIMIT_STACK: STACK}
    before = {kind: resource.getrlimit(kind) for kind in limits}
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, before[kind][1]))
    try:
        yield
    finally:
        for kind, was in before.items():
            resource.setrlimit(kind, was)


class _Peak:
    """The most memory of the server, looked at every 20 ms."""

    def __init__(self, server: Server) -> None:
        self._server, self._most, self._over = server, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self._most = max(self._most, self._server.pss())

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most


if __name__ == "__main__":
    main()
