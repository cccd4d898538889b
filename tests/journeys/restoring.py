"""A backup of the bot in this process, and the bot that goes on from it."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from bot.domain.token_request import State
from bot.handlers.reconcile.restored import mark_restored
from bot.storage import Store
from tests.journeys.outside import APP, Program
from tests.journeys.stage import Cast, Stage


def ran(scene: Stage, *words: str) -> None:
    program = Program([*APP, *words], scene.environ, scene.folder)
    assert program.exit_status() == 0, program.said


def backed_up(scene: Stage) -> None:
    scene.idle()
    ran(scene, "backup", "backup.db")


def come_back(scene: Stage) -> None:
    """The record is as the backup has it; what people say from now on is said later."""
    restored(scene)
    start(scene)


def restored(scene: Stage) -> None:
    if scene.bot:
        scene.idle()
    scene.stop_bot()
    ran(scene, "restore", "backup.db", "--force")
    with closing(Store.open(scene.environ["DATABASE_URL"], app_id=scene.gh.app.id)) as store:
        mark_restored(store.record, scene.clock.now())  # by the hour of the story


def start(scene: Stage) -> None:
    scene.gh.ahead = scene.clock.ahead + timedelta(seconds=2)
    scene.start_bot()
    scene.idle()
    scene.later()


def state(scene: Stage, acme: Cast, request: Any) -> State:
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert row is not None
    return State(row.state)
