"""The HTTP side: Flask routes from the table, on loopback only, gone when stopped."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from flask import request as http
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from bot.sandbox import dispatch
from bot.sandbox.calls import Call
from bot.sandbox.failures import Failure
from bot.sandbox.hub import Hub
from bot.sandbox.rest import table
from bot.sandbox.rest.route import Answer, Route
from bot.sandbox.versions import SERVER_BASE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


Write = Callable[[bytes], object]
TOLD = "sandbox.told"
"""Where the environment of a call keeps what is to be done when its answer has gone."""


class Connection(WSGIRequestHandler):
    """A connection that stays open between calls and says nothing to the console."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: 40 ms a call otherwise

    def run_wsgi(self) -> None:
        """Answer one call and stay open: werkzeug's own way closes after each.

        Werkzeug closes for fear of unread bodies; ``_read_body`` sees to it that there are none.
        """
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_error: object) -> Write:
            begun.append((status, headers))
            return self.wfile.write

        environ = self.make_environ()
        content = b"".join(self.server.app(environ, start))
        (status, headers), code = begun[-1], int(begun[-1][0][:3])
        self.send_response_only(code, status[4:])
        self.send_header("server", "github.com")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        environ.get(TOLD, bool)()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        """Nothing: the calls are recorded."""


class Server(ThreadedWSGIServer):
    """A thread for each connection; stopping closes them all and waits for the threads."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, host: str, port: int, app: Flask) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the local GitHub only listens on loopback, not on {host}")
        self._opened: set[socket.socket] = set()
        super().__init__(host, port, app, Connection)
        self._serving = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="sandbox", daemon=True
        )
        self._serving.start()

    def stop(self) -> None:
        """Answer nothing any more."""
        self.shutdown()
        for one in list(self._opened):  # serve_forever ends by waiting for their threads
            hang_up(one)
        self._serving.join()

    def get_request(self) -> tuple[Any, Any]:
        """Remember the connection."""
        connection, peer = super().get_request()
        self._opened.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        """Forget it; called at its end, by its own thread."""
        self._opened.discard(request)
        super().shutdown_request(request)


def hang_up(connection: socket.socket) -> None:
    """Close a connection in the middle of whatever it does."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


def rest_app(gh: Hub, record: Callable[[Call], None], stopping: threading.Event) -> Flask:
    """The REST API as a Flask application; pages may register on it too."""
    app = Flask("bot.sandbox", static_folder=None)
    app.url_map.merge_slashes = False
    app.before_request(_read_body)

    def serve(**_path: str) -> Response:
        if gh.server_version and http.environ["SCRIPT_NAME"] != SERVER_BASE:
            return Response("Not Found", 404)  # a server has its pages there
        failure = gh.failures.take(http.method, http.path)
        if failure and failure.mode == "delay":
            stopping.wait(failure.delay)
        dropped = failure is not None and failure.mode == "drop"
        if failure and failure.mode in {"drop", "held"}:
            failure.then()
        if failure and failure.mode == "held":
            failure.wait()
        route, params = table.find(http.method, _path_as_sent())
        with gh.lock:
            caller = dispatch.caller_of(gh)
            given = Answer(0) if dropped else dispatch.answer(gh, route, params, failure)
            record(_call(gh, route, given, caller, failure))
        response = _response(_as_it_arrives(given, failure) if failure else given)
        response.headers["date"] = format_datetime(gh.now(), usegmt=True)
        return response

    app.add_url_rule("/<path:path>", "rest", serve, methods=METHODS)
    app.wsgi_app = _also_below(app.wsgi_app, SERVER_BASE)  # type: ignore[assignment, method-assign]
    return app


def _also_below(serve: WSGIApplication, base: str) -> WSGIApplication:
    """The same again below another address, where GitHub Enterprise Server has its API."""

    def served(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(f"{base}/"):
            environ["PATH_INFO"] = path.removeprefix(base)
            environ["SCRIPT_NAME"] = base
        return serve(environ, start_response)

    return served


def _path_as_sent() -> str:
    """The path with its escapes: a login with a slash in it is one word of the path."""
    sent: str = http.environ["RAW_URI"]
    return sent.partition("?")[0].removeprefix(http.environ["SCRIPT_NAME"])


def _as_it_arrives(given: Answer, failure: Failure) -> Answer:
    """The answer as the caller gets it, if at all."""
    if failure.mode in {"lost", "masked", "kept", "stale"}:
        failure.then()
    if failure.mode == "kept":
        failure.wait()
    if failure.mode in {"drop", "lost"}:
        hang_up(http.environ["werkzeug.socket"])
    if failure.mode == "told":
        http.environ[TOLD] = failure.then
    if failure.mode == "masked":
        return Answer(failure.status, {"message": failure.message or "Server Error"})
    return given


def _read_body() -> None:
    http.get_data()  # what is left unread would be taken for the next call


def _call(
    gh: Hub, route: Route | None, given: Answer, caller: str, failure: Failure | None
) -> Call:
    headers = {name.lower(): value for name, value in http.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = headers["authorization"].split(" ")[0] + " (masked)"
    return Call(
        method=http.method,
        path=http.path,
        query=http.args.to_dict(flat=False),
        template=route.template if route else None,
        request_body=dispatch.sent_body(),
        status=given.status or None,
        response_body=given.body,
        headers=headers,
        at=gh.now(),
        caller=caller,
        failure=failure.mode if failure else None,
        odd=given.odd,
    )


def _response(given: Answer) -> Response:
    empty = given.body is None
    content = "" if empty else json.dumps(given.body, ensure_ascii=False)
    response = Response(
        content, given.status or 500, content_type="application/json; charset=utf-8"
    )
    if empty:
        del response.headers["content-type"]
    for name, value in given.headers.items():
        response.headers[name] = value
    return response
