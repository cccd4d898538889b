"""What the App is sent, what becomes of it, and how it is sent again."""

from __future__ import annotations

import hashlib
import hmac
import json

from tests.sandbox.conftest import Inbox, Stage

DELIVERIES = "/app/hook/deliveries"


def test_deliveries_are_signed_and_in_order(stage: Stage, inbox: Inbox) -> None:
    for _ in range(5):
        stage.gh.request_token(stage.acme, stage.member)
    assert stage.gh.settle()
    ids = [json.loads(body)["personal_access_token_request"]["id"] for _, body in inbox.received]
    assert ids == [one.id for one in stage.gh.requests(stage.acme)]
    headers, body = inbox.received[0]
    signed = hmac.new(stage.gh.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={signed}"
    assert headers["x-github-hook-installation-target-id"] == str(stage.gh.app.id)
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert len({headers["x-github-delivery"] for headers, _ in inbox.received}) == 5


def test_the_life_of_an_installation(stage: Stage, inbox: Inbox) -> None:
    gh = stage.gh
    globex = gh.add_organization("globex")
    first, second = (gh.add_repository(globex, name) for name in ("first", "second"))
    where = gh.install(globex, {"metadata": "read"}, repositories=[first])
    gh.accept_permissions(where)
    gh.choose_repositories(where, [second])
    gh.suspend(where)
    gh.request_token(globex, stage.member)  # nobody is told
    gh.unsuspend(where)
    gh.uninstall(where)
    gh.request_token(globex, stage.member)  # nobody is told
    assert gh.settle()
    assert [(one.event, one.action) for one in gh.deliveries] == [
        ("installation", "created"),
        ("installation", "new_permissions_accepted"),
        ("installation_repositories", "added"),
        ("installation_repositories", "removed"),
        ("installation", "suspend"),
        ("installation", "unsuspend"),
        ("installation", "deleted"),
    ]
    created = gh.deliveries[0].json
    assert created["installation"]["events"] == ["installation_target", "repository"]
    assert [repo["name"] for repo in created["repositories"]] == ["first"]
    assert {one.installation_id for one in gh.deliveries} == {where.id}


def test_only_what_the_permissions_allow_is_delivered(stage: Stage, inbox: Inbox) -> None:
    stage.gh.accept_permissions(stage.installation, {"metadata": "read", "issues": "write"})
    stage.gh.request_token(stage.acme, stage.member)
    stage.gh.remove_member(stage.acme, stage.member)
    stage.gh.open_issue(stage.owner, stage.repo, "t")
    stage.gh.choose_repositories(stage.installation, [])
    stage.gh.open_issue(stage.owner, stage.repo, "t")
    assert stage.gh.settle()
    assert inbox.events == ["installation", "issues", "installation_repositories"]


def test_people_and_repositories_change(stage: Stage, inbox: Inbox) -> None:
    gh = stage.gh
    gh.open_issue(stage.owner, stage.repo, "t", "b")
    gh.edit_issue(stage.owner, stage.repo, 1, title="u")
    gh.label_issue(stage.owner, stage.repo, 1, add="mine")
    gh.label_issue(stage.owner, stage.repo, 1, remove="MINE")
    gh.lock_issue(stage.owner, stage.repo, 1, "resolved")
    gh.unlock_issue(stage.owner, stage.repo, 1)
    gh.close_issue(stage.owner, stage.repo, 1, "not_planned")
    gh.reopen_issue(stage.owner, stage.repo, 1)
    gh.transfer_issue(stage.owner, stage.repo, 1, gh.add_repository(stage.acme, "other"))
    gh.open_issue(stage.owner, stage.repo, "v")
    gh.delete_issue(stage.owner, stage.repo, 2)
    gh.remove_member(stage.acme, stage.member, by=stage.owner)
    gh.change_repository(stage.repo, private=False)
    gh.change_repository(stage.repo, private=True, archived=True)
    gh.change_repository(stage.repo, archived=False)
    gh.rename_repository(stage.repo, "requests")
    gh.delete_repository(stage.repo)
    assert gh.settle()
    expected = "opened edited labeled unlabeled locked unlocked closed reopened transferred opened"
    expected += " deleted member_removed publicized archived privatized unarchived renamed deleted"
    assert [one.action for one in gh.deliveries] == expected.split()


def test_failed_deliveries_are_listed_and_sent_again(stage: Stage, inbox: Inbox) -> None:
    gh, app = stage.gh, stage.app()
    inbox.status = 503
    gh.request_token(stage.acme, stage.member)
    assert gh.settle()
    inbox.status = 202
    with gh.drop_deliveries():
        lost = gh.request_token(stage.acme, stage.member)
    gh.request_token(stage.acme, stage.member)
    assert gh.settle()
    assert [one.status_code for one in gh.deliveries] == [503, 502, 202]
    failed = app.get(f"{DELIVERIES}?status=failure").json()
    assert [one["status"] for one in failed] == [
        "failed to connect to host",
        "Invalid HTTP Response: 503",
    ]
    assert app.post(f"{DELIVERIES}/{failed[0]['id']}/attempts").status_code == 202
    assert gh.settle()
    again = gh.deliveries[-1]
    assert (again.guid, again.redelivery, again.status) == (failed[0]["guid"], True, "OK")
    assert again.json["personal_access_token_request"]["id"] == lost.id
    assert len(app.get(f"{DELIVERIES}?status=failure").json()) == 2  # the old rows stay
    assert app.post(f"{DELIVERIES}/1/attempts").status_code == 404
    read = app.get(f"{DELIVERIES}/{again.id}").json()
    assert read["request"]["headers"]["X-GitHub-Event"] == "personal_access_token_request"
    gh.redeliver(gh.deliveries[0].guid)
    assert gh.settle()
    assert gh.deliveries[-1].status_code == 202


def test_nobody_listening_is_a_failed_delivery(stage: Stage) -> None:
    stage.gh.webhook_url = "http://127.0.0.1:9/"
    stage.gh.request_token(stage.acme, stage.member)
    assert stage.gh.settle()
    assert [one.status_code for one in stage.gh.deliveries] == [502]


def test_the_list_of_deliveries_goes_on_at_a_cursor(stage: Stage, inbox: Inbox) -> None:
    for _ in range(5):
        stage.gh.request_token(stage.acme, stage.member)
    assert stage.gh.settle()
    app, path, seen = stage.app(), f"{DELIVERIES}?per_page=2", []
    while path:
        answer = app.get(path)
        seen += [one["id"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [one.id for one in reversed(stage.gh.deliveries)]
    assert app.get(f"{DELIVERIES}?cursor=nonsense").status_code == 400
    assert app.get(f"{DELIVERIES}?status=lost").status_code == 422


def test_deliveries_may_come_late_and_out_of_order(stage: Stage, inbox: Inbox) -> None:
    with stage.gh.hold_deliveries(reverse=True):
        one = stage.gh.request_token(stage.acme, stage.member)
        stage.gh.cancel_request(one)
        assert stage.gh.settle()
        assert inbox.received == []
    assert stage.gh.settle()
    assert [delivery.action for delivery in stage.gh.deliveries] == ["cancelled", "created"]


def test_an_approval_that_was_not_needed_comes_alone(stage: Stage, inbox: Inbox) -> None:
    stage.gh.grant_without_review(stage.acme, stage.owner, name="mine")
    assert stage.gh.settle()
    (only,) = stage.gh.deliveries
    assert (only.action, only.json["sender"]["login"]) == ("approved", "olga")
