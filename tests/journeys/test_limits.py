"""What GitHub limits: pauses are kept by all workers, and what is left is there when needed."""

import time
from datetime import timedelta
from pathlib import Path

from bot.github.pacing import APP
from tests.journeys.shared_repository import SHARED, Hub
from tests.journeys.stage import Stage, stage, until

PAUSE = 4
"""Seconds of `retry-after`; whole ones, as GitHub counts."""
QUIET = timedelta(seconds=0.3)
"""So long without a call, and it has done what was due."""


def test_a_pause_of_the_shared_repositorys_owner_holds_up_all_who_write_there(
    tmp_path: Path,
) -> None:
    with stage(tmp_path, **SHARED) as scene:
        gathered = Hub(scene)
        scene.idle()
        limit = scene.gh.failures.add(
            path="/hub/reviews/issues", mode="rate_limit", retry_after=PAUSE, times=None
        )
        gathered.one.asks(name="first")
        until(lambda: limit.hits, "the refusal")
        refused = time.monotonic()
        for turn in range(4):
            gathered.two.asks(name=f"more {turn}")
        while time.monotonic() - refused < PAUSE - 0.5:
            time.sleep(0.1)
        assert limit.hits == 1
        scene.gh.failures.clear()
        until(lambda: len(scene.gh.issues(gathered.reviews)) == 5, "all issues")


def test_a_pause_of_the_app_itself_is_kept_in_all_lanes(scene: Stage) -> None:
    casts = [scene.organization(f"org{number}") for number in range(4)]
    scene.idle()
    limit = scene.gh.failures.add(
        path="/app/installations$", mode="rate_limit", status=429, retry_after=PAUSE, times=None
    )
    scene.gh.uninstall(casts[0].installation)
    until(lambda: limit.hits, "the refusal")
    until(lambda: scene.bot.service.store.budgets.blocked_for(APP), "the pause, noted")
    refused = time.monotonic()
    for cast in casts[1:]:
        scene.gh.uninstall(cast.installation)
    while time.monotonic() - refused < PAUSE - 0.5:
        time.sleep(0.1)
    assert limit.hits == 1
    scene.gh.failures.clear()
    known = scene.bot.service.store.record.organization
    until(lambda: all(not known(cast.org.id).active for cast in casts), "all are gone")


def test_after_an_outage_there_is_room_for_what_waited(tmp_path: Path) -> None:
    """20 minutes of lost answers and a fifth of the usual limit: the tries must not use it up."""
    with stage(tmp_path, CONTENT_LIMIT="80/60,100/3600") as scene:
        acme = scene.organization("acme")
        scene.idle()
        down = scene.gh.failures.add(
            method="POST", path="/token-requests/issues$", mode="drop", times=None
        )
        for turn in range(12):
            acme.asks(name=f"token-{turn}")
        until(lambda: down.hits >= 5, "tries")
        for _ in range(60):
            turn_on(scene, 20)
        scene.gh.failures.clear()
        waited = 0
        while len(scene.gh.issues(acme.admin)) < 12 and waited < 600:
            turn_on(scene, 5)
            let_it_work(scene)
            waited += 5
        assert waited <= 45, f"{down.hits} tries, then {waited} s"


def turn_on(scene: Stage, seconds: int) -> None:
    """The bot's time goes on, and it has a moment to do what is due."""
    scene.clock.ahead += timedelta(seconds=seconds)
    scene.bot.service.store.inbox.wake()
    time.sleep(0.2)


def let_it_work(scene: Stage) -> None:
    """Until it calls GitHub no more, however slow the machine is."""
    began = scene.gh.now()

    def quiet() -> bool:
        last = max([began, *(one.at for one in scene.gh.calls[-1:])])
        return bool(scene.gh.now() - last > QUIET)

    until(quiet, "an end of its calls")
