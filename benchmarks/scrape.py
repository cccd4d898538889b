"""What a scrape of /metrics costs beside 1,000 and 1,000,000 handled jobs.

`python -m benchmarks.scrape`. The jobs are written into the database past the bot.
"""

import statistics
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import insert

import app
from bot.sandbox import Sandbox
from bot.storage.database import Database
from bot.storage.tables import JOBS

SIZES = (1_000, 1_000_000)
PART = 50_000
TURNS = 50


def main() -> None:
    """Measure each size; medians as a table in Markdown."""
    print("| handled jobs | scrape ms |\n|---|---|")
    for jobs in SIZES:
        print(f"| {jobs:,} | {_measured(jobs) * 1000:.1f} |")


def _measured(jobs: int) -> float:
    gh = Sandbox(webhook_secret="a webhook secret")
    gh.start()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "APP_ID": str(gh.app.id),
            "PRIVATE_KEY": gh.private_key_pem,
            "WEBHOOK_SECRET": "a webhook secret",
            "GITHUB_API_URL": gh.url,
            "LOG_LEVEL": "error",
        }
        bot = app.LocalBot.beside(environ, Path(folder))
        try:
            _fill(Database(f"sqlite:///{folder}/bot.db"), jobs)
            return _scrape(bot)
        finally:
            bot.stop()
            gh.stop()


def _fill(database: Database, jobs: int) -> None:
    now = time.time()
    row = {"app_id": 1, "action": "", "kind": "issues", "priority": 1, "state": "done"}
    row |= {"received_at": now, "ready_at": now}
    for first in range(0, jobs, PART):
        names = range(first, min(first + PART, jobs))
        with database.write() as connection:
            rows = [{**row, "dedupe": f"job {name}", "lane": f"{name % 99}"} for name in names]
            connection.execute(insert(JOBS), rows)


def _scrape(bot: app.LocalBot) -> float:
    url, seconds = httpx.URL(bot.webhook_url).copy_with(path="/metrics"), []
    with httpx.Client(trust_env=False) as client:
        for _ in range(TURNS):
            begun = time.perf_counter()
            client.get(url).raise_for_status()
            seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
