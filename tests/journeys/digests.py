"""Digests in the stories: when they go out, and which there are."""

from datetime import timedelta
from typing import Any

from tests.journeys.stage import Cast, Stage

MIDNIGHT = {"DIGEST_DAYS": "mon-sun", "DIGEST_AT": "00:00"}


def digests(cast: Cast) -> list[Any]:
    return [one for one in cast.stage.gh.issues(cast.admin) if "token-digest" in one.labels]


def next_day(scene: Stage) -> None:
    """Turn the bot's time over midnight, as the scheduler would see it."""
    scene.clock.ahead += timedelta(days=1)
    scene.bot.service.schedule.tick()
    scene.idle()


def with_digest(scene: Stage, cast: Cast, **names: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """One request for each name; the digest that lists them, and (request, number) by name."""
    asked = {name: cast.asked(name=name, **changes) for name, changes in names.items()}
    next_day(scene)
    return max(digests(cast), key=lambda one: one.number), asked
