"""Odd names, odd rows, a renamed App, and answers that are wrong for a moment."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.stage import Cast, Stage, until


def row(acme: Cast, asked: Any) -> Any:
    return acme.stage.bot.service.store.record.request(acme.org.id, asked.id)


def body(acme: Cast, number: int) -> str:
    text: str = acme.stage.gh.issue(acme.admin, number).body
    return text


# ------------------------------------------------------------------ names


def test_a_renamed_app_keeps_the_end_of_its_timed_approval(scene: Stage, acme: Cast) -> None:
    """The answer to the approval is lost, and its echo comes under the App's new name."""
    first, warm = acme.asked(name="warm")
    acme.obeyed(acme.olga, warm, "/approve")  # the bot knows its own account by now
    request, number = acme.asked()
    scene.gh.rename_app("gatekeeper")
    path = rf"/personal-access-token-requests/{request.id}$"
    scene.gh.failures.add(method="POST", path=path, mode="lost")
    acme.obeyed(acme.olga, number, "/approve for 2h")
    found = row(acme, request)
    assert (found.state, found.decision.by.id) == (State.APPROVED, acme.olga.id)
    assert found.revoke_at is not None
    scene.clock.ahead += timedelta(hours=2, seconds=1)
    scene.bot.service.store.inbox.wake()
    until(lambda: [one.token for one in scene.gh.grants(acme.org)] == [first.token], "its end")


@pytest.mark.parametrize("login", ["-Jerry-", "foo-", "a.b", "a/../b", "with blank"])
def test_an_odd_login_loses_no_request(scene: Stage, acme: Cast, login: str) -> None:
    who = scene.gh.add_user(login)
    scene.gh.add_member(acme.org, who)
    request, number = acme.asked(by=who)
    assert "member** of" in body(acme, number) or ", member of" in body(acme, number)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_role_that_cannot_be_asked_is_unknown_and_blocks_nothing(
    scene: Stage, acme: Cast
) -> None:
    path = f"/memberships/{acme.mia.login}$"
    scene.gh.failures.add(method="GET", path=path, status=403, times=None)
    request, number = acme.asked()
    assert "unknown" in body(acme, number)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_membership_that_is_not_found_once_is_looked_for_again(scene: Stage, acme: Cast) -> None:
    path = f"/memberships/{acme.mia.login}$"
    scene.gh.failures.add(method="GET", path=path, status=404)
    request, number = acme.asked()
    assert "no longer a member" not in body(acme, number)
    until(lambda: "unknown" not in body(acme, number), "the role")
    assert "member" in body(acme, number)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_who_is_no_member_at_two_looks_has_left(scene: Stage, acme: Cast) -> None:
    stranger = scene.gh.add_user("stranger")
    request, number = acme.asked(by=stranger)
    until(lambda: "no longer a member" in body(acme, number), "the second look")
    assert "no longer a member" in acme.refused(acme.olga, number, "/approve")
    assert request.state == "pending"


# ------------------------------------------------------------------ rows


def test_an_odd_row_stops_no_other_request_and_has_not_vanished(scene: Stage, acme: Cast) -> None:
    odd, number = acme.asked(name="odd")
    scene.idle()
    scene.gh.lists.change_row("requests", odd.id, owner=None)
    with scene.gh.drop_deliveries():
        acme.asks(name="other", by=acme.otto)
        scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    for _ in range(2):
        scene.clock.ahead += timedelta(minutes=15)
        scene.bot.service.schedule.tick()
        until(lambda: any("other" in one.title for one in scene.gh.issues(acme.admin)), "other")
    assert row(acme, odd).state is State.PENDING
    scene.gh.lists.mend()
    scene.clock.ahead += timedelta(seconds=21)
    scene.idle()
    scene.sweep()
    assert (row(acme, odd).state, scene.gh.issue(acme.admin, number).state) == ("pending", "open")


def test_an_extension_is_told_from_a_new_token_for_good(scene: Stage, acme: Cast) -> None:
    """No webhook told what it adds: the token's grant does, when the request is recorded."""
    grant = scene.gh.grant_without_review(
        acme.org, acme.mia, permissions={"repository": {"contents": "read", "metadata": "read"}}
    )
    scene.idle()
    with scene.gh.drop_deliveries():
        acme.asks(token_id=grant.token.id)
        scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    scene.sweep()
    issue = scene.issue(acme.admin, label="pending")
    assert "asks for more access for its token" in issue.body
    acme.obeyed(acme.olga, issue.number, "/approve")
    assert "asks for more access for its token" in issue.body


# ------------------------------------------------------------------ order


def test_what_was_missed_is_judged_in_the_order_in_which_it_happened(
    scene: Stage, acme: Cast
) -> None:
    request, number = acme.asked()
    scene.idle()
    with scene.gh.drop_deliveries():
        held = acme.says(acme.otto, number, "/hold for a talk")
        said = acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
    scene.sweep()
    assert [one.content for one in held.reactions] == ["+1"]
    assert "hold" in acme.answered(said, "confused")
    assert request.state == "pending"
