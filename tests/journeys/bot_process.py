"""The bot as a process that can be killed at any moment, and that tells how it is doing.

The process that the bots are forked from has imported all of it: a start is quick.
"""

import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

import app
from bot.ports import GitHub, Job, World
from bot.settings import load
from bot.web.loopback import LoopbackServer
from tests.journeys.lanes import is_working

EVER = datetime.fromtimestamp(0, UTC)


class Clock:
    """Real time, plus what the story has turned it by."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


class Listening:
    """A GitHub that notes for which job which of its methods is called."""

    def __init__(self, github: GitHub, job: str, heard: set[tuple[str, str]]) -> None:
        self._github, self._job, self._heard = github, job, heard

    def __getattr__(self, name: str) -> Any:
        self._heard.add((self._job, name))
        return getattr(self._github, name)


class Service(app.Service):
    """The whole bot; `heard` are the pairs of a job's name and a method of GitHub's."""

    heard: set[tuple[str, str]]

    def world(self, github: GitHub, job: Job) -> World:
        listening: Any = Listening(github, job.name, self.heard)
        return super().world(listening, job)


class Commits:
    """Counts the writing transactions and ends the process just before one of them is kept."""

    def __init__(self) -> None:
        self.seen, self.last = 0, 0

    def __call__(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            self.seen += 1
            if self.seen == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


class Bot:
    """One running bot; the test calls these methods through a pipe."""

    def __init__(self, environ: dict[str, str], folder: Path, ahead: float) -> None:
        settings, self.clock, self.writes = load(environ, folder), Clock(ahead), Commits()
        event.listen(Engine, "commit", self.writes)
        self.service = Service(settings, self.clock)
        self.service.heard = set()
        self.server = LoopbackServer(self.service.flask_app)
        self.url = f"{self.server.url}{settings.webhook_path}"

    def start(self) -> None:
        """Begin to work: GitHub may be asked for deliveries by now."""
        self.service.start()
        self.service.schedule.tick()  # what a start puts into the inbox is there from now on

    def turn(self, ahead: float) -> None:
        """Turn the time."""
        self.clock.ahead = ahead
        self.service.schedule.tick()
        self.service.store.inbox.wake()

    def due(self) -> tuple[float | None, bool]:
        """Seconds until something is to be done, and whether a worker has a job now."""
        store = self.service.store
        return store.inbox.next_due(), is_working(store)

    def commits(self, last: int = 0) -> int:
        """Count from now on, and die at this one; how many there were before."""
        seen, self.writes.seen, self.writes.last = self.writes.seen, 0, last
        return seen

    def jobs(self) -> list[tuple[str, str, str, str | None]]:
        """Every delivery and timer: name, event, state, last error."""
        rows = self.service.store.inbox.deliveries(limit=1000)
        return [(row.name, row.event, row.state, row.last_error) for row in rows]

    def heard(self) -> set[tuple[str, str]]:
        """Which jobs called which methods of GitHub's so far."""
        return set(self.service.heard)

    def record(self) -> list[tuple[Any, ...]]:
        """What the record says of every request, without times."""
        record = self.service.store.record
        rows = [
            row
            for org in record.organizations()
            for row in (*record.open_requests(org.id), *record.decided_since(org.id, EVER))
        ]
        return sorted(
            (
                *row.key,
                str(row.state),
                row.issue and (row.issue.repo, row.issue.number),
                str(row.announced),
                row.revoke_at is not None,
                row.decision and (str(row.decision.outcome), row.decision.reason),
                self._ends(*row.key),
            )
            for row in rows
        )

    def _ends(self, org_id: int, request_id: int) -> list[str]:
        """How often the history tells of an end or of a turn."""
        ends = {"approved", "denied", "cancelled", "expired", "revoked", "held", "unheld"}
        history = self.service.store.record.history(org_id, request_id)
        return sorted(entry.kind for entry in history if entry.kind in ends)


def run(environ: dict[str, str], folder: Path, ahead: float, pipe: Pipe) -> None:
    """Be a bot until killed: says where it listens, then answers calls of Bot's methods."""
    logging.disable()  # what it says of its troubles is not the story
    bot = Bot(environ, folder, ahead)
    pipe.send(bot.url)
    while True:
        name, *arguments = pipe.recv()
        answer: Callable[..., Any] = getattr(bot, name)
        pipe.send(answer(*arguments))
