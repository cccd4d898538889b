"""The open pages: for people, for probes and for Prometheus."""

import re

from flask import Blueprint, Response, render_template
from markupsafe import Markup, escape

from bot import VERSION
from bot.replies.warnings import warned
from bot.web.answers import Answer, protect
from bot.web.metrics import CONTENT_TYPE, Metrics
from bot.web.openapi import describe
from bot.web.state import ReadState, read_safely

_SETTING = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b|\bORGANIZATIONS\b")


def make_pages(webhook_path: str, read_state: ReadState, metrics: Metrics) -> Blueprint:
    """The pages of INTERFACE's HTTP table but the webhook."""
    pages = Blueprint("pages", __name__)
    pages.after_request(protect)
    pages.add_app_template_filter(_mark_settings, "settings")
    description = describe(webhook_path)

    @pages.get("/")
    def home() -> str:
        state = read_safely(read_state)
        told = [warned(trouble) for trouble in state.troubles]
        return render_template("home.html", state=state, warnings=told, version=VERSION)

    @pages.get("/healthz")
    def health() -> Response:
        return Answer(200, {"status": "alive"}).response()

    @pages.get("/readyz")
    def readiness() -> Response:
        state = read_safely(read_state)
        content = {
            "status": "not ready" if state.problems else "ready",
            "reasons": state.problems,
            "warnings": [f"{one.what} {one.way_out}" for one in map(warned, state.troubles)],
            "organizations": state.organizations,
            "unfit_admin_repositories": state.unfit_repositories,
            "audit_log": state.audit_log,
        }
        return Answer(503 if state.problems else 200, content).response()

    @pages.get("/metrics")
    def figures() -> Response:
        return Response(metrics.render(), content_type=CONTENT_TYPE)

    @pages.get("/openapi.json")
    def openapi() -> Response:
        return Answer(200, description).response()

    return pages


def _mark_settings(text: str) -> Markup:
    """The text with the names of settings as code."""
    return Markup(_SETTING.sub(r"<code>\g<0></code>", str(escape(text))))  # noqa: S704 - escaped
