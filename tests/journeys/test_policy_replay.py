"""`policy show`, `replay` and `diff` beside the record: they read it, and change nothing."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.outside import Outside, outside, status_and_words
from tests.journeys.stage import Cast, until

FILE = ".github/token-policy.yml"
IN_FORCE = """\
version: 1
mode: enforce
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry.
"""
MONTH = """\
version: 1
mode: enforce
rules:
  - name: a month
    when: {lifetime: {at_most: 30d}}
    approve: {}
"""
OPS = MONTH.replace("lifetime: {at_most: 30d}", "requester: {teams: [ops]}")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        (tmp_path / "month.yml").write_text(MONTH)
        (tmp_path / "ops.yml").write_text(OPS)
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def policy(scene: Outside, *words: str) -> tuple[int, str]:
    """Run `policy …` with the database alone: no secret of the App is there."""
    kept = {"DATABASE_URL": scene.environ["DATABASE_URL"], "COUNTERSIGN_HOME": str(scene.folder)}
    every, scene.environ = scene.environ, kept
    try:
        return status_and_words(scene, "policy", *words)
    finally:
        scene.environ = every


def rows(folder: Path) -> list[Any]:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        tables = ("history", "token_requests", "policies", "policy_versions", "alembic_version")
        return [database.execute(f"SELECT * FROM {name}").fetchall() for name in tables]


def adopt(scene: Outside, cast: Cast, text: str) -> None:
    scene.gh.commit(cast.mia, cast.admin, {FILE: text.encode()}, "Change the policy")
    issue = scene.issue(cast.admin, label="token-policy")
    cast.obeyed(cast.olga, issue.number, "/adopt")


def test_what_a_file_would_have_decided_otherwise(scene: Outside, acme: Cast) -> None:
    _, denied = acme.asked(name="short")
    acme.obeyed(acme.olga, denied, "/deny no")
    _, waits = acme.asked(name="eternal", expires_at=None)
    scene.idle()

    status, said = policy(scene, "show", "--org", "acme")
    assert (status, said) == (0, "acme: no policy is in force, owners decide everything\n")
    adopt(scene, acme, IN_FORCE)
    before = rows(scene.folder)
    status, said = policy(scene, "show")
    assert status == 0
    assert " is in force since " in said
    assert "adopted by olga-acme (" in said

    status, said = policy(scene, "replay", "month.yml")
    table = [line.split("\t") for line in said.splitlines() if "\t" in line]
    assert (status, table) == (
        0,
        [
            [
                f"acme#{denied}",
                "denied by olga-acme",
                "reviewed by owners",
                "approved by `a month`",
            ],
            [f"acme#{waits}", "", "denied by `no eternal tokens`", "reviewed by owners"],
        ],
    )
    assert "2 with another outcome, 1 against what people decided." in said

    status, said = policy(scene, "replay", "ops.yml", "--org", "ACME", "--since", "1h", "--json")
    (found,) = json.loads(said)["replays"]
    assert (status, found["judged"], found["not_known"]) == (0, 2, {"teams": 2})
    assert found["contradictions"] == []
    assert rows(scene.folder) == before


def next_second() -> None:
    """What comes now is later for GitHub, too, whose times are whole seconds."""
    now = int(time.time())
    until(lambda: time.time() >= now + 1, "the next second")


def test_renewals_are_known_as_they_were_when_they_were_asked_for(
    scene: Outside, acme: Cast
) -> None:
    renewals = MONTH.replace("lifetime: {at_most: 30d}", "renewal: true")
    (scene.folder / "renewals.yml").write_text(renewals)
    soon = datetime.now(UTC) + timedelta(days=10)
    numbers = []
    for name, command in (("first", "/approve"), ("again", "/deny no"), ("late", "/deny no")):
        _, number = acme.asked(name=name, expires_at=soon)
        acme.obeyed(acme.olga, number, command)
        numbers.append(number)
        next_second()
    status, said = policy(scene, "replay", "renewals.yml")
    found = [line.split("\t")[0] for line in said.splitlines() if "\t" in line]
    assert (status, found) == (0, [f"acme#{numbers[1]}"]), "the last came when it had been denied"
    assert "not recorded" not in said


def test_two_files_differ_on_recorded_requests_too(scene: Outside, acme: Cast) -> None:
    _, number = acme.asked(name="short")
    scene.idle()
    (scene.folder / "none.yml").write_text("version: 1\nmode: enforce\nrules: []\n")
    status, said = policy(scene, "diff", "none.yml", "month.yml")
    assert (status, said.splitlines()) == (
        1,
        [f"acme#{number}", "  old: reviewed by owners", "  new: approved by `a month`"],
    )
    assert policy(scene, "diff", "month.yml", "month.yml")[0] == 0
    status, said = policy(scene, "diff", "none.yml", "ops.yml")
    assert status == 1, "whether they differ hangs on a team that is not recorded"
    assert "the requester's teams are not recorded" in said


def test_bad_input(scene: Outside, acme: Cast) -> None:
    (scene.folder / "bad.yml").write_text("version: 2\n")
    assert policy(scene, "replay", "bad.yml")[0] == 2
    status, said = policy(scene, "replay", "month.yml", "--since", "90")
    assert (status, "such as 12h, 90d or 2w" in said) == (2, True)
    status, said = policy(scene, "show", "--org", "nobody")
    assert (status, "known: acme" in said) == (1, True)
    (scene.folder / "bot.db").rename(scene.folder / "away.db")
    status, said = policy(scene, "show")
    assert (status, "there is no database" in said) == (1, True)
    assert policy(scene, "diff", "month.yml", "month.yml", "--org", "acme")[0] == 1
    status, said = policy(scene, "diff", "month.yml", "month.yml")
    assert (status, said) == (0, "No difference in 0 examples.\n")
    assert not (scene.folder / "bot.db").exists()
    (scene.folder / "away.db").rename(scene.folder / "bot.db")
