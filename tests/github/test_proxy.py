"""Through the environment's proxy, or not, and then by the same clock."""

import pytest

from bot.domain.accounts import Organization
from bot.github.api import GitHubApi
from tests.github.scripted import FixedClock, FreeBudgets, Reply, ScriptedGitHub

OWNER = {"user": {"id": 9, "login": "alice"}, "role": "admin", "state": "active"}
PLACE = "http://github.test"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://user:word@", ""])
def test_a_proxy_is_asked(
    script: ScriptedGitHub,
    private_key: str,
    acme: Organization,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scheme: str,
):
    monkeypatch.setenv(name, scheme + script.url.removeprefix("http://"))
    script.on("GET", "/orgs/acme/memberships/alice", Reply(200, OWNER))
    api = GitHubApi(7, private_key, PLACE, FreeBudgets(), FixedClock())
    assert api.membership(acme, "alice")
    api.close()
    assert {one.headers["host"] for one in script.asked} == {"github.test"}
    assert all(("proxy-authorization" in one.headers) == bool(scheme) for one in script.asked)


def test_no_proxy_is_asked_for_a_host_that_is_excepted(
    script: ScriptedGitHub,
    private_key: str,
    acme: Organization,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
    script.on("GET", "/orgs/acme/memberships/alice", Reply(200, OWNER))
    api = GitHubApi(7, private_key, script.url, FreeBudgets(), FixedClock())
    assert api.membership(acme, "alice")
    api.close()
