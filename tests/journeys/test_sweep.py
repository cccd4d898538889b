"""The sweep: what no delivery told is found in GitHub's lists, and what vanished is resolved."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.servers import everywhere
from tests.journeys.stage import Cast, Stage, stage, until

EVENT = "personal_access_token_request"


def row(acme: Cast, asked: Any) -> Any:
    """The request in the record."""
    return acme.stage.bot.service.store.record.request(acme.org.id, asked.id)


def lost(acme: Cast, **changes: Any) -> Any:
    """A request whose delivery never comes."""
    with acme.stage.gh.drop_deliveries():
        asked = acme.asks(**changes)
        acme.stage.gh.settle()
    return asked


def never_redelivered(acme: Cast) -> None:
    """GitHub's log of deliveries forgets what failed."""
    acme.stage.gh.hook.attempts[:] = [one for one in acme.stage.gh.deliveries if one.succeeded]


@everywhere
def test_a_renamed_requester_is_called_by_their_new_name(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    scene.gh.rename_user(acme.mia, "maria")
    scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    assert "maria" in issue.title
    assert "mia-acme" not in issue.body


def test_a_missed_request_is_found_and_a_late_delivery_completes_it(
    scene: Stage, acme: Cast
) -> None:
    grant = scene.gh.grant_without_review(
        acme.org, acme.mia, permissions={"repository": {"contents": "read", "metadata": "read"}}
    )
    asked = lost(acme, token_id=grant.token.id, reason="more please")
    guid = scene.gh.deliveries[-1].guid
    kept = list(scene.gh.hook.attempts)
    never_redelivered(acme)

    scene.sweep()

    issue = scene.issue(acme.admin, label="pending")
    assert "more please" in issue.body
    assert "| `contents` | `read` | **upgraded** | `write` |" in issue.body
    assert "`acme/api`" in issue.body
    assert row(acme, asked).request.upgraded is None

    scene.gh.hook.attempts[:] = kept
    scene.gh.redeliver(guid)
    scene.idle()
    assert row(acme, asked).request.upgraded == {"repository": {"contents": "write"}}
    assert "**upgraded**" in issue.body
    assert len([one for one in scene.gh.issues(acme.admin) if "pending" in one.labels]) == 1


def test_a_start_sweeps_and_asks_for_what_failed(scene: Stage, acme: Cast) -> None:
    known = acme.asks()
    scene.issue(acme.admin, label="pending")
    scene.stop_bot()
    acme.asks(name="while-you-slept")
    scene.gh.review_as(acme.olga, acme.org, known.id, "deny", "no")
    scene.gh.settle()

    scene.start_bot()

    issue = scene.issue(acme.admin, title_has="while-you-slept", label="pending")
    denied = scene.issue(acme.admin, title_has="ci-release", state="closed")
    scene.idle()
    assert "denied" in denied.labels
    assert acme.olga.login in denied.comments[-1].body
    assert "**added**" in issue.body


def test_the_sweeps_interval_is_a_setting(tmp_path: Path) -> None:
    with stage(tmp_path, SWEEP_MINUTES="1") as scene:
        acme = scene.organization()
        scene.idle()
        lost(acme)
        never_redelivered(acme)
        scene.sweep(minutes=1)
        assert scene.issue(acme.admin, label="pending")


def test_a_grant_proves_an_approval(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.gh.now, now = lambda: now() + timedelta(seconds=5), scene.gh.now
    scene.gh.vanish_request(asked, granted=True)
    scene.gh.now = now

    scene.sweep()

    assert (issue.state, issue.state_reason, "approved" in issue.labels) == (
        "closed",
        "completed",
        True,
    )
    assert "not who approved" in issue.comments[-1].body

    created = scene.told(EVENT, "created")
    told = {**created, "action": "approved", "sender": {**created["sender"], **account(acme.olga)}}
    scene.deliver(EVENT, told)
    scene.idle()
    assert len(issue.comments) == 2
    assert acme.olga.login in issue.comments[-1].body


def account(user: Any) -> dict[str, Any]:
    return {"id": user.id, "login": user.login}


def test_an_older_grant_proves_nothing_and_patience_ends(scene: Stage, acme: Cast) -> None:
    grant = scene.gh.grant_without_review(
        acme.org,
        acme.mia,
        permissions={"repository": {"contents": "write", "metadata": "read"}},
        selection="subset",
        repositories=[acme.api],
    )
    asked = acme.asks(token_id=grant.token.id)
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    scene.gh.vanish_request(asked)

    scene.sweep()
    assert (row(acme, asked).state, row(acme, asked).missing_sweeps) == (State.PENDING, 1)
    said = acme.says(acme.olga, issue.number, "/status")
    until(lambda: said.reactions, "the status")
    assert "does not list it any more" in issue.comments[-1].body

    scene.sweep()
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert "cancelled" in issue.labels
    assert "GitHub does not tell whether it was denied or cancelled" in issue.comments[-1].body

    created = scene.told(EVENT, "created")
    scene.deliver(EVENT, {**created, "action": "cancelled"})
    scene.idle()
    assert "by the requester" in issue.comments[-1].body
    denied = {**created, "action": "denied", "sender": {**created["sender"], **account(acme.olga)}}
    scene.deliver(EVENT, denied)
    scene.idle()
    assert "cancelled" in issue.labels, "what GitHub told once stays"


def test_a_later_delivery_corrects_what_was_thought(tmp_path: Path) -> None:
    with stage(tmp_path, SWEEP_MINUTES="1") as scene:
        acme = scene.organization()
        asked = acme.asks()
        issue = scene.issue(acme.admin, label="pending")
        scene.idle()
        with scene.gh.hold_deliveries():
            scene.gh.review_as(acme.olga, acme.org, asked.id, "deny", "no")
            scene.sweep(minutes=1)
            scene.sweep(minutes=1)
            assert row(acme, asked).missing_sweeps == 2
            assert row(acme, asked).state is State.PENDING, "two sweeps, but not two minutes"
            scene.sweep(minutes=1)
            assert "cancelled" in issue.labels
        scene.idle()

        assert "denied" in issue.labels
        assert "cancelled" not in issue.labels
        assert (issue.state, len(issue.comments)) == ("closed", 2)
        assert acme.olga.login in issue.comments[-1].body


def test_a_request_that_is_back_on_the_list_waits_again(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    asked.state = "vanished"
    scene.sweep()
    asked.state = "pending"
    scene.sweep()
    assert (row(acme, asked).missing_since, row(acme, asked).missing_sweeps) == (None, 0)

    asked.state = "vanished"
    scene.sweep()
    scene.sweep()
    assert issue.state == "closed"
    asked.state = "pending"
    scene.sweep()

    assert row(acme, asked).state is State.PENDING
    assert (issue.state, "pending" in issue.labels, "cancelled" in issue.labels) == (
        "open",
        True,
        False,
    )
    acme.says(acme.olga, issue.number, "/approve after all")
    until(lambda: asked.state == "approved", "the approval")


def test_a_request_that_a_wrong_clock_ended_waits_again(scene: Stage, acme: Cast) -> None:
    """As after a machine resumes with a clock that is put right some time later."""
    asked, number = acme.asked()
    scene.idle()
    scene.clock.ahead += timedelta(days=31)
    scene.bot.service.store.inbox.wake()
    issue = scene.issue(acme.admin, number=number, state="closed")
    assert "expired" in issue.labels
    for _ in range(2):
        scene.sweep()
    assert issue.state == "closed", "by our clock it has expired"

    scene.clock.ahead = timedelta()
    scene.sweep()
    assert (issue.state, set(issue.labels)) == (
        "open",
        {"token-request", "danger: high", "pending"},
    )
    acme.obeyed(acme.olga, number, "/approve")
    assert asked.state == "approved"


def test_a_clock_that_is_put_right_at_once_ends_nothing(scene: Stage, acme: Cast) -> None:
    asked, number = acme.asked()
    scene.idle()
    scene.gh.clear_calls()
    scene.clock.ahead += timedelta(days=31)
    scene.bot.service.store.inbox.wake()
    until(lambda: scene.calls_for_work, "a look at GitHub's list")
    scene.clock.ahead = timedelta()
    for _ in range(2):
        scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    assert (row(acme, asked).state, issue.state, issue.comments) == (State.PENDING, "open", [])
    scene.gh.expire(asked)
    scene.sweep(days=31)
    assert "expired" in issue.labels


def test_a_list_that_lags_gets_its_reason_in_time(scene: Stage, acme: Cast) -> None:
    with scene.gh.hold_deliveries():
        asked = acme.asks()
        asked.state = "vanished"
    issue = scene.issue(acme.admin, label="pending")
    assert "not read from GitHub yet" in issue.body
    asked.state = "pending"
    scene.clock.ahead += timedelta(seconds=9)
    until(lambda: "release the API from CI" in issue.body, "the reason")


def test_a_long_list_of_repositories_is_read_from_the_api(scene: Stage, acme: Cast) -> None:
    many = [scene.gh.add_repository(acme.org, f"repo-{number:03}") for number in range(120)]
    lost(acme, repositories=many)
    payload = scene.told(EVENT, "created")
    request = payload["personal_access_token_request"]
    request["repositories"] = request["repositories"][:100]
    scene.deliver(EVENT, payload)

    issue = scene.issue(acme.admin, label="pending")
    assert "repo-119" in issue.body


def test_repositories_of_a_request_that_is_over_stop_nothing(scene: Stage, acme: Cast) -> None:
    """GitHub tells the repositories of pending requests only."""
    scene.idle()
    with scene.gh.drop_deliveries():
        asked = acme.asks(repositories=[acme.api, acme.site])
        scene.gh.review_as(acme.olga, acme.org, asked.id, "deny", "no")
        scene.gh.settle()
    created, denied = scene.told(EVENT, "created"), scene.told(EVENT, "denied")
    for one in (created, denied):
        del one["personal_access_token_request"]["repositories"][1:]
        scene.deliver(EVENT, one)
    issue = scene.issue(acme.admin, state="closed")
    assert "denied" in issue.labels
    assert "2, listed below" in issue.body


def test_what_is_missed_while_nothing_arrives_for_hours_comes_in_order_and_once(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """A sweep asks for the oldest alone meanwhile. When that arrives, the others are asked for."""
    first, number = acme.asked(name="first")
    second, other = acme.asked(name="second")
    scene.idle()
    before = len(scene.gh.deliveries)
    with scene.gh.drop_deliveries():
        acme.says(acme.otto, number, "/hold who is this for?")
        no = acme.says(acme.olga, other, "/deny not this one")
        for _ in range(40):
            scene.sweep()
        late = acme.says(acme.olga, number, "/approve")
        missed = acme.asks(name="third")
        for _ in range(10):
            scene.sweep()
    dead = scene.gh.deliveries[before:]
    oldest = dead[0].guid
    again = [one.guid for one in dead if one.redelivery]
    assert set(again) == {oldest}
    assert 10 <= len(again) <= 25, "more and more rarely"

    scene.sweep(hours=1)
    acme.answered(no, "+1")
    assert second.state == "denied"
    assert first.state == "pending", "the /hold came first"
    assert [one.content for one in late.reactions] == ["confused"]
    assert missed.state == "pending"
    scene.issue(acme.admin, title_has="third", label="pending")
    came = [one.guid for one in scene.gh.deliveries[before + len(dead) :] if one.redelivery]
    assert came == list(dict.fromkeys(one.guid for one in dead)), "in order, none twice"


def test_a_delivery_that_arrives_brings_what_was_missed_at_once(scene: Stage, acme: Cast) -> None:
    """However long the pauses have become."""
    request, number = acme.asked()
    scene.idle()
    with scene.gh.drop_deliveries():
        acme.says(acme.olga, number, "/approve")
        for _ in range(40):
            scene.sweep()
    acme.asks(name="another")
    scene.gh.settle()
    scene.clock.ahead += timedelta(seconds=31)
    scene.bot.service.schedule.tick()
    until(lambda: request.state == "approved", "the approval")


def test_what_github_forgets_is_given_up_and_the_log_says_so(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    _, number = acme.asked()
    scene.idle()
    with scene.gh.drop_deliveries():
        acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
        guid = scene.gh.deliveries[-1].guid
        for hours in (1, 70, 0.6, 0.1):
            scene.sweep(hours=hours)
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert len([line for line in said if "given up" in line and guid in line]) == 1


@pytest.mark.parametrize(("status", "again"), [(400, 0), (413, 0), (415, 0), (401, 1), (503, 1)])
def test_what_we_refuse_for_good_is_not_asked_for(
    scene: Stage, acme: Cast, status: int, again: int
) -> None:
    scene.idle()
    lost(acme)
    failed = scene.gh.hook.attempts[-1]
    scene.gh.hook.attempts[-1] = replace(failed, status_code=status)

    scene.sweep()

    tries = [one for one in scene.gh.deliveries if one.guid == failed.guid]
    assert len(tries) == 1 + again


def test_a_delivery_that_github_forgot_stops_no_other(scene: Stage, acme: Cast) -> None:
    scene.idle()
    lost(acme, name="gone")
    lost(acme, name="other")
    first, second = scene.gh.hook.attempts[-2:]
    forgotten = scene.gh.failures.add(
        method="POST", path=rf"/deliveries/{first.id}/attempts", status=404, times=None
    )
    scene.sweep()
    assert [one.guid for one in scene.gh.deliveries if one.redelivery] == [second.guid]
    assert forgotten.hits == 1


def test_no_delivery_takes_the_sweeps_turn(scene: Stage, acme: Cast) -> None:
    """The GUID is not signed: an old delivery comes again, named as the next timers will be."""
    acme.asked(name="first")
    scene.idle()
    told = scene.gh.deliveries[-1]
    slot = int(scene.clock.now().timestamp() // 900)
    for later in range(1, 4):
        for kind in ("InstallationsDue", "RedeliverDue"):
            scene.replay(told, guid=f"{kind}:0:15:00:{slot + later}")
    lost(acme, name="missed")  # only a sweep can find it
    scene.sweep()
    assert any("missed" in one.title for one in scene.gh.issues(acme.admin))


def test_github_in_trouble_is_asked_again_for_what_it_could_not_deliver(
    scene: Stage, acme: Cast
) -> None:
    """A missed command costs no answer however often the asking failed; one stops no other."""
    request, number = acme.asked()
    scene.idle()
    with scene.gh.drop_deliveries():
        acme.says(acme.olga, number, "/approve")
        acme.says(acme.otto, number, "/help")
        scene.gh.settle()
    missed, other = scene.gh.deliveries[-2:]
    flaky = scene.gh.failures.add(method="POST", path=f"/{missed.id}/attempts", times=5)
    scene.sweep()
    until(lambda: request.state == "approved", "the approval", 30)
    assert flaky.hits == 5
    again = [one.guid for one in scene.gh.deliveries if one.redelivery]
    assert again == [other.guid, missed.guid]


def test_one_sweep_asks_for_a_delivery_once(scene: Stage, acme: Cast) -> None:
    """GitHub has trouble with another one meanwhile, and we are not reachable yet."""
    request, number = acme.asked()
    scene.idle()
    with scene.gh.drop_deliveries():
        acme.says(acme.otto, number, "/help")
        acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
        stuck, command = scene.gh.deliveries[-2:]
        scene.gh.failures.add(method="POST", path=f"/{stuck.id}/attempts", times=4)
        scene.sweep()
        assert len([one for one in scene.gh.deliveries if one.guid == command.guid]) == 2
    scene.sweep()
    assert request.state == "approved"
