"""Everything the sandbox says, against GitHub's own descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox import Sandbox
from tests.sandbox import contract
from tests.sandbox.conftest import Inbox, Stage

pytestmark = pytest.mark.skipif(
    not contract._directory(), reason="GitHub's descriptions are not at hand"
)
PERMISSIONS = {"repository": {"contents": "write", "metadata": "read"}}


def test_every_operation_answers_as_described(stage: Stage, inbox: Inbox) -> None:
    gh, acme = stage.gh, stage.acme
    everybody = gh.add_team(acme, "everybody")
    security = gh.add_team(acme, "security", stage.member, parent=everybody)
    other = gh.add_repository(acme, "app", private=False)
    gh.give_team_role(security, other, "maintain")
    gh.add_collaborator(other, gh.add_user("outsider"))
    gh.commit(stage.owner, other, {"README.md": b"hello"})
    gh.commit(stage.owner, other, {"README.md": b"goodbye"}, stated_author="nobody")
    more = {"contents": "read", "administration": "read"}
    gh.accept_permissions(stage.installation, {**gh.app.permissions, **more})
    ask: dict[str, Any] = {"permissions": PERMISSIONS, "reason": "for the build"}
    one, two, three = (gh.request_token(acme, stage.member, **ask) for _ in range(3))
    subset = gh.request_token(acme, stage.member, selection="subset", repositories=[other], **ask)
    grant = gh.grant_without_review(
        acme, stage.owner, permissions=PERMISSIONS, selection="subset", repositories=[other]
    )
    grants = [gh.grant_without_review(acme, stage.owner) for _ in range(2)]
    app, bot, person = stage.app(), stage.bot(), stage.client(gh.sign_in(stage.member))
    where = f"/app/installations/{stage.installation.id}"
    assert gh.settle()
    asks, have = "/orgs/acme/personal-access-token-requests", "/orgs/acme/personal-access-tokens"
    repo = "/repos/acme/token-requests"
    steps: list[tuple[Any, str, str, Any, int]] = [
        (app, "GET", "/app", None, 200),
        (app, "GET", "/app/installations", None, 200),
        (app, "GET", where, None, 200),
        (app, "POST", f"{where}/access_tokens", {"repositories": ["app"]}, 201),
        (app, "GET", "/app/hook/config", None, 200),
        (app, "GET", "/app/hook/deliveries?per_page=2", None, 200),
        (app, "GET", f"/app/hook/deliveries/{gh.deliveries[0].id}", None, 200),
        (app, "POST", f"/app/hook/deliveries/{gh.deliveries[0].id}/attempts", None, 202),
        (app, "GET", "/orgs/acme/installation", None, 200),
        (app, "GET", "/repos/acme/app/installation", None, 200),
        (bot, "POST", f"/app-manifests/{gh.new_manifest_code()}/conversions", None, 201),
        (bot, "GET", "/meta", None, 200),
        (bot, "GET", "/rate_limit", None, 200),
        (bot, "GET", "/search/issues?q=is:open", None, 200),
        (bot, "GET", "/orgs/acme", None, 200),
        (bot, "GET", "/users/mia", None, 200),
        (bot, "GET", "/users/countersign%5Bbot%5D", None, 200),
        (bot, "GET", f"/user/{stage.member.id}", None, 200),
        (person, "GET", "/user", None, 200),
        (bot, "GET", "/orgs/acme/members?role=admin", None, 200),
        (bot, "GET", "/orgs/acme/members/mia", None, 204),
        (bot, "GET", "/orgs/acme/memberships/mia", None, 200),
        (bot, "GET", "/orgs/acme/teams/security", None, 200),
        (bot, "GET", "/orgs/acme/teams/security/memberships/mia", None, 200),
        (bot, "GET", "/orgs/acme/teams/security/members", None, 200),
        (bot, "GET", "/installation/repositories", None, 200),
        (bot, "GET", f"{asks}?per_page=100&token_id[]={one.token.id}", None, 200),
        (bot, "GET", f"{asks}/{subset.id}/repositories", None, 200),
        (bot, "POST", f"{asks}/{one.id}", {"action": "approve", "reason": "fine"}, 204),
        (bot, "POST", asks, {"action": "deny", "pat_request_ids": [two.id, three.id]}, 202),
        (bot, "GET", f"{have}?owner[]=olga", None, 200),
        (bot, "GET", f"{have}/{grant.id}/repositories", None, 200),
        (bot, "POST", f"{have}/{grant.id}", {"action": "revoke"}, 204),
        (bot, "POST", have, {"action": "revoke", "pat_ids": [one.id for one in grants]}, 202),
        (bot, "GET", repo, None, 200),
        (bot, "GET", f"{repo}/collaborators/mia/permission", None, 200),
        (bot, "GET", "/repos/acme/app/collaborators", None, 200),
        (bot, "GET", "/repos/acme/app/teams", None, 200),
        (bot, "GET", "/repos/acme/app/commits", None, 200),
        (bot, "GET", "/repos/acme/app/contents/README.md", None, 200),
        (bot, "POST", f"{repo}/labels", {"name": "pending", "color": "fbca04"}, 201),
        (bot, "GET", f"{repo}/labels", None, 200),
        (bot, "GET", f"{repo}/labels/pending", None, 200),
        (bot, "PATCH", f"{repo}/labels/pending", {"description": "waits"}, 200),
        (bot, "POST", f"{repo}/issues", {"title": "t", "assignees": ["olga"]}, 201),
        (bot, "GET", f"{repo}/issues?state=all&since=2020-01-01T00:00:00Z", None, 200),
        (bot, "GET", f"{repo}/issues/1", None, 200),
        (bot, "POST", f"{repo}/issues/1/comments", {"body": "hello"}, 201),
        (bot, "GET", f"{repo}/issues/1/comments", None, 200),
        (bot, "GET", f"{repo}/issues/comments", None, 200),
        (bot, "POST", f"{repo}/issues/1/labels", {"labels": ["pending", "a"]}, 200),
        (bot, "PUT", f"{repo}/issues/1/labels", {"labels": ["pending", "b"]}, 200),
        (bot, "GET", f"{repo}/issues/1/labels", None, 200),
        (bot, "DELETE", f"{repo}/issues/1/labels/b", None, 200),
        (bot, "DELETE", f"{repo}/issues/1/labels", None, 204),
        (bot, "POST", f"{repo}/issues/1/reactions", {"content": "eyes"}, 201),
        (bot, "GET", f"{repo}/issues/1/reactions", None, 200),
        (bot, "PATCH", f"{repo}/issues/1", {"state": "closed", "labels": ["pending"]}, 200),
        (bot, "PUT", f"{repo}/issues/1/lock", None, 204),
        (bot, "DELETE", f"{repo}/issues/1/lock", None, 204),
        (bot, "GET", f"{repo}/issues/1/events", None, 200),
        (bot, "GET", f"{repo}/issues/1/timeline", None, 200),
        (bot, "GET", f"/repositories/{stage.repo.id}/issues/1", None, 200),
    ]
    for client, method, path, body, status in steps:
        answer = client.request(method, path, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
    comment = gh.issue(stage.repo, 1).comments[0]
    on_comment = f"{repo}/issues/comments/{comment.id}"
    reaction = bot.post(f"{on_comment}/reactions", json={"content": "+1"}).json()
    assert bot.get(on_comment).status_code == 200
    assert bot.get(f"{on_comment}/reactions").status_code == 200
    assert bot.delete(f"{on_comment}/reactions/{reaction['id']}").status_code == 204
    assert bot.patch(on_comment, json={"body": "changed"}).status_code == 200
    assert bot.delete(on_comment).status_code == 204
    assert bot.delete("/installation/token").status_code == 204
    assert gh.settle()
    assert contract.check_calls(gh)
    assert contract.check_deliveries(gh)
    described = contract._description("api.github.com.json")["paths"]
    known = {(verb.upper(), path) for path, verbs in described.items() for verb in verbs}
    called = {(call.method, str(call.template)) for call in gh.calls}
    assert known <= called, known - called


def test_the_newer_version_shows_less(stage: Stage) -> None:
    bot = stage.bot(**{"x-github-api-version": "2026-03-10"})
    stage.gh.open_issue(stage.member, stage.repo, "hello", assignees=[stage.owner])
    shown = bot.get("/repos/acme/token-requests/issues/1").json()
    assert "assignee" not in shown
    assert shown["assignees"][0]["login"] == "olga"
    assert "rate" not in bot.get("/rate_limit").json()
    assert contract.check_calls(stage.gh)


@pytest.mark.parametrize(
    ("method", "path", "body", "fault"),
    [
        ("GET", "/orgs/acme/personal-access-tokens?owner=mia", None, "not a parameter"),
        ("GET", "/orgs/acme/members?role=boss", None, "not allowed"),
        ("GET", "/emojis", None, "not an operation"),
        ("POST", "/repos/acme/token-requests/issues", {"body": "no title"}, "'title'"),
        ("POST", "/repos/acme/token-requests/issues", {"title": "t", "colour": 1}, "unknown"),
        ("PATCH", "/repos/acme/token-requests/issues/1", {"state": "done"}, "state"),
    ],
)
def test_the_contract_finds_faults_of_the_caller(
    stage: Stage, method: str, path: str, body: Any, fault: str
) -> None:
    bot = stage.bot()
    contract.check_calls(stage.gh)
    bot.request(method, path, json=body)
    with pytest.raises(AssertionError, match=fault):
        contract.check_calls(stage.gh)


def test_the_contract_finds_faults_of_the_answer(stage: Stage) -> None:
    stage.owner.type = 7  # type: ignore[assignment]  # what GitHub would never say
    stage.bot().get(f"/user/{stage.owner.id}")
    with pytest.raises(AssertionError, match=r"\$\.type: 7 is not of type"):
        contract.check_calls(stage.gh)


def test_without_descriptions_nothing_is_checked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_SHARED", "/nowhere")
    assert not contract.check_calls(stage.gh)
    assert not contract.check_deliveries(Sandbox())
