"""What GitHub's refusals become, and how long they make us wait."""

import json
import re
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.domain.accounts import AdminRepository, Organization
from bot.github.api import GitHubApi
from bot.github.call import Call
from bot.github.reading import permissions
from bot.ports import NoAnswer, NotFound, NotPermitted, Permanent, RateLimited, Refused, Retryable
from tests.github.scripted import TOKEN, FixedClock, FreeBudgets, Reply, ScriptedGitHub

MEMBER = "/orgs/acme/memberships/alice"
OWNER = {"user": {"id": 9, "login": "alice"}, "role": "admin", "state": "active"}
LIST = "/orgs/acme/personal-access-token-requests"
RECORDED = Path(__file__).parents[2] / "../shared/github/recordings/rate-limit-answers.json"
NOW = FixedClock.at


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(500, {"message": "Server Error"}), Retryable),
        (Reply(502, b"<html>"), Retryable),
        (Reply(503, b""), Retryable),
        (Reply(408, {}), Retryable),
        (Reply(0), NoAnswer),
        (Reply(403, {"message": "Resource not accessible by integration"}), NotPermitted),
        (Reply(403, {"message": "Repository was archived so is read-only."}), NotPermitted),
        (Reply(403, {"message": "This issue is locked."}), Refused),
        (Reply(404, {"message": "Not Found"}), NotFound),
        (Reply(410, {"message": "This issue was deleted"}), NotFound),
        (Reply(422, {"message": "Validation Failed"}), Refused),
        (Reply(400, b"\xff\xfe"), Refused),
        (Reply(304), Refused),
    ],
)
def test_each_status_has_its_exception(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, reply: Reply, kind: type[Exception]
):
    script.on("GET", LIST, reply)
    with pytest.raises(kind) as caught:
        api.pending_requests(acme)
    assert type(caught.value) is kind
    assert "GET /orgs/{org}/personal-access-token-requests" in str(caught.value)


def test_the_text_names_status_message_and_permission(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    needed = {"X-Accepted-GitHub-Permissions": "members=read"}
    script.on("GET", MEMBER, Reply(403, {"message": "Not\x1b[2J\u202eaccessible"}, needed))
    with pytest.raises(NotPermitted) as caught:
        api.membership(acme, "alice")
    text = str(caught.value)
    assert "403" in text
    assert "members=read" in text
    assert "accessible" in text
    assert not re.search(r"[\x00-\x1f\u202e]", text)


def test_the_text_is_bounded_and_tells_which_field(
    script: ScriptedGitHub, api: GitHubApi, repo: AdminRepository
):
    errors = [{"resource": "Issue", "field": "title", "code": "missing_field"}]
    body = {"message": "Validation Failed", "errors": [*errors, {"message": "x" * 10_000}]}
    script.on("POST", "/repos/acme/token-requests/issues", Reply(422, body))
    with pytest.raises(Refused) as caught:
        api.create_issue(repo, "", "", [])
    assert "title missing_field" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_only_a_404_means_no_member(script: ScriptedGitHub, api: GitHubApi, acme: Organization):
    script.on("GET", MEMBER, Reply(404, {"message": "Not Found"}))
    assert api.membership(acme, "alice") is None
    for status in (401, 403, 500):
        script.on("GET", MEMBER, Reply(status, {"message": "no"}))
        with pytest.raises(Retryable):
            api.membership(acme, "alice")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", {"user": {"id": 1}, "role": "admin"}, {"role": "admin"}]
)
def test_an_unreadable_answer_is_tried_again(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, body: object
):
    script.on("GET", MEMBER, Reply(200, body))
    with pytest.raises(Retryable, match="memberships"):
        api.membership(acme, "alice")


def test_an_answer_that_cannot_be_unpacked_is_tried_again(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", MEMBER, Reply(200, b"not gzip", {"Content-Encoding": "gzip"}))
    with pytest.raises(Retryable):
        api.membership(acme, "alice")


@pytest.mark.parametrize("body", [b"{}", b"oops", [1], [{"id": 1}]])
def test_an_unreadable_list_is_never_taken_for_an_empty_one(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, body: object
):
    script.on("GET", LIST, Reply(200, body))
    with pytest.raises(Retryable, match="token-requests"):
        api.pending_requests(acme)


LIMITED = {"message": "You have exceeded a secondary rate limit."}


def later(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def epoch(seconds: int) -> str:
    return str(int(NOW.timestamp()) + seconds)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(403, LIMITED, {"Retry-After": "30"}), 30),
        (Reply(403, {"message": "x"}, {"Retry-After": "30"}), 30),
        (Reply(429, b"", {"Retry-After": "8"}), 8),
        (Reply(429, LIMITED, {"Retry-After": later(8), "Date": later(0)}), 8),
        (Reply(429, LIMITED, {"Retry-After": later(108), "Date": later(100)}), 8),
        (Reply(403, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": epoch(90)}), 90),
        (Reply(403, LIMITED, {"X-RateLimit-Remaining": "40", "X-RateLimit-Reset": epoch(9)}), 60),
        (Reply(403, {"message": "abuse detection mechanism"}), 60),
        (Reply(403, LIMITED, {"Retry-After": "soon"}), 60),
        (Reply(403, {"message": "x"}, {"Retry-After": "soon"}), 60),
        (Reply(403, LIMITED, {"Retry-After": "9" * 40}), 86_400),
        (Reply(403, LIMITED, {"Retry-After": "0"}), 1),
        (Reply(403, LIMITED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "never"}), 60),
        (Reply(429), 60),
    ],
)
def test_a_rate_limit_blocks_the_installation_for_as_long_as_it_says(
    script: ScriptedGitHub,
    api: GitHubApi,
    budgets: FreeBudgets,
    acme: Organization,
    reply: Reply,
    seconds: int,
):
    script.on("GET", MEMBER, reply)
    with pytest.raises(RateLimited) as caught:
        api.membership(acme, "alice")
    assert caught.value.after == seconds
    assert budgets.blocked == [(1, seconds)]


