"""The Flask application, put together from what it is given."""

import logging

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

from bot.web.answers import own_error, refusal
from bot.web.metrics import Metrics
from bot.web.pages import make_pages
from bot.web.state import ReadState
from bot.web.webhook import Webhook

_log = logging.getLogger(__name__)


def make_app(
    *,
    webhook_path: str,
    webhook: Webhook,
    read_state: ReadState,
    metrics: Metrics,
) -> Flask:
    """The WSGI application: webhook and pages."""
    app = Flask("bot.web", static_folder="static", template_folder="templates")
    app.url_map.strict_slashes = False  # WEBHOOK_PATH with or without a slash at its end
    app.url_map.merge_slashes = False  # `/api//github` is another path, and not found
    app.before_request(_refuse_double_slash)
    app.add_url_rule(
        webhook_path,
        "webhook",
        lambda: webhook(request.environ).response(),
        methods=["POST"],
        provide_automatic_options=False,
    )
    app.register_blueprint(make_pages(webhook_path, read_state, metrics))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _own_error)
    return app


def _refuse_double_slash() -> None:
    """`//readyz` is another path too, but werkzeug's routing drops leading slashes."""
    if request.environ["PATH_INFO"].startswith("//"):
        abort(404)


def _http_error(error: HTTPException) -> Response:
    """404, 405 and the like, as JSON; a redirect or an answer of its own stays what it is."""
    answer = refusal(error.code or 500, f"{error.name}.").response()
    for name, text in error.get_headers():
        if name in {"Allow", "Location"}:
            answer.headers[name] = text
    return answer


def _own_error(_error: Exception) -> Response:
    _log.exception("a request failed by an error of ours")
    return own_error().response()
