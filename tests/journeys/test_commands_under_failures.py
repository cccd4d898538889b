"""GitHub fails during each step of a decision: at the end everything is there exactly once."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.digests import MIDNIGHT, with_digest
from tests.journeys.policies import puts_in_force
from tests.journeys.stage import Cast, Stage, stage, until

STEPS = {
    "comment read again": ("GET", r"/issues/comments/\d+$"),
    "still as shown": ("GET", r"/personal-access-token-requests$"),
    "its repositories": ("GET", r"/personal-access-token-requests/\d+/repositories$"),
    "membership": ("GET", r"/memberships/"),
    "review": ("POST", r"/personal-access-token-requests/\d+$"),
    "closing comment": ("POST", r"/issues/\d+/comments$"),
    "label on": ("POST", r"/issues/\d+/labels$"),
    "label off": ("DELETE", r"/issues/\d+/labels/"),
    "close": ("PATCH", r"/issues/\d+$"),
    "reaction": ("POST", r"/reactions$"),
}


def carried_out(cast: Cast, method: str, template: str) -> list[Any]:
    """Calls about this organization that GitHub carried out, answered or not."""
    every = [one for one in cast.stage.gh.calls if one.method == method and one.template]
    mine = [one for one in every if f"/{cast.org.login}/" in one.path]
    done = [one for one in mine if one.template.endswith(template)]
    return [one for one in done if one.status is not None and one.status < 300]


ANSWERS_404 = {"review", "reaction"}
"""Steps whose 404 is an answer and not a failure."""


@pytest.mark.parametrize(
    ("verdict", "mode", "status"),
    [
        *(("approve", "status", 502), ("approve", "lost", 502), ("approve", "status", 404)),
        *(("deny", "status", 502), ("deny", "lost", 502)),
    ],
)
def test_once_through_every_failure(town: Stage, verdict: str, mode: Any, status: int) -> None:
    steps = [one for one in STEPS if status != 404 or one not in ANSWERS_404]
    casts = {
        step: town.organization(f"{verdict}-{mode}{status}-{n}") for n, step in enumerate(steps)
    }
    asked = {step: cast.asks() for step, cast in casts.items()}
    numbers = {step: town.issue(cast.admin, label="pending").number for step, cast in casts.items()}
    town.idle()
    for step in steps:
        method, ending = STEPS[step]
        path = f"/{casts[step].org.login}(/.*)?{ending}"
        town.gh.failures.add(method=method, path=path, mode=mode, status=status)

    said = {
        step: cast.says(cast.olga, numbers[step], f"/{verdict} well thought over")
        for step, cast in casts.items()
    }

    for step, cast in casts.items():
        cast.answered(said[step], "+1")
        request, issue = asked[step], town.gh.issue(cast.admin, numbers[step])
        assert (issue.state, request.review_reason) == ("closed", "well thought over"), step
        assert sorted(issue.labels) == sorted(["token-request", request.state, "danger: high"]), (
            step
        )
        words = [one.body for one in issue.comments if one.user.type == "Bot"]
        assert len(words) == 1, (step, words)
        assert f"{cast.olga.login}](" in words[0], (step, words)
        assert "well thought over" in words[0], (step, words)
        assert len(carried_out(cast, "POST", "/{pat_request_id}")) == 1, step
    assert [one.hits for one in town.gh.failures.planned] == [1] * len(steps)
    town.gh.failures.clear()


def test_a_passing_404_leaves_no_label_and_no_digest_behind(daily: Stage) -> None:
    acme = daily.organization()
    digest, asked = with_digest(daily, acme, denied={})
    _, held = acme.asked(name="held")
    missing = [
        daily.gh.failures.passing_404(f"/issues/{held}/labels$", method="POST"),
        daily.gh.failures.passing_404(f"/issues/{digest.number}$", method="PATCH"),
    ]
    said = [
        acme.says(acme.olga, held, "/hold"),
        acme.says(acme.olga, asked["denied"][1], "/deny no"),
    ]
    for one in said:
        acme.answered(one, "+1")
    assert "held" in daily.gh.issue(acme.admin, held).labels
    assert digest.state == "closed"
    assert [one.hits for one in missing] == [1, 1]


def test_one_issue_through_failures(town: Stage) -> None:
    casts = {mode: town.organization(f"open-{mode}") for mode in ("status", "lost", "drop")}
    for mode, cast in casts.items():
        path = f"/repos/{cast.org.login}/token-requests/issues$"
        town.gh.failures.add(method="POST", path=path, mode=mode, status=502)
        cast.asks()
    town.idle()
    for mode, cast in casts.items():
        titles = [one.title for one in town.gh.issues(cast.admin) if "token-request" in one.labels]
        assert len(titles) == 1, mode


WHATEVER = """\
version: 1
mode: enforce
rules:
  - {name: whatever they ask for, when: {}, approve: {}}
