"""With 100,000 recorded requests a command, a sweep and a digest read no whole table."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from tests.journeys.decided_long_ago import fill
from tests.journeys.stage import Cast, Stage, stage

ROWS = {"sqlite": 100_000, "postgresql": 20_000}  # its planner sees statistics, and is slower
LARGE = ("token_requests", "jobs", "deliveries", "history", "effects", "replies")


@pytest.fixture
def scene(database_url: str, tmp_path) -> Iterator[Stage]:
    with stage(tmp_path, DATABASE_URL=database_url) as one:
        yield one


def test_nothing_that_happens_daily_reads_a_whole_table(scene: Stage) -> None:
    acme = scene.organization("acme")
    _, first = acme.asked(name="first")
    digest(scene, acme)
    scene.clock.ahead += timedelta(days=1)
    store = scene.bot.service.store
    fill(store, scene.gh.app.id, acme.org.id, ROWS[store._database._engine.dialect.name])
    asked = Asked(scene)

    _, second = acme.asked(name="second")
    acme.obeyed(acme.olga, first, "/approve")
    acme.refused(acme.mia, second, "/approve")
    acme.obeyed(acme.olga, second, "/hold")
    command = asked.take()
    scene.sweep()
    sweep = asked.take()
    digest(scene, acme)
    daily = asked.take()
    assert scene.metrics()
    scrape = asked.take()

    assert min(len(command), len(sweep), len(daily)) > 10, "there were questions"
    assert len(scrape) > 3, "a scrape has questions too"
    seen = {"command": command, "sweep": sweep, "digest": daily, "scrape": scrape}
    for what, statements in seen.items():
        assert whole_tables(scene, statements) == [], what


def digest(scene: Stage, cast: Cast) -> None:
    today = scene.today()
    scene.bot.service.schedule._put_digest(cast.org.id, today)
    scene.idle()
    assert [one for one in scene.gh.issues(cast.admin) if str(today) in one.title]


# ------------------------------------------------------------------ what the story is made of


class Asked:
    """What the bot asks its database, once each."""

    def __init__(self, scene: Stage) -> None:
        self._seen: dict[str, Any] = {}
        engine = scene.bot.service.store._database._engine
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement: str, parameters, _context, many) -> None:
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE", "INSERT"}:
            self._seen.setdefault(statement, parameters[0] if many else parameters)

    def take(self) -> dict[str, Any]:
        """Since the last time."""
        taken, self._seen = self._seen, {}
        return taken


def whole_tables(scene: Stage, statements: dict[str, Any]) -> list[str]:
    """Which statements read the whole of a large table."""
    url = scene.environ["DATABASE_URL"]
    if url.startswith("postgresql"):
        with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as server:
            scan = re.compile(rf"Seq Scan on ({'|'.join(LARGE)})\b")
            return [
                f"{statement}\n{plan}"
                for statement, parameters in statements.items()
                if scan.search(plan := _lines(server.execute(f"EXPLAIN {statement}", parameters)))
            ]
    scan = re.compile(rf"SCAN ({'|'.join(LARGE)})\b")
    with scene.bot.service.store._database.read() as connection:
        return [
            f"{statement}\n{plan}"
            for statement, parameters in statements.items()
            if scan.search(
                plan := _lines(
                    connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                )
            )
        ]


def _lines(rows: Any) -> str:
    return "\n".join(str(row[-1]) for row in rows)
