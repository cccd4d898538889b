"""What waits for a person is said in one issue, kept up to date, closed when nothing waits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, stage, until


def alarms(scene: Stage, repo: Any) -> list[Any]:
    return [one for one in scene.gh.issues(repo) if "token-alarm" in one.labels]


def look(scene: Stage) -> None:
    """A sweep, and the alarm's look a minute later."""
    scene.sweep()
    scene.sweep(minutes=1, seconds=1)


def jobs(scene: Stage, state: str) -> list[Any]:
    return scene.bot.service.store.inbox.deliveries(state)


def turn(scene: Stage) -> None:
    """Longer than any pause."""
    scene.clock.ahead += timedelta(seconds=21)
    scene.bot.service.schedule.tick()
    scene.bot.service.store.inbox.wake()


def fails(acme: Cast, name: str) -> str:
    """A request whose issue GitHub refuses to open: its delivery is parked. The GUID."""
    scene = acme.stage
    refusal = scene.gh.failures.add(
        method="POST", path=f"/repos/{acme.org.login}/[^/]+/issues$", status=422, times=None
    )
    before = {one.name for one in jobs(scene, "failed")}
    acme.asks(name=name)

    def parked() -> list[str]:
        turn(scene)
        return [one.name for one in jobs(scene, "failed") if one.name not in before]

    found = until(parked, "a parked delivery")
    scene.gh.failures.remove(refusal)
    return str(found[0])


def cure(scene: Stage) -> None:
    for one in jobs(scene, "failed"):
        assert scene.bot.service.store.inbox.retry_dead(one.name)
    scene.idle()


def test_a_failed_delivery_is_told_until_somebody_cared(scene: Stage, acme: Cast) -> None:
    acme.asked()
    look(scene)
    assert alarms(scene, acme.admin) == []
    first = fails(acme, "@mallory ghp_" + "a" * 36)

    look(scene)
    (issue,) = alarms(scene, acme.admin)
    assert issue.body.startswith(f"<!-- token-alarm {acme.org.id} -->\n")
    assert f"`{first}`" in issue.body
    assert "GitHub refuses it" in issue.body
    assert "deliveries retry" in issue.body
    assert not [word for word in ("mallory", "ghp_", "/orgs/") if word in issue.body]

    second = fails(acme, "another")
    look(scene)
    look(scene)
    assert alarms(scene, acme.admin) == [issue]
    assert all(f"`{guid}`" in issue.body for guid in (first, second))
    assert (issue.state, issue.comments) == ("open", [])

    cure(scene)
    look(scene)
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    fails(acme, "once more")
    look(scene)
    assert [one.state for one in alarms(scene, acme.admin)] == ["closed", "open"]


def test_closed_by_a_person_it_opens_again_for_news_only(scene: Stage, acme: Cast) -> None:
    fails(acme, "first")
    look(scene)
    (issue,) = alarms(scene, acme.admin)
    scene.gh.close_issue(acme.olga, acme.admin, issue.number)
    look(scene)
    assert issue.state == "closed"
    fails(acme, "second")
    look(scene)
    assert issue.state == "open"

    scene.gh.delete_issue(acme.olga, acme.admin, issue.number)
    look(scene)
    look(scene)
    (again,) = alarms(scene, acme.admin)
    assert (again.number > issue.number, again.state) == (True, "open")


