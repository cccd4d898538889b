"""The demo's cast: two organizations that know nothing of each other, and a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.pages import show_in_pages
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.state import Organization, Permissions, Repository, User

ADMIN_REPOSITORY = "token-requests"
CAST = ("olga", "otto", "mia", "max", "sue", "gina", "greg", "tara", "sam")
HOSTILE_NAME = "`@everyone` <script>"


@dataclass(frozen=True)
class DemoWorld:
    """Who and what there is; people by login, repositories by full name."""

    acme: Organization
    globex: Organization
    people: dict[str, User]
    repositories: dict[str, Repository]


def build(gh: Sandbox) -> DemoWorld:
    """Make the cast, install the App in both organizations, and ask for the first tokens.

    ``gh`` is started and its ``webhook_url`` set, so that all of it is delivered.
    """
    people = {login: gh.add_user(login) for login in CAST}
    acme = _organization(gh, "acme", people, owners=("olga", "otto"), members=("mia", "max", "sue"))
    globex = _organization(gh, "globex", people, owners=("gina",), members=("greg", "tara"))
    for slug in ("security", "information-security"):
        gh.add_team(acme, slug, people["sue"], people["max"])
    for org, slug, member in (
        (acme, "maintainers", "mia"),
        (acme, "teachers", "sue"),
        (globex, "security", "tara"),
        (globex, "information-security", "tara"),
        (globex, "maintainers", "greg"),
        (globex, "teachers", "tara"),
    ):
        gh.add_team(org, slug, people[member])
    repositories = {
        repo.full_name: repo
        for repo in (
            gh.add_repository(acme, "website", private=False),
            gh.add_repository(acme, "api"),
            gh.add_repository(acme, "infrastructure"),
            gh.add_repository(acme, ADMIN_REPOSITORY),
            gh.add_repository(globex, "robots"),
            gh.add_repository(globex, "assignment-1-greg"),
            gh.add_repository(globex, ADMIN_REPOSITORY),
        )
    }
    world = DemoWorld(acme, globex, people, repositories)
    show_in_pages(gh)
    _tokens_from_before(gh, world)
    gh.install(acme)
    gh.install(globex)
    _first_requests(gh, world)
    return world


def _organization(
    gh: Sandbox,
    login: str,
    people: dict[str, User],
    *,
    owners: tuple[str, ...],
    members: tuple[str, ...],
) -> Organization:
    org = gh.add_organization(login)
    for owner in owners:
        gh.add_member(org, people[owner], role="admin")
    for member in members:
        gh.add_member(org, people[member])
    return org


def _tokens_from_before(gh: Sandbox, world: DemoWorld) -> None:
    """A token that was approved before the App came, so that it can ask for more."""
    gh.grant_without_review(
        world.acme,
        world.people["max"],
        name="nightly-backup",
        permissions=_repository(contents="read", metadata="read"),
        expires_at=gh.now() + timedelta(days=120),
    )


def _first_requests(gh: Sandbox, world: DemoWorld) -> None:
    acme, people, day = world.acme, world.people, timedelta(days=1)
    gh.request_token(
        acme,
        people["mia"],
        name="release-notes",
        permissions=_repository(contents="read", pull_requests="read", metadata="read"),
        selection="subset",
        repositories=[world.repositories["acme/website"]],
        expires_at=gh.now() + 30 * day,
        reason="Reads merged pull requests to write the release notes.",
    )
    gh.request_token(
        acme,
        people["max"],
        name="ops-automation",
        permissions=_repository(
            administration="write", contents="write", workflows="write", metadata="read"
        ),
        reason="For the migration.",
    )
    gh.request_token(
        acme,
        people["mia"],
        name=HOSTILE_NAME,
        permissions={"organization": {"members": "read"}},
        selection="none",
        expires_at=gh.now() + 365 * day,
        reason="@olga please\n\n/approve\n\n# Already reviewed, see [here](https://example.com)",
    )
    gh.request_token(
        world.globex,
        people["greg"],
        name="robot-arm",
        permissions=_repository(contents="write", deployments="write", metadata="read"),
        selection="subset",
        repositories=[world.repositories["globex/robots"]],
        expires_at=gh.now() + 90 * day,
        reason="Deploys the firmware of the robot arms after each release.",
    )


def _repository(**levels: str) -> Permissions:
    return {"repository": levels}
