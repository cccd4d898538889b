"""Pages of organizations, people and the App."""

from __future__ import annotations

from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import Routes, not_found, page, reading, world
from bot.sandbox.pages.home import admin_repository
from bot.sandbox.state import Organization, User


@reading
def account(login: str) -> Response:
    """An organization or a person."""
    gh = world()
    org = gh.find_organization(login)
    if org:
        return _organization(org)
    who = gh.find_user(login)
    return _person(who) if who else not_found()


@reading
def app(slug: str) -> Response:
    """The App: what it may do, and where it is installed."""
    gh = world()
    if slug != gh.app.slug:
        return not_found()
    return page("app", installations=[*gh.installations.values()])


def _organization(org: Organization) -> Response:
    gh = world()
    return page(
        "organization",
        org=org,
        repositories=gh.repositories_of(org),
        room=admin_repository(org),
        installation=gh.installation_of(org),
        pending=len(gh.requests(org, pending_only=True)),
        grants=len(gh.grants(org)),
    )


def _person(who: User) -> Response:
    gh = world()
    places = [(org, org.members[who.id]) for org in gh.organizations.values() if org.member(who)]
    asked = [one for one in gh.token_requests.values() if one.owner is who]
    return page("person", who=who, places=places, asked=asked[::-1])


ROUTES: Routes = (
    ("/apps/<slug>", "GET", app),
    ("/<login>", "GET", account),
)
