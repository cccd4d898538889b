"""The failing mode, the limits, and that nothing is left when it ends."""

from __future__ import annotations

import functools
import threading
import time
from datetime import timedelta

import httpx
import pytest

from bot.sandbox import Sandbox
from tests.sandbox.conftest import Stage

ISSUES = "/repos/acme/token-requests/issues"


def titles(stage: Stage) -> list[str]:
    return [issue.title for issue in stage.gh.issues(stage.repo)]


def test_errors_come_as_often_as_planned(stage: Stage) -> None:
    bot = stage.bot()
    failure = stage.gh.failures.add(method="POST", path=r"/issues$", status=503, times=2)
    answers = [bot.post(ISSUES, json={"title": str(n)}).status_code for n in range(3)]
    assert (answers, titles(stage), failure.hits) == ([503, 503, 201], ["2"], 2)
    assert bot.get(ISSUES).status_code == 200
    assert [call.failure for call in stage.gh.calls[-4:]] == ["status", "status", None, None]


def test_a_lost_answer_was_carried_out(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(method="POST", mode="lost")
    with pytest.raises(httpx.TransportError):
        bot.post(ISSUES, json={"title": "lost"})
    assert (titles(stage), stage.gh.calls[-1].status) == (["lost"], 201)
    assert bot.get(ISSUES).status_code == 200


def test_a_dropped_call_was_not(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(mode="drop")
    with pytest.raises(httpx.TransportError):
        bot.post(ISSUES, json={"title": "dropped"})
    assert (titles(stage), stage.gh.calls[-1].status) == ([], None)


def test_a_masked_call_was_carried_out(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(mode="masked")
    assert bot.post(ISSUES, json={"title": "masked"}).status_code == 502
    assert (titles(stage), stage.gh.calls[-1].status) == (["masked"], 201)


def test_the_worst_moment(stage: Stage) -> None:
    """What is to happen then, happens before, during and after the work."""
    bot, seen = stage.bot(), []
    for mode in ("drop", "lost", "told"):
        now = functools.partial(lambda mode: seen.append((mode, titles(stage))), mode)
        stage.gh.failures.add(mode=mode, skip=1, then=now)
        bot.get(ISSUES)
        if mode == "told":
            assert bot.post(ISSUES, json={"title": mode}).status_code == 201
        else:
            with pytest.raises(httpx.TransportError):
                bot.post(ISSUES, json={"title": mode})
        deadline = time.monotonic() + 5
        while len(seen) < len(stage.gh.failures.planned) and time.monotonic() < deadline:
            time.sleep(0.005)
    assert seen == [("drop", []), ("lost", ["lost"]), ("told", ["lost", "told"])]


def test_a_delayed_call_is_carried_out_in_the_end(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(mode="delay", delay=0.2)
    begun = time.monotonic()
    assert bot.post(ISSUES, json={"title": "late"}).status_code == 201
    assert time.monotonic() - begun >= 0.2


def test_secondary_limits(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(mode="rate_limit", retry_after=7)
    stage.gh.failures.add(mode="rate_limit", status=429)
    in_a_minute = stage.gh.now() + timedelta(minutes=1)
    stage.gh.failures.add(mode="rate_limit", retry_after=in_a_minute)
    seconds, bare, date = (bot.get(ISSUES) for _ in range(3))
    assert "secondary rate limit" in seconds.json()["message"]
    assert (seconds.status_code, seconds.headers["retry-after"]) == (403, "7")
    assert (bare.status_code, "retry-after" in bare.headers) == (429, False)
    assert date.headers["retry-after"].endswith("GMT")
    assert int(date.headers["x-ratelimit-remaining"]) > 0


def test_the_primary_limit_holds_until_its_reset(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.failures.add(mode="rate_limit", limit="primary", retry_after=60)
    for _ in range(2):
        answer = bot.get(ISSUES)
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (403, "0")
    reset = int(answer.headers["x-ratelimit-reset"]) - stage.gh.now().timestamp()
    assert 50 < reset < 65
    assert bot.get("/rate_limit").json()["resources"]["core"]["remaining"] == 0
    stage.gh.ahead = timedelta(seconds=65)
    assert bot.get(ISSUES).status_code == 200


def test_every_answer_counts_down(stage: Stage) -> None:
    bot = stage.bot()
    left = [int(bot.get(ISSUES).headers["x-ratelimit-remaining"]) for _ in range(2)]
    assert left[0] - left[1] == 1
    known = bot.get(ISSUES).headers
    unchanged = bot.get(ISSUES, headers={"if-none-match": known["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["x-ratelimit-remaining"] == known["x-ratelimit-remaining"]


def test_the_content_limit_is_exact(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.content_limit = (3, 5)

    def post() -> int:
        return bot.post(ISSUES, json={"title": "t"}).status_code

    assert [post() for _ in range(4)] == [201, 201, 201, 403]
    assert bot.patch(f"{ISSUES}/1", json={"title": "u"}).status_code == 200
    stage.gh.ahead = timedelta(seconds=61)
    refused = [post() for _ in range(3)]
    assert refused == [201, 201, 403]
    answer = bot.post(f"{ISSUES}/1/comments", json={"body": "b"})
    assert 3400 < int(answer.headers["retry-after"]) <= 3600
    stage.gh.ahead = timedelta(hours=1, seconds=62)
    bot = stage.bot()  # the first token's hour is over
    assert post() == 201


def test_failures_can_be_taken_back(stage: Stage) -> None:
    bot = stage.bot()
    failure = stage.gh.failures.add(times=None)
    assert bot.get(ISSUES).status_code == 502
    stage.gh.failures.remove(failure)
    assert bot.get(ISSUES).status_code == 200
    stage.gh.failures.add(times=None)
    stage.gh.failures.clear()
    assert bot.get(ISSUES).status_code == 200


def test_it_only_listens_on_loopback() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(host="0.0.0.0").start()


def test_nothing_is_left_when_it_stops() -> None:
    before = set(threading.enumerate())
    gh = Sandbox(webhook_url="http://127.0.0.1:9/")
    gh.start()
    url = gh.url
    with httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/meta").status_code == 200
        gh.failures.add(mode="delay", delay=60)
        slow = threading.Thread(target=lambda: _ignoring_errors(client))
        slow.start()
        gh.later(60, lambda: None)
        begun = time.monotonic()
        gh.stop()
        gh.stop()
        slow.join(30)
        assert time.monotonic() - begun < 30, "it waits for none of the 60 s"
    assert set(threading.enumerate()) == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/meta", trust_env=False)


def _ignoring_errors(client: httpx.Client) -> None:
    try:
        client.get("/meta")
    except httpx.TransportError:
        return


def test_many_at_once_lose_nothing(stage: Stage) -> None:
    token = stage.token()

    def open_ten(worker: int) -> None:
        with httpx.Client(
            base_url=stage.gh.url, headers={"authorization": f"Bearer {token}"}, trust_env=False
        ) as client:
            for n in range(10):
                client.post(ISSUES, json={"title": f"{worker}/{n}"})

    workers = [threading.Thread(target=open_ten, args=(n,)) for n in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert [issue.number for issue in stage.gh.issues(stage.repo)] == list(range(1, 81))
    assert len({issue.title for issue in stage.gh.issues(stage.repo)}) == 80
