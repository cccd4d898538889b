"""The running service from outside: it starts, works, ends, is killed, and starts again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.outside import GUNICORN, SERVE, WEBHOOKS, Outside, outside
from tests.journeys.rounds import COMMENTS, ISSUES, REVIEW, a_whole_round, bots
from tests.journeys.stage import Cast, until


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def hit(scene: Outside, **failure: Any) -> Any:
    """Plan a failure and return a question whether it happened."""
    planned = scene.gh.failures.add(**failure)
    return lambda: planned.hits


def once(scene: Outside, cast: Cast, asked: Any) -> None:
    """Whatever happened in between: one issue, one decision, one comment, and it is closed."""
    issue = scene.issue(cast.admin, state="closed")
    scene.idle()
    assert len(scene.gh.issues(cast.admin)) == 1
    assert [asked.state, "approved" in issue.labels] == ["approved", True]
    assert len(bots(issue)) == 1
    assert len(scene.gh.grants(cast.org)) == 1


# ------------------------------------------------------------------ start, work, end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_round_and_a_clean_end(scene: Outside, acme: Cast, number: int) -> None:
    a_whole_round(acme)
    assert scene.bot.get("/").status_code == 200

    scene.bot.send(number)

    assert scene.bot.exit_status() == 0, scene.bot.said
    assert scene.bot.leaves_nothing()
    assert "Traceback" not in scene.bot.said


def test_the_log_tells_at_info_what_was_done(tmp_path: Path) -> None:
    """With ids and the delivery's GUID, without names of tokens and reasons."""
    with outside(tmp_path, start=False) as scene:
        bot = scene.start_bot(*SERVE, LOG_LEVEL="info")
        acme = scene.organization("acme")
        asked, number = acme.asked(name="secret-name", reason="secret-reason")
        acme.refused(acme.mia, number, "/approve secret-words")
        said = acme.says(acme.olga, number, "/approve secret-words")
        acme.answered(said, "+1")
        acme.obeyed(acme.olga, number, "/revoke secret-words")
        scene.idle()
        place = f": organization {acme.org.id}, request {asked.id}"
        expected = [
            f"requested{place}, by {acme.mia.login} ({acme.mia.id})",
            f"issue opened{place}",
            f"command refused{place}, comment_id ",
            f"approved{place}",
            f"revoked{place}",
        ]
        for words in expected:
            (line,) = [one for one in bot.said.splitlines() if words in one]
            assert " info " in line
        guid = next(
            one.guid
            for one in scene.gh.deliveries
            if one.event == "issue_comment" and one.json["comment"]["id"] == said.id
        )
        (line,) = [one for one in bot.said.splitlines() if f"approved{place}" in one]
        assert f"[{guid}]" in line
        assert "secret-" not in bot.said
        assert "ignored" not in bot.said


@pytest.mark.parametrize("server", [SERVE, GUNICORN], ids=["serve", "gunicorn"])
def test_another_path_is_not_found_whoever_signs(tmp_path: Path, server: list[str]) -> None:
    with outside(tmp_path, start=False) as scene:
        bot = scene.start_bot(*server)
        acme = scene.organization("acme")
        acme.asked()
        one = scene.gh.deliveries[-1]
        headers = {name.lower(): text for name, text in one.headers.items()}

        def answer(path: str) -> int:
            sent = scene.sender.post(bot.url + path, content=one.payload, headers=headers)
            return sent.status_code

        paths = [WEBHOOKS, f"{WEBHOOKS}/", f"/{WEBHOOKS}", f"{WEBHOOKS}//", "/api//github/webhooks"]
        assert [answer(path) for path in paths] == [202, 202, 404, 404, 404]


def test_gunicorn_does_the_same(tmp_path: Path) -> None:
    with outside(tmp_path, start=False, WEB_CONCURRENCY="2") as scene:
        bot = scene.start_bot(*GUNICORN)
        a_whole_round(scene.organization("acme"))
        bot.send(signal.SIGTERM)
        assert bot.exit_status() == 0, bot.said
        assert bot.leaves_nothing()
        assert "Traceback" not in bot.said


