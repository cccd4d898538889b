"""Approvals for a time, and access taken back: on time, for good, and no more than was said."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.databases import on_both_databases
from tests.journeys.policies import puts_in_force
from tests.journeys.stage import Cast, Stage, until


def bots_words(stage: Stage, cast: Cast, number: int) -> list[str]:
    comments = stage.gh.issue(cast.admin, number).comments
    return [one.body for one in comments if one.user is stage.gh.app.bot]


def labels(stage: Stage, cast: Cast, number: int) -> set[str]:
    return set(stage.gh.issue(cast.admin, number).labels) - {"token-request", "danger: high"}


def row_of(stage: Stage, cast: Cast, request: Any) -> Any:
    return stage.bot.service.store.record.request(cast.org.id, request.id)


@on_both_databases
def test_a_timed_approval_is_revoked_on_time_across_a_restart(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d until the move is done")
    assert request.review_reason == "until the move is done"
    assert re.search(r"revoked on \d{4}-\d\d-\d\d", bots_words(scene, acme, number)[-1])

    scene.clock.ahead += timedelta(days=1, hours=23)
    scene.stop_bot()
    scene.start_bot()
    scene.idle()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.stop_bot()
    scene.clock.ahead += timedelta(hours=2)
    failure = scene.gh.failures.add(method="POST", path=r"personal-access-tokens/\d+$")
    scene.start_bot()

    until(lambda: scene.gh.grants(acme.org) == [], "the revocation")
    scene.idle()
    issue = scene.gh.issue(acme.admin, number)
    assert (failure.hits, issue.state, issue.state_reason) == (1, "closed", "completed")
    assert labels(scene, acme, number) == {"revoked"}
    words = bots_words(scene, acme, number)
    assert len(words) == 2
    assert "time of the approval is over" in words[-1]
    told = acme.obeyed(acme.mia, number, "/status")
    assert "the access was revoked" in told.splitlines()[-1]  # not by GitHub, and by nobody


def test_a_grant_that_github_does_not_find_and_still_shows_is_asked_for_until_it_is_gone(
    scene: Stage, acme: Cast
) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    path = r"personal-access-tokens/\d+$"
    lost = scene.gh.failures.add(method="POST", path=path, status=404, times=None)
    said = acme.says(acme.olga, number, "/revoke")
    until(lambda: lost.hits >= 2, "another try")
    assert (said.reactions, labels(scene, acme, number)) == ([], {"approved"})
    scene.gh.failures.clear()
    acme.answered(said, "+1", 30)
    assert scene.gh.grants(acme.org) == []
    assert labels(scene, acme, number) == {"revoked"}


WIDER = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}

WIDEST = {"repository": {**WIDER["repository"], "actions": "read"}}


def hide(scene: Stage, grant: Any) -> None:
    """GitHub's list does not show it for so long that its access is thought over."""
    scene.sweep(hours=1)
    del scene.gh.token_grants[grant.id]
    for _ in range(3):
        scene.sweep()


def asked_again(cast: Cast, request: Any) -> int:
    """The same token asks for more: the number of the new request's issue."""
    _, number = cast.asked(token_id=request.token.id, permissions=WIDER)
    return number


def confirmed(cast: Cast, number: int, text: str, why: str) -> None:
    """The command is asked back for this reason, and its author confirms it."""
    told = cast.obeyed(cast.olga, number, text)
    assert why in told
    code = re.findall(r"/confirm (\S+?)`", told)[0]
    cast.obeyed(cast.olga, number, f"/confirm {code}")


