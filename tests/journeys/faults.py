"""Faults at every step: a bot that dies, answers that are lost, and what must be true at the end.

A story is told once undisturbed; each call that the bot made is then a point at which each fault
happens once. Nobody lists the points: a new effect has its own as soon as a story reaches it.
"""

import os
import re
import shutil
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Literal

from bot.storage import Store
from tests.journeys import bot_process
from tests.journeys.stage import LONGEST_PAUSE, SHORT_PAUSE, Cast, Stage, until
from tests.processes import FORK
from tests.sandbox.contract import check_calls, check_deliveries

AWAY = 12.0
"""Seconds by its own clock until a dead bot is back: GitHub works on a call for at most 10."""
DEADLINE = 40.0

Mode = Literal["drop", "lost", "told", "masked", "status"]
KILLS: dict[str, Mode] = {"killed before": "drop", "killed after": "lost", "killed told": "told"}
LOSSES: dict[str, Mode] = {"lost": "lost", "502 after": "masked", "502 before": "status"}


class Dead(Exception):  # noqa: N818 - a state, not a fault
    """The bot is no more, or not yet again."""


class Mortal(Stage):
    """The stage with a bot that may be killed; as under a process manager it is started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.kills, self._ending, self._pipe = 0, False, threading.Lock()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start_bot(self) -> None:
        """Start it, and keep it running."""
        self._start()
        self._keeper.start()

    def _start(self) -> None:
        with self._pipe:
            self.pipe, theirs = FORK.Pipe()
            told = (self.environ, self.folder, self.clock.ahead.total_seconds(), theirs)
            self.process = FORK.Process(target=bot_process.run, args=told, daemon=True)
            self.process.start()
            theirs.close()
            self.gh.webhook_url = self.pipe.recv()
            with suppress(EOFError, OSError):  # dead already: its keeper sees that
                self.pipe.send(("start",))
                self.pipe.recv()

    def _keep(self) -> None:
        while wait([self.process.sentinel]) and not self._ending and self.kills < 5:
            self.kills += 1
            until(self.gh.settle, "what GitHub cannot deliver", DEADLINE)
            self._pass(seconds=AWAY)
            self._start()

    def _pass(self, **later: float) -> None:
        """Time passes for all: the bot looks for what it made since a time by GitHub's clock."""
        self.clock.ahead += timedelta(**later)
        self.gh.ahead = self.clock.ahead

    def kill(self) -> None:
        """As a power cut would; returns when it is dead."""
        process = self.process
        os.kill(process.pid or 0, signal.SIGKILL)
        wait([process.sentinel])

    def restart(self) -> None:
        """The operator changed a setting."""
        before = self.process
        self.kill()
        until(lambda: self.process is not before and self.lives(), "the bot again", DEADLINE)
        self.kills -= 1

    def lives(self) -> bool:
        """Whether it answers."""
        try:
            self.ask("due")
        except Dead:
            return False
        return True

    def stop_bot(self) -> None:
        self._ending = True
        self.kill()
        self._keeper.join(DEADLINE)

    def ask(self, name: str, *arguments: Any) -> Any:
        """Call a method of the bot's process (see bot_process.Bot). Raises Dead."""
        with self._pipe:
            try:
                self.pipe.send((name, *arguments))
                return self.pipe.recv()
            except (EOFError, OSError) as gone:
                raise Dead from gone

    def turn(self, **later: float) -> None:
        """Turn the time, and let the bot look at the clock."""
        self._pass(**later)
        try:
            self.ask("turn", self.clock.ahead.total_seconds())
        except Dead:
            until(self.lives, "the bot again", DEADLINE)  # it starts with the new time
            self.ask("turn", self.clock.ahead.total_seconds())

    def idle(self) -> None:
        until(self._is_idle, "an idle bot", DEADLINE)

    def _is_idle(self) -> bool:
        if not self.gh.settle():
            return False
        due = self.hurry()
        return (due is None or due > LONGEST_PAUSE) and bool(self.gh.hook.idle)

    def hurry(self) -> float | None:
        try:
            due: float | None
            due, works = self.ask("due")
            longest = SHORT_PAUSE if works or self.gh.working else LONGEST_PAUSE
            if due is not None and 0.1 < due <= longest:
                self._pass(seconds=due)
                self.ask("turn", self.clock.ahead.total_seconds())
        except Dead:
            return 0
        return due


