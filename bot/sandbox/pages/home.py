"""The first page, choosing who one is, and the buttons of the surrounding program."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import (
    MONTH,
    VISITOR,
    Routes,
    any_membership,
    back,
    demo,
    own_path,
    page,
    people,
    reading,
    world,
)
from bot.sandbox.state import Organization, Repository


@reading
def start() -> Response:
    """What this is, and four steps."""
    gh = world()
    rooms = [(org, admin_repository(org)) for org in gh.organizations.values()]
    return page("home", rooms=rooms, outsiders=[who for who in people() if not any_membership(who)])


def become() -> Response:
    """Choose who one is, from every page."""
    who = world().find_user(request.form.get("login", ""))
    place = own_path(request.form.get("next"))
    if who not in people() or who is None:
        return back(place, "There is nobody of that name.")
    answer = back(place)
    answer.set_cookie(VISITOR, who.login, max_age=MONTH, path="/demo/", samesite="Strict")
    return answer


def act() -> Response:
    """Press one of the surrounding program's buttons, and hear what came of it."""
    place, label = own_path(request.form.get("next")), request.form.get("action", "")
    action = demo().actions.get(label)
    return back(place, action() if action else "There is no such button.")


@reading
def colors() -> Response:
    """The labels' colours, which the content policy allows in a stylesheet only."""
    rules = [_rule(color) for color in sorted(label_colors())]
    return FlaskResponse("\n".join(rules), content_type="text/css; charset=utf-8")


def label_colors() -> set[str]:
    """Every colour that a label has, six hex digits each."""
    repositories = world().repositories.values()
    every = {label.color.lower() for repo in repositories for label in repo.labels.values()}
    return {
        color for color in every if len(color) == 6 and not set(color) - set("0123456789abcdef")
    }


def admin_repository(org: Organization) -> Repository | None:
    """Where the App has opened issues, else the repository that says so by its name."""
    gh = world()
    repositories = gh.repositories_of(org)
    for repo in repositories:
        if any(issue.user is gh.app.bot for issue in repo.issues.values()):
            return repo
    return next((repo for repo in repositories if repo.name == "token-requests"), None)


def _rule(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    # GitHub's own rule for labels in its light theme: dark letters from this lightness on.
    light = red * 0.2126 + green * 0.7152 + blue * 0.0722 > 0.453 * 255
    ink = "#1f2328" if light else "#fff"
    return f".label-{color}{{background:#{color};color:{ink}}}"


ROUTES: Routes = (
    ("/", "GET", start),
    ("/become", "POST", become),
    ("/actions", "POST", act),
    ("/colors.css", "GET", colors),
)
