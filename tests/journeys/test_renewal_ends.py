"""What a rule renews after a token's end: what nobody can have ended before."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.decided_long_ago import copy_approved
from tests.journeys.policies import READS, RENEWALS, Security, ends_soon, puts_in_force
from tests.journeys.stage import Stage, stage, until


@pytest.fixture
def acme(scene: Stage) -> Security:
    return Security(scene)


def both_ahead(scene: Stage, **by: float) -> None:
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(**by)


def approved_and_swept(scene: Stage, acme: Security, **later: float) -> tuple[Any, int]:
    """Approved for the ten days that its token lives; the last sweep came so much later."""
    puts_in_force(acme, RENEWALS)
    request, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    scene.sweep(**later)
    return request, number


def three_days(scene: Stage) -> dict[str, Any]:
    return {"permissions": READS, "expires_at": scene.gh.now() + timedelta(days=3)}


@pytest.mark.parametrize(
    ("revoked_after", "missed_after"),
    [
        ({"days": 2, "hours": 18}, {"hours": 5, "minutes": 55}),  # the bot was down meanwhile
        ({"days": 2, "hours": 23, "minutes": 40}, {"minutes": 15}),  # it ran all the time
    ],
)
def test_what_a_look_misses_when_its_timer_is_almost_due_is_not_renewed(
    scene: Stage, acme: Security, revoked_after: dict[str, float], missed_after: dict[str, float]
) -> None:
    """Approved for as long as the token lives: its timer is due seconds after its end. The last
    sweep comes five minutes before.
    """
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**three_days(scene))
    acme.obeyed(acme.olga, number, "/approve for 3d")
    scene.sweep(**revoked_after)
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    scene.sweep(**missed_after)
    both_ahead(scene, minutes=6)
    scene.bot.service.schedule.tick()
    scene.idle()
    scene.sweep(seconds=30)
    request, _ = acme.asked(name="again", **three_days(scene))
    scene.idle()
    scene.sweep()
    assert (request.state, scene.gh.grants(acme.org)) == ("pending", [])


def test_a_token_that_got_a_later_end_holds_nobody_up(scene: Stage, acme: Security) -> None:
    """Its holder gave the token a later end, and GitHub lists its access."""
    first, _ = approved_and_swept(scene, acme, days=9)
    scene.gh.grant_of(acme.org, first.token.id).token.expires_at = scene.gh.now() + timedelta(90)
    both_ahead(scene, days=2)
    scene.sweep()
    scene.sweep()
    request = acme.asks(**ends_soon(scene), name="again")
    until(lambda: request.state == "approved", "the renewal")


def test_a_look_that_missed_it_just_before_its_end_saw_nothing(
    scene: Stage, acme: Security
) -> None:
    """It was revoked six hours before its end. The bot was down since, and comes back two minutes
    before the end; GitHub's answer comes after it.
    """
    approved_and_swept(scene, acme, days=9, hours=18)
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    scene.stop_bot()
    both_ahead(scene, hours=5, minutes=58)
    slow = scene.gh.failures.add(method="GET", path="/personal-access-tokens$", mode="kept")
    scene.start_bot()
    assert slow.arrived.wait(30)
    both_ahead(scene, minutes=3)
    slow.release()
    request, _ = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    scene.sweep()
    assert (request.state, scene.gh.grants(acme.org)) == ("pending", [])


@pytest.mark.parametrize("again", [1, 2])
def test_restarts_after_its_end_forget_no_look(scene: Stage, acme: Security, again: int) -> None:
    """Nothing wrong happened; the bot is restarted in the minutes after the end."""
    approved_and_swept(scene, acme, days=9, hours=23, minutes=50)
    both_ahead(scene, minutes=11)
    for _ in range(again):
        scene.stop_bot()
        scene.start_bot()
        scene.idle()
        both_ahead(scene, seconds=20)
    scene.sweep()
    request = acme.asks(**ends_soon(scene), name="again")
    until(lambda: request.state == "approved", "the renewal")


def test_what_outlived_its_end_and_was_revoked_is_not_renewed(scene: Stage, acme: Security) -> None:
    """Its holder gave the token a later end, and an owner ends its access on GitHub's page."""
    first, _ = approved_and_swept(scene, acme, days=9, hours=23, minutes=55)
    scene.gh.grant_of(acme.org, first.token.id).token.expires_at = scene.gh.now() + timedelta(90)
    both_ahead(scene, minutes=15)
    scene.sweep(seconds=1)
    assert scene.gh.grants(acme.org)
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    request, _ = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    for _ in range(3):
        scene.sweep()
    assert (request.state, scene.gh.grants(acme.org)) == ("pending", [])


