"""The open pages: for people, for probes and for Prometheus."""

import re

from flask import Blueprint, Response, render_template
from markupsafe import Markup, escape

from bot import COMMAND, VERSION
from bot.domain.doctor.check import Verdict, is_trouble, worst_first
from bot.web.answers import Answer, protect
from bot.web.metrics import CONTENT_TYPE, Metrics
from bot.web.openapi import describe
from bot.web.overview import LINK_WORDS, overview, warnings
from bot.web.state import ReadState, read_safely

_CODE = re.compile(r"`[^`]+`|\b[A-Z]+(?:_[A-Z]+)+\b|\bORGANIZATIONS\b")

_MARKS = {
    Verdict.FAULT: "bad",
    Verdict.WARNING: "bad",
    Verdict.UNKNOWN: "open",
    Verdict.OK: "good",
}
_WORDS = {
    Verdict.FAULT: "Fault",
    Verdict.WARNING: "Warning",
    Verdict.UNKNOWN: "Not known",
    Verdict.OK: "Well",
}
"""What the marks say to who cannot see them."""


def make_pages(webhook_path: str, read_state: ReadState, metrics: Metrics) -> Blueprint:
    """The pages of INTERFACE's HTTP table but the webhook."""
    pages = Blueprint("pages", __name__)
    pages.after_request(protect)
    pages.add_app_template_filter(_mark_settings, "code")
    description = describe(webhook_path)

    @pages.get("/")
    def home() -> str:
        state = read_safely(read_state)
        checks = worst_first(overview(state))
        bad = is_trouble(checks) or bool(state.troubles)
        shown = {"checks": checks, "bad": bad}
        words = {"marks": _MARKS, "words": _WORDS, "links": LINK_WORDS}
        return render_template(
            "home.html", command=COMMAND, state=state, version=VERSION, **shown, **words
        )

    @pages.get("/healthz")
    def health() -> Response:
        return Answer(200, {"status": "alive"}).response()

    @pages.get("/readyz")
    def readiness() -> Response:
        state = read_safely(read_state)
        content = {
            "status": "not ready" if state.problems else "ready",
            "reasons": state.problems,
            "warnings": warnings(state),
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
    """The text with commands and the names of settings as code."""
    return Markup(_CODE.sub(_as_code, str(escape(text))))  # noqa: S704 - escaped


def _as_code(found: re.Match[str]) -> str:
    return f"<code>{found[0].strip('`')}</code>"