def test_a_later_approval_of_the_token_keeps_the_earlier_end(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    second = asked_again(acme, request)
    acme.obeyed(acme.otto, second, "/approve")
    assert "its end holds" in bots_words(scene, acme, second)[-1]
    assert f"#{second}" in acme.obeyed(acme.mia, number, "/status")

    scene.clock.ahead += timedelta(days=3)
    until(lambda: not scene.gh.grants(acme.org), "the end", 60)
    until(lambda: labels(scene, acme, second) == {"revoked"}, "its label")


def test_a_later_end_is_confirmed_first_and_then_holds(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    second = asked_again(acme, request)
    confirmed(acme, second, "/approve for ever", "earlier")
    assert "replaces" in bots_words(scene, acme, second)[-1]

    scene.clock.ahead += timedelta(days=3)
    _, third = acme.asked(name="later")
    acme.obeyed(acme.olga, third, "/help")
    assert len(scene.gh.grants(acme.org)) == 1
    assert labels(scene, acme, second) == {"approved"}


def test_an_earlier_timer_that_a_crash_left_takes_no_later_approval_back(
    scene: Stage, acme: Cast
) -> None:
    """The process died after it had saved the later approval, before it cleared the timer."""
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    due = row_of(scene, acme, request).revoke_at
    confirmed(acme, asked_again(acme, request), "/approve for 9d", "earlier")
    left = row_of(scene, acme, request)
    left.revoke_at = due
    scene.bot.service.store.record.save(left)

    scene.clock.ahead += timedelta(days=3)
    until(lambda: row_of(scene, acme, request).revoke_at is None, "the timer's turn")
    scene.idle()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.clock.ahead += timedelta(days=7)
    until(lambda: not scene.gh.grants(acme.org), "the end", 60)


def test_an_end_is_replaced_once_the_later_approval_is_certain(scene: Stage, acme: Cast) -> None:
    """GitHub's answer is lost, and its delivery late: until it comes the approval is presumed."""
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    number = asked_again(acme, request)
    code = re.findall(r"/confirm (\S+?)`", acme.obeyed(acme.olga, number, "/approve for ever"))[0]
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, mode="lost")
    scene.idle()
    with acme.says_alone(acme.olga, number, f"/confirm {code}") as said:
        until(lambda: labels(scene, acme, number) == {"approved"}, "a guess")
        assert row_of(scene, acme, request).revoke_at is not None
    acme.answered(said, "+1")
    until(lambda: row_of(scene, acme, request).revoke_at is None, "the end of the earlier end")
    assert "a later approval replaced" in acme.obeyed(acme.mia, 1, "/status")


def test_an_end_that_is_set_while_a_later_approval_is_presumed_holds(
    scene: Stage, acme: Cast
) -> None:
    """GitHub is slow with Otto's approval, and its answer to Olga's is lost."""
    first, number = acme.asked()
    later, second = acme.asked(token_id=first.token.id)
    scene.idle()
    calls = r"/personal-access-token-requests/"
    slow = scene.gh.failures.add(method="POST", path=rf"{calls}{first.id}$", mode="kept")
    scene.gh.failures.add(method="POST", path=rf"{calls}{later.id}$", mode="lost")
    ottos = acme.says(acme.otto, number, "/approve for 1d")
    until(slow.arrived.is_set, "the call")
    with acme.says_alone(acme.olga, second, "/approve") as olgas:
        until(lambda: labels(scene, acme, second) == {"approved"}, "a guess")
        slow.release()
        acme.answered(ottos, "+1")
        assert row_of(scene, acme, first).revoke_at is not None
    acme.answered(olgas, "+1")
    scene.idle()
    assert not row_of(scene, acme, later).decision.presumed
    scene.sweep(days=2)
    until(lambda: not scene.gh.grants(acme.org), "the end")


def confirmed_by_a_guess(scene: Stage, acme: Cast) -> tuple[Any, Any]:
    """Two requests of one token: the first is approved for an hour. GitHub never got the confirmed
    approval of the second for ever, and its list does not show the request: the access by the first
    one looks like its own. It is then when that is to end.
    """
    first, number = acme.asked()
    second, other = acme.asked(token_id=first.token.id)
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(seconds=2)
    acme.obeyed(acme.olga, number, "/approve for 1h")
    told = acme.obeyed(acme.olga, other, "/approve for ever")
    code = re.findall(r"/confirm (\S+?)`", told)[0]
    scene.sweep()

    def hide_it() -> None:
        second.state = "unlisted"

    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, mode="drop", then=hide_it)
    acme.obeyed(acme.olga, other, f"/confirm {code}")
    assert row_of(scene, acme, second).decision.presumed
    for _ in range(3):
        scene.clock.ahead += timedelta(minutes=17)
        scene.bot.service.schedule.tick()
        scene.idle()
    jobs = scene.bot.service.store.inbox.deliveries("waiting", limit=1000)
    assert len([one for one in jobs if one.event == "RevokeDue"]) == 1
    return first, second


def test_a_guessed_approval_ends_no_earlier_end_when_its_time_comes(
    scene: Stage, acme: Cast
) -> None:
    _, second = confirmed_by_a_guess(scene, acme)
    second.state = "pending"
    scene.sweep()
    assert row_of(scene, acme, second).state == "pending"
    scene.sweep()
    until(lambda: not scene.gh.grants(acme.org), "the end")


def test_a_guessed_approval_is_believed_once_no_delivery_can_tell_otherwise(
    scene: Stage, acme: Cast
) -> None:
    first, second = confirmed_by_a_guess(scene, acme)
    scene.sweep(days=3)
    scene.sweep()
    assert row_of(scene, acme, first).revoke_at is None
    assert row_of(scene, acme, second).state == "approved"
    assert len(scene.gh.grants(acme.org)) == 1


