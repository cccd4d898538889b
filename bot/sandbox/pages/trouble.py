"""Make trouble: switches that let GitHub fail, so that one can watch the bot go on."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages import troubles
from bot.sandbox.pages.frame import Routes, back, own_path, page, reading, world

MOST_CALLS = 100
HERE = "/demo/trouble"


@reading
def show() -> Response:
    """The switches and what is planned."""
    return page("trouble", troubles=troubles.TROUBLES, most=MOST_CALLS)


def start() -> Response:
    """Let something go wrong for the next calls."""
    chosen = next((one for one in troubles.TROUBLES if one.name == request.form.get("name")), None)
    if chosen is None:
        return back(HERE, "There is no such switch.")
    chosen.start(world(), _calls(chosen.calls))
    return back(HERE, f"{chosen.title}, from the next call on. Now act, and watch.")


def drop() -> Response:
    """Lose webhooks, or deliver them again."""
    gh = world()
    gh.hook.dropping = not gh.hook.dropping
    lost = "Webhooks get lost from now on." if gh.hook.dropping else "Webhooks arrive again."
    return back(own_path(request.form.get("next", HERE)), lost)


def end() -> Response:
    """All well again."""
    troubles.end_all(world())
    return back(own_path(request.form.get("next", HERE)), "GitHub is well again.")


def _calls(usual: int) -> int:
    wanted = request.form.get("calls", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() else usual
    return min(max(number, 1), MOST_CALLS)


ROUTES: Routes = (
    ("/trouble", "GET", show),
    ("/trouble", "POST", start),
    ("/trouble/webhooks", "POST", drop),
    ("/trouble/end", "POST", end),
)
