"""`make demo`: the local GitHub with a bot beside it, until Ctrl-C."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin

from bot import COMMAND
from bot.sandbox import Sandbox
from bot.sandbox.demo_world import build
from bot.sandbox.pages import add_pages, show_in_pages

SECRET = "the demo's webhook secret guards nothing"  # noqa: S105  # it never leaves loopback


class Bot(Protocol):
    """A running bot."""

    @property
    def webhook_url(self) -> str: ...
    def send_digests(self) -> str:
        """Send today's digests now; a sentence on what happens."""

    def stop(self) -> None: ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Aware, in UTC."""


StartBot = Callable[[Mapping[str, str], Path, Clock], Bot]
"""Starts a bot from settings (as in the environment); the folder is its to write in. Its time is
the clock's, which the demo's visitor may turn forward.
"""
SKIPPED = timedelta(days=3)


def demo(start_bot: StartBot, port: int, policies: Mapping[str, str]) -> int:
    """Run the demo on a port of loopback; the exit status. Everything is gone at the end.

    ``policies``: example policies to push, texts by name.
    """
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # so that one that comes early is not lost
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        print(
            f"The demo cannot use port {port}: {os.strerror(error.errno or 0)}."
            f" Take a free one: {COMMAND} demo --port 0",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder:
        github = Sandbox(webhook_secret=SECRET, port=port)
        pages = add_pages(github, policies=policies)
        github.start()
        show_in_pages(github)
        bot = start_bot(_settings(github), Path(folder), github)
        try:
            github.webhook_url = bot.webhook_url
            pages.bot_page = urljoin(bot.webhook_url, "/")
            pages.actions["Send today's digest now"] = bot.send_digests
            pages.actions["Skip three days"] = lambda: _skip(github, bot)
            build(github)
            print(
                f"\n  Countersign beside a local GitHub: open  {github.url}/\n  Ctrl-C ends it.\n",
                flush=True,
            )
            signal.sigwait(ends)
        finally:
            bot.stop()
            github.stop()
    return 0


def _skip(github: Sandbox, bot: Bot) -> str:
    with github.lock:
        github.ahead += SKIPPED
    bot.send_digests()  # a day's own waits for its last minute
    day = github.now().strftime("%Y-%m-%d")
    return f"It is {day} now. What has become due happens within a minute, as on any other day."


def _settings(github: Sandbox) -> dict[str, str]:
    return {
        "APP_ID": str(github.app.id),
        "PRIVATE_KEY": github.private_key_pem,
        "WEBHOOK_SECRET": SECRET,
        "GITHUB_API_URL": github.url,
        "LOG_LEVEL": "warning",
        "DIGEST_AT": "23:59",  # the day's digest waits for the button
        "SWEEP_MINUTES": "1",  # nobody in front of the pages waits for a quarter of an hour
    }
