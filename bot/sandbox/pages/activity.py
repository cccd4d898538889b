"""What GitHub sent and what the bot called, newest first."""

from __future__ import annotations

from werkzeug.wrappers import Response

from bot.sandbox.deliveries import Delivery
from bot.sandbox.pages.frame import Routes, back, not_found, page, reading, world

SHOWN = 60
HERE = "/demo/activity"


@reading
def show() -> Response:
    """Deliveries and REST calls, the newest ones."""
    gh = world()
    deliveries, calls = gh.deliveries, list(enumerate(gh.calls))
    return page(
        "activity",
        deliveries=deliveries[-SHOWN:][::-1],
        about=about,
        deliveries_count=len(deliveries),
        calls=calls[-SHOWN:][::-1],
        calls_count=len(calls),
    )


@reading
def delivery(delivery_id: int) -> Response:
    """One delivery with what was sent and answered."""
    found = _delivery(delivery_id)
    return page("delivery", one=found) if found else not_found()


def redeliver(delivery_id: int) -> Response:
    """Send it again, as an App's owner can by hand."""
    found = _delivery(delivery_id)
    if found is None:
        return not_found()
    world().redeliver(found.guid)
    return back(HERE, "Sent again. The bot takes each delivery once.")


@reading
def call(number: int) -> Response:
    """One REST call with what was asked and answered, secrets masked."""
    calls = world().calls
    return page("call", one=calls[number]) if number < len(calls) else not_found()


def about(one: Delivery) -> str:
    """Where and by whom, in short."""
    said = one.json
    installation = said.get("installation") or {}  # a ping has none
    org = said.get("organization") or installation.get("account") or {}
    issue = f"#{said['issue']['number']}" if "issue" in said else ""
    return " · ".join(filter(None, (org.get("login"), issue, f"by {said['sender']['login']}")))


def _delivery(delivery_id: int) -> Delivery | None:
    return next((one for one in world().deliveries if one.id == delivery_id), None)


ROUTES: Routes = (
    ("/activity", "GET", show),
    ("/activity/deliveries/<int:delivery_id>", "GET", delivery),
    ("/activity/deliveries/<int:delivery_id>", "POST", redeliver),
    ("/activity/calls/<int:number>", "GET", call),
)
