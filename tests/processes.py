"""Processes that start at once: forked from one that has imported all of the bot.

`python app.py …` takes a second to import it on two busy cores, and hundreds of stories run it. A
fork runs the same `app.command`. What belongs to the interpreter's start (closed streams, another
Python, a wheel, what is imported when) is tested with real ones.
"""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

import app

ROOT = Path(app.__file__).parent
APP = [sys.executable, str(ROOT / "app.py")]
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    [
        "tests.keys",
        "tests.processes",
        "tests.journeys.bot_process",
        "bot.cli.dispatch",  # and what the program imports when it needs it
        "bot.cli.serve",
        "bot.github.api",
        "bot.github.client",
        "bot.github.webhooks.payloads",
        "bot.handlers.table",
        "bot.jobs.schedule",
        "bot.storage",
        "bot.web",
        "jwt",
        "sqlalchemy.dialects.postgresql",
        "sqlalchemy.dialects.sqlite",
        "tests.journeys.githubkit_models",
    ]
)


class Forked:
    """One command of ours, as `subprocess.Popen` shows a process."""

    def __init__(
        self,
        words: list[str],
        *,
        env: dict[str, str],
        cwd: Path,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        """Streams that are not told are pipes; no stdin is an empty one."""
        self.stdout, out = _pipe() if stdout is None else (None, os.dup(stdout))
        self.stderr, err = _pipe() if stderr is None else (None, os.dup(stderr))
        source = os.open(os.devnull, os.O_RDONLY) if stdin is None else os.dup(stdin)
        streams = (source, out, err)
        begun, begins = FORK.Pipe(duplex=False)
        told = (words, env, str(cwd), _umask(), tuple(map(_Sent, streams)), begins)
        self._process = FORK.Process(target=_be, args=told, daemon=True)
        self._process.start()
        for one in streams:
            os.close(one)
        begins.close()
        with begun, suppress(EOFError):  # it ended before it began
            begun.recv()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("app.py", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def started(command: list[str], env: dict[str, str], cwd: Path) -> Forked | subprocess.Popen[str]:
    """A process with a session of its own, so that what it leaves behind can be found. A command
    that begins with APP is forked.
    """
    if command[: len(APP)] == APP:
        return Forked(command[len(APP) :], env=env, cwd=cwd)
    return subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(words: list[str], *, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one command of ours to its end, as `subprocess.run` does."""
    one = Forked(words, env=env, cwd=cwd)
    with ThreadPoolExecutor() as readers:
        out, err = readers.map(lambda stream: stream.read(), (one.stdout, one.stderr))
    return subprocess.CompletedProcess(words, one.wait(), out, err)


class _Sent:
    """A file descriptor on its way to another process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self.number),)


def _received(sent: Any) -> int:
    number: int = sent.detach()
    return number


def _pipe() -> tuple[io.TextIOWrapper, int]:
    ours, theirs = os.pipe()
    return os.fdopen(ours, encoding="utf-8", errors="replace"), theirs


def _umask() -> int:
    """What a child would inherit."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def _be(
    words: list[str],
    environ: dict[str, str],
    folder: str,
    umask: int,
    streams: tuple[int, ...],
    begins: Connection,
) -> None:
    """Be the command, in a session of its own."""
    os.setsid()
    begins.send("in its own session")
    begins.close()
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", 1 if os.isatty(1) else -1, "utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.argv = [APP[1], *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app.command()