def test_an_end_that_comes_while_a_later_one_is_being_approved_waits_for_it(
    scene: Stage, acme: Cast
) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 1d")
    due = row_of(scene, acme, first).revoke_at.isoformat()
    other = asked_again(acme, first)
    code = re.findall(r"/confirm (\S+?)`", acme.obeyed(acme.olga, other, "/approve for 9d"))[0]
    scene.clock.ahead += timedelta(hours=20)
    scene.idle()
    path = r"personal-access-token-requests/\d+$"
    slow = scene.gh.failures.add(method="POST", path=path, mode="kept")
    said = acme.says(acme.olga, other, f"/confirm {code}")
    until(slow.arrived.is_set, "the call")
    scene.clock.ahead += timedelta(hours=5)
    scene.bot.service.store.inbox.wake()
    timer = f"revoke:{acme.org.id}/{first.id}:{due}"
    find = scene.bot.service.store.inbox.find
    until(lambda: find(timer).last_error or not scene.gh.grants(acme.org), "the timer's turn")
    slow.release()
    acme.answered(said, "+1")
    assert len(scene.gh.grants(acme.org)) == 1
    scene.sweep(days=10)
    until(lambda: not scene.gh.grants(acme.org), "the later end")


@pytest.mark.parametrize("wrong", ["still waiting", "gone"])
def test_a_wrong_guess_loses_neither_the_limit_nor_whose_approval_it_was(
    scene: Stage, acme: Cast, wrong: str
) -> None:
    """GitHub's answer is lost, its delivery late, and one of its lists is wrong meanwhile."""
    request, number = acme.asked()
    scene.idle()
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, mode="lost")
    with acme.says_alone(acme.olga, number, "/approve for 2d") as said:
        until(lambda: request.state == "approved", "the approval")
        (grant,) = scene.gh.grants(acme.org)
        if wrong == "gone":
            del scene.gh.token_grants[grant.id]
        else:
            until(lambda: row_of(scene, acme, request).state == "approved", "a guess")
            request.state = "pending"
        thought = "cancelled" if wrong == "gone" else "pending"
        scene.clock.ahead += timedelta(minutes=15)
        scene.bot.service.schedule.tick()
        until(
            lambda: (
                (row := row_of(scene, acme, request)).state == thought or row.missing_sweeps >= 1
            ),
            "a look",
        )
        scene.clock.ahead += timedelta(minutes=15)
        scene.bot.service.schedule.tick()
        until(lambda: row_of(scene, acme, request).state == thought, "a wrong guess")
        request.state = "approved"
        scene.gh.token_grants[grant.id] = grant
    scene.idle()
    row = row_of(scene, acme, request)
    assert (row.state, row.decision.by.id) == ("approved", acme.olga.id)
    assert said.reactions
    scene.sweep(days=3)
    until(lambda: not scene.gh.grants(acme.org), "the end")


def github_approves_after_all(scene: Stage, acme: Cast, request: Any) -> None:
    """As the bot asked it to, and no delivery tells: it is known whose approval it is, and ends."""
    with scene.gh.drop_deliveries():
        scene.gh.review_as(scene.gh.app.bot, acme.org, request.id, "approve", "")
        scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    scene.sweep()
    row = row_of(scene, acme, request)
    assert (row.state, row.decision.by.id) == ("approved", acme.olga.id)
    scene.sweep(days=3)
    until(lambda: not scene.gh.grants(acme.org), "the end")


def test_a_denial_under_way_hides_no_approval_that_github_was_asked_for_before(
    scene: Stage, acme: Cast
) -> None:
    """GitHub's list lags behind the approval, so it is given up, and the process that denies the
    request dies before its call.
    """
    request, number = acme.asked()
    scene.idle()
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, status=422)
    acme.refused(acme.olga, number, "/approve for 2d")
    row = row_of(scene, acme, request)
    assert row.let_go.by.id == acme.olga.id
    denial = replace(row.let_go, outcome=State.DENIED, comment_id=1, lifetime=None, job="gone")
    row.begin(denial, "/deny")
    scene.bot.service.store.record.save(row)
    github_approves_after_all(scene, acme, request)


def test_a_denial_that_was_given_up_hides_no_approval_that_was_given_up_before(
    scene: Stage, acme: Cast
) -> None:
    """GitHub refuses both, and carries the first one out after all."""
    request, number = acme.asked()
    scene.idle()
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, status=422, times=2)
    acme.refused(acme.olga, number, "/approve for 2d")
    acme.refused(acme.otto, number, "/deny not this one")
    github_approves_after_all(scene, acme, request)


def test_an_access_that_shows_after_a_wrong_guess_is_whose_it_was_and_ends(
    scene: Stage, acme: Cast
) -> None:
    """GitHub's answer and its delivery are lost, and its list of grants lags."""
    request, number = acme.asked()
    scene.idle()
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, mode="lost")
    scene.gh.hold_deliveries()
    acme.says(acme.olga, number, "/approve for 2d")
    with scene.gh.drop_deliveries():
        scene.gh.release_deliveries()
        until(lambda: request.state == "approved", "the approval")
        (grant,) = scene.gh.grants(acme.org)
        del scene.gh.token_grants[grant.id]
        assert scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    for _ in range(3):
        scene.sweep()
    assert row_of(scene, acme, request).state == "cancelled"
    scene.gh.token_grants[grant.id] = grant
    scene.sweep()
    row = row_of(scene, acme, request)
    assert (row.state, row.decision.by.id) == ("approved", acme.olga.id)
    until(lambda: labels(scene, acme, number) == {"approved"}, "its label")
    scene.sweep(days=3)
    until(lambda: not scene.gh.grants(acme.org), "the end")