@dataclass(frozen=True)
class Story:
    """What people do; the part after its `yield` is the one that is disturbed."""

    name: str
    tell: Callable[[Mortal, Cast], Iterator[None]]
    settings: dict[str, str]


STORIES: dict[str, Story] = {}


def story(
    **settings: str,
) -> Callable[[Callable[[Mortal, Cast], Iterator[None]]], Callable[..., Iterator[None]]]:
    """Make a function a story, for a bot with these settings."""

    def keep(tell: Callable[[Mortal, Cast], Iterator[None]]) -> Callable[..., Iterator[None]]:
        name = tell.__name__.replace("_", " ")
        STORIES[name] = Story(name, tell, settings)
        return tell

    return keep


@dataclass(frozen=True)
class Point:
    """The `nth` call of an operation, or the `nth` commit, and what happens to it."""

    fault: str
    method: str = ""
    template: str = ""
    nth: int = 1

    @property
    def call(self) -> tuple[str, str]:
        """The operation."""
        return self.method, self.template

    @property
    def writes(self) -> bool:
        """Whether the call changes something that stays."""
        return self.method != "GET" and not self.template.endswith("/access_tokens")

    @property
    def changes_access(self) -> bool:
        """Whether the call decides on a request, or takes access back."""
        return self.method == "POST" and "/personal-access-token" in self.template

    def arm(self, scene: Mortal) -> Callable[[], bool]:
        """Let it happen once from now on; a question whether it did."""
        if self.fault == "killed before commit":
            scene.ask("commits", self.nth)
            return lambda: scene.kills > 0
        mode = {**KILLS, **LOSSES}[self.fault]
        then = {"then": scene.kill} if self.fault in KILLS else {}
        path = "^" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.template)) + "$"
        failure = scene.gh.failures.add(
            method=self.method, path=path, mode=mode, skip=self.nth - 1, **then
        )
        return lambda: failure.hits > 0

    def __str__(self) -> str:
        return f"{self.fault}: {self.method} {self.template} #{self.nth}"


@dataclass
class Ending:
    """How a story ended: its calls, what GitHub and the record show, what was handled."""

    calls: list[tuple[str, str]]
    commits: int
    shown: dict[str, Any]
    events: set[str]
    called: set[tuple[str, str]]
    kills: int
    happened: bool
    troubles: list[str] = field(default_factory=list)

    def points(self) -> list[Point]:
        """Every fault at every call."""
        found, seen = [], Counter[tuple[str, str]]()
        for method, template in self.calls:
            seen[method, template] += 1
            faults = [*KILLS, *(LOSSES if method != "GET" else ())]
            found += [Point(fault, method, template, seen[method, template]) for fault in faults]
        return found

    def commit_points(self) -> list[Point]:
        """A kill before every commit."""
        return [Point("killed before commit", nth=n) for n in range(1, self.commits + 1)]


_MAKING = threading.Lock()
"""Werkzeug makes its routes with `ast`, which fails in two threads at once (python 3.11)."""


