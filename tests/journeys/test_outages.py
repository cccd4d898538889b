"""GitHub or the store is away, or asks for patience: nothing is lost, and nobody is pressed."""

import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.outside import Outside, outside
from tests.journeys.stage import Cast, Stage, stage, until

ISSUES = "/token-requests/issues$"


def calls_of(scene: Stage, cast: Cast, since: Any) -> list[Any]:
    """The installation's calls after this one."""
    every = list(scene.gh.calls)
    later = every[every.index(since) + 1 :]
    return [one for one in later if one.caller == f"installation {cast.installation.id}"]


def content(scene: Stage) -> list[Any]:
    """The calls that created issues and comments, or would have."""
    endings = ("/issues", "/comments")
    return [
        one for one in list(scene.gh.calls) if one.method == "POST" and one.path.endswith(endings)
    ]


# ------------------------------------------------------------------ GitHub


@pytest.mark.parametrize(
    "failure",
    [{"status": 502}, {"status": 500}, {"mode": "drop"}, {"mode": "lost"}],
    ids=["502", "500", "no answer", "lost answers"],
)
def test_github_is_away_and_comes_back(scene: Stage, acme: Cast, failure: dict[str, Any]) -> None:
    decided, number = acme.asked(name="decided meanwhile")
    scene.idle()
    outage = scene.gh.failures.add(times=None, **failure)
    said = acme.says(acme.olga, number, "/approve")
    acme.asks(name="asked meanwhile")
    until(lambda: outage.hits >= 4, "a few tries")

    scene.gh.failures.clear()

    until(lambda: decided.state == "approved", "the decision", 30)
    scene.issue(acme.admin, title_has="asked meanwhile")
    acme.answered(said, "+1")
    assert len(scene.gh.issues(acme.admin)) == 2
    (issue,) = [one for one in scene.gh.issues(acme.admin) if one.number == number]
    assert len([one for one in issue.comments if one.via_app]) == 1


