"""A pause that GitHub asked for is kept by all who would call, whoever was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.domain.accounts import AdminRepository, Organization
from bot.github.api import GitHubApi
from bot.ports import RateLimited
from bot.storage import Store
from tests.github.scripted import FixedClock, FreeBudgets, Reply, ScriptedGitHub

MEMBER = "/orgs/acme/memberships/alice"
INSTALLATIONS = "/app/installations"
OWNER = {"user": {"id": 9, "login": "alice"}, "role": "admin", "state": "active"}
LIMITED = Reply(429, {"message": "rate limit"}, {"Retry-After": "8"})


def test_nothing_is_sent_for_a_caller_that_must_wait(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, acme: Organization
):
    script.on("GET", MEMBER, Reply(200, OWNER))
    script.on("GET", INSTALLATIONS, Reply(200, []))
    api.membership(acme, "alice")
    budgets.pauses = {1: 7.5}
    with pytest.raises(RateLimited) as caught:
        api.membership(acme, "alice")
    assert caught.value.after == 7.5
    assert api.installations() == [], "the App has limits of its own"
    budgets.pauses = {0: 7.5}
    assert api.membership(acme, "alice"), "so has the installation"
    with pytest.raises(RateLimited):
        api.installations()
    assert len(script.to(MEMBER)) == 2
    assert len(script.to(INSTALLATIONS)) == 1


def test_while_the_app_must_wait_no_new_token_is_asked_for(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, acme: Organization
):
    budgets.pauses = {0: 7.5}
    with pytest.raises(RateLimited):
        api.membership(acme, "alice")
    assert script.asked == []
    assert budgets.blocked == [(1, 7.5)], "its lanes wait meanwhile"


def test_what_is_asked_as_nobody_blocks_nobody(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, repo: AdminRepository
):
    script.token(1, Reply(403, {"message": "suspended"}))
    script.on("GET", "/app", Reply(200, {"slug": "countersign"}))
    script.on("GET", "/users/countersign%5Bbot%5D", LIMITED)
    with pytest.raises(RateLimited):
        api.own_issues(repo, "pending", datetime.fromtimestamp(0, FixedClock.at.tzinfo))
    assert budgets.blocked == []
    assert "authorization" not in script.asked[-1].headers


class Behind:
    """A machine whose clock is behind by a minute."""

    def now(self) -> datetime:
        return datetime.now(FixedClock.at.tzinfo) - timedelta(minutes=1)


@pytest.fixture
def replicas(
    script: ScriptedGitHub, database_url: str, private_key: str
) -> Iterator[list[GitHubApi]]:
    """Two processes on one store, which goes by its own clock; the first one's is behind."""
    stores = [Store.open(database_url, app_id=7) for _ in range(2)]
    clocks = (Behind(), FixedClock())
    apis = [
        GitHubApi(7, private_key, script.url, store.budgets, clock)
        for store, clock in zip(stores, clocks, strict=True)
    ]
    yield apis
    for one in (*apis, *stores):
        one.close()


def test_all_replicas_keep_it_whatever_the_time_is_there(
    script: ScriptedGitHub, replicas: list[GitHubApi], acme: Organization
):
    script.on("GET", MEMBER, Reply(200, OWNER), Reply(200, OWNER), LIMITED)
    for api in replicas:
        api.membership(acme, "alice")
    for api in (*replicas, *replicas):
        with pytest.raises(RateLimited) as caught:
            api.membership(acme, "alice")
        assert 6 < caught.value.after <= 8
    assert len(script.to(MEMBER)) == 3