def test_a_round_that_ends_after_its_end_saw_nothing(scene: Stage, acme: Security) -> None:
    """Its first part was compared 50 minutes before the end. The bot did not run then; the last
    part, where the access is, was compared after the end. An owner ended it a day before.
    """
    puts_in_force(acme, RENEWALS)
    longer = {**ends_soon(scene), "expires_at": scene.gh.now() + timedelta(days=90)}
    stays, number = acme.asked(**longer, by=acme.pat, name="stays")
    acme.obeyed(acme.olga, number, "/approve")
    mias, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    copy_approved(scene.bot.service.store, acme.org.id, stays.id, 1000)
    scene.sweep(days=8)
    compared_up_to = (f"sweep:{acme.org.id}", "compared up to")
    while scene.bot.service.store.record.remote_id(*compared_up_to):
        scene.sweep()
    scene.gh.revoke(next(one for one in scene.gh.grants(acme.org) if one.owner is acme.mia))
    end = scene.gh.token_requests[mias.id].token.expires_at
    scene.clock.ahead += end - timedelta(minutes=50) - scene.clock.now()
    scene.gh.ahead = scene.clock.ahead
    scene.sweep(seconds=1)
    assert scene.bot.service.store.record.remote_id(*compared_up_to)
    both_ahead(scene, minutes=60)
    scene.sweep(seconds=1)
    both_ahead(scene, minutes=3)
    request, _ = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    assert request.state == "pending"


def test_what_was_approved_for_as_long_as_its_token_is_renewed(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**three_days(scene))
    acme.obeyed(acme.olga, number, "/approve for 3d")
    scene.sweep(days=2, hours=23, minutes=50)
    both_ahead(scene, minutes=15)
    scene.bot.service.schedule.tick()
    scene.idle()
    both_ahead(scene, minutes=1)
    scene.sweep()
    request = acme.asks(name="again", **three_days(scene))
    until(lambda: request.state == "approved", "the renewal")


def test_many_sweeps_after_its_end_forget_no_look(tmp_path: Path) -> None:
    with stage(tmp_path, SWEEP_MINUTES="1") as scene:
        acme = Security(scene)
        puts_in_force(acme, RENEWALS)
        _, number = acme.asked(**ends_soon(scene))
        acme.obeyed(acme.olga, number, "/approve")
        both_ahead(scene, days=9, hours=23, minutes=55)
        for _ in range(10):  # the bot runs all the time
            both_ahead(scene, minutes=1)
            scene.bot.service.schedule.tick()
            scene.idle()
        request = acme.asks(**ends_soon(scene), name="again")
        until(lambda: request.state == "approved", "the renewal")


def test_a_suspension_after_its_end_forgets_no_look(scene: Stage, acme: Security) -> None:
    """The work that looks at the access waits for half an hour."""
    approved_and_swept(scene, acme, days=9, hours=23, minutes=50)
    both_ahead(scene, minutes=12)
    scene.sweep(seconds=1)
    both_ahead(scene, minutes=1)
    scene.gh.suspend(acme.installation)
    scene.idle()
    both_ahead(scene, minutes=20)
    scene.gh.unsuspend(acme.installation)
    scene.idle()
    scene.sweep()
    scene.sweep()
    request = acme.asks(**ends_soon(scene), name="again")
    until(lambda: request.state == "approved", "the renewal")


