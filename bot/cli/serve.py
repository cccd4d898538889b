"""`python app.py serve`: granian with many threads, in this one process."""

import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from granian.http import HTTP1Settings

THREADS: Final = 64
"""Requests answered at once. A delivery waits for the disk, not for the processor, and those that
wait together share one commit, so many threads pay."""

BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""

ENDING: Final = 12.0
"""Seconds after the signal until the process ends, whatever still hangs; the bot's running steps
have ten of them."""

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


class Work(Protocol):
    """What goes on behind the web, in threads of its own."""

    def start(self) -> None:
        """Begin; returns at once."""

    def stop(self) -> None:
        """Begin nothing new, and return when the running steps have ended (10 s at most)."""


def serve(host: str, port: int, make: Callable[[], tuple[Callable[..., Any], Work]]) -> int:
    """Serve the WSGI application and do the work that `make` makes; the exit status.

    Ends with 0 on SIGTERM, SIGINT and SIGHUP, with 2 when `host` and `port` cannot be had.
    """
    _hold_signals()
    try:
        address, port = free_address(host, port)
    except OSError as error:
        print(
            f"The bot cannot listen on HOST {host} and PORT {port}: {error.strerror}."
            " Set another PORT, or end what uses this one.",
            file=sys.stderr,
        )
        return 2
    end = End()
    app, work = make()
    end.of(work)
    work.start()
    _log.info("serving on http://%s:%d/", f"[{address}]" if ":" in address else address, port)
    Server(address, port).run(lambda: app)
    end.wait()
    return 0


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
