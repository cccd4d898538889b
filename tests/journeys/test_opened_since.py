"""After a restore: the issues that were opened or opened again since the backup are found,
whatever comes first, and what their labels say counts.
"""

from typing import Any

from bot.domain.token_request import State
from tests.journeys.restoring import backed_up, come_back, restored, state
from tests.journeys.stage import Cast, Stage, until


def issues(scene: Stage, acme: Cast) -> list[int]:
    """The open review issues."""
    found = scene.gh.issues(acme.admin)
    return [one.number for one in found if "token-request" in one.labels and one.state == "open"]


def another(scene: Stage, acme: Cast, number: int) -> int:
    """The number of the issue that takes the place of one that is gone."""
    (found,) = until(lambda: [n for n in issues(scene, acme) if n != number], "another issue")
    scene.idle()
    return found


def test_one_that_took_the_place_of_a_deleted_one(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    backed_up(scene)
    scene.gh.delete_issue(acme.otto, acme.admin, number)
    second = another(scene, acme, number)
    acme.obeyed(acme.otto, second, "/hold I ask first")
    come_back(scene)
    scene.sweep()
    assert issues(scene, acme) == [second]
    assert state(scene, acme, request) is State.HELD
    assert "on hold" in acme.refused(acme.olga, second, "/approve")
    assert request.state == "pending"


def test_one_whose_request_github_tells_before_the_sweep(scene: Stage, acme: Cast) -> None:
    acme.asked(name="before")
    backed_up(scene)
    request, number = acme.asked(name="since")
    told: Any = scene.told("personal_access_token_request", "created")
    acme.obeyed(acme.otto, number, "/hold I ask first")
    restored(scene)
    away = scene.gh.failures.add(path="/app/installations$", times=None)
    scene.start_bot()
    scene.deliver("personal_access_token_request", told)
    record = scene.bot.service.store.record
    until(lambda: (row := record.request(acme.org.id, request.id)) and row.issue, "its issue")
    assert away.hits, "no sweep yet"
    scene.gh.failures.clear()
    scene.sweep()
    assert number in issues(scene, acme)
    assert len(issues(scene, acme)) == 2
    assert state(scene, acme, request) is State.HELD


def test_one_that_was_opened_again(scene: Stage, acme: Cast) -> None:
    """By the backup its request was cancelled, which was a guess."""
    request, number = acme.asked()
    scene.idle()
    lag = scene.gh.lag("requests", shows="nothing")
    scene.sweep()
    scene.sweep()
    assert state(scene, acme, request) is State.CANCELLED
    backed_up(scene)
    lag.end()
    scene.sweep()
    assert state(scene, acme, request) is State.PENDING
    acme.obeyed(acme.otto, number, "/hold I ask first")
    come_back(scene)
    scene.sweep()
    assert state(scene, acme, request) is State.HELD
    assert "held" in scene.gh.issue(acme.admin, number).labels
    assert "on hold" in acme.refused(acme.olga, number, "/approve")
