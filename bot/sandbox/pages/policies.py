"""The policy file of an organization: an example to push, as anybody with write access could."""

from __future__ import annotations

import re

from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import (
    Routes,
    back,
    demo,
    may_write,
    not_found,
    page,
    reading,
    visitor,
    world,
)
from bot.sandbox.pages.home import admin_repository
from bot.sandbox.state import Issue, Organization, Repository, User

FILE = ".github/token-policy.yml"
MODE = re.compile(r"^mode: (enforce|shadow)\b", re.M)
HERE = "/organizations/<login>/policy"


@reading
def show(login: str) -> Response:
    """The file as it is, an example to push, and the policy issues."""
    org = world().find_organization(login)
    room = admin_repository(org) if org else None
    if org is None or room is None:
        return not_found()
    examples = demo().policies
    chosen = request.args.get("example", "")
    pushed = room.files.get(FILE)
    now = pushed.decode("utf-8", "replace") if pushed is not None else None
    return page(
        "policy",
        org=org,
        room=room,
        file=FILE,
        pushed=now,
        chosen=chosen,
        text=examples.get(chosen, now or ""),
        examples=[*examples],
        may_push=may_write(visitor(), room),
        owners=[one.user for one in org.members.values() if one.role == "admin"],
        issues=_policy_issues(room),
    )


def push(login: str) -> Response:
    """Push what is in the box, in shadow if asked, or remove the file."""
    gh, form, me = world(), request.form, visitor()
    with gh.lock:
        org = gh.find_organization(login)
        room = admin_repository(org) if org else None
        if org is None or room is None or me is None:
            return not_found()
        return back(_path(org), _push(me, room, form.get("act", ""), form.get("text", "")))


def _push(me: User, room: Repository, act: str, typed: str) -> str:
    gh = world()
    if not may_write(me, room):
        return f"{me.login} may not push to {room.full_name}. Switch to an owner."
    if act == "remove":
        if FILE not in room.files:
            return "There is no policy file."
        gh.commit(me, room, {FILE: None}, "Remove the token policy")
        return "Removed. An issue appears: the policy in force stays until owners adopt that too."
    text = typed.replace("\r\n", "\n")
    if act == "shadow":
        text = MODE.sub("mode: shadow", text, count=1)
    if not text.strip():
        return "Please choose an example, or write a policy."
    if room.files.get(FILE) == text.encode():
        return "The file is like this already. Change it first."
    gh.commit(me, room, {FILE: text.encode()}, "Change the token policy")
    return "Pushed. Its policy issue appears below within seconds; there an owner may /adopt it."


def _policy_issues(room: Repository) -> list[Issue]:
    return [one for one in world().issues(room)[::-1] if "token-policy" in one.labels]


def _path(org: Organization) -> str:
    return f"/demo/organizations/{org.login}/policy"


ROUTES: Routes = (
    (HERE, "GET", show),
    (HERE, "POST", push),
)