def test_a_stop_lets_the_running_step_end(scene: Outside, acme: Cast) -> None:
    happened = hit(scene, method="POST", path=ISSUES, mode="delay", delay=1)
    acme.asks()
    until(happened, "the call that creates the issue")

    scene.bot.send(signal.SIGTERM)

    assert scene.bot.exit_status() == 0
    (issue,) = scene.gh.issues(acme.admin)
    scene.start_bot()
    acme.answered(acme.says(acme.olga, issue.number, "/approve"), "+1")
    assert len(scene.created("issues")) == 1


def test_what_came_while_it_was_down_is_caught_up(scene: Outside, acme: Cast) -> None:
    _, number = acme.asked(name="before")
    scene.bot.send(signal.SIGTERM)
    assert scene.bot.exit_status() == 0
    asked = acme.asks(name="meanwhile")
    said = acme.says(acme.olga, number, "/deny not now")

    again = scene.bot.url.rpartition(":")[2]  # where GitHub sends what the bot asks for at once
    scene.start_bot(PORT=again)

    issue = scene.issue(acme.admin, title_has="meanwhile")
    assert issue.body.startswith(f"<!-- token-request {acme.org.id}/{asked.id} -->\n")
    acme.answered(said, "+1")  # GitHub sent the comment again because the bot asked for it


# ------------------------------------------------------------------ kill -9


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("POST", ISSUES, "delay"),
        ("POST", ISSUES, "lost"),
        ("POST", REVIEW, "delay"),
        ("POST", COMMENTS, "delay"),
        ("PATCH", r"/issues/\d+$", "lost"),
    ],
    ids=["create", "created", "review", "comment", "closed"],
)
def test_killed_in_a_call_and_started_again(
    scene: Outside, acme: Cast, method: str, path: str, mode: str
) -> None:
    """A call that is under way when the process dies is carried out by GitHub later, when the new
    process is at work, or was already.
    """
    happened = hit(scene, method=method, path=path, mode=mode, delay=4)
    asked = acme.asks()
    if path != ISSUES:
        acme.says(acme.olga, scene.issue(acme.admin, label="pending").number, "/approve")
    until(happened, "the call")

    scene.bot.kill()
    scene.start_bot()

    if path == ISSUES:
        acme.says(acme.olga, scene.issue(acme.admin, label="pending").number, "/approve")
    until(lambda: [one for one in scene.gh.calls if one.failure], "the end of the call")
    once(scene, acme, asked)


# ------------------------------------------------------------------ two at once


def test_two_start_at_once_on_an_empty_database(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        both = [scene.run(*SERVE), scene.run(*SERVE)]
        for one in both:
            until(one.ready, "a ready service")
        scene.delivers_to(both[0])
        acme = scene.organization("acme")
        for turn in range(6):  # GitHub's load balancer in front of both
            scene.idle()
            scene.delivers_to(both[turn % 2])
            acme.asks(name=f"token-{turn}")
        until(lambda: len(scene.gh.issues(acme.admin)) >= 6, "six issues")
        scene.idle()
        names = sorted(issue.title for issue in scene.gh.issues(acme.admin))
        assert names == [f"Token request: token-{n} by {acme.mia.login}" for n in range(6)]
        assert "Traceback" not in both[0].said + both[1].said


def test_the_second_takes_over_when_the_first_is_killed(scene: Outside, acme: Cast) -> None:
    acme.asked()
    first, second = scene.bot, scene.start_bot()
    acme.asked(name="taken by the second, worked on by the first")
    happened = hit(scene, method="POST", path=ISSUES, mode="lost")
    asked = acme.asks(name="under way")
    until(happened, "the call that creates the issue")

    os.kill(first.pid, signal.SIGKILL)

    marker = f"<!-- token-request {acme.org.id}/{asked.id} -->\n"
    a_whole_round(acme)
    scene.idle()
    ours = [one for one in scene.gh.issues(acme.admin) if one.body.startswith(marker)]
    assert len(ours) == 1
    assert second.ready()
