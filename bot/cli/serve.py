"""`countersign serve`: granian in this one process, without a thread for each delivery."""

import asyncio
import errno
import gc
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from bot.cli.ending import Ending, Work

CONNECTIONS: Final = 1024
"""Connections served at once, idle ones too; the next wait to be accepted. Bodies have limits of
their own, see `bot.web.front`.
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


def _tell(url: str) -> None:
    _log.info("serving on %s", url)


def serve(
    host: str,
    port: int,
    make: Callable[[], tuple[object, Work]],
    tell: Callable[[str], None] = _tell,
) -> int:
    """Serve the RSGI application and do the work that `make` makes; `tell` hears of the address.

    On SIGTERM, SIGINT and SIGHUP the process ends with 0. Returns the exit status otherwise: 2 when
    `host` and `port` cannot be had, 1 when the server fails.
    """
    ending = Ending()
    try:
        kept = keep_address(host, port)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no DNS can hold
        print(_cannot_listen(host, port, error), file=sys.stderr)
        return 2
    _take_long_turns()
    app, work = make()
    gc.freeze()  # what is there by now stays: looking through all of it would take 60 ms each time
    with kept:
        address, port = kept.getsockname()[:2]
        asyncio.run(_serve(_server(app, address, port), ending, work, tell))
    if ending.wait():
        _log.info("ended by a signal")
        _leave()
    _log.error("the web server ended by itself; the lines before may tell why")
    work.stop()
    return 1


def _leave() -> NoReturn:
    """End at once: everything is written. While the interpreter takes itself apart, a thread that
    still asks for it (the server has such) can abort the process: seen once in some hundred ends.
    """
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)


def _take_long_turns() -> None:
    """Have Linux not interrupt our threads for each other: whoever is woken waits for a turn.

    They hand one delivery on to the next, and a fifth of the processor's time went into that.
    """
    with suppress(AttributeError, OSError):  # another system, or a container that forbids it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def _serve(server: Server, ending: Ending, work: Work, tell: Callable[[str], None]) -> None:
    """Until the signal comes and open requests end."""
    loop = asyncio.get_running_loop()
    where, port = server.bind_addr, server.bind_port
    serving = asyncio.create_task(server.serve())
    await _answers(where, port, serving)
    work.start()  # only now: it asks GitHub for deliveries that failed
    ending.stops(lambda: loop.call_soon_threadsafe(server.stop), work)
    tell(f"http://{f'[{where}]' if ':' in where else where}:{port}/")
    await serving


async def _answers(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    """Return when the server takes connections, or has failed."""
    while not serving.done():
        with suppress(OSError):
            _, connection = await asyncio.open_connection(host, port)
            connection.close()
            return
        await asyncio.sleep(0.001)
    raise RuntimeError("the web server did not start") from serving.exception()


def _server(app: object, address: str, port: int) -> Server:
    return Server(
        app,
        address,
        port,
        interface=Interfaces.RSGI,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGS,
    )


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


def keep_address(host: str, port: int) -> socket.socket:
    """A socket that keeps the port on `host` until the server has it too; it takes no connections.

    Port 0 becomes any free one. Raises OSError when the port is not to be had. granian lets
    processes share a port, so that a second bot beside a forgotten one would silently get a part
    of the deliveries: this asks for the port alone first.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    with socket.create_server(address, family=family) as asked:
        there = asked.getsockname()
    kept = socket.socket(family)
    try:
        _bind(kept, there)
    except OSError:
        kept.close()
        raise
    return kept


def _bind(kept: socket.socket, address: tuple[object, ...]) -> None:
    """As granian will bind its own, and so that whoever else asks for the port alone is refused."""
    if kept.family is socket.AF_INET6:
        kept.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of before may linger
    kept.bind(address)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
