"""Issues, comments, labels and reactions over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Inbox, Stage

REPO = "/repos/acme/token-requests"
ISSUES = f"{REPO}/issues"


def test_an_issue_of_the_app_and_its_story(stage: Stage, inbox: Inbox) -> None:
    bot = stage.bot()
    made = bot.post(ISSUES, json={"title": "t", "body": "b", "labels": ["New", {"name": "two"}]})
    shown = made.json()
    assert made.headers["location"] == shown["url"]
    assert (shown["user"]["login"], shown["user"]["type"]) == ("countersign[bot]", "Bot")
    assert shown["performed_via_github_app"]["slug"] == "countersign"
    changes = {"state": "closed", "state_reason": "not_planned", "labels": ["two", "denied"]}
    after = bot.patch(f"{ISSUES}/1", json=changes).json()
    assert (after["state"], after["state_reason"]) == ("closed", "not_planned")
    assert after["closed_by"]["login"] == "countersign[bot]"
    (issue,) = stage.gh.issues(stage.repo)
    assert (issue.labels, issue.state, issue.user.login) == (
        ["two", "denied"],
        "closed",
        "countersign[bot]",
    )
    assert sorted(stage.repo.labels) == ["denied", "new", "two"]
    assert bot.patch(f"{ISSUES}/1", json={"state": "open"}).json()["state_reason"] == "reopened"
    stage.gh.settle()
    expected = ["opened", "labeled", "labeled", "unlabeled", "labeled", "closed", "reopened"]
    assert [one.action for one in stage.gh.deliveries] == expected
    assert stage.gh.deliveries[-1].json["issue"]["performed_via_github_app"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": None},
        {"title": "x" * 257},
        {"title": "t", "body": "x" * 65_537},
        {"title": "t", "body": ["b"]},
        {"title": "t", "labels": "pending"},
        {"title": "t", "labels": [7]},
        {"title": "t", "labels": [{"color": "ffffff"}]},
        {"title": "t", "labels": ["x" * 51]},
        {"title": "t", "assignees": ["nobody"]},
    ],
)
def test_a_malformed_issue_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    answer = stage.bot().post(ISSUES, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["documentation_url"]
    assert stage.gh.issues(stage.repo) == []


@pytest.mark.parametrize(
    "body",
    [
        {"state": "done"},
        {"state": "closed", "state_reason": "denied"},
        {"title": ""},
        {"body": 7},
        {"labels": [None]},
    ],
)
def test_a_malformed_change_changes_nothing(stage: Stage, body: dict[str, Any]) -> None:
    stage.gh.open_issue(stage.member, stage.repo, "t", "b", labels=["one"])
    rest = {"title": "other", "labels": ["two"], "state": "closed"}
    assert stage.bot().patch(f"{ISSUES}/1", json={**rest, **body}).status_code == 422
    issue = stage.gh.issue(stage.repo, 1)
    assert (issue.title, issue.body, issue.labels, issue.state) == ("t", "b", ["one"], "open")


def test_an_over_long_change_of_the_body_is_lost_silently(stage: Stage) -> None:
    stage.gh.open_issue(stage.member, stage.repo, "t", "b")
    answer = stage.bot().patch(f"{ISSUES}/1", json={"body": "x" * 65_537})
    assert (answer.status_code, answer.json()["body"]) == (200, "b")


def test_no_json_is_told_so(stage: Stage) -> None:
    bot = stage.bot()
    for content in (b"{", b"[]", b"\xff", b'{"title": "\\ud800"}'):
        assert bot.post(ISSUES, content=content).status_code == 400, content


def test_what_is_gone_or_switched_off(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    for title in ("one", "two", "three"):
        gh.open_issue(stage.member, stage.repo, title)
    gh.delete_issue(stage.owner, stage.repo, 3)
    assert bot.get(f"{ISSUES}/3").status_code == 410
    assert bot.post(f"{ISSUES}/3/comments", json={"body": "b"}).status_code == 410
    assert bot.get(f"{ISSUES}/4").status_code == 404
    assert bot.post(ISSUES, json={"title": "four"}).json()["number"] == 4
    gh.change_repository(stage.repo, has_issues=False)
    assert bot.post(ISSUES, json={"title": "t"}).status_code == 410
    gh.change_repository(stage.repo, has_issues=True, archived=True)
    archived = bot.post(ISSUES, json={"title": "t"})
    assert (archived.status_code, "archived" in archived.json()["message"]) == (403, True)
    assert bot.get(f"{ISSUES}/1").status_code == 200
    gh.delete_repository(stage.repo)
    assert bot.get(f"{ISSUES}/1").status_code == 404


def test_the_list_is_filtered(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    gh.open_issue(stage.member, stage.repo, "by mia", labels=["a", "b"], assignees=[stage.owner])
    bot.post(ISSUES, json={"title": "by the bot", "labels": ["a"]})
    gh.ahead = timedelta(minutes=5)
    later = (gh.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gh.open_issue(stage.member, stage.repo, "closed")
    gh.close_issue(stage.member, stage.repo, 3)
    expected = {
        "": [2, 1],
        "state=all&direction=asc": [1, 2, 3],
        "state=closed": [3],
        "creator=countersign%5Bbot%5D": [2],
        "creator=app/countersign": [2],
        "labels=A,b": [1],
        "assignee=olga": [1],
        "assignee=none": [2],
        f"state=all&since={later}": [3],
        "since=2020-01-01": [2, 1],
    }
    for query, numbers in expected.items():
        found = bot.get(f"{ISSUES}?{query}")
        assert [issue["number"] for issue in found.json()] == numbers, query
    assert bot.get(f"{ISSUES}?state=done").status_code == 422
    assert bot.get(f"{ISSUES}?since=yesterday").status_code == 422


def test_comments_and_reactions(stage: Stage, inbox: Inbox) -> None:
    gh, bot = stage.gh, stage.bot()
    gh.open_issue(stage.member, stage.repo, "t")
    said = gh.comment(stage.owner, stage.repo, 1, "/approve")
    reactions = f"{ISSUES}/comments/{said.id}/reactions"
    first, second = (bot.post(reactions, json={"content": "+1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert [(one.content, one.user) for one in said.reactions] == [("+1", gh.app.bot)]
    assert bot.post(reactions, json={"content": "ok"}).status_code == 422
    gh.lock_issue(stage.owner, stage.repo, 1)
    locked = bot.post(reactions, json={"content": "eyes"})
    assert (locked.status_code, "locked" in locked.json()["message"]) == (403, True)
    assert bot.post(f"{ISSUES}/1/comments", json={"body": " "}).status_code == 422
    assert bot.post(f"{ISSUES}/1/comments", json={"body": "x" * 65_537}).status_code == 422
    assert bot.post(f"{ISSUES}/1/comments", json={"body": "done"}).status_code == 201
    gh.ahead = timedelta(minutes=2)
    since = (gh.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gh.edit_comment(stage.member, said, "/deny")
    found = bot.get(f"{ISSUES}/1/comments?since={since}").json()
    assert [one["body"] for one in found] == ["/deny"]
    assert found[0]["updated_at"] > found[0]["created_at"]
    gh.delete_comment(stage.owner, said)
    assert bot.get(f"{ISSUES}/comments/{said.id}").status_code == 404
    gh.settle()
    edited = next(one.json for one in gh.deliveries if one.action == "edited")
    assert (edited["sender"]["login"], edited["comment"]["user"]["login"]) == ("mia", "olga")
    assert edited["changes"] == {"body": {"from": "/approve"}}


def test_an_app_may_act_for_somebody(stage: Stage, inbox: Inbox) -> None:
    stage.gh.open_issue(stage.member, stage.repo, "t")
    said = stage.gh.comment(stage.owner, stage.repo, 1, "/approve", via_app="helper")
    stage.gh.settle()
    comment = stage.gh.deliveries[-1].json["comment"]
    assert comment["user"]["login"] == "olga"
    assert comment["performed_via_github_app"]["slug"] == "helper"
    read = stage.bot().get(f"{ISSUES}/comments/{said.id}").json()
    assert read["performed_via_github_app"]["slug"] == "helper"


def test_labels(stage: Stage) -> None:
    bot = stage.bot()
    label = {"name": "Pending", "color": "fbca04", "description": "waits for an owner"}
    assert bot.post(f"{REPO}/labels", json=label).status_code == 201
    twice = bot.post(f"{REPO}/labels", json={"name": "pending"})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "already_exists")
    for wrong in ({"name": "x" * 51}, {"name": "x", "color": "yellow"}, {"color": "fbca04"}):
        assert bot.post(f"{REPO}/labels", json=wrong).status_code == 422
    made = bot.post(ISSUES, json={"title": "t", "labels": ["pending"]}).json()
    assert made["labels"][0]["color"] == "fbca04"
    renamed = bot.patch(f"{REPO}/labels/pending", json={"new_name": "waits"})
    assert (renamed.status_code, stage.gh.issue(stage.repo, 1).labels) == (200, ["waits"])
    assert bot.delete(f"{ISSUES}/1/labels/pending").status_code == 404
    assert bot.delete(f"{ISSUES}/1/labels/waits").json() == []


def test_a_renamed_organization_is_followed_where_github_does(stage: Stage, inbox: Inbox) -> None:
    bot = stage.bot()
    bot.post(ISSUES, json={"title": "t"})
    stage.gh.rename_organization(stage.acme, "acme-new")
    assert bot.get("/orgs/acme/personal-access-token-requests").status_code == 404
    moved = bot.get(f"{ISSUES}/1")
    place = f"{stage.gh.url}/repositories/{stage.repo.id}/issues/1"
    assert (moved.status_code, moved.headers["location"]) == (301, place)
    written = bot.post(f"{ISSUES}/1/comments", json={"body": "b"})
    assert (written.status_code, written.headers["location"]) == (307, f"{place}/comments")
    assert bot.post(written.headers["location"], json={"body": "b"}).status_code == 201
    assert bot.get("/repos/acme-new/token-requests/issues/1").json()["comments"] == 1
    assert stage.app().get("/app/installations").json()[0]["account"]["login"] == "acme-new"
    stage.gh.settle()
    assert inbox.events[-3:] == ["installation_target", "organization", "issue_comment"]


def test_a_transferred_issue_is_followed(stage: Stage) -> None:
    other = stage.gh.add_repository(stage.acme, "other")
    stage.gh.open_issue(stage.member, stage.repo, "t")
    new = stage.gh.transfer_issue(stage.owner, stage.repo, 1, other)
    place = f"{stage.gh.url}/repositories/{other.id}/issues/{new.number}"
    bot = stage.bot()
    assert bot.get(f"{ISSUES}/1").headers["location"] == place
    assert bot.get(place).json()["title"] == "t"


def test_who_is_who(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    invited, stranger = gh.add_user("ivan"), gh.add_user("sam")
    gh.add_member(stage.acme, invited, state="pending")
    path = "/orgs/acme/memberships"
    seen = {login: bot.get(f"{path}/{login}") for login in ("olga", "mia", "ivan", "sam", "none")}
    assert [answer.status_code for answer in seen.values()] == [200, 200, 200, 404, 404]
    assert (seen["olga"].json()["role"], seen["mia"].json()["role"]) == ("admin", "member")
    assert seen["ivan"].json()["state"] == "pending"
    gh.set_role(stage.acme, stage.member, "admin")
    assert bot.get(f"{path}/mia").json()["role"] == "admin"
    gh.remove_member(stage.acme, stage.member)
    assert bot.get(f"{path}/mia").status_code == 404
    gh.rename_user(stranger, "samantha")
    assert bot.get("/users/sam").status_code == 404
    assert bot.get(f"/user/{stranger.id}").json()["login"] == "samantha"
    levels = {
        login: bot.get(f"{REPO}/collaborators/{login}/permission").json()["permission"]
        for login in ("olga", "samantha")
    }
    assert levels == {"olga": "admin", "samantha": "none"}
