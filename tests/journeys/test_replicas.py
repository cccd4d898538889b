"""Several processes on one PostgreSQL: equal, without a leader, and any of them may die."""

import hashlib
import hmac
import itertools
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.journeys.digests import MIDNIGHT, digests
from tests.journeys.outside import GUNICORN, Outside, Program, outside
from tests.journeys.policies import puts_in_force
from tests.journeys.rounds import ISSUES, REVIEW, a_whole_round, bots
from tests.journeys.stage import SECRET, Cast, until
from tests.postgres import Postgres

ASKED = re.compile(REVIEW)
TAKEOVER = 90
"""Seconds in which the work of a dead replica goes on; its lease is 15."""


@pytest.fixture
def scene(postgres: Postgres, tmp_path: Path) -> Iterator[Outside]:
    with (
        postgres.database() as url,
        outside(tmp_path, start=False, DATABASE_URL=url) as one,
    ):
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def test_two_replicas_share_the_work_and_double_nothing(scene: Outside, acme: Cast) -> None:
    waiting = acme.asks(name="waiting")  # what the digest tells of
    replicas = [scene.start_bot(**MIDNIGHT), scene.start_bot(**MIDNIGHT)]
    turn = itertools.cycle(replicas)

    asked, names = [], [f"token-{number}" for number in range(4)]
    for name in names:
        scene.delivers_to(next(turn))
        asked.append(acme.asked(name=name))
    for _, number in asked:
        scene.delivers_to(next(turn))
        acme.obeyed(acme.olga, number, "/approve")

    scene.idle()
    for request, number in asked:
        issue = scene.gh.issue(acme.admin, number)
        assert (request.state, issue.state, len(bots(issue))) == ("approved", "closed", 1)
    until(lambda: digests(acme), "the digest", 20)
    scene.idle()
    assert len(digests(acme)) == 1
    assert sorted(shown(scene, acme)) == sorted(["waiting", *names])
    assert waiting.state == "pending"
    assert all(taken(one) >= 2 for one in replicas), "both took deliveries"


def test_the_same_delivery_to_both_at_once_is_taken_once(scene: Outside, acme: Cast) -> None:
    replicas = [scene.start_bot(), scene.start_bot()]
    acme.asked()
    payload = scene.told("personal_access_token_request", "created")

    for number in range(10):
        request = signed("personal_access_token_request", payload, f"both-{number}")
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda one, r=request: post(one, r), replicas))
        assert sorted(answer.json()["status"] for answer in answers) == ["accepted", "duplicate"]

    scene.idle()
    assert shown(scene, acme) == ["ci-release"]
    assert len(scene.created("issues")) == 1


def test_two_of_three_die_in_a_call_and_the_third_takes_over(scene: Outside, acme: Cast) -> None:
    """One approves, one opens an issue; GitHub does it, and nobody is left to hear of it."""
    for _ in range(3):
        scene.start_bot()
    approved, number = acme.asked(name="approved")
    scene.idle()  # who opened the issue has noted its number: a comment has the request's lane
    died: list[float] = []

    def die(lane: str) -> None:
        pid = owner(scene, lane)
        os.kill(pid, signal.SIGKILL)
        scene.delivers_to(next(one for one in scene.programs if one.pid != pid and one.ready()))
        died.append(time.monotonic())

    lost = {"method": "POST", "mode": "lost"}
    lane = f"request:{acme.org.id}/{approved.id}"
    scene.gh.failures.add(**lost, path=REVIEW, then=lambda: die(lane))
    said = acme.says(acme.olga, number, "/approve")
    until(lambda: len(died) == 1, "the first death")
    late = acme.says(acme.otto, number, "/deny not this one")
    opened: list[Any] = []
    scene.gh.failures.add(
        **lost,
        path=ISSUES,
        then=lambda: die(f"request:{acme.org.id}/{until(lambda: opened, 'its number')[0].id}"),
    )
    opened.append(acme.asks(name="opened"))
    until(lambda: len(died) == 2, "the second death")

    acme.answered(said, "+1", TAKEOVER)
    acme.answered(late, "confused", TAKEOVER)
    until(lambda: "opened" in shown(scene, acme), "the issue", TAKEOVER)
    print(f"taken over {time.monotonic() - died[0]:.1f} s after the first death")
    assert approved.state == "approved"
    assert len(scene.gh.grants(acme.org)) == 1
    issue = scene.gh.issue(acme.admin, number)
    assert (issue.state, "approved" in issue.labels) == ("closed", True)
    assert sorted(shown(scene, acme)) == ["approved", "opened"]
    assert len([one for one in scene.programs if one.ready()]) == 1


def test_gunicorn_with_two_workers_does_a_round(scene: Outside, acme: Cast) -> None:
    scene.start_bot(*GUNICORN, WEB_CONCURRENCY="2")
    a_whole_round(acme)


