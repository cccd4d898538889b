"""`python app.py serve`: granian with many threads, in this one process."""

import errno
import gc
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from bot.cli.ending import Ending, Work

THREADS: Final = 256
"""Requests answered at once; threads come when they are needed and go again.

A delivery waits for the disk, and those that wait together share one commit: a few dozen threads
would do. The rest is for clients that are slow, or never finish: granian knows no timeout for
bodies, so each of them holds a thread for as long as it stays connected.
"""

BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""

HTTP1: Final = HTTP1Settings(
    # Milliseconds for a request's head, and for the next request on a connection that is kept:
    # longer than proxies keep theirs, or one would send a delivery into a closing connection.
    header_read_timeout=75_000,
    # Request line and headers together; GitHub's are below 2 KB. It does not limit bodies.
    max_buffer_size=64 * 1024,
)

_LOGS: Final[dict[str, Any]] = {
    # granian's own errors go the way of all our log lines
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}

_log = logging.getLogger(__name__)

App = Callable[..., Any]
"""A WSGI application."""


def serve(host: str, port: int, make: Callable[[], tuple[App, Work]]) -> int:
    """Serve the application and do the work that `make` makes; the exit status.

    Ends with 0 on SIGTERM, SIGINT and SIGHUP, with 2 when `host` and `port` cannot be had.
    """
    ending = Ending()
    try:
        address, port = free_address(host, port)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no DNS can hold
        print(_cannot_listen(host, port, error), file=sys.stderr)
        return 2
    app, work = make()
    gc.freeze()  # what is there by now stays: looking through all of it would take 60 ms each time
    work.start()
    ending.stops(work)
    _log.info("serving on http://%s:%d/", f"[{address}]" if ":" in address else address, port)
    _Server(address, port).run(app)
    ending.wait()
    return 0


_WAYS_OUT: Final = {
    errno.EADDRINUSE: "Set another PORT, or end what uses this one.",
    errno.EACCES: "Set another PORT: those below 1024 are for root.",
}
_OTHER_HOST: Final = (
    "Set HOST to an address of this machine: 127.0.0.1 beside a proxy, 0.0.0.0 for all it has."
)


def _cannot_listen(host: str, port: int, error: OSError | UnicodeError) -> str:
    why, way_out = "this is no name of a host", _OTHER_HOST
    if isinstance(error, OSError):
        why, way_out = str(error.strerror), _WAYS_OUT.get(error.errno or 0, _OTHER_HOST)
    return f"The bot cannot listen on HOST {host} and PORT {port}: {why}. {way_out}"


def free_address(host: str, port: int) -> tuple[str, int]:
    """The numeric address of `host` and a free port. Raises OSError when it is not to be had.

    granian lets processes share a port, so that a second bot beside a forgotten one would silently
    get a part of the deliveries: this asks for the port alone. Port 0 becomes any free one.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    with socket.create_server(address, family=family) as asked:
        numeric, free = asked.getsockname()[:2]
    return str(numeric), int(free)


class _Server(MPServer):
    """granian without its parent process, which would cost 14 MB and look after one child only.

    What granian would run in a child is run here, by the names that it has in granian 2.8.
    """

    def __init__(self, address: str, port: int) -> None:
        super().__init__(
            "in this process",
            address,
            port,
            interface=Interfaces.WSGI,
            blocking_threads=THREADS,
            runtime_mode=RuntimeModes.mt,
            backlog=BACKLOG,
            http=HTTPModes.http1,
            http1_settings=HTTP1,
            websockets=False,
            log_level=LogLevels.error,
            log_dictconfig=_LOGS,
        )

    def run(self, app: App) -> None:
        """Serve until a signal's handler, which this sets, is called and open requests end."""
        self._init_shared_socket()  # type: ignore[no-untyped-call] # granian types half of it
        self._start_ipc()  # type: ignore[no-untyped-call] # as above
        worker = self._spawn_worker(0, self._spawn_wsgi_worker, lambda: app)
        worker.inner.run()
