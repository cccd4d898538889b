"""What a large record costs: a command, a sweep and a digest beside 1,000 and 100,000 requests.

Run beside the local GitHub, with `python -m benchmarks.record`. The requests of the record were
decided long ago; twenty wait. A command is timed from the comment to the reaction that answers it,
a sweep and a digest are one run of their handlers, GitHub's answers included.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import app
from benchmarks.calls import SECRET, wait
from bot.domain.events import DigestDue, Event, SweepDue
from bot.handlers.table import handle
from bot.ports import Job
from bot.sandbox import Sandbox
from tests.journeys.decided_long_ago import fill

SIZES = (1_000, 100_000)
WAITING = 20
TURNS = 15


def main() -> None:
    """Measure each size; the medians as a table in Markdown."""
    found = {rows: _measured(rows) for rows in SIZES}
    print(f"| recorded requests | {' | '.join(found[SIZES[0]])} |\n|{'---|' * 4}")
    for rows, figures in found.items():
        print(f"| {rows:,} | {' | '.join(f'{one * 1000:.0f}' for one in figures.values())} |")


def _measured(rows: int) -> dict[str, float]:
    gh = Sandbox(webhook_secret=SECRET)
    gh.start()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "APP_ID": str(gh.app.id),
            "PRIVATE_KEY": gh.private_key_pem,
            "WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": gh.url,
            "LOG_LEVEL": "error",
            "CONTENT_LIMIT": "1000/60",
        }
        bot = app.LocalBot.beside(environ, Path(folder))
        gh.webhook_url = bot.webhook_url
        try:
            return _figures(gh, bot, rows)
        finally:
            bot.stop()
            gh.stop()


def _figures(gh: Sandbox, bot: app.LocalBot, rows: int) -> dict[str, float]:
    org, olga, mia = gh.add_organization("acme"), gh.add_user("olga"), gh.add_user("mia")
    gh.add_member(org, olga, role="admin")
    gh.add_member(org, mia)
    admin = gh.add_repository(org, "token-requests")
    gh.install(org)
    for number in range(WAITING + TURNS):
        gh.request_token(org, mia, name=f"token-{number}", permissions={"organization": {}})
    wait(lambda: len(gh.issues(admin)) == WAITING + TURNS)
    today = gh.now().date()
    _handled(bot, DigestDue(org.id, today))
    fill(bot.service.store, gh.app.id, org.id, rows)

    def approve(turn: int) -> None:
        said = gh.comment(olga, admin, turn + 1, "/approve")
        wait(lambda: said.reactions)

    return {
        "command ms": _median(approve),
        "sweep ms": _median(lambda _turn: _handled(bot, SweepDue(org.id))),
        "digest ms": _median(
            lambda turn: _handled(bot, DigestDue(org.id, today + timedelta(days=turn + 1)))
        ),
    }


def _handled(bot: app.LocalBot, event: Event) -> None:
    now = app.SystemClock().now()
    handle(event, bot.service.world(bot.service.github, Job(0, "benchmark", 9, now, now)))


def _median(act: Callable[[int], None]) -> float:
    seconds = []
    for turn in range(TURNS):
        begun = time.perf_counter()
        act(turn)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