"""


@pytest.fixture
def unrecorded(scene: Stage, acme: Cast) -> tuple[Any, int]:
    """A request and the number of its issue, of which GitHub's lists tell nothing for a while."""
    acme.asked(name="warm-up")
    scene.idle()
    issues = "/token-requests/issues$"
    scene.gh.failures.add(method="POST", path=issues, mode="masked", status=502)
    down = scene.gh.failures.add(method="GET", path=issues, status=503, times=None)
    request = acme.asks()
    issue = scene.issue(acme.admin, title_has="ci-release")
    until(lambda: down.hits, "a look that failed")
    return request, issue.number


def minutes_pass(scene: Stage, minutes: int) -> None:
    """The bot does all that it does in this time, its pauses being 20 s at most."""
    for _ in range(3 * minutes):
        scene.clock.ahead += timedelta(seconds=20)
        scene.bot.service.store.inbox.wake()
        time.sleep(0.1)


def test_a_command_waits_for_the_number_of_its_issue(
    scene: Stage, acme: Cast, unrecorded: tuple[Any, int]
) -> None:
    _, number = unrecorded
    said = acme.says(acme.olga, number, "/hold")
    minutes_pass(scene, 5)
    assert said.reactions == []
    scene.gh.failures.clear()
    minutes_pass(scene, 1)
    acme.answered(said, "+1")
    assert "held" in scene.gh.issue(acme.admin, number).labels


@pytest.mark.parametrize(("words", "state"), [("/hold", "pending"), ("/deny no", "denied")])
def test_nobody_overtakes_a_stop_that_waits_for_the_number(
    scene: Stage, acme: Cast, unrecorded: tuple[Any, int], words: str, state: str
) -> None:
    """The number comes just before the `/approve`, which is in the request's own lane then."""
    request, number = unrecorded
    with scene.by_the_wall():
        first = acme.says(acme.olga, number, words)
        until(lambda: "not recorded yet" in str(troubles(scene)), "its turn in vain")
        scene.gh.failures.clear()
        until(lambda: row_of(acme, request).issue, "the number")
        second = acme.says(acme.otto, number, "/approve")
        until(lambda: first.reactions and second.reactions, "both answers", 60)
    acme.answered(first, "+1")
    acme.answered(second, "confused")
    assert request.state == state


def test_no_rule_overtakes_a_hold_that_waits_for_the_number(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, WHATEVER)
    scene.idle()
    issues = "/token-requests/issues$"
    scene.gh.failures.add(method="POST", path=issues, mode="masked", status=502)
    down = scene.gh.failures.add(method="GET", path=issues, status=503, times=None)
    request = acme.asks()
    number = scene.issue(acme.admin, title_has="ci-release").number
    until(lambda: down.hits, "a look that failed")
    with scene.by_the_wall():
        said = acme.says(acme.olga, number, "/hold")
        until(lambda: "not recorded yet" in str(troubles(scene)), "its turn in vain")
        scene.gh.failures.clear()
        until(lambda: said.reactions, "its answer", 60)
    acme.answered(said, "+1")
    assert (request.state, row_of(acme, request).state) == ("pending", State.HELD)


def troubles(scene: Stage, *events: str) -> list[str | None]:
    """What went wrong with all that waits, the newest first; of these events only, if told."""
    waiting = scene.bot.service.store.inbox.deliveries("waiting")
    return [one.last_error for one in waiting if not events or one.event in events]


def row_of(acme: Cast, request: Any) -> Any:
    return acme.stage.bot.service.store.record.request(acme.org.id, request.id)


