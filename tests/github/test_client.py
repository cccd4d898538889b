"""How calls leave: headers, credentials, pages, redirects, leases, connections."""

import gzip
import json
import logging
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from bot import VERSION
from bot.domain.accounts import AdminRepository, Organization
from bot.domain.record import Verdict
from bot.github.api import GitHubApi
from bot.github.call import api_version
from bot.github.client import MOST_CLIENTS
from bot.ports import LeaseLost, NotFound, Permanent, RateLimited, Refused, Retryable
from tests.github.scripted import (
    TOKEN,
    FixedClock,
    FreeBudgets,
    Reply,
    ScriptedGitHub,
    ShortLease,
)

ISSUES = "/repos/acme/token-requests/issues"
MEMBER = "/orgs/acme/memberships/alice"
REQUESTS = "/orgs/acme/personal-access-token-requests"
OWNER = {"user": {"id": 9, "login": "alice"}, "role": "admin", "state": "active"}
ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int) -> dict[str, object]:
    return {
        "id": number,
        "owner": {"id": 9, "login": "alice", "type": "User"},
        "repository_selection": "all",
        "permissions": {},
        "created_at": "2026-03-02T09:15:27Z",
        "token_id": number + 1000,
        "reason": "",
    }


def issue(number: int = 12, **facts: object) -> dict[str, object]:
    author = {"id": 100, "login": "countersign[bot]", "type": "Bot"}
    return {"number": number, "state": "open", "title": "t", "user": author, **facts}


def test_a_call_says_who_we_are_and_what_we_want(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", MEMBER, Reply(200, OWNER))
    found = api.membership(acme, "alice")
    assert (found.user_id, found.is_owner) == (9, True)
    token, call = script.asked
    assert call.headers["user-agent"] == f"countersign-bot/{VERSION}"
    assert call.headers["accept"] == "application/vnd.github+json"
    assert call.headers["x-github-api-version"] == "2022-11-28"
    assert call.headers["authorization"] == f"token {TOKEN}"
    assert token.path == "/app/installations/1/access_tokens"
    assert token.headers["authorization"].startswith("Bearer ey")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstandard.compress])
def test_an_answer_may_come_compressed(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, pack: Callable[[bytes], bytes]
):
    how = {gzip.compress: "gzip", zlib.compress: "deflate"}.get(pack, "zstd")
    body = pack(json.dumps(OWNER).encode())
    script.on("GET", MEMBER, Reply(200, body, {"Content-Encoding": how}))
    assert api.membership(acme, "alice")
    assert how in script.asked[-1].headers["accept-encoding"]


@pytest.mark.parametrize(
    ("host", "version"),
    [
        ("https://api.github.com", "2026-03-10"),
        ("https://api.octocorp.ghe.com/", "2026-03-10"),
        ("https://ghes.example/api/v3", "2022-11-28"),
        ("https://api.github.com.example", "2022-11-28"),
        ("https://[::1]:3000/", "2022-11-28"),
    ],
)
def test_each_host_is_asked_for_a_version_that_it_knows(host: str, version: str):
    assert api_version(host) == {"X-GitHub-Api-Version": version}


@pytest.mark.parametrize(
    ("installed", "version"),
    [
        ("3.21.0", "2026-03-10"),
        ("3.22.1", "2026-03-10"),
        ("4.0.0", "2026-03-10"),
        ("3.21.0.rc1", "2026-03-10"),
        ("3.20.9", "2022-11-28"),
        ("3.9.0", "2022-11-28"),
        ("", "2022-11-28"),
        ("3", "2022-11-28"),
        ("new", "2022-11-28"),
        ("3.21x" * 1000, "2026-03-10"),
    ],
)
def test_a_server_is_asked_for_what_its_version_knows(installed: str, version: str):
    found = api_version("https://ghes.example/api/v3", installed)
    assert found == {"X-GitHub-Api-Version": version}