def test_the_access_by_a_later_request_is_not_that_of_one_that_was_not_taken(
    scene: Stage, acme: Cast
) -> None:
    """GitHub did not take an approval for a time, its request was cancelled, and the token asked
    for the same again.
    """
    request, number = acme.asked()
    path = r"personal-access-token-requests/\d+$"
    scene.gh.failures.add(method="POST", path=path, status=422)
    acme.refused(acme.olga, number, "/approve for 2d")
    with scene.gh.drop_deliveries():
        scene.gh.cancel_request(request)
        scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    for _ in range(3):
        scene.sweep()
    assert row_of(scene, acme, request).state == "cancelled"
    scene.gh.ahead = scene.clock.ahead
    _, second = acme.asked(token_id=request.token.id)
    acme.obeyed(acme.otto, second, "/approve")
    scene.sweep()
    assert row_of(scene, acme, request).state == "cancelled"
    scene.sweep(days=3)
    assert len(scene.gh.grants(acme.org)) == 1


@pytest.mark.parametrize("how", ["its delivery is late", "the list lags"])
def test_what_is_only_thought_approved_takes_no_end_away(
    scene: Stage, acme: Cast, how: str
) -> None:
    """Another request of the token leaves GitHub's list, and the token's access looks like its."""
    first, number = acme.asked()
    second, other = acme.asked(token_id=first.token.id)
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(seconds=2)
    acme.obeyed(acme.olga, number, "/approve for 2d")
    if how == "the list lags":
        second.state = "unlisted"
        scene.sweep()
        scene.sweep()
        assert row_of(scene, acme, second).state == "approved"
        second.state = "pending"
        scene.sweep()
        acme.obeyed(acme.otto, other, "/deny not twice")
    else:
        with scene.gh.drop_deliveries():
            scene.gh.review_as(acme.otto, acme.org, second.id, "deny", "not twice")
            scene.gh.settle()
        late = scene.gh.failures.add(path=r"/app/hook/deliveries", times=None)
        scene.clock.ahead += timedelta(minutes=15)
        scene.bot.service.schedule.tick()
        until(lambda: row_of(scene, acme, second).state == "approved", "a guess")
        scene.gh.failures.remove(late)
        scene.sweep()
        scene.sweep()
    assert row_of(scene, acme, second).state == "denied"
    scene.sweep(days=3)
    scene.idle()
    assert scene.gh.grants(acme.org) == []
    assert row_of(scene, acme, first).state == "revoked"


def test_a_guess_whose_access_was_hidden_stays_a_guess(scene: Stage, acme: Cast) -> None:
    """The token's access by one request looks like that of another, is hidden, and shown again: the
    other one still waits.
    """
    first, number = acme.asked()
    second, _ = acme.asked(token_id=first.token.id)
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(seconds=2)
    acme.obeyed(acme.olga, number, "/approve")
    second.state = "unlisted"
    scene.sweep()
    scene.sweep()
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    assert row_of(scene, acme, second).state == "revoked"
    scene.gh.token_grants[grant.id] = grant
    scene.sweep()
    assert row_of(scene, acme, second).state == "approved"
    second.state = "pending"
    scene.sweep()
    assert row_of(scene, acme, second).state == "pending"
    scene.sweep()
    assert row_of(scene, acme, first).state == "approved"


@pytest.mark.parametrize("days", [2, 8], ids=["before the end", "after the end"])
def test_a_token_that_expired_and_was_regenerated_ends_when_it_was_said(
    scene: Stage, acme: Cast, days: int
) -> None:
    """The issue said so: "If its owner gives it a later end, the access will be revoked on …"."""

    def turn(**later: float) -> None:
        scene.clock.ahead += timedelta(**later)
        scene.gh.ahead = scene.clock.ahead
        scene.sweep()

    end = scene.clock.now().replace(microsecond=0) + timedelta(days=3)
    request, number = acme.asked(expires_at=end)
    acme.obeyed(acme.olga, number, "/approve for 9d")
    assert "gives it a later end" in bots_words(scene, acme, number)[-1]
    (grant,) = scene.gh.grants(acme.org)
    turn(hours=1)
    turn(days=3)
    turn(minutes=15)
    assert row_of(scene, acme, request).state == "expired"
    turn(days=days)
    grant.token.expires_at = scene.clock.now() + timedelta(days=300)
    if days == 2:
        turn(days=1)
        assert len(scene.gh.grants(acme.org)) == 1
    turn(days=3)
    assert scene.gh.grants(acme.org) == []
    assert row_of(scene, acme, request).state == "revoked"
    assert "time of the approval is over" in bots_words(scene, acme, number)[-1]