@pytest.mark.parametrize("revoked", [True, False])
def test_what_ended_while_the_bot_did_not_run_is_not_renewed(
    scene: Stage, acme: Security, revoked: bool
) -> None:
    """Somebody may have ended it before: nobody looked at GitHub's list shortly before its end."""
    _, number = approved_and_swept(scene, acme, days=9)
    if revoked:
        scene.gh.revoke(scene.gh.grants(acme.org)[0])
    both_ahead(scene, days=2)
    again, asked = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    assert again.state == "pending"
    scene.sweep()
    scene.sweep()
    scene.issue(acme.admin, number=number, label="expired")
    assert "no renewal" in acme.obeyed(acme.mia, asked, "/explain")
    assert again.state == "pending"


@pytest.mark.parametrize("noticed", [True, False])
def test_what_ended_by_itself_is_renewed_afterwards(
    scene: Stage, acme: Security, noticed: bool
) -> None:
    """A sweep saw its access shortly before its end. Another one noticed the end, or none yet."""
    _, number = approved_and_swept(scene, acme, days=9, hours=23, minutes=40)
    both_ahead(scene, minutes=30)
    if noticed:
        scene.sweep()
        scene.sweep()
        scene.issue(acme.admin, number=number, label="expired")
    again = acme.asks(**ends_soon(scene), name="again")
    scene.idle()
    for _ in range(2):
        scene.sweep()
    until(lambda: again.state == "approved", "the renewal")


@pytest.mark.parametrize("down", [False, True])
def test_more_than_a_sweep_compares_is_seen_part_by_part(
    scene: Stage, acme: Security, caplog: pytest.LogCaptureFixture, down: bool
) -> None:
    """`down`: GitHub does not list the part where the access is, when its end is near."""
    puts_in_force(acme, RENEWALS)
    longer = {**ends_soon(scene), "expires_at": scene.gh.now() + timedelta(days=90)}
    stays, number = acme.asked(**longer, by=acme.pat, name="stays")
    acme.obeyed(acme.olga, number, "/approve")
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    copy_approved(scene.bot.service.store, acme.org.id, stays.id, 1000)
    scene.sweep()
    scene.sweep(days=9, hours=22, minutes=30)  # the last part of the first round
    scene.sweep()
    if down:
        unread = {"method": "GET", "path": "/personal-access-tokens$", "status": 502}
        failing = scene.gh.failures.add(**unread, times=None)
        scene.clock.ahead += timedelta(minutes=15)
        scene.bot.service.schedule.tick()
        until(lambda: "grants are compared later" in caplog.text, "a sweep")
        scene.gh.failures.remove(failing)
        scene.idle()
    else:
        scene.sweep()
    both_ahead(scene, minutes=50)
    again = acme.asks(**ends_soon(scene), name="again")
    scene.idle()
    for _ in range(4):
        scene.sweep()
    if not down:
        until(lambda: again.state == "approved", "the renewal")
    assert again.state == ("pending" if down else "approved")


def test_sweeps_for_a_renamed_repository_forget_no_look(scene: Stage, acme: Security) -> None:
    """Each rename lets the organization be swept; nothing wrong happened."""
    approved_and_swept(scene, acme, days=9, hours=23, minutes=50)
    both_ahead(scene, minutes=11)
    for name in ("tokens", "token-requests"):
        scene.gh.rename_repository(acme.admin, name)
        scene.idle()
        both_ahead(scene, seconds=20)
    scene.sweep()
    request = acme.asks(**ends_soon(scene), name="again")
    until(lambda: request.state == "approved", "the renewal")


def test_a_clock_that_is_ahead_forgets_no_look(scene: Stage, acme: Security) -> None:
    """A sweep comes in the minutes between the two ends, and GitHub still shows the access."""
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    ahead = timedelta(minutes=3)
    scene.gh.ahead += timedelta(days=9, hours=23, minutes=40)
    for minutes in (0, 18, 15, 15):
        scene.gh.ahead += timedelta(minutes=minutes)
        scene.clock.ahead = scene.gh.ahead + ahead
        scene.sweep(seconds=1)
    request = acme.asks(**ends_soon(scene), name="again")
    until(lambda: request.state == "approved", "the renewal")