def test_without_its_database_it_says_so_and_comes_back(
    postgres: Postgres, scene: Outside, acme: Cast
) -> None:
    scene.start_bot()
    acme.asked()
    request = signed(
        "personal_access_token_request",
        scene.told("personal_access_token_request", "created"),
        "while-away",
    )

    postgres.stop()
    try:
        began = time.monotonic()
        assert post(scene.bot, request).status_code == 503
        assert time.monotonic() - began < 8, "GitHub waits 10 s"
        answer = scene.bot.get("/readyz")
        assert answer.status_code == 503
        assert "store does not answer" in answer.text
        assert scene.bot.get("/healthz").status_code == 200
    finally:
        postgres.start()

    until(scene.bot.ready, "a ready bot", 10)
    assert post(scene.bot, request).json()["status"] == "accepted", "nothing was half-written"
    asked, number = acme.asked(name="another")
    acme.obeyed(acme.olga, number, "/approve")
    assert asked.state == "approved"


def test_the_database_goes_away_in_the_middle_of_a_step(
    postgres: Postgres, scene: Outside, acme: Cast
) -> None:
    """GitHub opens the issue, and there is nowhere to note it: it is found again by its marker."""
    scene.start_bot()
    away = threading.Event()
    scene.gh.failures.add(
        method="POST", path=ISSUES, mode="told", then=lambda: (postgres.stop(), away.set())
    )
    try:
        asked = acme.asks()
        assert away.wait(15)
        assert not scene.bot.ready()
    finally:
        postgres.start()
    until(scene.bot.ready, "a ready bot", 10)
    number = scene.issue(acme.admin, label="pending").number
    acme.says(acme.olga, number, "/approve")
    until(lambda: asked.state == "approved", "the decision", TAKEOVER)
    scene.idle()
    assert shown(scene, acme) == ["ci-release"]
    assert len(scene.gh.grants(acme.org)) == 1
    assert len(bots(scene.issue(acme.admin, state="closed"))) == 1


TWO = """\
version: 1
mode: enforce
rules:
  - name: two owners
    when: {permissions: {any: ["*:write"]}}
    review: {approvals: 2}
  - name: readers
    when: {permissions: {only: ["*:read"]}}
    approve: {}
"""
READS = {"repository": {"issues": "read", "metadata": "read"}}


def test_two_who_approve_at_once_on_two_replicas_approve_once(scene: Outside, acme: Cast) -> None:
    replicas = [scene.start_bot(), scene.start_bot()]
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    said = []
    for who, replica in zip((acme.olga, acme.otto), replicas, strict=True):
        scene.delivers_to(replica)
        said.append(acme.says(who, number, "/approve"))
        assert scene.gh.settle()
    for one in said:
        acme.answered(one, "+1")
    assert request.state == "approved"
    assert len(reviews(scene)) == 1
    with scene.store() as store:
        noted = [one.kind for one in store.record.history(acme.org.id, request.id)]
        row = store.record.request(acme.org.id, request.id)
    assert noted.count("review call") == 1
    assert row is not None
    assert row.decision is not None
    assert row.decision.by is not None
    given = {one.author.id for one in row.decision.approvals} | {row.decision.by.id}
    assert given == {acme.olga.id, acme.otto.id}


def test_a_rule_decides_once_on_two_replicas(scene: Outside, acme: Cast) -> None:
    replicas = [scene.start_bot(), scene.start_bot()]
    puts_in_force(acme, TWO)
    turn = itertools.cycle(replicas)
    asked = []
    for name in ("one", "two", "three"):
        scene.delivers_to(next(turn))
        asked.append(acme.asked(name=name, permissions=READS))
    for request, number in asked:
        scene.issue(acme.admin, number=number, state="closed", label="approved")
        assert request.state == "approved"
    scene.idle()
    assert len(reviews(scene)) == len(scene.gh.grants(acme.org)) == 3
    for _, number in asked:
        assert len(bots(scene.gh.issue(acme.admin, number))) == 1


# ------------------------------------------------------------------ what the stories are made of


def reviews(scene: Outside) -> list[Any]:
    """The calls by which GitHub was asked to decide a request."""
    return [one for one in list(scene.gh.calls) if one.method == "POST" and ASKED.search(one.path)]


def taken(program: Program) -> int:
    """How many deliveries this replica has accepted."""
    lines = program.get("/metrics").text.splitlines()
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in lines
        if line.startswith("countersign_deliveries_total") and 'answer="accepted"' in line
    )


def signed(event: str, payload: Any, guid: str) -> tuple[bytes, dict[str, str]]:
    """A delivery as GitHub sends it: body and headers."""
    body = json.dumps(payload).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def post(program: Program, request: tuple[bytes, dict[str, str]]) -> httpx.Response:
    body, headers = request
    url = f"{program.url}/api/github/webhooks"
    return httpx.post(url, content=body, headers=headers, timeout=15, trust_env=False)


def owner(scene: Outside, lane: str) -> int:
    """The process that works on this lane: its owner is named HOST:PID:WORKER."""
    with psycopg.connect(scene.environ["DATABASE_URL"]) as server:
        found = server.execute("SELECT owner FROM lanes WHERE key = %s", [lane]).fetchone()
    assert found is not None
    return int(found[0].split(":")[-2])


def shown(scene: Outside, cast: Cast) -> list[str]:
    """The tokens that have a review issue."""
    titles = [one.title for one in scene.gh.issues(cast.admin)]
    return [title.split()[2] for title in titles if title.startswith("Token request: ")]