def test_an_end_holds_though_a_list_hid_the_access_for_a_while(scene: Stage, acme: Cast) -> None:
    """Both requests of the token seem revoked; the one without an end is seen again first."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    _, other = acme.asked(token_id=first.token.id, permissions=WIDER)
    asked = acme.obeyed(acme.olga, other, "/approve for 2d")
    acme.obeyed(acme.olga, other, "/confirm " + re.findall(r"/confirm (\w+)", asked)[0])
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    assert row_of(scene, acme, first).state == "revoked"
    scene.gh.token_grants[grant.id] = grant
    scene.gh.failures.add(method="GET", path=r"personal-access-tokens$", skip=1)
    for _ in range(3):
        scene.sweep()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.sweep(days=3)
    scene.sweep()
    assert scene.gh.grants(acme.org) == []


def test_an_end_holds_though_both_lists_are_wrong_for_a_while(scene: Stage, acme: Cast) -> None:
    """GitHub's lists show the approved request as pending, and no access."""
    request, number = acme.asked()
    scene.idle()
    with scene.gh.lag("requests"):
        acme.obeyed(acme.olga, number, "/approve for 2d")
        (grant,) = scene.gh.grants(acme.org)
        hide(scene, grant)
        assert row_of(scene, acme, request).state == "revoked"
    for _ in range(3):
        scene.sweep()
    assert row_of(scene, acme, request).state == "revoked"
    scene.gh.token_grants[grant.id] = grant
    scene.sweep()
    assert row_of(scene, acme, request).state == "approved"
    scene.sweep(days=2)
    assert scene.gh.grants(acme.org) == []


@pytest.mark.parametrize("shows_again", [True, False])
def test_an_end_that_comes_while_an_access_is_hidden_is_told_if_there_was_one(
    scene: Stage, acme: Cast, shows_again: bool
) -> None:
    """It shows again after its end, and GitHub's answer to its revocation is lost; or never."""
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    assert labels(scene, acme, number) == {"revoked"}
    before = bots_words(scene, acme, number)
    if shows_again:
        path = r"personal-access-tokens/\d+$"
        lost = scene.gh.failures.add(method="POST", path=path, mode="lost")
        scene.gh.token_grants[grant.id] = grant
    scene.sweep(days=3)
    scene.sweep()
    told = bots_words(scene, acme, number)[len(before) :]
    assert scene.gh.grants(acme.org) == []
    if shows_again:
        assert lost.hits
        assert "The time of the approval is over" in told[-1]
    else:
        assert told == []


@pytest.mark.parametrize("hidden", ["", "until the earlier end", "until a sweep"])
def test_an_end_that_was_missed_takes_no_later_approval_away(
    scene: Stage, acme: Cast, hidden: str
) -> None:
    """GitHub keeps the grant's age here, so that the later approval alone tells them apart."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    (grant,) = scene.gh.grants(acme.org)
    granted = grant.access_granted_at
    hide(scene, grant)
    assert row_of(scene, acme, first).state == "revoked"
    scene.gh.ahead = scene.clock.ahead  # it is asked for after that
    again, other = acme.asked(token_id=first.token.id)
    confirmed(acme, other, "/approve for 9d", "earlier approval")
    (later,) = scene.gh.grants(acme.org)
    later.access_granted_at = granted
    if hidden:
        hide(scene, later)
    if hidden == "until the earlier end":  # whose look comes before any sweep's
        scene.gh.token_grants[later.id] = later
        scene.clock.ahead += timedelta(days=2)
        scene.idle()
    scene.sweep(days=2)
    scene.gh.token_grants[later.id] = later
    scene.sweep(days=1)
    scene.sweep()
    assert len(scene.gh.grants(acme.org)) == 1
    assert row_of(scene, acme, again).state == "approved"


def test_an_end_that_was_replaced_while_its_access_was_hidden_holds_for_no_later_approval(
    scene: Stage, acme: Cast
) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    assert row_of(scene, acme, first).state == "revoked"
    scene.gh.ahead = scene.clock.ahead  # what follows is asked for after that
    confirmed(acme, asked_again(acme, first), "/approve for 9d", "earlier approval")
    _, third = acme.asked(token_id=first.token.id, permissions=WIDEST)
    acme.obeyed(acme.otto, third, "/approve")
    assert "its end holds" in bots_words(scene, acme, third)[-1]
    scene.sweep(days=3)
    scene.sweep()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.sweep(days=7)
    scene.sweep()
    assert scene.gh.grants(acme.org) == []


@on_both_databases
def test_revoked_access_that_github_shows_again_days_later_is_revoked_again(
    scene: Stage, acme: Cast
) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    (grant,) = scene.gh.grants(acme.org)
    acme.obeyed(acme.olga, number, "/revoke")
    scene.sweep(days=3)
    scene.gh.token_grants[grant.id] = grant
    scene.sweep(days=1)
    assert scene.gh.grants(acme.org) == []
    assert row_of(scene, acme, request).state == "revoked"
    assert "still showed this access" in bots_words(scene, acme, number)[-1]


@pytest.mark.parametrize("when", ["at once", "days later"])
@pytest.mark.parametrize("how", ["/revoke", "its end"])
def test_what_was_revoked_goes_though_an_earlier_approval_of_the_token_seems_to_stand(
    scene: Stage, acme: Cast, how: str, when: str
) -> None:
    """GitHub's list shows no grant when it is to be revoked, and shows it again later."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    second = asked_again(acme, first)
    confirmed(acme, second, "/approve for 2d", "older access")
    with scene.gh.lag("grants", shows="nothing"):
        if how == "/revoke":
            scene.clock.ahead += timedelta(minutes=2)
            acme.obeyed(acme.otto, second, "/revoke")
        else:
            scene.clock.ahead += timedelta(days=2, minutes=1)
            until(lambda: labels(scene, acme, second) == {"revoked"}, "the end")
        scene.idle()
        assert labels(scene, acme, number) == {"approved"}
    scene.sweep(minutes=15, days=3 if when == "days later" else 0)
    until(lambda: not scene.gh.grants(acme.org), "the revocation")
    for _ in range(3):
        scene.sweep()
    assert [labels(scene, acme, one) for one in (number, second)] == [{"revoked"}] * 2


