"""Teams, collaborators, commits, and whose user access token it is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox import Repository
from tests.sandbox.conftest import Inbox, Stage

REPO = "/repos/acme/app"


@pytest.fixture
def app(stage: Stage) -> Repository:
    """A private repository, in an installation that may read all about it."""
    more = {"contents": "read", "administration": "read"}
    stage.gh.accept_permissions(stage.installation, {**stage.gh.app.permissions, **more})
    return stage.gh.add_repository(stage.acme, "app")


def logins(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {one["login"] for one in answer.json()}


def test_a_team_has_its_parents_and_the_members_of_its_children(stage: Stage) -> None:
    gh, acme, bot = stage.gh, stage.acme, stage.bot()
    above = gh.add_team(acme, "engineering", stage.owner)
    below = gh.add_team(acme, "security", stage.member, parent=above)
    shown = bot.get("/orgs/acme/teams/Security").json()
    assert (shown["id"], shown["parent"]["slug"], shown["members_count"]) == (
        below.id,
        "engineering",
        1,
    )
    team = "/orgs/acme/teams/engineering"
    assert logins(bot.get(f"{team}/members")) == {"olga", "mia"}
    assert bot.get(f"{team}/memberships/mia").json()["role"] == "member"
    assert bot.get("/orgs/acme/teams/security/memberships/olga").status_code == 404


def test_a_team_keeps_its_id_and_nothing_else(stage: Stage) -> None:
    gh, acme, bot = stage.gh, stage.acme, stage.bot()
    team = gh.add_team(acme, "security")
    gh.add_team(acme, "keys", parent=team)
    gh.rename_team(acme, team, "safety")
    assert bot.get("/orgs/acme/teams/security").status_code == 404
    assert bot.get("/orgs/acme/teams/safety").json()["id"] == team.id
    gh.remove_team(acme, team)
    assert bot.get("/orgs/acme/teams/keys").status_code == 404
    gh.add_team(acme, "safety")
    assert bot.get("/orgs/acme/teams/safety").json()["id"] != team.id


def test_teams_need_their_permission_and_their_organization(stage: Stage) -> None:
    gh = stage.gh
    gh.add_team(stage.acme, "security")
    gh.add_team(gh.add_organization("other"), "security")
    assert stage.bot().get("/orgs/other/teams/security").status_code == 404
    narrow = stage.client(stage.token(permissions={"issues": "read"}))
    assert narrow.get("/orgs/acme/teams/security").status_code == 403


def test_collaborators_by_affiliation_and_role(stage: Stage, app: Repository) -> None:
    gh, bot = stage.gh, stage.bot()
    invited = gh.add_user("invited")
    gh.add_member(stage.acme, invited, state="pending")
    gh.add_collaborator(app, gh.add_user("outsider"), "triage")
    gh.add_collaborator(app, stage.member, "read")
    gh.give_team_role(gh.add_team(stage.acme, "security", stage.member), app, "maintain")
    path = f"{REPO}/collaborators"
    assert logins(bot.get(path)) == {"olga", "mia", "outsider"}
    assert logins(bot.get(f"{path}?affiliation=outside")) == {"outsider"}
    assert logins(bot.get(f"{path}?affiliation=direct")) == {"mia", "outsider"}
    assert logins(bot.get(f"{path}?permission=push")) == {"olga", "mia"}
    roles = {one["login"]: one["role_name"] for one in bot.get(path).json()}
    assert roles == {"olga": "admin", "mia": "maintain", "outsider": "triage"}
    assert 'page=2>; rel="next"' in bot.get(f"{path}?per_page=2").headers["link"]
    assert bot.get(f"{path}?affiliation=both").status_code == 422
    assert bot.get(f"{path}/invited/permission").json()["permission"] == "none"
    assert bot.get(f"{path}/mia/permission").json()["role_name"] == "maintain"


def test_teams_of_a_repository(stage: Stage, app: Repository) -> None:
    gh, bot = stage.gh, stage.bot()
    above = gh.add_team(stage.acme, "engineering")
    gh.add_team(stage.acme, "security", parent=above)
    gh.add_team(stage.acme, "elsewhere")
    gh.give_team_role(above, app, "write")
    listed = {one["slug"]: one["permission"] for one in bot.get(f"{REPO}/teams").json()}
    assert listed == {"engineering": "push", "security": "push"}
    narrow = stage.client(stage.token(permissions={"metadata": "read"}))
    assert narrow.get(f"{REPO}/teams").status_code == 403


def test_nobody_asks_about_the_public_repositories_of_others(stage: Stage, app: Repository) -> None:
    gh, bot = stage.gh, stage.bot()
    other = gh.add_repository(gh.add_organization("other"), "site", private=False)
    gh.commit(stage.member, other, {"a": b"a"})
    for what, status in (("collaborators", 403), ("teams", 403), ("commits", 200)):
        assert bot.get(f"/repos/other/site/{what}").status_code == status
    gh.change_repository(other, private=True)
    for what in ("collaborators", "teams", "commits"):
        assert bot.get(f"/repos/other/site/{what}").status_code == 404


def test_commits_newest_first(stage: Stage, app: Repository) -> None:
    gh, bot, path = stage.gh, stage.bot(), f"{REPO}/commits"
    assert bot.get(path).status_code == 409
    first = gh.commit(stage.owner, app, {".github/token-policy.yml": b"rules: []"}, "Rules")
    gh.commit(stage.member, app, {"README.md": b"hello"}, "Hello", stated_author="olga")
    gh.commit(stage.member, app, {"README.md": None}, "Clean up")

    def messages(query: str) -> list[str]:
        return [one["commit"]["message"] for one in bot.get(f"{path}?{query}").json()]

    assert messages("") == ["Clean up", "Hello", "Rules"]
    assert messages("per_page=1&page=2") == ["Hello"]
    assert messages("path=.github/token-policy.yml") == messages("path=.github") == ["Rules"]
    assert messages("author=mia") == ["Clean up"]
    assert messages("committer=mia") == ["Clean up", "Hello"]
    assert messages(f"sha={first.sha}") == ["Rules"]
    assert messages("since=2100-01-01T00:00:00Z") == messages("until=2000-01-01T00:00:00Z") == []
    stated = bot.get(path).json()[1]
    assert (stated["author"], stated["commit"]["author"]["name"]) == (None, "olga")
    assert bot.get(f"{path}?sha=nowhere").status_code == 404
    assert bot.get(f"{REPO}/contents/README.md").status_code == 404
    narrow = stage.client(stage.token(permissions={"issues": "read"}))
    assert narrow.get(path).status_code == 403


def test_a_push_is_told(stage: Stage, inbox: Inbox) -> None:
    gh, repo = stage.gh, stage.repo
    for files in ({"a": b"1", "b": b"1"}, {"a": b"2", "b": None}):
        made = gh.commit(stage.member, repo, files, "Change", stated_author="olga")
    assert gh.settle()
    assert inbox.events == ["push", "push"]
    told = gh.deliveries[-1].json
    assert "action" not in told
    assert (told["ref"], told["after"]) == ("refs/heads/main", made.sha)
    assert (told["sender"]["login"], told["repository"]["id"]) == ("mia", repo.id)
    (shown,) = told["commits"]
    assert (shown["added"], shown["modified"], shown["removed"]) == ([], ["a"], ["b"])
    assert shown["author"]["name"] == "olga"
    gh.accept_permissions(stage.installation, {"issues": "write", "metadata": "read"})
    gh.commit(stage.member, repo, {"a": b"3"})
    assert gh.settle()
    assert [one.event for one in gh.deliveries].count("push") == 2


def test_an_unchanged_file_costs_nothing(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    path = "/repos/acme/token-requests/contents/.github%2Ftoken-policy.yml"
    assert bot.get(path).status_code == 404
    gh.commit(stage.owner, stage.repo, {".github/token-policy.yml": b"version: 1"})
    first = bot.get(path)
    assert first.json()["sha"] == "8cbe128061f546d5b654198fa8c262adb2a86795"  # git hash-object
    again = bot.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    gh.commit(stage.owner, stage.repo, {".github/token-policy.yml": b"version: 2"})
    assert bot.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 200
    assert bot.get("/repos/acme/token-requests/contents/nothing").status_code == 404
    narrow = stage.client(stage.token(permissions={"issues": "read"}))
    refused = narrow.get(path)
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "Resource not accessible by integration",
    )


def test_who_signed_in(stage: Stage) -> None:
    person = stage.client(stage.gh.sign_in(stage.member))
    assert person.get("/user").json()["login"] == "mia"
    assert person.get("/users/olga").status_code == 200
    assert stage.gh.calls[-1].caller == f"user {stage.member.id}"
    for other, status in ((stage.bot(), 403), (stage.app(), 401), (stage.client(), 401)):
        assert other.get("/user").status_code == status
    assert person.get("/orgs/acme/members").status_code == 401
