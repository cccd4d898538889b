"""A small server on loopback, for the demo and the tests; the service itself has a better one."""

import threading
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from flask import Flask


class _Quiet(WSGIRequestHandler):
    def log_request(self, _code: int | str = "-", _size: int | str = "-") -> None:
        """Requests are not logged."""


class LoopbackServer:
    """Serves an application on 127.0.0.1 until it is stopped. `url` is its base."""

    def __init__(self, app: "Flask") -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        # how often it looks, in seconds, whether it is to stop: half a second otherwise
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
