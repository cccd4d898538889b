"""GitHub's lists: compared with what was asked for, and one odd row does not hold up the others."""

import logging

import pytest

from bot.domain.accounts import Organization
from bot.github.api import GitHubApi
from bot.ports import Retryable
from tests.github.scripted import Reply, ScriptedGitHub

REQUESTS = "/orgs/acme/personal-access-token-requests"
GRANTS = "/orgs/acme/personal-access-tokens"


def row(number: int, **facts: object) -> dict[str, object]:
    usual = {
        "id": number,
        "owner": {"id": 9, "login": "alice", "type": "User"},
        "repository_selection": "all",
        "permissions": {},
        "created_at": "2026-03-02T09:15:27Z",
        "access_granted_at": "2026-03-02T09:15:27Z",
        "token_id": number + 1000,
    }
    return {**usual, **facts}


def test_a_server_that_ignores_the_filter_is_not_believed(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    for path in (REQUESTS, GRANTS):
        script.on("GET", path, Reply(200, [row(1), row(2), {"token_id": 7}, row(3)]))
    assert [one.id for one in api.pending_requests(acme, [1003, 1001])] == [1, 3]
    assert [one.token_id for one in api.grants(acme, [1002])] == [1002]
    assert api.grants(acme, [5]) == []
    assert api.pending_requests(acme, [5]) == []


def test_a_row_that_names_no_token_may_be_the_one_that_was_asked_for(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    for path in (REQUESTS, GRANTS):
        script.on("GET", path, Reply(200, [row(1), row(2, token_id=None)]))
    with pytest.raises(Retryable, match="token_id"):
        api.pending_requests(acme, [1001])
    with pytest.raises(Retryable, match="token_id"):
        api.grants(acme, [1001])


@pytest.mark.parametrize(
    "odd", [row(2, owner=None), row(2, created_at="soon"), {"id": 2}, 2, None, [row(2)]]
)
def test_an_odd_row_of_the_whole_list_is_left_out_and_named(
    script: ScriptedGitHub,
    api: GitHubApi,
    acme: Organization,
    odd: object,
    caplog: pytest.LogCaptureFixture,
):
    script.on("GET", REQUESTS, Reply(200, [row(1), odd, row(3)]))
    assert [one.id for one in api.pending_requests(acme)] == [1, 3]
    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    number = 2 if isinstance(odd, dict) else None
    assert f"token request {number} of organization 70001 is left out" in record.getMessage()


def test_an_odd_row_that_was_asked_for_has_to_wait(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    """Left out it would count as gone."""
    script.on("GET", REQUESTS, Reply(200, [row(1), row(2, owner=None)]))
    assert [one.id for one in api.pending_requests(acme, [1001])] == [1]
    with pytest.raises(Retryable, match=r"owner\.id"):
        api.pending_requests(acme, [1001, 1002])


def test_a_list_of_which_nothing_can_be_read_is_not_empty(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.on("GET", REQUESTS, Reply(200, [row(2, owner=None)]))
    with pytest.raises(Retryable, match=r"owner\.id"):
        api.pending_requests(acme)


@pytest.mark.parametrize(
    ("said", "is_known"),
    [
        ({"token_last_used_at": None}, True),
        ({"token_last_used_at": "2026-03-02T09:15:27Z"}, True),
        ({"token_last_used_at": "soon"}, False),
        ({"token_last_used_at": {}}, False),
        ({}, False),
    ],
)
def test_only_null_says_that_a_token_was_never_used(
    script: ScriptedGitHub,
    api: GitHubApi,
    acme: Organization,
    said: dict[str, object],
    is_known: bool,
):
    script.on("GET", GRANTS, Reply(200, [row(1, **said)]))
    (found,) = api.grants(acme, [1001])
    assert found.use_known is is_known


@pytest.mark.parametrize(
    ("facts", "private"),
    [
        ({"private": True, "visibility": "internal"}, True),
        ({"private": False, "visibility": "internal"}, True),
        ({"private": True, "visibility": "private"}, True),
        ({"private": False, "visibility": "public"}, False),
        ({"private": False}, False),
        ({"private": None}, None),
        ({}, None),
    ],
)
def test_an_internal_repository_counts_as_private_and_an_untold_one_as_neither(
    script: ScriptedGitHub,
    api: GitHubApi,
    acme: Organization,
    facts: dict[str, object],
    private: bool | None,
):
    listed = [{"id": 5, "full_name": "acme/api", **facts}]
    script.on("GET", f"{REQUESTS}/1/repositories", Reply(200, listed))
    assert [one.private for one in api.request_repositories(acme, 1)] == [private]


LINKS = {
    "https://github.com/organizations/acme/settings/installations/1": True,
    "https://ghe.example:8443/x": True,
    "http://127.0.0.1:8000/x": True,
    "http://localhost/x": True,
    "http://ghe.example/x": False,
    "http://127.0.0.1.evil.example/x": False,
    "http://localhost@evil.example/x": False,
    "javascript:alert(1)": False,
    "JavaScript://https://x": False,
    "data:text/html,x": False,
    "//evil.example": False,
    "https://[": False,
}


@pytest.mark.parametrize(("link", "safe"), LINKS.items())
def test_a_page_is_linked_only_where_that_is_safe(
    script: ScriptedGitHub, api: GitHubApi, link: str, safe: bool
):
    account = {"id": 70001, "login": "acme", "type": "Organization"}
    installed = {"id": 1, "account": account, "html_url": link}
    script.on("GET", "/app/installations", Reply(200, [installed]))
    assert [one.page for one in api.installed()] == [link if safe else ""]
