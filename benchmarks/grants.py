"""What the daily pass costs: 10,000 grants of one organization, in calls and in memory.

Run beside the local GitHub, with `python -m benchmarks.grants`. The local GitHub runs in a process
of its own, so that the memory is the bot's alone: how much its resident set grew at most, beyond
what it had before the pass.
"""

import multiprocessing
import resource
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import app
from benchmarks.calls import SECRET
from bot.domain.events import GrantsDue, OwnersDue
from bot.handlers.organizations.known import refresh_installations
from bot.handlers.table import handle
from bot.sandbox import Sandbox
from bot.settings import load

GRANTS = 10_000


def main() -> None:
    """Measure one pass and print calls, seconds and megabytes."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    other = multiprocessing.get_context("spawn").Process(target=_github, args=(theirs,))
    other.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(ours, ours.recv(), Path(folder))
    finally:
        ours.send("end")
        other.join()


def _github(pipe: Connection) -> None:
    gh = Sandbox(webhook_secret=SECRET)
    gh.start()
    org, olga = gh.add_organization("acme"), gh.add_user("olga")
    gh.add_member(org, olga, role="admin")
    gh.add_repository(org, "token-requests", private=True)
    for number in range(GRANTS):
        gh.grant_without_review(org, olga, name=f"bot-{number}")
    gh.install(org)
    pipe.send((gh.app.id, gh.private_key_pem, gh.url, org.id))
    while pipe.recv() != "end":
        pipe.send(len(list(gh.calls)))
    gh.stop()


def _measure(pipe: Connection, there: Any, folder: Path) -> None:
    app_id, key, url, org_id = there
    environ = {"APP_ID": str(app_id), "PRIVATE_KEY": key, "WEBHOOK_SECRET": SECRET}
    environ |= {"GITHUB_API_URL": url, "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"}
    service = app.Service(load(environ, folder))  # not started: nothing else is at work
    try:
        world = service.world_of_command()
        refresh_installations(world)
        before, base = _calls(pipe), _resident()
        began, peak = time.monotonic(), _Peak()
        handle(GrantsDue(org_id, world.clock.now().date()), world)
        read = _calls(pipe)
        handle(OwnersDue(org_id), world)
        took, grew = time.monotonic() - began, peak.end() - base
        owners = _calls(pipe) - read
    finally:
        service.stop()
    print("| grants | calls for grants | calls for owners | seconds | MB more |")
    print("|---|---|---|---|---|")
    print(f"| {GRANTS:,} | {read - before} | {owners} | {took:.1f} | {grew:.0f} |")


def _calls(pipe: Connection) -> int:
    pipe.send("calls")
    count: int = pipe.recv()
    return count


def _resident() -> float:
    """Megabytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class _Peak:
    """The most megabytes that were resident, looked at every 5 ms."""

    def __init__(self) -> None:
        self._most, self._over = _resident(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self._most = max(self._most, _resident())

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most


if __name__ == "__main__":
    main()