def test_of_two_who_wait_for_the_number_the_first_is_obeyed(
    scene: Stage, acme: Cast, unrecorded: tuple[Any, int]
) -> None:
    request, number = unrecorded
    first = acme.says(acme.olga, number, "/deny no")
    second = acme.says(acme.otto, number, "/approve")
    turns = [None, "its issue is not recorded yet"]  # the newest first: it has not had its turn
    until(lambda: troubles(scene, "issue_comment") == turns, "the first one's turn")
    scene.gh.failures.clear()
    minutes_pass(scene, 1)
    acme.answered(first, "+1")
    assert acme.olga.login in acme.answered(second, "confused")
    assert request.state == "denied"


def test_who_only_talks_waits_for_no_number(
    scene: Stage, acme: Cast, unrecorded: tuple[Any, int]
) -> None:
    """Nor do comments on other issues, whatever mark they bear: a command there is answered."""
    _, number = unrecorded
    scene.gh.clear_calls()
    body = scene.gh.issue(acme.admin, number).body
    false = scene.gh.open_issue(acme.mia, acme.admin, "a copy", body)
    acme.says(acme.mia, number, "thanks!")
    acme.says(acme.mia, false.number, "/approve")
    scene.gh.settle()
    done = scene.bot.service.store.inbox.deliveries
    until(lambda: [one.event for one in done("done")].count("issue_comment"), "the talk")
    commented = [one.path for one in scene.gh.calls if one.path.endswith("/comments")]
    assert all(f"/issues/{false.number}/" in path for path in commented)
    scene.gh.failures.clear()


