"""The ways in which this GitHub is unkind on purpose; the table is in ``bot.sandbox``."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bot.sandbox import failures
from bot.sandbox.lists import ABSENT, Kind
from tests.sandbox.conftest import Inbox, Stage

REQUESTS = "/orgs/acme/personal-access-token-requests"
GRANTS = "/orgs/acme/personal-access-tokens"
REPO = "/repos/acme/token-requests"


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()]


def test_filters_are_ignored(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    asks = [gh.request_token(stage.acme, stage.member) for _ in range(2)]
    grants = [gh.grant_without_review(stage.acme, stage.owner) for _ in range(2)]
    gh.lists.ignore_filters = True
    for query in (f"token_id[]={asks[0].token.id}", "owner[]=nobody", "repository=none"):
        assert ids(bot.get(f"{REQUESTS}?{query}")) == [asks[1].id, asks[0].id]
        assert ids(bot.get(f"{GRANTS}?{query}")) == [grants[1].id, grants[0].id]
    gh.lists.mend()
    assert ids(bot.get(f"{GRANTS}?token_id[]={grants[0].token.id}")) == [grants[0].id]


def test_a_passing_404(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    gh.open_issue(stage.member, stage.repo, "t")
    comment = gh.comment(stage.member, stage.repo, 1, "hello")
    paths = {
        failures.COMMENT: f"{REPO}/issues/comments/{comment.id}",
        failures.ISSUE: f"/repositories/{stage.repo.id}/issues/1",
        failures.REPOSITORY: REPO,
        failures.ORGANIZATION: "/orgs/acme",
        failures.MEMBERSHIP: "/orgs/acme/memberships/mia",
        failures.REQUESTS: REQUESTS,
        failures.GRANTS: GRANTS,
    }
    for pattern, path in paths.items():
        gh.failures.passing_404(pattern, times=2)
        for other in set(paths.values()) - {path}:
            assert bot.get(other).status_code == 200, (pattern, other)
        answers = [bot.get(path) for _ in range(3)]
        assert [one.status_code for one in answers] == [404, 404, 200], path
        assert answers[0].json()["message"] == "Not Found"


@pytest.mark.parametrize("kind", ["requests", "grants"])
def test_a_list_is_behind(stage: Stage, kind: Kind) -> None:
    gh, bot = stage.gh, stage.bot()
    path = REQUESTS if kind == "requests" else GRANTS

    def another() -> int:
        if kind == "requests":
            return gh.request_token(stage.acme, stage.member).id
        return gh.grant_without_review(stage.acme, stage.owner).id

    first = another()
    gh.lag(kind, times=2)
    second = another()
    assert [ids(bot.get(path)) for _ in range(3)] == [[first], [first], [second, first]]
    with gh.lag(kind, shows="nothing"):
        assert [ids(bot.get(path)) for _ in range(3)] == [[], [], []]
    elsewhere = gh.lag(kind, shows="nothing", org=gh.add_organization("other"))
    assert ids(bot.get(path)) == [second, first]
    elsewhere.end()
    gh.lag(kind)
    third = another()
    assert third not in ids(bot.get(path))
    gh.lists.mend()
    assert third in ids(bot.get(path))


def test_a_list_that_is_behind_still_shows_what_was_decided(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    ask = gh.request_token(stage.acme, stage.member, name="ci")
    with gh.lag("requests"), gh.lag("grants"):
        gh.change_request(ask, name="other")
        assert bot.post(f"{REQUESTS}/{ask.id}", json={"action": "approve"}).status_code == 204
        assert [one["token_name"] for one in bot.get(REQUESTS).json()] == ["ci"]
        assert bot.get(GRANTS).json() == []
    assert bot.get(REQUESTS).json() == []
    (grant,) = gh.grants(stage.acme)
    with gh.lag("grants"):
        assert bot.post(f"{GRANTS}/{grant.id}", json={"action": "revoke"}).status_code == 204
        assert ids(bot.get(GRANTS)) == [grant.id]
    assert bot.get(GRANTS).json() == []


def test_odd_rows(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    asks = [gh.request_token(stage.acme, stage.member) for _ in range(3)]
    grant = gh.grant_without_review(stage.acme, stage.owner)
    gh.lists.change_row("requests", asks[0].id, owner=None)
    gh.lists.change_row("requests", asks[1].id, owner=ABSENT, colour="red")
    gh.lists.add_row("requests", {"kind": "unknown"})
    gh.lists.add_row("grants", None)
    unknown, usual, without, nobody = bot.get(REQUESTS).json()
    assert unknown == {"kind": "unknown"}
    assert usual["owner"]["login"] == "mia"
    assert (without["colour"], "owner" in without) == ("red", False)
    assert nobody["owner"] is None
    assert [one and one["id"] for one in bot.get(GRANTS).json()] == [None, grant.id]
    gh.lists.mend()
    assert ids(bot.get(REQUESTS)) == [one.id for one in asks[::-1]]
    assert [call.odd for call in gh.calls[-3:]] == [True, True, False]


ODD_LOGINS = [
    "-Jerry-",
    "-ACE-",
    "foo-",
    "_under_score_",
    "a.b..c",
    "two words",
    "a/b/../c",
    "percent%2Fsign",
    "what?#",
    "mona[bot]",
    "x" * 300,
]


@pytest.mark.parametrize("login", ODD_LOGINS)
def test_odd_logins(stage: Stage, inbox: Inbox, login: str) -> None:
    gh, bot = stage.gh, stage.bot()
    who = gh.add_user(login)
    gh.add_member(stage.acme, who, role="admin")
    gh.request_token(stage.acme, who)
    word = quote(login, safe="")
    for path in (f"/users/{word}", f"/orgs/acme/memberships/{word}"):
        shown = bot.get(path).json()
        assert shown.get("user", shown)["login"] == login
    assert bot.get(shown["user"]["url"]).json()["id"] == who.id
    assert bot.get(f"/orgs/acme/members/{word}").status_code == 204
    role = bot.get(f"{REPO}/collaborators/{word}/permission").json()["role_name"]
    assert role == "admin"
    assert bot.get(REQUESTS, params={"owner[]": login}).json()[0]["owner"]["login"] == login
    assert gh.settle()
    told = gh.deliveries[-1].json
    assert told["personal_access_token_request"]["owner"]["login"] == login


def test_the_app_is_renamed(stage: Stage, inbox: Inbox) -> None:
    gh, bot, app = stage.gh, stage.bot(), stage.app()
    before = app.get("/app").json()
    bot.post(f"{REPO}/issues", json={"title": "t"})
    bot.post(f"{REPO}/issues/1/comments", json={"body": "mine"})
    gh.rename_app("gatekeeper")
    bot.post(f"{REPO}/issues/1/comments", json={"body": "mine too"})
    comments = bot.get(f"{REPO}/issues/1/comments").json()
    for one in [bot.get(f"{REPO}/issues/1").json(), *comments]:
        assert one["user"]["login"] == "gatekeeper[bot]"
        assert one["user"]["id"] == gh.app.bot.id
        assert one["performed_via_github_app"]["slug"] == "gatekeeper"
    after = app.get("/app").json()
    assert (after["id"], after["slug"]) == (before["id"], "gatekeeper")
    assert app.get("/orgs/acme/installation").json()["app_slug"] == "gatekeeper"
    assert bot.get("/users/countersign%5Bbot%5D").status_code == 404
    assert gh.settle()
    senders = [one.json["sender"]["login"] for one in gh.deliveries]
    assert senders == ["countersign[bot]", "countersign[bot]", "gatekeeper[bot]"]


def test_access_ends_without_a_word(stage: Stage, inbox: Inbox) -> None:
    gh, bot = stage.gh, stage.bot()
    taken, deleted = (gh.grant_without_review(stage.acme, stage.member) for _ in range(2))
    more = gh.request_token(stage.acme, stage.member, token_id=deleted.token.id)
    kept = gh.request_token(stage.acme, stage.member)
    assert gh.settle()
    sent = len(gh.deliveries)
    gh.revoke(taken)
    gh.delete_token(deleted.token)
    assert bot.get(GRANTS).json() == []
    assert ids(bot.get(REQUESTS)) == [kept.id]
    assert more.state == "vanished"
    assert gh.settle()
    assert len(gh.deliveries) == sent


@pytest.mark.parametrize(("mode", "seen"), [("held", []), ("kept", ["t"])])
def test_an_answer_is_held_back(stage: Stage, mode: Any, seen: list[str]) -> None:
    """Held: it tells the facts of later. Kept: it tells those of before."""
    gh, bot = stage.gh, stage.bot()
    gh.open_issue(stage.member, stage.repo, "t")
    slow = gh.failures.add(method="GET", path="/issues$", mode=mode)
    with ThreadPoolExecutor() as others:
        answer = others.submit(bot.get, f"{REPO}/issues")
        assert slow.arrived.wait(10)
        assert bot.get(f"{REPO}/issues").json()[0]["title"] == "t"  # only one call waits
        gh.delete_issue(stage.owner, stage.repo, 1)
        assert not answer.done()
        slow.release()
        assert [one["title"] for one in answer.result(10).json()] == seen


def test_what_is_held_back_goes_when_all_is_well_again(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    for end in (gh.failures.clear, lambda: gh.failures.remove(gh.failures.planned[0])):
        slow = gh.failures.add(mode="kept", times=None)
        with ThreadPoolExecutor() as others:
            answer = others.submit(bot.get, "/orgs/acme")
            assert slow.arrived.wait(10)
            end()
            assert answer.result(10).status_code == 200
    slow = gh.failures.add(mode="held")
    calling = threading.Thread(target=_ignoring_errors, args=(stage,))
    calling.start()
    assert slow.arrived.wait(10)
    gh.stop()
    calling.join(10)
    assert not calling.is_alive()


def _ignoring_errors(stage: Stage) -> None:
    try:
        stage.client().get("/meta")
    except (OSError, httpx.TransportError):
        return


def test_facts_change_while_they_are_told(stage: Stage) -> None:
    gh, bot = stage.gh, stage.bot()
    gh.open_issue(stage.member, stage.repo, "t", "before")

    def change() -> None:
        gh.edit_issue(stage.owner, stage.repo, 1, body="after")

    gh.failures.add(method="GET", path=failures.ISSUE, mode="stale", then=change)
    assert [bot.get(f"{REPO}/issues/1").json()["body"] for _ in range(2)] == ["before", "after"]


def test_people_change_an_issue_many_times_while_the_bot_waits(stage: Stage, inbox: Inbox) -> None:
    gh, bot = stage.gh, stage.bot()
    bot.post(f"{REPO}/issues", json={"title": "t", "body": "0", "labels": ["pending"]})

    def label() -> None:
        gh.label_issue(stage.member, stage.repo, 1, add="mine")

    gh.failures.add(method="GET", path=r"/labels$", mode="stale", then=label)
    assert [one["name"] for one in bot.get(f"{REPO}/issues/1/labels").json()] == ["pending"]
    assert gh.issue(stage.repo, 1).labels == ["pending", "mine"]
    for number in range(1, 12):
        who = stage.member if number % 2 else stage.owner
        gh.edit_issue(who, stage.repo, 1, body=str(number))
    assert gh.settle()
    edits = [one.json for one in gh.deliveries if one.action == "edited"]
    assert [one["changes"]["body"]["from"] for one in edits] == [str(n) for n in range(11)]
    assert [one["sender"]["login"] for one in edits[:2]] == ["mia", "olga"]
    assert edits[-1]["issue"]["user"]["login"] == "countersign[bot]"


def test_a_wrong_secret_shows_in_the_log_of_deliveries(stage: Stage, inbox: Inbox) -> None:
    gh, app = stage.gh, stage.app()
    inbox.status = 401  # as a bot answers that knows another secret
    gh.webhook_secret = "mistyped"
    gh.request_token(stage.acme, stage.member)
    assert gh.settle()
    (row,) = app.get("/app/hook/deliveries?status=failure").json()
    assert (row["status_code"], row["status"]) == (401, "Invalid HTTP Response: 401")
    config = app.get("/app/hook/config").json()
    assert (config["url"], config["secret"]) == (gh.webhook_url, "********")
    assert stage.bot().get("/app/hook/config").status_code == 401