READING = """\
version: 1
mode: enforce
rules:
  - name: reading
    when: {permissions: {only: ["*:read"]}}
    approve: {}
"""


@pytest.mark.parametrize("how", ["a rule", "/approve"])
def test_an_end_is_not_lost_when_the_access_comes_back_with_another_request(
    scene: Stage, acme: Cast, how: str
) -> None:
    read = {"contents": "read", "metadata": "read"}
    later = scene.clock.now().replace(microsecond=0) + timedelta(days=80)
    first, number = acme.asked(permissions={"repository": read}, expires_at=later)
    acme.obeyed(acme.olga, number, "/approve for 3d")
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    assert row_of(scene, acme, first).state == "revoked"
    if how == "a rule":
        puts_in_force(acme, READING)
    scene.gh.token_grants[grant.id] = grant
    wider = {"repository": {**read, "issues": "read"}}
    request, other = acme.asked(permissions=wider, token_id=first.token.id, expires_at=later)
    scene.idle()
    assert request.state == "pending"  # a rule leaves it to owners
    acme.obeyed(acme.olga, other, "/approve")
    assert "its end holds" in bots_words(scene, acme, other)[-1]
    scene.sweep(days=4)
    assert scene.gh.grants(acme.org) == []


def test_an_end_that_was_replaced_does_not_come_back_with_the_access(
    scene: Stage, acme: Cast
) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 3d")
    second = asked_again(acme, first)
    confirmed(acme, second, "/approve for 20d", "earlier approval")
    (grant,) = scene.gh.grants(acme.org)
    hide(scene, grant)
    scene.sweep(days=4)
    scene.gh.token_grants[grant.id] = grant
    scene.sweep(days=1)
    scene.sweep()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.sweep(days=20)
    assert scene.gh.grants(acme.org) == []


def test_without_the_right_to_revoke_nothing_is_approved_for_a_time(town: Stage) -> None:
    cast = town.organization("readers", install=False)
    permissions = {**town.gh.app.permissions, "organization_personal_access_tokens": "read"}
    town.gh.install(cast.org, permissions)
    request, number = cast.asked()
    assert "organization_personal_access_tokens: write" in cast.refused(
        cast.olga, number, "/approve for 2d"
    )
    assert request.state == "pending"
    cast.obeyed(cast.olga, number, "/approve")
    assert "organization_personal_access_tokens: write" in cast.refused(
        cast.otto, number, "/revoke"
    )
    assert len(town.gh.grants(cast.org)) == 1


def test_a_timed_approval_that_widens_a_grant_asks_back(scene: Stage, acme: Cast) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    wider = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
    request, number = acme.asked(token_id=first.token.id, permissions=wider)

    reply = acme.obeyed(acme.olga, number, "/approve for 2d for the move")
    assert "older" in reply
    assert request.state == "pending"
    code = re.findall(r"/confirm (\S+?)`", reply)[0]
    assert "person who asked" in acme.refused(acme.otto, number, f"/confirm {code}")
    scene.clock.ahead += timedelta(hours=25)
    assert "24 hours" in acme.refused(acme.olga, number, f"/confirm {code}")
    assert request.state == "pending"

    reply = acme.obeyed(acme.olga, number, "/approve for 2d for the move")
    code = re.findall(r"/confirm (\S+?)`", reply)[0]
    acme.obeyed(acme.olga, number, f"/confirm {code}")
    assert (request.state, request.review_reason) == ("approved", "for the move")
    assert "already" in acme.refused(acme.olga, number, "/approve for 2d")
    scene.clock.ahead += timedelta(days=2, minutes=1)
    until(lambda: scene.gh.grants(acme.org) == [], "the revocation")