def test_github_is_away_when_the_bot_starts(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        outage = scene.gh.failures.add(status=503, times=None)
        bot = scene.start_bot()  # which waits until it is ready
        acme = Cast(scene, "acme")
        acme.asks()
        until(lambda: outage.hits >= 4, "a few tries")
        assert bot.get("/readyz").status_code == 200
        scene.gh.failures.clear()
        scene.issue(acme.admin, label="pending")


def test_a_pause_that_github_asks_for_is_kept(scene: Stage) -> None:
    """All forms at once, each in an organization of its own."""
    pause = 3
    forms: dict[str, dict[str, Any]] = {
        "seconds": {"status": 403, "retry_after": pause},
        "tokens": {"status": 429, "retry_after": pause},
        "date": {"status": 403, "retry_after": datetime.now(UTC)},
        "primary": {"status": 403, "limit": "primary", "retry_after": pause},
    }
    casts = {name: scene.organization(name) for name in forms}
    scene.idle()
    for name, form in forms.items():
        if isinstance(form["retry_after"], datetime):
            form["retry_after"] = datetime.now(UTC) + timedelta(seconds=pause + 1)
        scene.gh.failures.add(
            method="POST", path=f"/{name}{ISSUES}", mode="rate_limit", times=1, **form
        )
    for cast in casts.values():
        cast.asks()
    with scene.by_the_wall():  # as GitHub counts
        for cast in casts.values():
            until(
                lambda cast=cast: any("pending" in i.labels for i in scene.gh.issues(cast.admin)),
                "its issue",
            )
    for name, cast in casts.items():
        (refused,) = [one for one in content(scene) if f"/{name}/" in one.path and one.failure]
        later = calls_of(scene, cast, refused)
        until_ = forms[name]["retry_after"]
        if not isinstance(until_, datetime):
            until_ = refused.at + timedelta(seconds=pause)
        early = [one for one in later if one.at < until_.replace(microsecond=0)]
        assert not early, f"{name}: until {until_}, refused {refused.at}, then {early[0].at}"


@pytest.mark.parametrize(
    "failure", [{"mode": "rate_limit", "retry_after": 2}, {"status": 503}], ids=["limit", "503"]
)
def test_what_paused_while_the_clock_was_ahead_goes_on(
    scene: Stage, acme: Cast, failure: dict[str, Any]
) -> None:
    """A resumed machine, until NTP puts it right: nobody waits for the days to come."""
    acme.asked(name="early")
    scene.idle()
    scene.clock.ahead += timedelta(days=2)
    hit = scene.gh.failures.add(method="POST", path=ISSUES, times=1, **failure)
    acme.asks(name="late")
    until(lambda: hit.hits, "a failure")
    inbox = scene.bot.service.store.inbox
    until(lambda: inbox.find(scene.gh.deliveries[-1].guid).last_error, "a pause")
    scene.clock.ahead = timedelta()
    scene.bot.service.schedule.tick()
    scene.issue(acme.admin, title_has="late")


def test_nothing_expires_while_githubs_list_cannot_be_had(scene: Stage, acme: Cast) -> None:
    """Nor does what follows wait for that list."""
    asked, number = acme.asked()
    scene.idle()
    scene.gh.expire(asked)
    away = scene.gh.failures.add(
        method="GET", path="/personal-access-token-requests$", status=503, times=None
    )
    scene.clock.ahead += timedelta(days=31)
    scene.bot.service.store.inbox.wake()
    until(lambda: away.hits >= 2, "two looks")
    held = acme.says(acme.olga, number, "/hold")
    until(lambda: held.reactions, "the thumb")
    issue = scene.gh.issue(acme.admin, number)
    assert (issue.state, "held" in issue.labels) == ("open", True)
    scene.gh.failures.clear()
    until(lambda: "expired" in issue.labels, "its end", 30)


def test_a_limit_without_a_time_is_a_minute_and_others_go_on(scene: Stage, acme: Cast) -> None:
    scene.idle()  # so that its token is the first that the bot holds
    globex = scene.organization("globex")
    scene.idle()
    limit = scene.gh.failures.add(method="POST", path=f"/acme{ISSUES}", mode="rate_limit")
    acme.asks()
    until(lambda: limit.hits, "the refusal")
    # another installation has limits of its own, also when it tries again and asks who the bot is
    scene.gh.failures.add(method="POST", path=f"/globex{ISSUES}", status=502)
    globex.asked()
    assert any(one.template == "/users/{username}" for one in list(scene.gh.calls))
    (refused,) = [one for one in content(scene) if one.status == 403]
    assert calls_of(scene, acme, refused) == []

    scene.clock.ahead += timedelta(seconds=61)

    scene.issue(acme.admin, label="pending")


# ------------------------------------------------------------------ our own pacing


def test_a_burst_is_paced_and_decisions_go_first(tmp_path: Path) -> None:
    most, seconds = 3, 1
    with stage(tmp_path, CONTENT_LIMIT=f"{most}/{seconds},1000/3600") as scene:
        acme = scene.organization("acme")
        _, number = acme.asked(name="first")
        for turn in range(15):
            acme.asks(name=f"token-{turn}")
        acme.says(acme.olga, number, "/approve")
        with scene.by_the_wall():
            until(lambda: len(scene.gh.issues(acme.admin)) == 16, "all issues", 30)
        made = content(scene)
        assert all(one.status == 201 for one in made)
        times = [one.at for one in made]
        for first, beyond in zip(times, times[most:], strict=False):
            # the way to GitHub takes its time, once more and once less
            assert (beyond - first).total_seconds() > seconds * 0.8
        decided = next(at for at, one in enumerate(made) if one.path.endswith("/comments"))
        assert decided < len(made) - 4, "the decision waited for the burst"


def test_what_the_limit_allows_is_used_and_no_more(tmp_path: Path) -> None:
    """GitHub's own count is the judge: eight a minute, two of them kept for decisions."""
    with stage(tmp_path, CONTENT_LIMIT="8/60,100/3600") as scene:
        scene.gh.content_limit = (8, 100)
        acme = scene.organization("acme")
        for turn in range(9):
            acme.asks(name=f"token-{turn}")
        until(lambda: len(scene.gh.issues(acme.admin)) == 6, "80 % of the limit")
        for number in (1, 2):
            said = acme.says(acme.olga, number, "/approve")
            until(lambda said=said: said.reactions, "the decision")
        scene.issue(acme.admin, number=2, state="closed")
        made = content(scene)
        assert [one.status for one in made] == [201] * 8
        assert sum(one.path.endswith("/comments") for one in made) == 2


# ------------------------------------------------------------------ the store


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        yield one


def answers(scene: Outside) -> list[int]:
    return [one.status_code for one in scene.gh.deliveries]


def delivered(scene: Outside, cast: Cast, name: str) -> int:
    """A request whose delivery is answered within GitHub's ten seconds; the answer."""
    before = len(scene.gh.deliveries)
    began = time.monotonic()
    cast.asks(name=name)
    until(lambda: len(scene.gh.deliveries) > before, "an answer")
    assert time.monotonic() - began < 8
    return answers(scene)[-1]


def works_again(scene: Outside, cast: Cast) -> None:
    """A later request has its issue, and the process is the same, sound one."""
    until(scene.bot.ready, "a ready service")
    assert delivered(scene, cast, "later") == 202
    scene.issue(cast.admin, title_has="later")
    assert "Traceback" not in scene.bot.said
    scene.bot.send(signal.SIGTERM)
    assert scene.bot.exit_status() == 0


def test_another_program_locks_the_database(service: Outside) -> None:
    acme = service.organization("acme")
    service.idle()
    other = sqlite3.connect(service.folder / "bot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert delivered(service, acme, "locked out") == 503
    assert service.bot.get("/healthz").status_code == 200

    other.execute("ROLLBACK")
    other.close()
    works_again(service, acme)


def test_the_disk_is_full(service: Outside) -> None:
    acme = service.organization("acme")
    service.idle()
    resource.prlimit(service.bot.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))

    assert delivered(service, acme, "no room") == 503
    assert service.bot.get("/healthz").status_code == 200

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(service.bot.pid, resource.RLIMIT_FSIZE, unlimited)
    works_again(service, acme)


def test_the_database_is_removed(service: Outside) -> None:
    """What nobody could find again is not taken; a new start is a new beginning."""
    acme = service.organization("acme")
    service.idle()
    for file in service.folder.glob("bot.db*"):
        file.unlink()

    assert delivered(service, acme, "nowhere to go") == 503
    assert service.bot.get("/healthz").status_code == 200
    assert service.bot.get("/readyz").status_code == 503
    assert "Traceback" not in service.bot.said

    service.bot.send(signal.SIGTERM)
    assert service.bot.exit_status() == 0
    service.start_bot()
    service.issue(acme.admin, title_has="nowhere to go")