def test_an_enterprise_servers_base_path_is_kept(
    script: ScriptedGitHub, private_key: str, acme: Organization
):
    base = "/api/v3"
    token = Reply(201, {"token": TOKEN, "expires_at": "2999-01-01T00:00:00Z"})
    script.on("POST", f"{base}/app/installations/1/access_tokens", token)
    script.on("GET", f"{base}{MEMBER}", Reply(200, OWNER))
    api = GitHubApi(7, private_key, f"{script.url}{base}", FreeBudgets(), FixedClock())
    assert api.membership(acme, "alice")
    api.close()


def test_a_token_is_got_once_and_anew_when_refused(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    fresh = {"token": "ghs_fresh", "expires_at": "2999-01-01T00:00:00Z"}
    stale = {**fresh, "token": "ghs_stale"}
    script.token(1, Reply(201, stale), Reply(201, fresh))
    script.on("GET", MEMBER, Reply(200, OWNER), Reply(401, {}), Reply(200, OWNER))
    assert api.membership(acme, "alice")
    assert api.membership(acme, "alice")
    used = [one.headers["authorization"] for one in script.to(MEMBER)]
    assert used == ["token ghs_stale", "token ghs_stale", "token ghs_fresh"]


def test_credentials_that_are_refused_twice_wait_for_somebody(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", MEMBER, Reply(401, {"message": "Bad credentials"}))
    with pytest.raises(Retryable, match="check both"):
        api.membership(acme, "alice")
    assert len(script.to(MEMBER)) == 2


def test_nothing_secret_is_logged_or_shown(
    script: ScriptedGitHub,
    api: GitHubApi,
    acme: Organization,
    private_key: str,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    shown = []
    for status in (401, 403, 404, 422, 500):
        script.on("GET", REQUESTS, Reply(status, {"message": "no"}))
        with pytest.raises((Retryable, Permanent)) as caught:
            api.pending_requests(acme)
        assert caught.value.__cause__ is None
        shown.append(repr(caught.value))
    shown += [caplog.text, repr(api), repr(api._connect()), repr(vars(api._connect()))]
    text = " ".join(shown)
    jwt = script.asked[0].headers["authorization"].removeprefix("Bearer ")
    assert TOKEN not in text
    assert jwt not in text
    assert private_key[40:80] not in text


def test_all_pages_are_read(script: ScriptedGitHub, api: GitHubApi, acme: Organization):
    link = '<https://elsewhere.example/organizations/70001/x?{}>; rel="next", <x>; rel="last"'
    script.on(
        "GET",
        REQUESTS,
        Reply(200, [row(1), row(2)], {"Link": link.format("token_id%5B%5D=5&page=2")}),
        Reply(200, [row(3)], {"Link": '<https://x/y?page=1>; rel="prev"'}),
    )
    found = api.pending_requests(acme, [1001, 1002, 1003])
    assert [one.id for one in found] == [1, 2, 3]
    first, second = script.to(REQUESTS)
    tokens = [("token_id[]", str(number)) for number in (1001, 1002, 1003)]
    assert first.query == [("per_page", "100"), *tokens]
    assert second.query == [("token_id[]", "5"), ("page", "2")]


def test_pages_in_a_circle_come_to_an_end(script: ScriptedGitHub, api: GitHubApi):
    script.on("GET", "/app/installations", Reply(200, [], {"Link": '<x?page=1>; rel="next"'}))
    with pytest.raises(Retryable, match="circle"):
        api.installations()


def test_many_tokens_are_asked_for_fifty_at_a_time(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", REQUESTS, Reply(200, []))
    script.on("GET", "/orgs/acme/personal-access-tokens", Reply(200, []))
    assert api.pending_requests(acme, range(1, 121)) == []
    assert api.grants(acme, [7, 7]) == []
    assert api.grants(acme, []) == []
    sizes = [sum(name == "token_id[]" for name, _ in one.query) for one in script.to(REQUESTS)]
    assert sizes == [50, 50, 20]
    assert len(script.to("/orgs/acme/personal-access-tokens")) == 1


def test_a_renamed_repository_is_followed_with_method_body_and_query(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    moved = "/repositories/81000/issues"
    script.on("POST", ISSUES, Reply(307, {}, {"Location": f"{script.url}{moved}"}))
    script.on("GET", ISSUES, Reply(301, {}, {"Location": moved}))
    script.on("POST", moved, Reply(201, issue()))
    script.on("GET", moved, Reply(200, [issue()]))
    script.on("GET", "/app", Reply(200, {"slug": "countersign"}))
    script.on("GET", "/users/countersign%5Bbot%5D", Reply(200, issue()["user"]))
    assert api.create_issue(repo, "t", "b", ["pending"]).number == 12
    assert [one.number for one in api.own_issues(repo, "pending", LONG_AGO)] == [12]
    created, listed = script.to(moved)
    assert (created.method, created.body["title"]) == ("POST", "t")
    assert ("since", "2026-01-01T00:00:00Z") in listed.query
    assert ("labels", "pending") in listed.query


def test_a_transferred_issue_is_gone_and_nothing_is_written_elsewhere(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    away = Reply(301, {}, {"Location": f"{script.url}/repositories/99/issues/4"})
    script.on("GET", f"{ISSUES}/12", away)
    script.on("PATCH", f"{ISSUES}/12", away)
    assert api.issue(repo, 12) is None
    with pytest.raises(NotFound):
        api.update_issue(repo, 12, state="closed")
    assert script.to("/repositories/99/issues/4") == []


@pytest.mark.parametrize("place", ["https://evil.example/x", "//evil.example/x", "file:///x"])
def test_the_credential_goes_to_no_other_host(script: ScriptedGitHub, api: GitHubApi, place: str):
    script.on("GET", "/repos/acme/token-requests", Reply(302, {}, {"Location": place}))
    with pytest.raises(Refused, match="another host"):
        api.admin_repository(1, "acme/token-requests")


def test_redirects_in_a_circle_come_to_an_end(script: ScriptedGitHub, api: GitHubApi):
    path = "/repos/acme/token-requests"
    script.on("GET", path, Reply(301, {}, {"Location": path}))
    with pytest.raises(Retryable, match="circles"):
        api.admin_repository(1, "acme/token-requests")
    assert len(script.to(path)) == 4


def test_without_a_lease_nothing_is_written(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, repo: AdminRepository
):
    script.on("GET", MEMBER, Reply(200, OWNER))
    lease = ShortLease(5)
    leased = api.leased(lease)
    assert leased.membership(acme, "alice")
    writing = lease.checks
    lease.seconds = 0
    for write in (
        lambda: leased.review(acme, 1, Verdict.DENY, "no"),
        lambda: leased.review_many(acme, [1], Verdict.DENY, ""),
        lambda: leased.revoke(acme, 1),
        lambda: leased.revoke_many(acme, [1]),
        lambda: leased.create_issue(repo, "t", "b", []),
        lambda: leased.update_issue(repo, 1, state="closed"),
        lambda: leased.create_comment(repo, 1, "b"),
        lambda: leased.react(repo, 1, "+1"),
        lambda: leased.redeliver(1),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert lease.checks == writing + 9
    assert {one.path for one in script.asked} == {"/app/installations/1/access_tokens", MEMBER}


def test_no_call_outlasts_its_lease(script: ScriptedGitHub, api: GitHubApi, acme: Organization):
    script.on("GET", MEMBER, Reply(200, OWNER))
    api.membership(acme, "alice")
    released = threading.Event()
    script.on("GET", MEMBER, Reply(200, OWNER, hold=released))
    began = time.monotonic()
    with pytest.raises(Retryable, match="no answer in time"):
        api.leased(ShortLease(2)).membership(acme, "alice")
    assert time.monotonic() - began < 8, "without a lease it waits 10 s"
    released.set()
    before = len(script.asked)
    with pytest.raises(LeaseLost, match="too soon"):
        api.leased(ShortLease(0.2)).membership(acme, "alice")
    assert len(script.asked) == before


def test_a_writing_call_gets_the_time_that_github_may_work_on_it(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    """The lease is nearly over, but can be renewed; GitHub takes longer than what was left."""
    slow = threading.Event()
    script.on("POST", f"{REQUESTS}/5", Reply(204, b"", hold=slow))
    threading.Timer(1, slow.set).start()
    lease = ShortLease(0.6, renewed=15)
    api.leased(lease).review(acme, 5, Verdict.APPROVE, "")
    assert lease.remaining() == 15
    assert len(script.to(f"{REQUESTS}/5")) == 1


def test_each_thread_keeps_one_connection(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", MEMBER, Reply(200, OWNER))

    def thrice() -> None:
        for _ in range(3):
            api.leased(ShortLease(9)).membership(acme, "alice")

    thrice()
    threads = [threading.Thread(target=thrice) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(script.to(MEMBER)) == 12
    assert len({one.peer for one in script.asked}) == 4


def test_many_installations_share_a_threads_connection(script: ScriptedGitHub, api: GitHubApi):
    """The clients of githubkit that a thread keeps are bounded, and closed ones come back."""
    every = [*range(1, 50), 1, 2]
    for number in every:
        if number > 2:
            script.token(number, Reply(201, {"token": f"ghs_{number}"}))
        script.on("GET", f"/orgs/o{number}/memberships/alice", Reply(200, OWNER))
    for number in every:
        assert api.membership(Organization(number, f"o{number}", number), "alice")
        used = script.asked[-1].headers["authorization"]
        assert used == f"token {f'ghs_{number}' if number > 2 else TOKEN}"
    assert len(api._connect()._thread().clients) <= MOST_CLIENTS
    assert len({one.peer for one in script.asked}) <= 1 + len(every) * 2 // MOST_CLIENTS


def test_a_closed_api_can_be_used_again(script: ScriptedGitHub, api: GitHubApi, acme: Organization):
    script.on("GET", MEMBER, Reply(200, OWNER))
    api.membership(acme, "alice")
    api.close()
    assert api.membership(acme, "alice")


def test_content_is_only_created_where_there_is_room(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, repo: AdminRepository
):
    script.on("POST", ISSUES, Reply(201, issue()))
    script.on("POST", f"{ISSUES}/12/comments", Reply(201, {"id": 5}))
    api.create_issue(repo, "t", "b", [])
    assert api.create_comment(repo, 12, "b", urgent=True) == 5
    assert budgets.taken == [(1, False), (1, True)]
    before = len(script.asked)
    budgets.wait = 17.5
    for create in (
        lambda: api.create_issue(repo, "t", "b", []),
        lambda: api.create_comment(repo, 12, "b"),
    ):
        with pytest.raises(RateLimited) as caught:
            create()
        assert caught.value.after == 17.5
    assert len(script.asked) == before


def test_calls_are_counted_by_route(script: ScriptedGitHub, private_key: str, acme: Organization):
    counted = []
    api = GitHubApi(
        7,
        private_key,
        script.url,
        FreeBudgets(),
        FixedClock(),
        on_call=lambda *call: counted.append(call),
    )
    script.on("GET", MEMBER, Reply(500), Reply(0))
    for _ in range(2):
        with pytest.raises(Retryable):
            api.membership(acme, "alice")
    api.close()
    route = "/orgs/{org}/memberships/{username}"
    assert [call[:3] for call in counted[1:]] == [("GET", route, 500), ("GET", route, 0)]
    assert all(0 <= call[3] < 5 for call in counted)


def test_reasons_leave_as_they_are_or_not_at_all(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("POST", f"{REQUESTS}/5", Reply(204, b""))
    script.on("POST", REQUESTS, Reply(202, b"null"))
    api.review(acme, 5, Verdict.DENY, "zu breit – 😀")
    api.review(acme, 5, Verdict.APPROVE, "")
    api.review_many(acme, [5, 6], Verdict.APPROVE, "")
    assert [one.body for one in script.to(f"{REQUESTS}/5")] == [
        {"action": "deny", "reason": "zu breit – 😀"},
        {"action": "approve"},
    ]
    assert script.to(REQUESTS)[0].body == {"pat_request_ids": [5, 6], "action": "approve"}


def test_what_github_would_take_amiss_is_not_sent(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    for ask in (
        lambda: api.review_many(acme, [], Verdict.APPROVE, ""),
        lambda: api.review_many(acme, range(1, 102), Verdict.APPROVE, ""),
        lambda: api.revoke_many(acme, []),
        lambda: api.review(acme, 5, Verdict.APPROVE, "x" * 1025),
        lambda: api.review(acme, 5, Verdict.REVOKE, ""),
    ):
        with pytest.raises(Permanent):
            ask()
    assert script.asked == []


def test_a_kept_old_body_is_seen(script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository):
    script.on("PATCH", f"{ISSUES}/12", Reply(200, issue(body="old")))
    with pytest.raises(Refused, match="old body"):
        api.update_issue(repo, 12, body="new")
    script.on("PATCH", f"{ISSUES}/12", Reply(200, issue(body="new\r\nline")))
    assert api.update_issue(repo, 12, body="new\nline\n").number == 12
    assert script.to(f"{ISSUES}/12")[-1].body == {"body": "new\nline\n"}


def test_labels_are_made_when_missing_whoever_is_faster(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    path = "/repos/acme/token-requests/labels"
    script.on("GET", path, Reply(200, [{"name": "Pending"}]))
    taken = {"message": "Validation Failed", "errors": [{"code": "already_exists"}]}
    script.on("POST", path, Reply(422, taken), Reply(201, {}))
    labels = [(name, "#fbca04", "d") for name in ("pending", "held", "denied")]
    api.ensure_labels(repo, labels)
    made = [one.body for one in script.to(path) if one.method == "POST"]
    assert [one["name"] for one in made] == ["held", "denied"]
    assert made[0]["color"] == "fbca04"
    script.on("POST", path, Reply(422, {"errors": [{"code": "invalid"}]}))
    with pytest.raises(Refused):
        api.ensure_labels(repo, labels)


def test_a_post_that_is_redirected_for_good_stays_a_post(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    moved = "/repositories/81000/issues"
    script.on("POST", ISSUES, Reply(301, {}, {"Location": moved}))
    script.on("POST", moved, Reply(201, issue()))
    assert api.create_issue(repo, "t", "b", []).number == 12
    (there,) = script.to(moved)
    assert (there.method, there.body["body"]) == ("POST", "b")


def test_only_the_apps_own_issues_and_comments_are_its_own(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    bot, eve = issue()["user"], {"id": 66, "login": "eve", "type": "User"}
    script.on("GET", "/app", Reply(200, {"slug": "countersign"}))
    script.on("GET", "/users/countersign%5Bbot%5D", Reply(200, bot))
    found = [issue(1), issue(2, user=eve), issue(3, pull_request={}), issue(4, user=None)]
    script.on("GET", ISSUES, Reply(200, found))
    comments = [
        {"id": 1, "body": "m", "user": eve, "updated_at": ""},
        {"id": 2, "body": "m", "user": bot},
    ]
    script.on("GET", f"{ISSUES}/12/comments", Reply(200, comments))
    assert [one.number for one in api.own_issues(repo, "token-request", LONG_AGO)] == [1]
    assert [one.id for one in api.own_comments(repo, 12, LONG_AGO)] == [2]
    assert len(script.to("/app")) == 1


def test_ids_tell_what_is_the_apps_own_whatever_its_name_is(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    """The App was renamed since we asked for its name, and somebody took the old one."""
    script.on("GET", "/app", Reply(200, {"slug": "countersign"}))
    script.on("GET", "/users/countersign%5Bbot%5D", Reply(200, issue()["user"]))
    assert api.bot().id == 100
    renamed = {"id": 100, "login": "signer[bot]", "type": "Bot"}
    thief = {"id": 666, "login": "countersign[bot]", "type": "Bot"}
    person = {"id": 9, "login": "alice", "type": "User"}
    by_us, by_another = {"id": 7, "slug": "signer"}, {"id": 8, "slug": "countersign"}
    rows = [
        issue(1, user=renamed),
        issue(2, user=thief, performed_via_github_app=by_another),
        issue(3, user={**renamed, "id": 101}, performed_via_github_app=by_us),
        issue(4, user=person, performed_via_github_app=by_us),
        issue(5, user=renamed, performed_via_github_app=by_us),
    ]
    script.on("GET", ISSUES, Reply(200, rows))
    script.on(
        "GET", f"{ISSUES}/12/comments", Reply(200, [{"id": one["number"], **one} for one in rows])
    )
    assert [one.number for one in api.own_issues(repo, "x", LONG_AGO)] == [1, 3, 5]
    assert [one.id for one in api.own_comments(repo, 12, LONG_AGO)] == [1, 3, 5]
    assert all(name != "creator" for name, _ in script.to(ISSUES)[0].query)


def test_an_app_that_is_being_renamed_is_asked_for_again(script: ScriptedGitHub, api: GitHubApi):
    script.on("GET", "/app", Reply(200, {"slug": "old"}), Reply(200, {"slug": "new"}))
    script.on("GET", "/users/new%5Bbot%5D", Reply(200, issue()["user"]))
    with pytest.raises(Retryable, match="no id"):
        api.bot()
    assert api.bot().id == 100


@pytest.mark.parametrize("status", [403, 404, 410, 422])
def test_a_refused_reaction_is_no_trouble(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository, status: int
):
    path = f"{ISSUES}/comments/5/reactions"
    script.on("POST", path, Reply(status, {"message": "no"}))
    assert api.react(repo, 5, "confused") is False
    script.on("POST", path, Reply(200, {"id": 1}))
    assert api.react(repo, 5, "confused") is True


def test_failed_deliveries_are_those_without_a_success(script: ScriptedGitHub, api: GitHubApi):
    def attempt(number: int, guid: str, status: int, at: str) -> dict[str, object]:
        at = f"2026-03-02T{at}:00Z"
        return {"id": number, "guid": guid, "status_code": status, "delivered_at": at}

    def link(page: int) -> dict[str, str]:
        return {"Link": f'<https://x/y?cursor=v1_{page}&per_page=100>; rel="next"'}

    pages = [
        [attempt(9, "a", 502, "09:40"), attempt(8, "b", 202, "09:30")],
        [attempt(7, "a", 0, "09:20"), attempt(6, "b", 500, "09:10"), attempt(5, "c", 503, "09:05")],
        [attempt(4, "d", 503, "08:59")],
        [attempt(3, "e", 503, "08:00")],
    ]
    path = "/app/hook/deliveries"
    script.on("GET", path, *(Reply(200, page, link(at)) for at, page in enumerate(pages)))
    found = api.failed_deliveries(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert [(one.id, one.guid, one.status_code) for one in found] == [(5, "c", 503), (9, "a", 502)]
    assert len(script.to(path)) == 3
    assert ("cursor", "v1_0") in script.to(path)[1].query


def test_githubkit_waits_for_the_first_call():
    looks = "import sys, bot.github.api; print('githubkit' in sys.modules, 'httpx' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", looks], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "False"]
