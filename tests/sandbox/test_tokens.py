"""Token requests and grants over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sandbox.conftest import Inbox, Stage

REQUESTS = "/orgs/acme/personal-access-token-requests"
GRANTS = "/orgs/acme/personal-access-tokens"
READ = {"repository": {"contents": "read", "metadata": "read"}}
WRITE = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}


def test_a_request_is_listed_until_it_is_decided(stage: Stage) -> None:
    bot = stage.bot()
    one = stage.gh.request_token(stage.acme, stage.member, name="ci", reason="for the build")
    listed = bot.get(REQUESTS).json()[0]
    assert (listed["id"], listed["reason"]) == (one.id, "for the build")
    assert (listed["owner"]["login"], listed["token_expires_at"]) == ("mia", None)
    assert bot.post(f"{REQUESTS}/{one.id}", json={"action": "approve"}).status_code == 204
    assert bot.get(REQUESTS).json() == []
    grant = bot.get(GRANTS).json()[0]
    assert (grant["token_id"], grant["id"] != one.token.id) == (one.token.id, True)
    assert one.state == "approved"
    assert one.reviewed_by is stage.gh.app.bot


@pytest.mark.parametrize("status", [404, 422])
def test_what_is_not_pending_cannot_be_decided(stage: Stage, status: int) -> None:
    stage.gh.decided_status = status  # type: ignore[assignment]  # a literal of the two
    bot = stage.bot()
    gone = [stage.gh.request_token(stage.acme, stage.member) for _ in range(3)]
    stage.gh.review_as(stage.owner, stage.acme, gone[0].id, "deny", "no")
    stage.gh.cancel_request(gone[1])
    stage.gh.vanish_request(gone[2])
    for one in gone:
        answer = bot.post(f"{REQUESTS}/{one.id}", json={"action": "approve"})
        assert answer.status_code == status
    assert bot.post(f"{REQUESTS}/1", json={"action": "approve"}).status_code == 404
    assert stage.gh.grants(stage.acme) == []


def test_an_expired_token_cannot_be_approved(stage: Stage) -> None:
    one = stage.gh.request_token(stage.acme, stage.member)
    stage.gh.expire(one)
    bot = stage.bot()
    assert bot.get(REQUESTS).json()[0]["token_expired"] is True
    assert bot.post(f"{REQUESTS}/{one.id}", json={"action": "approve"}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "accept"},
        {"action": "deny", "reason": "x" * 1025},
        {"action": "deny", "reason": 7},
    ],
)
def test_a_malformed_review_changes_nothing(stage: Stage, body: dict[str, object]) -> None:
    one = stage.gh.request_token(stage.acme, stage.member)
    bot = stage.bot()
    many = {**body, "pat_request_ids": [one.id]}
    assert bot.post(f"{REQUESTS}/{one.id}", json=body).status_code == 422
    assert bot.post(REQUESTS, json=many).status_code == 422
    assert stage.gh.settle()
    assert one.state == "pending"


@pytest.mark.parametrize("ids", [None, [], list(range(101)), ["1"], [True]])
def test_malformed_bulk_ids_are_refused(stage: Stage, ids: object) -> None:
    bot, sent = stage.bot(), {} if ids is None else {"pat_request_ids": ids}
    assert bot.post(REQUESTS, json={"action": "deny", **sent}).status_code == 422
    sent = {} if ids is None else {"pat_ids": ids}
    assert bot.post(GRANTS, json={"action": "revoke", **sent}).status_code == 422


def test_a_bulk_review_happens_later_and_may_leave_some(stage: Stage, inbox: Inbox) -> None:
    some = [stage.gh.request_token(stage.acme, stage.member) for _ in range(3)]
    stage.gh.failures.skip_in_bulk.add(some[1].id)
    answer = stage.bot().post(
        REQUESTS, json={"action": "approve", "pat_request_ids": [one.id for one in some]}
    )
    assert (answer.status_code, answer.json()) == (202, {})
    assert [one.state for one in some] == ["pending"] * 3
    assert stage.gh.settle()
    assert [one.state for one in some] == ["approved", "pending", "approved"]
    actions = [one.action for one in stage.gh.deliveries]
    assert actions == ["created"] * 3 + ["approved"] * 2
    assert stage.gh.deliveries[-1].json["sender"]["login"] == "countersign[bot]"


def test_a_wider_request_replaces_the_grant(stage: Stage, inbox: Inbox) -> None:
    first = stage.gh.request_token(stage.acme, stage.member, permissions=READ)
    stage.gh.review_as(stage.owner, stage.acme, first.id, "approve")
    old = stage.gh.grants(stage.acme)[0]
    again = stage.gh.request_token(
        stage.acme,
        stage.member,
        permissions=WRITE,
        selection="subset",
        repositories=[stage.repo],
        token_id=first.token.id,
    )
    assert again.permissions_added == {"repository": {"issues": "read"}}
    assert again.permissions_upgraded == {"repository": {"contents": "write"}}
    assert again.permissions_result == WRITE
    stage.gh.review_as(stage.owner, stage.acme, again.id, "approve")
    (new,) = stage.gh.grants(stage.acme)
    assert (new.id, new.permissions, new.repositories) == (old.id, WRITE, [stage.repo])
    listed = stage.bot().get(f"{GRANTS}/{new.id}/repositories").json()
    assert [repo["name"] for repo in listed] == ["token-requests"]
    stage.gh.settle()
    created = stage.gh.deliveries[2].json["personal_access_token_request"]
    assert (created["repository_count"], created["repositories"][0]["name"]) == (1, stage.repo.name)
    assert "reason" not in created
    assert created["created_at"].endswith("+02:00")


def test_revoking(stage: Stage, inbox: Inbox) -> None:
    grants = [stage.gh.grant_without_review(stage.acme, stage.owner) for _ in range(3)]
    stage.gh.settle()
    bot, sent = stage.bot(), len(stage.gh.deliveries)
    assert bot.post(f"{GRANTS}/{grants[0].id}", json={"action": "revoke"}).status_code == 204
    assert bot.post(f"{GRANTS}/{grants[0].id}", json={"action": "revoke"}).status_code == 404
    assert bot.post(f"{GRANTS}/{grants[1].id}", json={"action": "approve"}).status_code == 422
    rest = {"action": "revoke", "pat_ids": [one.id for one in grants]}
    assert bot.post(GRANTS, json=rest).status_code == 202
    assert stage.gh.settle()
    assert bot.get(GRANTS).json() == []
    assert len(stage.gh.deliveries) == sent  # GitHub makes no delivery of a revocation


def test_the_filters_of_githubs_own_page(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    app = gh.add_repository(stage.acme, "app")
    on_app = gh.request_token(
        stage.acme, stage.member, selection="subset", repositories=[app], permissions=WRITE
    )
    everywhere = gh.request_token(stage.acme, stage.owner, permissions=READ)
    nowhere = gh.request_token(
        stage.acme,
        stage.owner,
        selection="none",
        permissions={"organization": {"members": "read"}},
    )
    gh.use_token(nowhere)
    soon = (gh.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    expected = {
        "owner[]=MIA": [on_app],
        "owner[]=mia&owner[]=olga": [nowhere, everywhere, on_app],
        f"token_id[]={everywhere.token.id}": [everywhere],
        "repository=app": [everywhere, on_app],
        "repository=acme/app": [],
        "permission=contents_write": [on_app],
        "permission=members_read": [nowhere],
        f"last_used_before={soon}": [nowhere],
        f"last_used_after={soon}": [],
        "direction=asc": [on_app, everywhere, nowhere],
        "owner=mia": [nowhere, everywhere, on_app],  # without brackets GitHub does not see it
    }
    for query, found in expected.items():
        listed = [one["id"] for one in bot.get(f"{REQUESTS}?{query}").json()]
        assert listed == [one.id for one in found], query
    assert bot.get(f"{REQUESTS}?sort=name").status_code == 422
    assert bot.get(REQUESTS, params={"token_id[]": list(range(51))}).status_code == 422
    assert bot.get(REQUESTS, params={"owner[]": ["x"] * 11}).status_code == 422


def test_long_lists_come_in_pages(stage: Stage) -> None:
    for _ in range(5):
        stage.gh.request_token(stage.acme, stage.member)
    bot, path, seen, pages = stage.bot(), f"{REQUESTS}?per_page=2", [], 0
    while path:
        answer = bot.get(path)
        seen += [one["id"] for one in answer.json()]
        path, pages = answer.links.get("next", {}).get("url", ""), pages + 1
    assert (pages, sorted(seen)) == (3, [one.id for one in stage.gh.requests(stage.acme)])


def test_the_repositories_of_a_request(stage: Stage) -> None:
    many = [stage.gh.add_repository(stage.acme, f"r{n}") for n in range(120)]
    one = stage.gh.request_token(stage.acme, stage.member, selection="subset", repositories=many)
    bot = stage.bot()
    first = bot.get(f"{REQUESTS}/{one.id}/repositories?per_page=500")
    assert len(first.json()) == 100
    assert len(bot.get(first.links["next"]["url"]).json()) == 20
    listed = bot.get(REQUESTS).json()[0]["repositories_url"]
    assert bot.get(listed).json() == bot.get(f"{REQUESTS}/{one.id}/repositories").json()
    stage.gh.clear_calls()  # the address by id that GitHub gives is not in its description
    stage.gh.cancel_request(one)
    assert bot.get(f"{REQUESTS}/{one.id}/repositories").status_code == 404


def test_what_happens_without_a_word(stage: Stage, inbox: Inbox) -> None:
    gh = stage.gh
    one, two = (gh.request_token(stage.acme, stage.member, permissions=READ) for _ in range(2))
    gh.change_request(one, permissions=WRITE, selection="none", reason="more")
    gh.vanish_request(two, granted=True)
    gh.settle()
    assert [delivery.action for delivery in gh.deliveries] == ["created", "created"]
    listed = stage.bot().get(REQUESTS).json()
    assert [(entry["id"], entry["permissions"]) for entry in listed] == [(one.id, WRITE)]
    assert [grant.token for grant in gh.grants(stage.acme)] == [two.token]
    assert one.token is not two.token