def test_commands_that_do_not_arrive_are_told(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    scene.idle()
    started = datetime.now(UTC).second  # GitHub tells whole seconds
    until(lambda: datetime.now(UTC).second != started, "a second that the bot did not start in")
    with scene.gh.drop_deliveries():
        acme.says(acme.olga, number, "/approve")
        for _ in range(5):
            look(scene)
        (issue,) = alarms(scene, acme.admin)
        assert "What you write does not reach me" in issue.body
        assert issue.state == "open"
    scene.sweep()
    assert request.state == "approved"
    scene.sweep(minutes=1)
    look(scene)
    assert issue.state == "closed"


def test_one_alarm_though_the_answer_is_lost(scene: Stage, acme: Cast) -> None:
    acme.asked()
    fails(acme, "first")
    scene.gh.failures.add(method="POST", path="/issues$", mode="lost")
    look(scene)
    look(scene)
    assert len(alarms(scene, acme.admin)) == 1


def test_a_revocation_that_cannot_run_is_told(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2h")
    scene.gh.failures.add(path="/personal-access-tokens", status=422, times=None)
    scene.clock.ahead += timedelta(hours=3)

    def told() -> list[Any]:
        turn(scene)
        return alarms(scene, acme.admin)

    (issue,) = until(told, "the alarm")
    assert f"- #{number}, over since" in issue.body
    assert "settings/personal-access-tokens" in issue.body

    scene.gh.failures.clear()
    until(lambda: (turn(scene), not scene.gh.grants(acme.org))[1], "the revocation")
    look(scene)
    look(scene)
    assert scene.gh.grants(acme.org) == []
    assert issue.state == "closed"


@pytest.mark.parametrize("how", [{"private": False}, {"archived": True}])
def test_nothing_is_said_where_it_must_not_be(
    scene: Stage, acme: Cast, how: dict[str, bool], caplog: pytest.LogCaptureFixture
) -> None:
    fails(acme, "first")
    scene.gh.change_repository(acme.admin, **how)
    look(scene)
    assert alarms(scene, acme.admin) == []
    assert "acme: something waits for a person" in caplog.text


def test_an_organization_that_removed_the_app_is_in_the_log_once_a_day(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """It may never come back."""
    now = scene.clock.now()
    scene.clock.ahead += timedelta(days=1) - (now - now.replace(hour=0, minute=0))  # a day begins
    scene.gh.ahead = scene.clock.ahead
    acme.asked()
    scene.idle()
    scene.gh.uninstall(acme.installation)

    def told() -> list[str]:
        return [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]

    for _ in range(3):
        look(scene)
    assert told() == [
        "acme: the App is suspended or not installed; requests and timed approvals that wait: 1"
    ]
    scene.sweep(days=1)
    look(scene)
    assert len(told()) == 2


def test_a_hub_tells_of_an_organization_that_is_away(tmp_path: Path) -> None:
    settings = {"ADMIN_REPO": "hub/reviews", "ORGANIZATIONS": "one,two"}
    with stage(tmp_path, **settings) as scene:
        hub = scene.organization("hub")
        reviews = scene.gh.add_repository(hub.org, "reviews")
        one, two = scene.organization("one"), scene.organization("two")
        one.asks()
        two.asks()
        scene.issue(reviews, title_has="(one)", label="pending")
        scene.idle()
        scene.gh.suspend(one.installation)
        look(scene)
        (issue,) = alarms(scene, reviews)
        assert issue.title == "Token requests: something waits for you (one)"
        assert "1 request or timed approval waits in" in issue.body
        scene.gh.unsuspend(one.installation)
        look(scene)
        assert issue.state == "closed"


def test_a_healthy_organization_costs_no_call(scene: Stage, acme: Cast) -> None:
    acme.asked()
    scene.sweep()
    scene.gh.clear_calls()
    scene.clock.ahead += timedelta(seconds=61)
    scene.idle()
    looked = until(
        lambda: [
            one
            for one in scene.bot.service.store.inbox.deliveries("done")
            if one.event == "AlarmDue"
        ],
        "the look",
    )
    assert looked
    assert scene.calls_for_work == []


def test_a_bot_that_was_away_for_a_day_first_does_what_it_missed(scene: Stage, acme: Cast) -> None:
    """All that became due meanwhile is late, and none of it waits in vain."""
    acme.asked()
    scene.sweep()
    path = f"/orgs/{acme.org.login}/memberships/"
    refusal = scene.gh.failures.add(method="GET", path=path, status=502, times=2)
    acme.asks(name="late")
    until(lambda: refusal.hits, "a first try")
    scene.sweep(days=1)
    scene.issue(acme.admin, title="Token request: late by mia-acme")
    assert alarms(scene, acme.admin) == []
