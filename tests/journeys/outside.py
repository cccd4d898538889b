"""The bot as its operator has it: processes of its own beside the local GitHub."""

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import httpx

from bot.storage import Store
from tests.journeys.stage import TLS, Stage, until
from tests.processes import APP, ROOT, started
from tests.sandbox.contract import check_calls, check_deliveries

SERVE = [*APP, "serve"]
GUNICORN = [
    *(sys.executable, "-m", "gunicorn", "--chdir", str(ROOT)),
    *("-c", str(ROOT / "config" / "gunicorn.conf.py"), "app:create_app()"),
]
WEBHOOKS = "/api/github/webhooks"
DEADLINE = 60.0
_URL = re.compile(r"http://127\.0\.0\.1:\d+")


def surroundings(environ: dict[str, str]) -> dict[str, str]:
    """These settings and what any process needs, nothing else of this machine's environment."""
    kept = ("PATH", "HOME", "LANG")
    return {**{name: os.environ[name] for name in kept if name in os.environ}, **environ}


class Program:
    """A command of ours while it runs: what it prints, where it listens, how it ends."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: Path) -> None:
        self.printed: list[str] = []
        self._process = started(command, surroundings(environ), folder)
        streams = (self._process.stdout, self._process.stderr)
        self._readers = [
            threading.Thread(target=self._read, args=(stream,), daemon=True) for stream in streams
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.printed.append(line)

    @property
    def said(self) -> str:
        """All that it printed so far, errors too."""
        return "".join(list(self.printed))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        """The base that it says it serves."""
        found = until(lambda: _URL.search(self.said) or self._over(), "a URL", DEADLINE)
        assert found is not True, self.said
        return str(found[0])

    def _over(self) -> bool:
        return self._process.poll() is not None

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=DEADLINE, trust_env=False, verify=TLS)

    def ready(self) -> bool:
        with suppress(httpx.TransportError):
            return self.get("/readyz").status_code == 200
        return False

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal interrupts all processes of the command."""
        os.killpg(self._process.pid, signal.SIGINT)

    def exit_status(self) -> int:
        """Wait for its end; how it ended, all that it printed being in `said`."""
        status = self._process.wait(DEADLINE)
        for reader in self._readers:
            reader.join(DEADLINE)
        return status

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.exit_status()

    def leaves_nothing(self) -> bool:
        """Whether no process of its session is left."""
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False


class Outside(Stage):
    """The stage with the bot in processes of its own; `bot` is the one that GitHub delivers to."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.programs: list[Program] = []

    def run(self, *command: str, **settings: str) -> Program:
        """Start any command with the stage's settings."""
        one = Program(list(command), {**self.environ, **settings}, self.folder)
        self.programs.append(one)
        return one

    def app(self, *arguments: str, **settings: str) -> Program:
        """Run `python app.py …` to its end."""
        one = self.run(*APP, *arguments, **settings)
        one.exit_status()
        return one

    def start_bot(self, *command: str, **settings: str) -> Program:
        """Start a service, wait until it is ready, and let GitHub deliver to it."""
        one = self.run(*(command or SERVE), **settings)
        until(one.ready, f"a ready service: {one.printed}", DEADLINE)
        self.delivers_to(one)
        return one

    def delivers_to(self, program: Program) -> None:
        self.bot, self.gh.webhook_url = program, program.url + WEBHOOKS

    def stop_bot(self) -> None:
        for one in self.programs:
            one.kill()

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Look into the bot's database, beside it."""
        found = Store.open(self.environ["DATABASE_URL"], app_id=self.gh.app.id)
        try:
            yield found
        finally:
            found.close()

    def waits(self) -> bool:
        """Whether something is due, or will be within half a minute."""
        with self.store() as store:
            due = store.inbox.next_due()
        return due is not None and due < 30

    def let_todays_jobs_go_by(self) -> None:
        """The process ticks by itself."""

    def hurry(self) -> None:
        """A process keeps the machine's time."""

    def _is_idle(self) -> bool:
        return bool(self.gh.settle()) and not self.waits() and bool(self.gh.hook.idle)

    def created(self, what: str) -> list[Any]:
        """The calls that GitHub carried out, by which this kind of content came to be."""
        ending = re.compile(rf"/{what}$")
        every = list(self.gh.calls)
        return [one for one in every if one.method == "POST" and ending.search(one.path)]


@contextmanager
def outside(folder: Path, *, start: bool = True, **settings: str) -> Iterator[Outside]:
    """A stage for processes, with a service running unless told otherwise."""
    one = Outside(folder, **settings)
    try:
        if start:
            one.start_bot()
        yield one
        check_calls(one.gh)
        check_deliveries(one.gh)
    finally:
        one.close()
        print(*(program.said for program in one.programs))  # pytest shows it of a failed story


def status_and_words(scene: Outside, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command to its end: its status, and all that it printed."""
    one = scene.app(*arguments, **settings)
    assert "Traceback" not in one.said
    assert one.leaves_nothing()
    return one.exit_status(), one.said
