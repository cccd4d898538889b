"""What every page has: the world, the visitor, a notice, the way back after a form."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeAlias

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from bot.sandbox.pages import troubles
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.state import ROLES, Organization, Repository, User

Action: TypeAlias = Callable[[], str]
View: TypeAlias = Callable[..., Answer]
Routes: TypeAlias = tuple[tuple[str, str, View], ...]
P = ParamSpec("P")
VISITOR = "demo_visitor"
LIVE = "X-Live"
MONTH = 30 * 24 * 3600


@dataclass
class Demo:
    """The pages' own state; ``notice`` is shown on the next page, once.

    ``policies`` are the example policies, by name; ``bot_page`` is where the bot's own page is.
    """

    gh: Sandbox
    actions: dict[str, Action]
    policies: Mapping[str, str]
    bot_page: str | None = None
    notice: str | None = None


def demo() -> Demo:
    """The state behind the current request."""
    found: Demo = current_app.extensions["demo"]
    return found


def world() -> Sandbox:
    """The local GitHub behind the current request."""
    return demo().gh


def people() -> list[User]:
    """Everybody one can be: all accounts but bots and the App's maker."""
    gh = world()
    return [who for who in gh.users.values() if who.type == "User" and who is not gh.app.owner]


def visitor() -> User | None:
    """Who the visitor chose to be; at first, some member, who can begin by asking for a token."""
    chosen = world().find_user(request.cookies.get(VISITOR, ""))
    if chosen in people():
        return chosen
    return next((who for who in people() if is_plain_member(who)), None)


def is_plain_member(who: User, of: Organization | None = None) -> bool:
    """Whether somebody is a member (of this organization, or of some) and owner of none."""
    found = [org.member(who) for org in world().organizations.values()]
    here = of is None or of.member(who) is not None
    return here and {one.role for one in found if one} == {"member"}


def any_membership(who: User) -> bool:
    """Whether somebody belongs to some organization."""
    return any(org.member(who) for org in world().organizations.values())


def is_owner(who: User | None, org: Organization) -> bool:
    """Whether somebody is an active owner."""
    found = org.member(who) if who else None
    return found is not None and (found.role, found.state) == ("admin", "active")


def may_write(who: User | None, repo: Repository) -> bool:
    """Whether somebody may push there, and edit what others wrote."""
    role = repo.role_of(who) if who else "none"
    return role in ROLES and ROLES.index(role) >= ROLES.index("write")


def reading(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """A view that reads the world while nobody changes it."""

    @functools.wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Answer:
        with world().lock:
            return view(*args, **kwargs)

    return run


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A whole page. One that is only fetched to refresh another does not use up the notice."""
    state, notice = demo(), None
    if LIVE not in request.headers:
        notice, state.notice = state.notice, None
    frame = {
        "me": visitor(),
        "people": people(),
        "organizations": [*state.gh.organizations.values()],
        "actions": list(state.actions),
        "going_wrong": troubles.active(state.gh),
        "dropping": state.gh.hook.dropping,
        "notice": notice,
        "app": state.gh.app,
        "now": state.gh.now(),
        "bot_page": state.bot_page,
    }
    return make_response(render_template(f"{template}.html", **frame, **shown), status)


def not_found() -> Response:
    """404 with a way on."""
    with world().lock:
        return page("not_found", 404)


def back(path: str, notice: str | None = None) -> Answer:
    """On to a page of ours after a form was taken."""
    demo().notice = notice
    return redirect(own_path(path), 303)


def own_path(path: str | None) -> str:
    """The path if it is one of our pages, else the first page."""
    plain = path is not None and path.startswith("/demo/") and path.isprintable()
    return path if path and plain and "\\" not in path else "/demo/"