def test_a_grant_that_is_too_new_to_be_listed_is_not_called_revoked(
    scene: Stage, acme: Cast
) -> None:
    """Two looks of the list, 20 seconds apart, prove nothing within the minute of the approval."""
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    (grant,) = scene.gh.grants(acme.org)
    del scene.gh.token_grants[grant.id]
    approved_at = scene.clock.ahead
    said = acme.says(acme.olga, number, "/revoke")
    until(lambda: scene.clock.ahead - approved_at >= timedelta(seconds=35), "two looks apart")
    scene.gh.token_grants[grant.id] = grant
    acme.answered(said, "+1")
    assert scene.gh.grants(acme.org) == []
    assert row_of(scene, acme, request).state == "revoked"


def test_what_ends_with_a_later_approval_is_said_and_not_called_githubs(
    scene: Stage, acme: Cast
) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    second = asked_again(acme, first)
    confirmed(acme, second, "/approve for 3d", "older access")
    assert f"also what was approved on #{number}" in bots_words(scene, acme, second)[-1]
    scene.sweep(days=3, minutes=1)
    scene.sweep()
    scene.sweep()
    assert labels(scene, acme, number) == {"revoked"}
    assert f"it was revoked on #{second}" in bots_words(scene, acme, number)[-1]
    assert "does not tell" not in bots_words(scene, acme, number)[-1]


def test_a_code_replaces_only_the_end_that_it_named(scene: Stage, acme: Cast) -> None:
    """Otto sets an earlier end of the same token before Olga confirms."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 20d")
    second = asked_again(acme, first)
    _, third = acme.asked(token_id=first.token.id, permissions=WIDEST)
    told = acme.obeyed(acme.olga, second, "/approve for 30d")
    named = [re.findall(r"ends on \*\*(\S+)", told)[0]]
    confirmed(acme, third, "/approve for 1d", "already has access")
    told = acme.obeyed(acme.olga, second, re.findall(r"`(/confirm \S+?)`", told)[0])
    named += re.findall(r"ends on \*\*(\S+)", told)
    assert named[1] < named[0]
    acme.obeyed(acme.olga, second, re.findall(r"`(/confirm \S+?)`", told)[0])
    assert "replaces" in bots_words(scene, acme, second)[-1]
    scene.sweep(days=2)
    assert len(scene.gh.grants(acme.org)) == 1
    scene.sweep(days=29)
    assert scene.gh.grants(acme.org) == []


def test_an_end_that_is_set_while_a_later_one_is_carried_out_holds(
    scene: Stage, acme: Cast
) -> None:
    """Otto sets it while GitHub works on Olga's approval, which names another one."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 20d")
    later, second = acme.asked(token_id=first.token.id, permissions=WIDER)
    _, third = acme.asked(token_id=first.token.id, permissions=WIDEST)
    ask = r"`(/confirm \S+?)`"
    olgas = re.findall(ask, acme.obeyed(acme.olga, second, "/approve for 30d"))[0]
    ottos = re.findall(ask, acme.obeyed(acme.otto, third, "/approve for 1d"))[0]
    path = rf"/personal-access-token-requests/{later.id}$"
    slow = scene.gh.failures.add(method="POST", path=path, mode="kept")
    said = acme.says(acme.olga, second, olgas)
    until(slow.arrived.is_set, "the call")
    confirmation = acme.says(acme.otto, third, ottos)
    until(lambda: confirmation.reactions, "otto's approval")
    slow.release()
    acme.answered(said, "+1")
    scene.sweep(days=2)
    assert scene.gh.grants(acme.org) == []


def test_what_changed_since_it_was_asked_back_needs_another_approval(
    scene: Stage, acme: Cast
) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    request, number = acme.asked(token_id=first.token.id, permissions=WIDER)
    reply = acme.obeyed(acme.olga, number, "/approve for 2d")
    code = re.findall(r"/confirm (\S+?)`", reply)[0]
    wider = {"repository": {"administration": "write", **WIDER["repository"]}}
    scene.gh.change_request(request, permissions=wider)
    scene.sweep()  # the issue shows it by now
    scene.gh.ahead = scene.clock.ahead  # the code is written after that
    assert "`administration`" in scene.gh.issue(acme.admin, number).body
    assert "changed" in acme.refused(acme.olga, number, f"/confirm {code}")
    assert request.state == "pending"