def test_our_own_pause_doubles_until_github_answers_again(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", MEMBER, Reply(429))
    pauses = []
    for _ in range(5):
        with pytest.raises(RateLimited) as caught:
            api.membership(acme, "alice")
        pauses.append(caught.value.after)
    assert pauses == [60, 120, 240, 480, 480]
    script.on("GET", MEMBER, Reply(404), Reply(429))
    assert api.membership(acme, "alice") is None
    with pytest.raises(RateLimited) as caught:
        api.membership(acme, "alice")
    assert caught.value.after == 60


def test_a_403_without_a_limit_blocks_nothing(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, acme: Organization
):
    script.on("GET", MEMBER, Reply(403, {"message": "no"}, {"X-RateLimit-Remaining": "40"}))
    with pytest.raises(NotPermitted):
        api.membership(acme, "alice")
    assert budgets.blocked == []


def test_a_rate_limit_on_the_token_blocks_the_app_and_its_installation(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, acme: Organization
):
    script.token(1, Reply(403, LIMITED, {"Retry-After": "20"}))
    with pytest.raises(RateLimited):
        api.membership(acme, "alice")
    assert budgets.blocked == [(0, 20), (1, 20)]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(403, {"message": "This installation has been suspended"}), "suspended"),
        (Reply(404, {"message": "Not Found"}), "installation 1 is gone"),
    ],
)
def test_without_a_token_nothing_is_taken_for_gone(
    script: ScriptedGitHub,
    api: GitHubApi,
    acme: Organization,
    repo: AdminRepository,
    reply: Reply,
    said: str,
):
    script.token(1, reply)
    for ask in (
        lambda: api.membership(acme, "alice"),
        lambda: api.issue(repo, 1),
        lambda: api.comment(repo, 1),
        lambda: api.admin_repository(1, repo.full_name),
    ):
        with pytest.raises(NotPermitted, match=said):
            ask()


@pytest.mark.parametrize("body", [{}, {"token": 7}, b"nothing", {"token": f"{TOKEN}\n"}])
def test_a_malformed_token_is_tried_again_and_not_shown(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, body: object
):
    script.token(1, Reply(201, body))
    with pytest.raises(Retryable) as caught:
        api.membership(acme, "alice")
    assert TOKEN not in str(caught.value)


def test_what_cannot_be_is_refused_before_any_call(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    for ask in (
        lambda: api.admin_repository(1, "acme/.."),
        lambda: api.admin_repository(1, "acme/b/c"),
        lambda: api.request_repositories(Organization(1, "", 1), 5),
        lambda: api.request_repositories(acme, -5),
    ):
        with pytest.raises(Permanent):
            ask()
    assert api.membership(acme, "..") is None, "nobody has that login"
    assert all("/access_tokens" in one.path for one in script.asked)


@pytest.mark.parametrize(
    "login",
    [
        "-Jerry-",
        "foo-",
        "alice_corp",
        "a.b",
        "alice/../x",
        "a b?c#d%2Fe",
        "installation",
        "x" * 300,
    ],
)
def test_any_login_is_asked_for(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, login: str
):
    script.on("GET", f"/orgs/acme/memberships/{quote(login, safe='')}", Reply(200, OWNER))
    assert api.membership(acme, login)
    assert script.asked[-1].headers["authorization"] == f"token {TOKEN}"
    assert api.membership(Organization(1, f"{login}/../acme", 1), "alice") is None
    assert script.asked[-1].path == f"/orgs/{quote(login, safe='')}%2F..%2Facme/memberships/alice"


def test_a_name_that_somebody_forgot_to_encode_leads_nowhere(
    script: ScriptedGitHub, api: GitHubApi
):
    call = Call("GET /orgs/{org}/memberships/{username}", 1)
    with pytest.raises(Permanent, match="another address"), api._call(call) as github:
        github.rest.orgs.get_membership_for_user("acme/x", "alice")
    assert [one.method for one in script.asked] == ["POST"], "the token alone"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not beside us")
def test_recorded_rate_limits_are_all_recognised(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, acme: Organization
):
    recorded = json.loads(RECORDED.read_text())
    assert len(recorded) == 15
    for one in recorded:
        headers = {name: _played(value) for name, value in one["headers"].items() if name != "Vary"}
        script.on("GET", MEMBER, Reply(one["status"], one["body"].encode(), headers))
        with pytest.raises(RateLimited) as caught:
            api.membership(acme, "alice")
        assert 1 <= caught.value.after <= 480
    assert len(budgets.blocked) == 15


def _played(value: str) -> str:
    """The recordings' templates, filled for our fixed clock."""
    found = re.search(r"offset='(\d+) seconds'", value)
    seconds = int(found[1]) if found else 0
    if not value.startswith("{{"):
        return value
    return epoch(seconds) if "unix" in value else later(seconds)


@pytest.mark.parametrize("odd", ["all", [], 7, ["contents"]])
def test_permissions_that_cannot_be_read_are_not_taken_for_none(odd: object):
    assert permissions({"organization": odd, "repository": {"contents": "read"}}) == {
        "organization": {"unreadable": "unreadable"},
        "repository": {"contents": "read"},
    }
