"""The stage of the journeys: the local GitHub and the whole bot, over real HTTP."""

import hashlib
import hmac
import itertools
import json
import ssl
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

import app
from bot.replies.labels import LABELS
from bot.sandbox import Sandbox
from bot.settings import load
from tests.journeys.lanes import is_working
from tests.sandbox.contract import check_calls, check_deliveries

T = TypeVar("T")
SECRET = "a webhook secret for the tests"
SHORT_PAUSE = 4
"""Seconds that no story waits for when the bot pauses, whatever else it does."""
TLS = ssl.create_default_context()
"""Nobody uses it here, but each client would make its own, and that takes long."""
LOOKS = {"/app/installations", "/app/hook/config", "/app/hook/deliveries"}
PATIENCE = 90.0
"""Seconds: on a machine that others use too, what is right may be slow."""
LONGEST_PAUSE = 21
"""Seconds: what waits longer is a timer; pauses and leases are shorter. No story waits for them
while the bot does nothing else: what it does meanwhile would find its facts old.
"""


_playing: "list[Stage]" = []
"""Those whose bots' pauses nobody waits for."""


def _hurry() -> None:
    for one in _playing:
        one.hurry()


def until(
    look: Callable[[], T], what: str, seconds: float = 30, hurry: Callable[[], Any] = _hurry
) -> T:
    """Wait until `look` answers something true, without the bots' pauses; fails naming what never
    came.
    """
    deadline, pause = time.monotonic() + seconds, 0.02
    looks = itertools.count(1)
    while not (found := look()):
        assert time.monotonic() < deadline, f"never came: {what}"
        if next(looks) % 3 == 0:  # asking the inbox costs more than most looks
            hurry()
        time.sleep(pause)  # more rarely as it goes on: many stories look on two cores
        pause = min(pause * 1.5, 0.1)
    return found


def another_try(failure: Any) -> None:
    """Wait for one more hit: a try that began before what the story just did is over then, and
    the next one knows it.
    """
    hits = failure.hits
    until(lambda: failure.hits > hits, "another try")


def _another_day() -> str:
    """A weekday that is neither today nor tomorrow, however the story turns the hours."""
    return (datetime.now(UTC) + timedelta(days=4)).strftime("%a").lower()


def _zone_of_morning() -> str:
    """A zone in which it is forenoon of the same date as in UTC: whatever the hour in which the
    stories are told, none of them passes a midnight that it does not mean to.
    """
    ahead = min(12, max(-12, 8 - datetime.now(UTC).hour))
    return f"Etc/GMT{-ahead:+d}"  # POSIX counts the other way round


ZONE = _zone_of_morning()


