"""The visitor's own tokens: what they asked for and hold."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import Routes, back, not_found, page, reading, visitor, world

HERE = "/demo/settings/personal-access-tokens"


@reading
def show() -> Response:
    """Requests, newest first, and active tokens."""
    gh, me = world(), visitor()
    asked = [one for one in gh.token_requests.values() if one.owner is me]
    held = [one for one in gh.token_grants.values() if one.owner is me]
    return page("tokens", asked=asked[::-1], held=held[::-1])


def cancel() -> Response:
    """Take a request back."""
    gh, number = world(), request.form.get("request", "")
    with gh.lock:
        asked = gh.token_requests.get(int(number)) if number.isdecimal() else None
        if asked is None or asked.owner is not visitor():
            return not_found()
        if asked.state != "pending":
            return back(HERE, f"This request is {asked.state} already.")
        gh.cancel_request(asked)
    return back(HERE, "Cancelled. The bot closes its issue.")


ROUTES: Routes = (
    ("/settings/personal-access-tokens", "GET", show),
    ("/settings/personal-access-tokens/cancel", "POST", cancel),
)
