"""Commands of which no delivery tells: they are answered all the same, and stops come first."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.handlers.reconcile.restored import mark_restored
from tests.journeys.digests import with_digest
from tests.journeys.policies import FILE, SECURITY
from tests.journeys.stage import Cast, Stage

CRITICAL = {"organization": {"organization_administration": "write"}}


def unheard(acme: Cast, who: Any, number: int, text: str, **more: Any) -> Any:
    """A comment whose delivery never comes, and that GitHub's log forgets."""
    gh = acme.stage.gh
    with gh.drop_deliveries():
        said = gh.comment(who, acme.admin, number, text, **more)
        assert gh.settle()
    gh.hook.attempts[:] = [one for one in gh.deliveries if one.succeeded]
    return said


def taken_up(scene: Stage) -> int:
    """How many comments were judged without their delivery."""
    jobs = scene.bot.service.store.inbox.deliveries(limit=1000)
    return len([one for one in jobs if one.event == "IssueCommentEvent"])


def listings(scene: Stage) -> int:
    return len([one for one in scene.gh.calls if one.path.endswith("/issues/comments")])


def pass_time(scene: Stage, **later: float) -> None:
    """Time passes for GitHub and the bot, which sweeps."""
    scene.clock.ahead += timedelta(**later)
    scene.gh.ahead = scene.clock.ahead
    scene.sweep(seconds=0)


@pytest.mark.parametrize(
    ("words", "state"),
    [("/hold a moment", "pending"), ("/deny no", "denied"), ("/counter contents:read", "denied")],
)
def test_an_approval_does_not_overtake_a_stop(
    scene: Stage, acme: Cast, words: str, state: str
) -> None:
    request, number = acme.asked()
    stop = unheard(acme, acme.otto, number, words)
    acme.refused(acme.olga, number, "/approve")
    assert [one.content for one in stop.reactions] == ["+1"]
    assert (request.state, scene.gh.grants(acme.org)) == (state, [])


