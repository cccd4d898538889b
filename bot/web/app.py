"""The Flask application, put together from what it is given."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from bot.web.answers import Answer, refusal
from bot.web.delivery import Take
from bot.web.metrics import Metrics
from bot.web.pages import make_pages
from bot.web.state import ReadState
from bot.web.webhook import Webhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)


def make_app(
    *,
    webhook_path: str,
    secrets: Sequence[bytes],
    take: Take,
    read_state: ReadState,
    metrics: Metrics,
) -> Flask:
    """The WSGI application. `secrets`: the webhook secrets that are accepted, none empty."""
    app = Flask("bot.web", static_folder="static", template_folder="templates")
    app.url_map.strict_slashes = False  # WEBHOOK_PATH with or without a slash at its end
    webhook = Webhook(secrets, take, metrics)
    app.add_url_rule(
        webhook_path,
        "webhook",
        lambda: webhook(request.environ).response(),
        methods=["POST"],
        provide_automatic_options=False,
    )
    app.register_blueprint(make_pages(webhook_path, read_state, metrics))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, lambda error: _own_error(error).response())
    _in_front(app, webhook_path, webhook)
    return app


def _in_front(app: Flask, path: str, webhook: Webhook) -> None:
    """Answer deliveries before Flask's routing and contexts: that halves their processor time.

    Everything else, the path with a slash at its end too, goes Flask's way to the same view.
    """
    flask = app.wsgi_app

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != path or environ["REQUEST_METHOD"] != "POST":
            return flask(environ, start_response)
        try:
            answer = webhook(environ)
        except Exception as error:  # noqa: BLE001 - Flask's own last resort, without Flask
            answer = _own_error(error)
        return answer.send(start_response)

    app.wsgi_app = wsgi  # type: ignore[method-assign]  # how Flask's documentation wraps an app


def _http_error(error: HTTPException) -> Response:
    """404, 405 and the like, as JSON; a redirect or an answer of its own stays what it is."""
    answer = refusal(error.code or 500, f"{error.name}.").response()
    for name, text in error.get_headers():
        if name in {"Allow", "Location"}:
            answer.headers[name] = text
    return answer


def _own_error(_error: Exception) -> Answer:
    _log.exception("a request failed by an error of ours")
    return refusal(500, "That is an error of the bot; its log tells more.")
