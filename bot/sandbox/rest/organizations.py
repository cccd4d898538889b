"""Organizations, memberships, teams and users."""

from __future__ import annotations

from bot.sandbox.refused import not_found
from bot.sandbox.rest import pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import people, teams
from bot.sandbox.state import Membership, Organization, Team, User


def organization(request: Request) -> Answer:
    """Any organization, as everybody sees it."""
    org = request.gh.find_organization(request.params["org"])
    if org is None:
        raise not_found()
    return Answer(200, people.organization_full(request.gh.links, org))


def members(request: Request) -> Answer:
    """Active members, all or by role."""
    role = pages.one_of(request, "role", ("all", "admin", "member"))
    pages.one_of(request, "filter", ("all", "2fa_disabled", "2fa_insecure"))
    found = [
        one.user
        for one in request.organization.members.values()
        if one.state == "active" and role in {"all", one.role}
    ]
    return pages.paged(request, found, lambda who: people.user(request.gh.links, who))


def member(request: Request) -> Answer:
    """Whether somebody is an active member."""
    if _membership(request, request.organization).state != "active":
        raise not_found()
    return Answer(204)


def membership(request: Request) -> Answer:
    """A membership with role and state, pending invitations too."""
    org = request.organization
    return Answer(200, people.membership(request.gh.links, org, _membership(request, org)))


def team(request: Request) -> Answer:
    """A team by its slug."""
    org = request.organization
    return Answer(200, teams.team_full(request.gh.links, org, _team(request, org)))


def team_membership(request: Request) -> Answer:
    """A membership of a team."""
    org = request.organization
    found, one = _team(request, org), _membership(request, org)
    if one.user.id not in org.members_of(found):
        raise not_found()
    return Answer(200, teams.team_membership(request.gh.links, org, found, one))


def team_members(request: Request) -> Answer:
    """A team's members, those of child teams too."""
    org = request.organization
    wanted = pages.one_of(request, "role", ("all", "member", "maintainer"))
    members = org.members_of(_team(request, org))
    found = [org.members[ident].user for ident, role in members.items() if wanted in {"all", role}]
    return pages.paged(request, found, lambda who: people.user(request.gh.links, who))


def authenticated_user(request: Request) -> Answer:
    """Who a user access token belongs to."""
    return _account(request, request.signed_in)


def user(request: Request) -> Answer:
    """An account by login; organizations are accounts too."""
    login = request.params["username"]
    return _account(request, request.gh.find_user(login) or request.gh.find_organization(login))


def user_by_id(request: Request) -> Answer:
    """An account by its id, which outlives its login."""
    ident = request.params["account_id"]
    return _account(request, request.gh.users.get(ident) or request.gh.organizations.get(ident))


def _account(request: Request, found: User | Organization | None) -> Answer:
    if found is None:
        raise not_found()
    return Answer(200, people.public_user(request.gh.links, found))


def _membership(request: Request, org: Organization) -> Membership:
    one = org.member(request.user)
    if one is None:
        raise not_found()
    return one


def _team(request: Request, org: Organization) -> Team:
    found = org.teams.get(request.params["team_slug"].lower())
    if found is None:
        raise not_found()
    return found


ORG = "/orgs/{org}"
TEAM = ORG + "/teams/{team_slug}"
ROUTES = (
    Route("GET", ORG, organization, auth="anyone"),
    Route("GET", ORG + "/members", members, permission="members:read"),
    Route("GET", ORG + "/members/{username}", member, permission="members:read"),
    Route("GET", ORG + "/memberships/{username}", membership, permission="members:read"),
    Route("GET", TEAM, team, permission="members:read"),
    Route("GET", TEAM + "/members", team_members, permission="members:read"),
    Route("GET", TEAM + "/memberships/{username}", team_membership, permission="members:read"),
    Route("GET", "/user", authenticated_user, auth="user"),
    Route("GET", "/users/{username}", user, auth="anyone"),
    Route("GET", "/user/{account_id}", user_by_id, auth="anyone"),
)