def test_who_may_not_stop_it_gets_an_answer_and_stops_nothing(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    stop = unheard(acme, acme.mia, number, "/hold")
    acme.obeyed(acme.olga, number, "/approve")
    assert [one.content for one in stop.reactions] == ["confused"]
    assert request.state == "approved"


def test_what_no_person_wrote_or_somebody_edited_stops_nothing(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    unheard(acme, acme.otto, number, "> /hold\n\nis no longer needed")
    unheard(acme, acme.otto, number, "/hold", via_app="some-app")
    robot = scene.gh.add_user("robot[bot]")
    robot.type = "Bot"
    unheard(acme, robot, number, "/hold")
    edited = unheard(acme, acme.otto, number, "/hold")
    scene.gh.ahead += timedelta(seconds=2)
    with scene.gh.drop_deliveries():
        scene.gh.edit_comment(acme.otto, edited, "/hold on")
        assert scene.gh.settle()
    acme.obeyed(acme.olga, number, "/approve")
    assert (request.state, edited.reactions, taken_up(scene)) == ("approved", [], 0)


def test_its_delivery_comes_late_and_finds_it_done(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    with scene.gh.drop_deliveries():
        stop = acme.says(acme.otto, number, "/hold")
        assert scene.gh.settle()
    guid = scene.gh.deliveries[-1].guid
    acme.refused(acme.olga, number, "/approve")
    acme.obeyed(acme.otto, number, "/unhold")
    scene.gh.redeliver(guid)
    scene.idle()
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"
    assert ([one.content for one in stop.reactions], taken_up(scene)) == (["+1"], 1)


def test_what_has_its_answer_is_not_taken_up(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    acme.refused(acme.mia, number, "/hold")
    acme.obeyed(acme.otto, number, "/hold")
    acme.obeyed(acme.otto, number, "/unhold")
    acme.obeyed(acme.olga, number, "/approve")
    pass_time(scene, minutes=15)
    pass_time(scene, minutes=15)
    assert (request.state, taken_up(scene)) == ("approved", 0)


@pytest.mark.parametrize("words", ["/approve", "/aprove", "/deny"])
def test_the_sweep_finds_it(scene: Stage, acme: Cast, words: str) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    pass_time(scene, seconds=899 - (scene.clock.now().timestamp() + 60) % 900)
    said = unheard(acme, acme.olga, number, words)
    looks = listings(scene)
    pass_time(scene, minutes=2)
    assert listings(scene) > looks
    assert said.reactions == [], "its delivery may be on its way"
    pass_time(scene, minutes=15)
    acme.answered(said, "+1" if words == "/approve" else "confused")
    assert request.state == ("approved" if words == "/approve" else "pending")
    assert len([one for one in said.issue.comments if one.user == acme.olga]) == 1


def test_a_sweep_does_without_the_comments_and_looks_again(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    said = unheard(acme, acme.olga, number, "/approve")
    down = scene.gh.failures.add(path=r"/issues/comments$", status=404, times=None)
    pass_time(scene, minutes=15)
    assert down.hits
    assert said.reactions == []
    scene.gh.failures.clear()
    pass_time(scene, minutes=15)
    acme.answered(said, "+1")
    assert request.state == "approved"


def test_the_sweep_finds_it_though_the_bots_clock_is_fast(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    scene.clock.ahead += timedelta(minutes=7)
    scene.sweep()
    scene.gh.ahead = scene.clock.ahead - timedelta(minutes=7)
    said = unheard(acme, acme.olga, number, "/approve")
    scene.sweep(minutes=16)
    acme.answered(said, "+1")
    assert request.state == "approved"


def test_an_approval_waits_as_long_as_the_stop_does(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    stop = unheard(acme, acme.otto, number, "/hold")
    down = scene.gh.failures.add(
        method="GET", path=f"/memberships/{acme.otto.login}$", status=502, times=None
    )
    late = acme.says(acme.olga, number, "/approve")
    scene.until(lambda: down.hits >= 3, "the stop, judged again and again")
    assert (request.state, late.reactions) == ("pending", [])
    scene.gh.failures.remove(down)
    acme.answered(stop, "+1")
    acme.answered(late, "confused")
    assert request.state == "pending"


def test_comments_that_github_does_not_show_let_nothing_pass(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    unheard(acme, acme.otto, number, "/hold")
    down = scene.gh.failures.add(method="GET", path=r"/issues/\d+/comments$", status=404, times=2)
    acme.refused(acme.olga, number, "/approve")
    assert (down.hits, request.state) == (2, "pending")


def test_on_a_policy_issue_too(scene: Stage, acme: Cast) -> None:
    scene.gh.commit(acme.mia, acme.admin, {FILE: SECURITY.encode()}, "Change the policy")
    issue = scene.issue(acme.admin, label="token-policy", state="open")
    pass_time(scene, minutes=15)
    said = unheard(acme, acme.olga, issue.number, "/reject not this one")
    pass_time(scene, minutes=20)
    acme.answered(said, "+1")
    assert "rejected" in issue.labels


def test_what_was_said_while_the_app_was_suspended_is_answered(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    scene.gh.suspend(acme.installation)
    assert scene.gh.settle()
    said = acme.says(acme.olga, number, "/approve")
    question = acme.says(acme.mia, number, "/status")
    talk = acme.says(acme.mia, number, "Thank you!")
    scene.clock.ahead += timedelta(hours=5)
    scene.gh.ahead = scene.clock.ahead
    scene.gh.unsuspend(acme.installation)
    acme.answered(said, "+1", 60)
    assert request.state == "approved"
    assert (question.reactions, talk.reactions) == ([], [])


def test_what_was_said_too_long_ago_is_not_carried_out(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    scene.gh.suspend(acme.installation)
    assert scene.gh.settle()
    said = acme.says(acme.olga, number, "/approve")
    scene.clock.ahead += timedelta(days=4)
    scene.gh.ahead = scene.clock.ahead
    scene.gh.unsuspend(acme.installation)
    looks = listings(scene)
    pass_time(scene, minutes=15)
    assert listings(scene) > looks
    assert (request.state, said.reactions) == ("pending", [])


def test_what_was_said_before_the_app_was_installed_again_is_not_carried_out(
    scene: Stage, acme: Cast
) -> None:
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    scene.gh.uninstall(acme.installation)
    assert scene.gh.settle()
    said = acme.says(acme.olga, number, "/approve")
    pass_time(scene, minutes=30)
    acme.installation = scene.gh.install(acme.org)
    pass_time(scene, minutes=30)
    pass_time(scene, minutes=30)
    assert (said.reactions, request.state) == ([], "pending")


@pytest.mark.parametrize("place", ["review", "digest"])
def test_what_was_said_before_the_record_came_back_counts_no_more(daily: Stage, place: str) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    daily.gh.ahead = daily.clock.ahead
    ((request, number),) = asked.values()
    acme.obeyed(acme.otto, number, "/hold")
    if place == "review":
        said = unheard(acme, acme.otto, number, "/unhold")
    else:
        said = unheard(acme, acme.otto, digest.number, f"/unhold #{number}")
    daily.clock.ahead += timedelta(seconds=2)
    mark_restored(daily.bot.service.store.record, daily.clock.now())  # `restore` takes real time
    pass_time(daily, minutes=20)
    pass_time(daily, minutes=20)
    assert said.reactions == []
    acme.refused(acme.olga, number, "/approve")
    assert request.state == "pending"


def test_nor_what_was_said_just_before(scene: Stage, acme: Cast) -> None:
    """The first look by the new installation does not reach back beyond itself."""
    request, number = acme.asked()
    pass_time(scene, minutes=15)
    scene.gh.uninstall(acme.installation)
    assert scene.gh.settle()
    said = acme.says(acme.olga, number, "/approve")
    pass_time(scene, minutes=2)
    acme.installation = scene.gh.install(acme.org)
    scene.idle()
    pass_time(scene, minutes=15)
    pass_time(scene, minutes=15)
    assert (said.reactions, request.state) == ([], "pending")


def test_very_many_comments_keep_nobody_from_approving(scene: Stage, acme: Cast) -> None:
    """All their pages take longer than facts are fresh: only the first look reads them all."""
    request, number = acme.asked()
    with scene.gh.drop_deliveries():
        for _ in range(350):
            acme.says(acme.mia, number, "Thank you!")
        assert scene.gh.settle()
    path = rf"/issues/{number}/comments"
    scene.clock.ahead = scene.gh.ahead = scene.clock.ahead + timedelta(hours=1)
    scene.gh.failures.add(method="GET", path=path, mode="delay", delay=1, times=None)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_stop_after_many_comments_is_seen(scene: Stage, acme: Cast) -> None:
    """What was read before is not read again, and what came since is."""
    request, number = acme.asked(expires_at=None, permissions=CRITICAL)
    with scene.gh.drop_deliveries():
        for _ in range(120):
            acme.says(acme.mia, number, "Thank you!")
        assert scene.gh.settle()
    acme.obeyed(acme.olga, number, "/approve")  # it is asked back
    stop = unheard(acme, acme.otto, number, "/hold")
    acme.refused(acme.olga, number, "/approve for 3d")
    assert [one.content for one in stop.reactions] == ["+1"]
    assert request.state == "pending"


def test_a_stop_that_was_given_up_still_stops(scene: Stage, acme: Cast) -> None:
    """GitHub's answer about its author is strange, eight times; a person has to look at it."""
    request, number = acme.asked()
    inbox = scene.bot.service.store.inbox
    strange = scene.gh.failures.add(
        method="GET", path=rf"/memberships/{acme.otto.login}$", status=422, times=None
    )
    stop = unheard(acme, acme.otto, number, "/hold")
    approval = acme.says(acme.olga, number, "/approve")
    scene.until(lambda: inbox.deliveries("failed"), "a job that is given up", 60)
    assert scene.gh.settle()
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(hours=2)
    waits = scene.issue(acme.admin, number=number, said="still waiting").comments[-1].body
    assert "`/hold`" in waits
    assert (approval.reactions, request.state) == ([], "pending")
    scene.gh.failures.remove(strange)
    assert all(inbox.retry_dead(one.name) for one in inbox.deliveries("failed"))
    acme.answered(stop, "+1")
    acme.answered(approval, "confused")
    assert request.state == "pending"


def test_a_stop_that_was_given_up_and_judged_since_stops_nothing(scene: Stage, acme: Cast) -> None:
    """The sweep's own job has judged the comment: nothing waits for the one that was given up."""
    request, number = acme.asked()
    inbox = scene.bot.service.store.inbox
    strange = scene.gh.failures.add(
        method="GET", path=rf"/memberships/{acme.otto.login}$", status=422, times=None
    )
    pass_time(scene, minutes=15)
    stop = acme.says(acme.otto, number, "/hold")
    scene.until(lambda: inbox.deliveries("failed"), "a job that is given up", 60)
    scene.gh.failures.remove(strange)
    pass_time(scene, minutes=20)
    acme.answered(stop, "+1")
    acme.obeyed(acme.otto, number, "/unhold")
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_on_a_digest_too(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    ((request, number),) = asked.values()
    pass_time(daily, minutes=15)
    said = unheard(acme, acme.olga, digest.number, f"/deny #{number} no")
    pass_time(daily, minutes=20)
    acme.answered(said, "+1")
    assert request.state == "denied"


@pytest.mark.parametrize("words", ["/hold", "/deny no"])
def test_an_approval_on_a_digest_does_not_overtake_a_stop(daily: Stage, words: str) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, three={})
    pass_time(daily, minutes=15)
    (one, first), (two, second), (three, third) = asked.values()
    stop = unheard(acme, acme.otto, second, words)
    daily.clock.ahead += timedelta(minutes=1)
    daily.gh.ahead = daily.clock.ahead
    said = acme.obeyed(acme.olga, digest.number, f"/approve #{first} #{second} #{third}")
    assert (one.state, three.state) == ("approved", "approved")
    assert (two.state, f"#{second}" in said) == ("pending" if words == "/hold" else "denied", True)
    assert [one.content for one in stop.reactions] == ["+1"]


def test_an_approval_of_one_on_a_digest_neither(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    daily.gh.ahead = daily.clock.ahead
    (one, first), _ = asked.values()
    unheard(acme, acme.otto, first, "/hold")
    said = acme.refused(acme.olga, digest.number, f"/approve #{first}")
    assert f"#{first}: another decision is being carried out" in said
    assert (one.state, daily.gh.grants(acme.org)) == ("pending", [])


def test_an_approval_on_a_digest_does_not_overtake_a_stop_that_was_given_up(daily: Stage) -> None:
    """Sweeps have looked through the comments since then."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, three={})
    (one, first), (two, second), (three, third) = asked.values()
    inbox = daily.bot.service.store.inbox
    daily.gh.failures.add(
        method="GET", path=rf"/memberships/{acme.otto.login}$", status=422, times=None
    )
    pass_time(daily, minutes=15)
    acme.says(acme.otto, second, "/hold")
    daily.until(lambda: inbox.deliveries("failed"), "a job that is given up", 60)
    pass_time(daily, hours=1)
    daily.until(lambda: len(inbox.deliveries("failed")) == 2, "the sweep's try", 60)
    pass_time(daily, hours=1)
    said = acme.obeyed(acme.olga, digest.number, f"/approve #{first} #{second} #{third}")
    assert (one.state, three.state) == ("approved", "approved")
    assert (two.state, f"#{second}" in said) == ("pending", True)


def test_a_stop_that_was_given_up_on_a_digest_stops_an_approval_elsewhere(daily: Stage) -> None:
    """Until somebody runs it again."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    ((request, number),) = asked.values()
    inbox = daily.bot.service.store.inbox
    strange = daily.gh.failures.add(
        method="GET", path=rf"/memberships/{acme.otto.login}$", status=422, times=None
    )
    stop = acme.says(acme.otto, digest.number, f"/hold #{number}")
    daily.until(lambda: inbox.deliveries("failed"), "a job that is given up", 60)
    approval = acme.says(acme.olga, number, "/approve")
    assert daily.gh.settle()
    daily.gh.ahead = daily.clock.ahead = daily.clock.ahead + timedelta(hours=2)
    daily.issue(acme.admin, number=number, said="still waiting")
    daily.gh.failures.remove(strange)
    assert all(inbox.retry_dead(one.name) for one in inbox.deliveries("failed"))
    acme.answered(stop, "+1")
    acme.answered(approval, "confused")
    assert request.state == "pending"


@pytest.mark.parametrize("words", ["/hold #{}", "/deny #{} no"])
@pytest.mark.parametrize("on_digest", [False, True])
def test_an_approval_does_not_overtake_a_stop_on_a_digest(
    daily: Stage, words: str, on_digest: bool
) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, three={})
    (one, first), (two, second), (three, third) = asked.values()
    pass_time(daily, minutes=15)
    daily.gh.ahead = daily.clock.ahead
    stop = unheard(acme, acme.otto, digest.number, words.format(second))
    if on_digest:
        acme.obeyed(acme.olga, digest.number, f"/approve #{first} #{second} #{third}")
        assert (one.state, three.state) == ("approved", "approved")
    else:
        acme.refused(acme.olga, second, "/approve")
    acme.answered(stop, "+1")
    assert two.state == ("pending" if "/hold" in words else "denied")


def test_talk_does_not_slow_an_approval_down(daily: Stage) -> None:
    """Only for what may be a stop is the record asked whose issue it stands on."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    ((request, number),) = asked.values()
    pass_time(daily, minutes=15)
    daily.gh.ahead = daily.clock.ahead
    for _ in range(20):
        unheard(acme, acme.otto, digest.number, "Let us talk about it.")
    looks = list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "token_requests.issue_number = " in statement and digest.number in parameters:
            looks.append(statement)

    event.listen(daily.bot.service.store._database._engine, "before_cursor_execute", note)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"
    assert 1 <= len(looks) <= 2  # the digest is closed now, and GitHub tells it