def test_an_owner_takes_access_back(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    assert "nothing to revoke" in cast.refused(cast.olga, number, "/revoke")
    cast.obeyed(cast.olga, number, "/approve")
    assert "their own request" in cast.refused(cast.mia, number, "/revoke")
    assert len(town.gh.grants(cast.org)) == 1

    cast.obeyed(cast.otto, number, "/revoke the project is over")
    issue = town.gh.issue(cast.admin, number)
    assert (town.gh.grants(cast.org), issue.state) == ([], "closed")
    assert labels(town, cast, number) == {"revoked"}
    words = bots_words(town, cast, number)
    assert cast.otto.login in words[-1]
    assert "the project is over" in words[-1]
    assert "no approved access" in cast.refused(cast.otto, number, "/revoke")

    _, number = cast.asked(name="denied")
    cast.obeyed(cast.olga, number, "/deny no")
    assert "denied" in cast.refused(cast.olga, number, "/revoke")


def test_revoke_says_when_the_grant_is_gone_already(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    town.gh.revoke(town.gh.grants(cast.org)[0])
    said = cast.says(cast.olga, number, "/revoke")
    for minutes in (1, 2):  # not just after the approval, and not by one look
        assert labels(town, cast, number) == {"approved"}
        town.clock.ahead += timedelta(minutes=minutes)
        town.bot.service.store.inbox.wake()
        until(lambda: town.bot.service.store.inbox.next_due() or said.reactions, "another look")
    cast.answered(said, "+1")
    assert labels(town, cast, number) == {"revoked"}
    assert "nothing to revoke" in bots_words(town, cast, number)[-1]


def test_a_revocation_whose_answer_is_lost_happens_once(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    path = rf"/{cast.org.login}/personal-access-tokens/\d+$"
    lost = town.gh.failures.add(method="POST", path=path, mode="lost")
    said = cast.says(cast.olga, number, "/revoke it leaked")
    until(lambda: lost.hits, "the lost answer")
    town.gh.edit_comment(cast.olga, said, "/revoke never mind")
    cast.answered(said, "+1")
    assert labels(town, cast, number) == {"revoked"}
    words = bots_words(town, cast, number)
    assert len(words) == 2
    assert "it leaked" in words[-1]
    assert "nothing to revoke" not in words[-1]


@pytest.mark.parametrize("status", [403, 503])
def test_trouble_with_its_issue_delays_no_revocation(scene: Stage, acme: Cast, status: int) -> None:
    """By command or in time: what the issue cannot tell yet holds up nothing."""
    wanted = {"status": status, "message": "Resource not accessible by integration"}
    requests = [acme.asked(name=name) for name in ("timed", "leaked")]
    scene.idle()
    numbers = [number for _, number in requests]
    comments = "/issues/({}|{})/comments$".format(*numbers)
    mute = scene.gh.failures.add(method="POST", path=comments, times=None, **wanted)
    for number, text in zip(numbers, ("/approve for 1h", "/approve"), strict=True):
        acme.says(acme.olga, number, text)
    until(lambda: len(scene.gh.grants(acme.org)) == 2 and mute.hits >= 4, "approved, told nobody")

    acme.says(acme.otto, numbers[1], "/revoke it leaked")
    until(lambda: len(scene.gh.grants(acme.org)) == 1, "the revocation by command")
    scene.gh.failures.add(method="PATCH", path=r"/issues/\d+$", times=None, **wanted)
    scene.gh.label_issue(acme.otto, acme.admin, numbers[0], add="held")
    scene.clock.ahead += timedelta(hours=1, minutes=1)
    scene.bot.service.store.inbox.wake()
    until(lambda: not scene.gh.grants(acme.org), "the revocation in time")

    scene.gh.failures.clear()
    for number in numbers:
        scene.issue(acme.admin, number=number, state="closed", label="revoked")
    scene.idle()
    assert [labels(scene, acme, number) for number in numbers] == [{"revoked"}] * 2


def test_a_revocation_that_a_wrong_clock_began_waits_for_its_time(scene: Stage, acme: Cast) -> None:
    """As after a machine resumes with a clock that is put right a moment later."""
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 5d")
    path = r"personal-access-tokens/\d+$"
    down = scene.gh.failures.add(method="POST", path=path, status=503, times=None)
    scene.clock.ahead += timedelta(days=6)
    scene.bot.service.store.inbox.wake()
    until(lambda: down.hits, "a revocation that failed")
    scene.clock.ahead -= timedelta(days=6)
    scene.gh.failures.clear()

    for _ in range(2):
        scene.sweep()
    assert len(scene.gh.grants(acme.org)) == 1
    scene.clock.ahead += timedelta(days=5)
    scene.bot.service.store.inbox.wake()
    until(lambda: not scene.gh.grants(acme.org), "the revocation")