def test_after_a_long_failure_each_command_is_judged_once(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.idle()
    failure = town.gh.failures.add(path=f"/{cast.org.login}/", status=503, times=None)
    said = cast.says(cast.olga, number, "/approve for 3d")
    late = cast.says(cast.otto, number, "/deny no")
    until(lambda: failure.hits >= 3, "three failures")
    assert (request.state, said.reactions) == ("pending", [])
    town.gh.failures.clear()
    until(lambda: said.reactions and late.reactions, "both answers", 30)
    town.idle()
    assert {one.content for one in [*said.reactions, *late.reactions]} == {"+1", "confused"}
    assert request.state in {"approved", "denied"}
    assert len(carried_out(cast, "POST", "/{pat_request_id}")) == 1


def test_what_github_did_counts_though_its_answer_was_lost_and_the_comment_edited(
    town: Stage, cast: Cast
) -> None:
    request, number = cast.asked()
    town.idle()
    review = rf"/{cast.org.login}/personal-access-token-requests/\d+$"
    lost = town.gh.failures.add(method="POST", path=review, mode="lost")
    with cast.says_alone(cast.olga, number, "/approve for 3d") as said:
        until(lambda: lost.hits, "the lost answer")
        town.gh.edit_comment(cast.olga, said, "/approve for ever")
    cast.answered(said, "+1")

    row = town.bot.service.store.record.request(cast.org.id, request.id)
    assert (row.state, row.revoke_at is not None) == ("approved", True)
    (words,) = [
        one.body for one in town.gh.issue(cast.admin, number).comments if one.user.type == "Bot"
    ]
    assert "will be revoked" in words


def test_a_hold_whose_answer_failed_does_not_come_back_after_unhold(
    town: Stage, cast: Cast
) -> None:
    _, number = cast.asked()
    town.idle()
    comments = rf"/{cast.org.login}/.*/issues/{number}/comments$"
    failure = town.gh.failures.add(method="POST", path=comments, status=502)
    held = cast.says(cast.olga, number, "/hold")
    until(lambda: failure.hits, "the failed answer")
    free = cast.says(cast.otto, number, "/unhold")
    cast.answered(free, "+1")
    cast.answered(held, "+1")
    assert sorted(town.gh.issue(cast.admin, number).labels) == [
        "danger: high",
        "pending",
        "token-request",
    ]


def test_a_refused_command_is_not_carried_out_when_its_answer_failed(
    town: Stage, cast: Cast
) -> None:
    request, number = cast.asked()
    cast.obeyed(cast.otto, number, "/hold")
    reactions = rf"/{cast.org.login}/.*/reactions$"
    failure = town.gh.failures.add(method="POST", path=reactions, status=502)
    refused = cast.says(cast.olga, number, "/approve")
    until(lambda: failure.hits, "the failed answer")
    cast.obeyed(cast.otto, number, "/unhold")
    cast.answered(refused, "confused")
    assert request.state == "pending"

    changed = rf"/{cast.org.login}/.*/issues/{number}/comments$"
    failure = town.gh.failures.add(method="POST", path=changed, status=502)
    town.gh.change_request(request, permissions={"repository": {"administration": "write"}})
    blind = cast.says(cast.olga, number, "/approve now")
    until(lambda: failure.hits, "the failed answer")
    assert cast.answered(blind, "confused")
    assert request.state == "pending"
    assert "administration" in town.gh.issue(cast.admin, number).body


def test_a_decision_that_github_takes_its_time_for_stays_its_owners(
    scene: Stage, acme: Cast
) -> None:
    """GitHub works longer than we wait; one of the comments is deleted meanwhile."""
    asked = {name: acme.asked(name=name) for name in ("kept", "deleted")}
    scene.idle()
    scene.gh.failures.add(method="GET", path="/memberships/", mode="delay", delay=4.6, times=2)
    path = r"/personal-access-token-requests/\d+$"
    slow = scene.gh.failures.add(method="POST", path=path, mode="delay", delay=9.5, times=2)
    said = {
        name: acme.says(acme.olga, number, "/approve for 1h a look")
        for name, (_, number) in asked.items()
    }
    until(lambda: slow.hits == 2, "the slow calls")
    scene.gh.delete_comment(acme.olga, said["deleted"])
    until(lambda: all(one.state == "approved" for one, _ in asked.values()), "the decisions", 30)
    scene.idle()
    for _, number in asked.values():
        closing = [c.body for c in scene.gh.issue(acme.admin, number).comments if c.via_app]
        assert len(closing) == 1
        assert f"**Approved** by [{acme.olga.login}]" in closing[0]
        assert "will be revoked on" in closing[0]
    scene.sweep(hours=1, minutes=1)
    until(lambda: not scene.gh.grants(acme.org), "both taken back")


def test_a_decision_that_comes_to_no_end_stops_nobody_for_ever(tmp_path: Path) -> None:
    """Neither a hold nor the end of the token's time."""
    with stage(tmp_path, **MIDNIGHT) as daily:
        acme = daily.organization("acme")
        later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
        digest, asked = with_digest(daily, acme, one={}, two={"expires_at": later})
        numbers = [number for _, number in asked.values()]
        path = "/personal-access-token-requests$"
        daily.gh.failures.add(method="POST", path=path, status=422, times=None)
        text = "/approve " + " ".join(f"#{number}" for number in numbers)
        acme.says(acme.olga, digest.number, text)
        inbox = daily.bot.service.store.inbox
        while not inbox.deliveries("failed"):  # it is tried for hours
            until(lambda: not daily.is_working(), "the end of a try")
            daily.clock.ahead += timedelta(seconds=inbox.next_due() or 0)
            inbox.wake()
        held = acme.says(acme.otto, numbers[0], "/hold")
        daily.gh.settle()
        daily.clock.ahead += timedelta(minutes=11)
        daily.bot.service.store.inbox.wake()
        acme.answered(held, "+1")
        assert "held" in daily.gh.issue(acme.admin, numbers[0]).labels

        daily.gh.expire(asked["two"][0])
        daily.clock.ahead += timedelta(days=1)
        daily.bot.service.store.inbox.wake()
        daily.issue(acme.admin, number=numbers[1], label="expired", state="closed")
        assert [request.state for request, _ in asked.values()] == ["pending"] * 2


def test_two_404s_of_moments_make_no_comment_gone(town: Stage, cast: Cast) -> None:
    """Between them the comment was found: each is the first one."""
    request, number = cast.asked()
    comment = r"/issues/comments/\d+$"
    away = town.gh.failures.add(method="GET", path="/memberships/", status=503, times=None)
    town.gh.failures.passing_404(comment)
    said = cast.says(cast.olga, number, "/approve")
    until(lambda: away.hits, "the first look at the membership")
    town.gh.failures.passing_404(comment)
    town.gh.failures.remove(away)
    town.clock.ahead += timedelta(seconds=20)
    cast.answered(said, "+1")
    assert request.state == "approved"
