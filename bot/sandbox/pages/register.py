"""Put the pages on the sandbox's Flask application."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint

from bot.sandbox.pages import (
    accounts,
    activity,
    formats,
    guard,
    home,
    issues,
    owners,
    policies,
    teams,
    token_form,
    tokens,
    trouble,
)
from bot.sandbox.pages.frame import Action, Demo, not_found
from bot.sandbox.sandbox import Sandbox

PREFIX = "/demo"
SUBJECTS = (home, token_form, tokens, owners, policies, teams, activity, trouble, issues, accounts)


def add_pages(
    gh: Sandbox,
    actions: Mapping[str, Action] | None = None,
    policies: Mapping[str, str] | None = None,
) -> Demo:
    """Serve the pages under ``/demo/``, the first at ``/`` too; call it before ``gh.start()``.

    ``actions`` become buttons: a label, and what to do, which answers with a sentence to show.
    More may be put into the result's ``actions`` at any time. ``policies`` are the example
    policies to push, texts by name.
    """
    state = Demo(gh, dict(actions or {}), dict(policies or {}))
    pages = Blueprint(
        "pages", __name__, url_prefix=PREFIX, template_folder="templates", static_folder="static"
    )
    pages.before_request(guard.check_origin)
    pages.after_request(guard.add_headers)
    formats.add_to(pages)
    for subject in SUBJECTS:
        for rule, method, view in subject.ROUTES:
            name = f"{subject.__name__.rpartition('.')[2]}_{view.__name__}"
            pages.add_url_rule(rule, name, view, methods=[method])
    pages.add_url_rule("/<path:_rest>", "not_found", lambda _rest: not_found(), methods=METHODS)
    gh.flask_app.extensions["demo"] = state
    gh.flask_app.register_blueprint(pages)
    start = "pages.home_start"
    gh.flask_app.add_url_rule("/", start, gh.flask_app.view_functions[start])
    return state


def show_in_pages(gh: Sandbox) -> str:
    """Let ``html_url`` of everything lead to the pages, and say where they begin.

    To be called once the sandbox is started, since only then its port is known.
    """
    gh.links.web = gh.url + PREFIX
    return gh.url + PREFIX + "/"


METHODS = ("GET", "POST")