class TurnableClock:
    """The bot's time: real, plus what the story has turned it by."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._at_a_look: Callable[[], None] = _nothing

    def now(self) -> datetime:
        self._at_a_look()
        return datetime.now(UTC) + self.ahead

    def leap(self, seconds: float, nth: int, once: Callable[[], Any]) -> None:
        """The machine will stand still for so long, when a thread looks for the nth time once this
        is true.
        """
        looks = Counter[int]()

        def at_a_look() -> None:
            self._at_a_look = _nothing  # what is asked may look at the clock, too
            looks[threading.get_ident()] += bool(once())
            if nth in looks.values():
                self.ahead += timedelta(seconds=seconds)
            else:
                self._at_a_look = at_a_look

        self._at_a_look = at_a_look


def _nothing() -> None:
    """Most looks."""


class Stage:
    """One local GitHub with the bot beside it."""

    def __init__(self, folder: Path, *, server: str | None = None, **settings: str) -> None:
        """`server`: the version of GitHub Enterprise Server that the local GitHub then is."""
        self.gh = Sandbox(webhook_secret=SECRET, server_version=server)
        self.gh.start()
        self.clock = TurnableClock()
        key = folder / "key.pem"
        key.write_text(self.gh.private_key_pem)
        self.environ = {
            "APP_ID": str(self.gh.app.id),
            "PRIVATE_KEY_PATH": str(key),
            "WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": self.gh.url,
            "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
            "PORT": "0",
            "DIGEST_DAYS": _another_day(),  # a digest comes in the stories that want one
            "DIGEST_TIMEZONE": ZONE,
            **settings,
        }
        self.folder = folder
        self.sender = httpx.Client(trust_env=False, verify=TLS)
        self.bot: Any = None

    def start_bot(self) -> None:
        """Start (or start again) the whole service in this process, web server included."""
        settings = load(self.environ, self.folder)
        self.bot = app.LocalBot(settings, self.clock)
        self.gh.webhook_url = self.bot.webhook_url
        self.bot.service.schedule.tick()  # the start's sweep is in the inbox from now on

    def stop_bot(self) -> None:
        """End it as SIGTERM would; deliveries fail until it is back."""
        if self.bot:
            self.bot.stop()
            self.bot = None

    def close(self) -> None:
        self.stop_bot()
        self.gh.stop()
        self.sender.close()

    def idle(self) -> None:
        """Wait until everything that was said is delivered and handled; timers may still wait."""
        until(self._is_idle, "an idle bot", PATIENCE)

    def _is_idle(self) -> bool:
        if not self.gh.settle():
            return False
        due = self.hurry()
        return (due is None or due > LONGEST_PAUSE) and bool(self.gh.hook.idle)

    def hurry(self) -> float | None:
        """Skip a pause of the bot, if it makes one; in how many seconds something was due."""
        if not self.bot:
            return None
        inbox = self.bot.service.store.inbox
        due: float | None = inbox.next_due()
        if due is not None and 0.1 < due <= (SHORT_PAUSE if self.is_working() else LONGEST_PAUSE):
            self.clock.ahead += timedelta(seconds=due)
            inbox.wake()
        return due

    def is_working(self) -> bool:
        """Whether a worker has a job now, or GitHub."""
        return bool(self.gh.working) or is_working(self.bot.service.store)

    def until(self, look: Callable[[], T], what: str, seconds: float = 30) -> T:
        """Wait for it, without this bot's pauses."""
        return until(look, what, seconds, self.hurry)

    @contextmanager
    def by_the_wall(self) -> Iterator[None]:
        """Pauses take their time: the story is about them."""
        _playing.remove(self)
        try:
            yield
        finally:
            _playing.append(self)

    def sweep(self, **later: float) -> None:
        """Turn the bot's time by this much (a sweep's interval, if not told) and let it sweep."""
        self.clock.ahead += timedelta(**(later or {"minutes": 15}))
        self.bot.service.schedule.tick()
        self.idle()

    def later(self) -> None:
        """GitHub dates what people say from now on after all that the bot has noted so far."""
        self.gh.ahead = max(self.gh.ahead, self.clock.ahead) + timedelta(seconds=2)

    def let_todays_jobs_go_by(self) -> None:
        """Today's pass over grants, and a digest that is due, before anything waits."""
        self.bot.service.schedule.tick()
        self.idle()

    @property
    def calls_for_work(self) -> list[Any]:
        """The bot's calls, without those by which it looks twice a minute whether all is well."""
        return [one for one in list(self.gh.calls) if one.path not in LOOKS]

    def metrics(self) -> dict[str, float]:
        """What a scrape of the bot tells: the name with its labels, and the value."""
        page = self.sender.get(httpx.URL(self.gh.webhook_url).copy_with(path="/metrics"))
        lines = [one for one in page.text.splitlines() if not one.startswith("#")]
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines)}

    def today(self) -> date:
        """The date of the bot's digests."""
        return self.clock.now().astimezone(ZoneInfo(ZONE)).date()

    def told(self, event: str, action: str) -> Any:
        """The payload of the newest delivery of this kind, once GitHub has noted its answer."""
        kind = (event, action)
        assert self.gh.settle()
        return next(one.json for one in self.gh.deliveries[::-1] if (one.event, one.action) == kind)

    def deliver(self, event: str, payload: Any, status: str | None = "accepted") -> None:
        """Post a delivery that our GitHub never made, signed as its own, and see it taken."""
        body = json.dumps(payload).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        answer = self.sender.post(self.bot.webhook_url, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.json()["status"] == (status or answer.json()["status"]), answer.text

    def replay(self, one: Any, event: str | None = None, guid: str | None = None) -> httpx.Response:
        """Send a recorded delivery once more: its very bytes and signature, other headers."""
        others = {"x-github-event": event or one.event, "x-github-delivery": guid or uuid.uuid4()}
        sent = {name.lower(): text for name, text in one.headers.items()}
        headers = {**sent, **{name: str(text) for name, text in others.items()}}
        return self.sender.post(self.bot.webhook_url, content=one.payload, headers=headers)

    # ---------------------------------------------------------------- the usual cast
    def organization(self, login: str = "acme", **install: Any) -> "Cast":
        """A new one; a bot that runs has taken the installation in, its first sweep included."""
        cast = Cast(self, login, **install)
        if self.bot:
            self.idle()
            self.let_todays_jobs_go_by()
        return cast

    def issue(self, repo: Any, **wanted: Any) -> Any:
        """Wait for one issue of this repository of which all of these hold."""

        def look() -> Any:
            for issue in self.gh.issues(repo):
                if all(_holds(issue, name, value) for name, value in wanted.items()):
                    return issue
            return None

        return self.until(look, f"an issue with {wanted}")


def _holds(issue: Any, name: str, value: Any) -> bool:
    if name == "label":
        return value in issue.labels
    if name == "shows":
        return value in issue.body
    if name == "said":
        return any(value in comment.body for comment in issue.comments)
    if name == "title_has":
        return value in issue.title
    return bool(getattr(issue, name) == value)


class Cast:
    """An organization with an owner, a second owner, a member and an admin repository."""

    def __init__(self, stage: Stage, login: str, install: bool = True) -> None:
        gh = stage.gh
        self.stage, self.org = stage, gh.add_organization(login)
        self.olga = self._member(f"olga-{login}", "admin")
        self.otto = self._member(f"otto-{login}", "admin")
        self.mia = self._member(f"mia-{login}", "member")
        self.admin = gh.add_repository(self.org, "token-requests", private=True)
        self.api = gh.add_repository(self.org, "api", private=True)
        self.site = gh.add_repository(self.org, "site", private=False)
        if install:
            for name, colour, text in LABELS:  # left by an earlier installation
                gh.label(self.admin, name, colour, text)
            self.installation = gh.install(self.org)

    def _member(self, login: str, role: str) -> Any:
        user = self.stage.gh.add_user(login)
        self.stage.gh.add_member(self.org, user, role=role)
        return user

    def asks(self, **changes: Any) -> Any:
        """Mia requests a token."""
        wanted: dict[str, Any] = {
            "name": "ci-release",
            "permissions": {"repository": {"contents": "write", "metadata": "read"}},
            "selection": "subset",
            "repositories": [self.api],
            "expires_at": datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
            "reason": "release the API from CI",
        }
        return self.stage.gh.request_token(
            self.org, changes.pop("by", self.mia), **{**wanted, **changes}
        )

    def asked(self, **changes: Any) -> tuple[Any, int]:
        """Mia requests a token, and its review issue is open: the request, the issue's number."""
        request = self.asks(**changes)
        marker = f"<!-- token-request {self.org.id}/{request.id} -->\n"
        ours = self.stage.until(
            lambda: [i for i in self.stage.gh.issues(self.admin) if i.body.startswith(marker)],
            "a review issue",
        )
        return request, ours[0].number

    def answered(self, said: Any, how: str, seconds: float = 30) -> str:
        """Wait until a comment has its reaction and all is quiet; what the bot replied to it."""
        self.stage.until(
            lambda: how in [one.content for one in said.reactions],
            f"{how}: {said.body[:60]!r}",
            seconds,
        )
        self.stage.idle()
        assert [one.content for one in said.reactions] == [how], said.body[:60]
        marker = f"<!-- countersign reply:{said.id} -->"
        replies = [one.body for one in said.issue.comments if one.body.startswith(marker)]
        assert len(replies) <= 1, said.body[:60]
        return replies[0] if replies else ""

    def refused(self, who: Any, number: int, text: str) -> str:
        """Somebody comments and is refused; why."""
        return self.answered(self.says(who, number, text), "confused")

    def obeyed(self, who: Any, number: int, text: str) -> str:
        """Somebody comments and it is done; what the bot replied, if anything."""
        return self.answered(self.says(who, number, text), "+1")

    def says(self, who: Any, number: int, text: str) -> Any:
        """Somebody comments on an issue of the admin repository."""
        return self.stage.gh.comment(who, self.admin, number, text)

    @contextmanager
    def says_alone(self, who: Any, number: int, text: str) -> Iterator[Any]:
        """The same, and what GitHub tells after this comment waits until the end of `with`."""
        gh = self.stage.gh
        with gh.hold_deliveries():
            said = self.says(who, number, text)
            gh.release_deliveries()
            gh.hold_deliveries()
            yield said


@contextmanager
def stage(folder: Path, *, server: str | None = None, **settings: str) -> Iterator[Stage]:
    """A stage with the bot running on it."""
    one = Stage(folder, server=server, **settings)
    one.start_bot()
    _playing.append(one)
    try:
        yield one
        check_calls(one.gh)
        check_deliveries(one.gh)
    finally:
        _playing.remove(one)
        one.close()
