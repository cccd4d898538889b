"""Where the App is installed: those who wait ask together, an event is never judged by the past."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.github.api import GitHubApi
from bot.ports import Retryable
from tests.github.scripted import FixedClock, FreeBudgets, Reply, ScriptedGitHub, ShortLease

PATH = "/app/installations"
START = FixedClock.at


def listed(*, suspended: bool) -> Reply:
    account = {"id": 70001, "login": "acme", "type": "Organization"}
    at = "2026-03-02T08:00:00Z" if suspended else None
    return Reply(200, [{"id": 1, "account": account, "suspended_at": at, "permissions": {}}])


def suspended(api: GitHubApi, since: float | None = None) -> bool:
    """What a job sees that was received so many seconds after the start of the story."""
    view = api.leased(ShortLease(15))
    (one,) = view.installations(None if since is None else START + timedelta(seconds=since))
    return one.suspended


def test_thirty_timers_of_a_suspended_installation_ask_six_times_a_minute(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets
):
    script.on("GET", PATH, listed(suspended=True))
    for second in range(60):
        budgets.time = START + timedelta(seconds=second)
        assert all(suspended(api, since=-3600) for _ in range(30))
    assert len(script.to(PATH)) == 6


def test_those_who_come_at_once_share_one_answer(script: ScriptedGitHub, api: GitHubApi):
    slow = threading.Event()
    answer = listed(suspended=True)
    script.on("GET", PATH, Reply(200, answer.body, hold=slow))
    threading.Timer(0.3, slow.set).start()
    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(lambda _: suspended(api, since=-9), range(4))) == [True] * 4
    assert len(script.to(PATH)) == 1


def test_what_came_later_is_judged_by_a_later_list(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets
):
    script.on("GET", PATH, listed(suspended=True), listed(suspended=False))
    budgets.time = START + timedelta(seconds=5)
    assert suspended(api, since=0)
    assert suspended(api, since=4)
    assert not suspended(api, since=5), "the delivery of `unsuspend` came in just then"
    assert not suspended(api, since=0), "and all know it from then on"
    assert len(script.to(PATH)) == 2


def test_a_slow_answer_does_not_replace_what_was_asked_for_later(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets
):
    slow, before = threading.Event(), listed(suspended=False)
    script.on("GET", PATH, Reply(200, before.body, hold=slow), listed(suspended=True))
    with ThreadPoolExecutor(1) as worker:
        first = worker.submit(suspended, api)
        while not script.to(PATH):
            time.sleep(0.01)
        budgets.time = START + timedelta(seconds=1)
        assert suspended(api), "suspended meanwhile"
        slow.set()
        assert not first.result()
    assert suspended(api, since=-1)
    assert len(script.to(PATH)) == 2


def test_who_wants_it_fresh_gets_it_fresh(script: ScriptedGitHub, api: GitHubApi):
    script.on("GET", PATH, listed(suspended=True), listed(suspended=False))
    assert suspended(api)
    assert not suspended(api)


def test_a_failed_look_is_not_remembered_nor_a_time_that_is_yet_to_come(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets
):
    script.on("GET", PATH, Reply(502), listed(suspended=True), listed(suspended=False))
    with pytest.raises(Retryable):
        suspended(api, since=-1)
    assert suspended(api, since=-1)
    budgets.time = START - timedelta(seconds=30)
    assert not suspended(api, since=-40), "the clock was set back"
