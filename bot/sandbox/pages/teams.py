"""The teams of an organization, and who is in them; owners change it."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import Routes, back, is_owner, not_found, page, reading, visitor, world

HERE = "/organizations/<login>/teams"


@reading
def show(login: str) -> Response:
    """Every team with the organization's people, members ticked."""
    org = world().find_organization(login)
    if org is None:
        return not_found()
    people = [one.user for one in org.members.values()]
    return page("teams", org=org, members=people, owns=is_owner(visitor(), org))


def change(login: str, slug: str) -> Response:
    """The team is who was ticked."""
    gh, me = world(), visitor()
    with gh.lock:
        org = gh.find_organization(login)
        team = org.teams.get(slug) if org else None
        if org is None or team is None:
            return not_found()
        place = f"/demo/organizations/{org.login}/teams"
        if not is_owner(me, org):
            return back(place, "Only owners change teams. Switch to one.")
        ticked = request.form.getlist("member")
        chosen = [one.user for one in org.members.values() if one.user.login in ticked]
        gh.set_team_members(team, *chosen)
    return back(place, f"The team {slug} is changed. The bot asks GitHub when it decides.")


ROUTES: Routes = (
    (HERE, "GET", show),
    (HERE + "/<slug>", "POST", change),
)
