"""The record came back from a backup, or was made anew: what was commanded before counts no more.

GitHub may deliver it once more: nothing of what it did, or what was turned back since, is known.
"""

from typing import Any

from bot.domain.token_request import State
from tests.journeys.digests import with_digest
from tests.journeys.restoring import backed_up, come_back, ran, restored, start, state
from tests.journeys.stage import Cast, Stage


def delivered_again(scene: Stage, said: Any, how: str) -> str:
    """GitHub delivers a comment from before as if it were new; what the bot replies now."""
    one = next(
        one
        for one in scene.gh.deliveries
        if one.event == "issue_comment" and one.json["comment"]["id"] == said.id
    )
    before = len(said.issue.comments)
    said.reactions.clear()
    assert scene.replay(one).status_code == 202
    scene.until(lambda: said.reactions, "an answer")
    scene.idle()
    assert [one.content for one in said.reactions] == [how]
    return "".join(one.body for one in said.issue.comments[before:])


def test_an_approval_that_a_hold_refused_is_not_carried_out(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.otto, number, "/hold I ask first")
    backed_up(scene)
    said = acme.says(acme.olga, number, "/approve")
    assert "on hold" in acme.answered(said, "confused")
    come_back(scene)
    acme.obeyed(acme.otto, number, "/unhold")
    delivered_again(scene, said, "confused")
    assert request.state == "pending"
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_hold_from_while_no_bot_ran_comes_before_an_approval(scene: Stage, acme: Cast) -> None:
    """GitHub does not tell it again yet. One that had its reply may have been ended since."""
    request, number = acme.asked()
    other, ended = acme.asked(name="another")
    backed_up(scene)
    acme.obeyed(acme.otto, ended, "/hold I ask first")
    acme.obeyed(acme.otto, ended, "/unhold")
    scene.idle()
    scene.stop_bot()
    hold = acme.says(acme.otto, number, "/hold I ask first")
    assert scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    restored(scene)
    start(scene)
    acme.refused(acme.olga, number, "/approve")
    assert state(scene, acme, request) is State.HELD
    assert [one.content for one in hold.reactions] == ["+1"]
    acme.obeyed(acme.olga, ended, "/approve")
    assert (request.state, other.state) == ("pending", "approved")


def test_so_does_one_before_approvals_on_a_digest(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, held={}, other={})
    (held, one), (other, two) = asked["held"], asked["other"]
    backed_up(daily)
    daily.stop_bot()
    hold = acme.says(acme.otto, one, "/hold I ask first")
    assert daily.gh.settle()
    daily.gh.hook.attempts[:] = [one for one in daily.gh.deliveries if one.succeeded]
    restored(daily)
    start(daily)
    told = acme.obeyed(acme.olga, digest.number, f"/approve for 3d #{one} #{two}")
    assert f"#{one}: " in told
    assert (held.state, other.state) == ("pending", "approved")
    assert [one.content for one in hold.reactions] == ["+1"]


def test_a_hold_that_was_put_again_stays(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.otto, number, "/hold I ask first")
    backed_up(scene)
    said = acme.says(acme.otto, number, "/unhold")
    acme.answered(said, "+1")
    acme.obeyed(acme.olga, number, "/hold there is more to ask")
    come_back(scene)
    delivered_again(scene, said, "confused")
    assert state(scene, acme, request) is State.HELD
    assert "held" in scene.gh.issue(acme.admin, number).labels
    acme.obeyed(acme.otto, number, "/unhold")


def test_an_access_that_was_approved_anew_is_not_revoked(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    backed_up(scene)
    said = acme.says(acme.otto, number, "/revoke by mistake")
    acme.answered(said, "+1")
    _, again = acme.asked(token_id=request.token.id)
    acme.obeyed(acme.olga, again, "/approve")
    come_back(scene)
    delivered_again(scene, said, "confused")
    assert len(scene.gh.grants(acme.org)) == 1


def test_nor_after_a_rebuild(scene: Stage, acme: Cast) -> None:
    """The issue shows just what it showed before."""
    request, number = acme.asked()
    acme.obeyed(acme.otto, number, "/hold I ask first")
    said = acme.says(acme.olga, number, "/approve")
    acme.answered(said, "confused")
    acme.obeyed(acme.otto, number, "/unhold")
    scene.stop_bot()
    for one in scene.folder.glob("bot.db*"):
        one.unlink()
    ran(scene, "rebuild")
    start(scene)
    delivered_again(scene, said, "confused")
    assert request.state == "pending"
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_nor_on_a_digest(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    daily.gh.ahead = daily.clock.ahead
    (_, one), (second, two) = asked.values()
    acme.obeyed(acme.otto, two, "/hold I ask first")
    acme.obeyed(acme.olga, digest.number, f"/approve #{one}")
    backed_up(daily)
    ended = acme.says(acme.otto, digest.number, f"/unhold #{two}")
    acme.answered(ended, "+1")
    acme.obeyed(acme.otto, two, "/hold there is more to ask")
    revoked = acme.says(acme.otto, digest.number, f"/revoke #{one} by mistake")
    acme.answered(revoked, "+1")
    come_back(daily)
    delivered_again(daily, ended, "confused")
    assert state(daily, acme, second) is State.HELD
    delivered_again(daily, revoked, "confused")