def tell(one: Story, point: Point | None = None) -> Ending:
    """Tell a story to its end, with one fault or none, and look at what is left."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_EMPTY.path, Path(folder) / "bot.db")
        with _MAKING:
            scene = Mortal(Path(folder), **one.settings)
        try:
            scene.start_bot()
            return _told(scene, one, point)
        finally:
            scene.close()


def _told(scene: Mortal, one: Story, point: Point | None) -> Ending:
    cast = scene.organization("acme")
    acts = one.tell(scene, cast)
    scene.idle()
    scene.turn()  # today's digest goes by before anything waits
    scene.idle()
    next(acts)
    scene.idle()
    before = len(scene.gh.calls)
    scene.ask("commits")
    happened = point.arm(scene) if point else bool
    next(acts, None)
    scene.idle()
    commits = scene.ask("commits")
    ending = _ending(scene, before, commits, happened=bool(happened()))
    check_calls(scene.gh)
    check_deliveries(scene.gh)
    return ending


def _ending(scene: Mortal, before: int, commits: int, *, happened: bool) -> Ending:
    jobs = scene.ask("jobs")
    kinds = {name: kind for name, kind, _, _ in jobs}
    ending = Ending(
        calls=[(one.method, str(one.template)) for one in scene.gh.calls[before:]],
        commits=commits,
        shown={**_on_github(scene), "record": scene.ask("record")},
        events={kind for _, kind, state, _ in jobs if state == "done"},
        called={(kinds.get(job, ""), method) for job, method in scene.ask("heard")},
        kills=scene.kills,
        happened=happened,
    )
    ending.troubles += [
        f"{kind} failed: {why}" for _, kind, state, why in jobs if state == "failed"
    ]
    ending.troubles += _lost(scene, jobs) + _doubled(scene)
    return ending


def _lost(scene: Mortal, jobs: list[tuple[str, str, str, str | None]]) -> list[str]:
    """Deliveries that never arrived, or were answered 202 and not handled."""
    handled = {name for name, _, state, _ in jobs if state == "done"}
    arrived = {one.guid: one for one in scene.gh.deliveries if one.succeeded}
    never = [one for one in scene.gh.deliveries if one.guid not in arrived]
    undone = [
        one
        for one in arrived.values()
        if one.guid not in handled and "ignored" not in one.response_body
    ]
    return [f"lost: {one.event} {one.action}" for one in [*never, *undone]]


def _doubled(scene: Mortal) -> list[str]:
    """Things that may be there once: an issue a request, a decision, an answer."""
    found = Counter[str]()
    for call in scene.gh.calls:
        single = re.search(r"/personal-access-token(-request)?s/\d+$", call.path)
        if call.method == "POST" and single and (call.status or 500) < 300:
            found[f"POST {call.path}"] += 1
    for repo in scene.gh.repositories.values():
        for issue in scene.gh.issues(repo):
            first = str(issue.body).splitlines()[0]
            if first.startswith("<!-- token-") and issue.state == "open":
                found[f"{repo.full_name}: {first}"] += 1
            for said in issue.comments:
                if said.body.startswith("<!-- "):
                    found[f"{repo.full_name}#{issue.number}: {said.body.splitlines()[0]}"] += 1
    return [f"{number} times: {what}" for what, number in found.items() if number > 1]


def _on_github(scene: Mortal) -> dict[str, Any]:
    gh = scene.gh
    issues = [issue for repo in gh.repositories.values() for issue in gh.issues(repo)]
    return {
        "requests": sorted(
            (one.id, one.state, one.review_reason) for one in gh.token_requests.values()
        ),
        "grants": sorted((one.token.id, str(one.permissions)) for one in gh.token_grants.values()),
        "issues": sorted(_shown(issue) for issue in issues),
    }


def _shown(issue: Any) -> tuple[Any, ...]:
    said = [
        (
            one.user.login,
            _timeless(one.body),
            sorted(reaction.content for reaction in one.reactions),
        )
        for one in issue.comments
    ]
    labels = sorted(issue.labels)
    state = f"{issue.state} {issue.state_reason}"
    place = (issue.repository.full_name, issue.number)
    return (*place, issue.title, state, labels, _timeless(issue.body), sorted(said))


def _timeless(text: str | None) -> str:
    """A text without times and codes: those differ from run to run."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "GUID", text or "")
    without = re.sub(r"\d{4}-\d\d-\d\d(,? (at )?\d\d:\d\d(:\d\d)?)?", "TIME", text)
    return re.sub(r"/confirm [0-9a-f]{8}", "/confirm CODE", without)


class _Empty:
    """An empty database, made once."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp()) / "bot.db"
        Store.open(f"sqlite:///{self.path}", app_id=123456).close()


_EMPTY = _Empty()
