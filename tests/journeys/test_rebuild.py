"""The database and its backups are lost: the record is made anew from GitHub."""

import json
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.digests import MIDNIGHT, digests, next_day
from tests.journeys.outside import APP, Outside, Program, outside, status_and_words
from tests.journeys.policies import puts_in_force
from tests.journeys.stage import Cast, Stage, until

POLICY = ".github/token-policy.yml"
EVERYTHING = b"""\
version: 1
mode: enforce
rules:
  - name: whatever they ask for
    when: {}
    approve: {}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def lose(folder: Path) -> None:
    """The database with all that is beside it, the audit log's key too."""
    for one in folder.glob("bot.db*"):
        one.unlink()


def end_and_lose(scene: Outside) -> None:
    scene.idle()
    scene.bot.send(signal.SIGTERM)
    assert scene.bot.exit_status() == 0
    lose(scene.folder)


def rebuilt(scene: Stage, *more: str) -> str:
    program = Program([*APP, "rebuild", *more], scene.environ, scene.folder)
    status = program.exit_status()
    assert status == 0, program.said
    assert "Traceback" not in program.said
    return program.said


def reviews(scene: Stage, acme: Cast) -> list[int]:
    every = scene.gh.issues(acme.admin)
    return sorted(one.number for one in every if "token-request" in one.labels)


def test_what_waited_is_reviewed_on_its_old_issue(scene: Outside, acme: Cast) -> None:
    waiting, number = acme.asked(name="waiting")
    held, on_hold = acme.asked(name="held")
    acme.obeyed(acme.otto, on_hold, "/hold I ask first")
    limited, decided = acme.asked(name="limited")
    acme.obeyed(acme.olga, decided, "/approve for 3d")
    end_and_lose(scene)
    meanwhile = acme.asks(name="meanwhile")

    said = rebuilt(scene)

    assert "who decided earlier requests" in said
    assert len(reviews(scene, acme)) == 4, "three old ones, and one of what came meanwhile"
    assert scene.gh.issue(acme.admin, decided).state == "closed"
    (token,) = [
        json.loads(line) for line in status_and_words(scene, "tokens", "--json")[1].splitlines()
    ]
    assert (token["token_name"], token["kinds"]) == ("limited", ["limit unknown"])
    with scene.store() as store:
        told = [one.kind for one in store.record.history(acme.org.id, 0)]
        assert told.count("record rebuilt") == 1
        row = store.record.request(acme.org.id, held.id)
        assert row is not None
        assert row.state is State.HELD
    assert status_and_words(scene, "audit", "verify")[0] == 0

    scene.start_bot()
    scene.idle()
    scene.later()
    assert "on hold" in acme.refused(acme.olga, on_hold, "/approve")
    acme.obeyed(acme.olga, number, "/approve")
    assert (waiting.state, held.state, limited.state) == ("approved", "pending", "approved")
    assert (meanwhile.state, len(reviews(scene, acme))) == ("pending", 4)


def test_no_rule_approves_and_no_policy_issue_is_opened_twice(scene: Outside, acme: Cast) -> None:
    def policies(state: str = "open") -> list[Any]:
        found = scene.gh.issues(acme.admin)
        return [one for one in found if "token-policy" in one.labels and one.state == state]

    scene.gh.commit(acme.mia, acme.admin, {POLICY: EVERYTHING}, "Add a policy")
    (issue,) = until(policies, "the policy's issue")
    end_and_lose(scene)
    rebuilt(scene)
    assert [one.number for one in policies()] == [issue.number], "not adopted: the same issue"

    scene.start_bot()
    scene.idle()
    scene.later()
    reply = acme.obeyed(acme.olga, issue.number, "/adopt")
    acme.obeyed(acme.olga, issue.number, f"/confirm {reply.split('/confirm ')[1][:8]}")
    until(lambda: policies("closed"), "an adopted policy")
    end_and_lose(scene)
    waiting = acme.asks(name="what the lost policy would approve")
    rebuilt(scene)
    (again,) = policies()
    assert again.number != issue.number
    scene.start_bot()
    scene.idle()
    assert waiting.state == "pending"


READS = {"repository": {"metadata": "read"}}


def test_no_rule_widens_an_access_whose_limit_is_lost(tmp_path: Path) -> None:
    """It may have been for three days: then a rule must not approve more, and without a limit."""
    scene = Stage(tmp_path)
    try:
        scene.start_bot()
        acme = scene.organization("acme")
        first, number = acme.asked(name="limited")
        acme.obeyed(acme.olga, number, "/approve for 3d")
        scene.idle()
        scene.stop_bot()
        lose(tmp_path)
        rebuilt(scene)
        scene.start_bot()
        scene.idle()
        scene.later()
        puts_in_force(acme, EVERYTHING.decode())
        other, _ = acme.asked(name="another token", permissions=READS)
        wider, open_issue = acme.asked(token_id=first.token.id, permissions=READS)
        scene.idle()
        assert (other.state, wider.state) == ("approved", "pending")
        assert scene.gh.issue(acme.admin, open_issue).state == "open"
    finally:
        scene.close()


def test_a_record_with_decisions_is_not_taken_for_lost(scene: Outside, acme: Cast) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/deny no")
    scene.idle()
    for words in (("rebuild",), ("rebuild", "--force")):
        status, said = status_and_words(scene, *words)
        assert (status, "Please end it first" in said) == (1, True), said
    with scene.store() as store:
        assert not [one for one in store.record.history(acme.org.id, 0) if "rebuilt" in one.kind]
    scene.stop_bot()
    status, said = status_and_words(scene, "rebuild")
    assert (status, "This database has a record of decisions" in said) == (1, True), said
    said = rebuilt(scene, "--force", "--json").splitlines()
    (row,) = [json.loads(line) for line in said if line.startswith("{")]
    counts = {"waiting": 0, "held": 0, "active_tokens": 0, "limit_unknown": 0}
    assert row == {"organization": "acme", **counts}


def test_github_away_says_so_and_it_can_be_done_later(scene: Outside, acme: Cast) -> None:
    acme.asked()
    end_and_lose(scene)
    scene.gh.failures.add(mode="status", status=502, path=".*", times=None)
    status, said = status_and_words(scene, "rebuild")
    assert (status, "GitHub does not answer" in said) == (1, True), said
    scene.gh.failures.clear()
    rebuilt(scene)
    assert len(reviews(scene, acme)) == 1


def test_an_issue_that_nothing_waits_behind_is_closed(tmp_path: Path) -> None:
    """Its request was decided or withdrawn while nobody looked: nobody knows which."""
    scene = Stage(tmp_path)
    try:
        scene.start_bot()
        acme = scene.organization("acme")
        gone, number = acme.asked(name="withdrawn meanwhile")
        told, another = acme.asked(name="withdrawn, and GitHub tells it again")
        kept, other = acme.asked(name="kept")
        scene.idle()
        scene.stop_bot()
        lose(tmp_path)
        scene.gh.vanish_request(gone)  # without a word
        scene.gh.cancel_request(told)
        rebuilt(scene)
        issue = scene.gh.issue(acme.admin, number)
        assert issue.state == "open", "one look at the list proves nothing"

        scene.start_bot()
        scene.idle()  # the start's own sweep is over
        scene.sweep()
        assert (issue.state, issue.state_reason) == ("closed", "not_planned")
        assert "GitHub does not tell which" in issue.comments[-1].body
        assert not {"pending", "approved", "denied", "cancelled"} & set(issue.labels)
        assert (scene.gh.issue(acme.admin, other).state, kept.state) == ("open", "pending")
        known = scene.gh.issue(acme.admin, another)
        assert (known.state, "cancelled" in known.labels) == ("closed", True)
        assert "**Cancelled** by the requester" in known.comments[-1].body
        said = len(issue.comments)
        scene.sweep(hours=1)
        assert (len(issue.comments), len(known.comments)) == (said, 1)
    finally:
        scene.close()


def test_limits_that_are_lost_are_on_the_digest(tmp_path: Path) -> None:
    scene = Stage(tmp_path, **MIDNIGHT)
    try:
        scene.start_bot()
        acme = scene.organization("acme")
        _, number = acme.asked(name="limited")
        acme.obeyed(acme.olga, number, "/approve for 3d")
        scene.stop_bot()
        lose(tmp_path)
        rebuilt(scene)
        scene.start_bot()
        scene.idle()
        next_day(scene)
        digest = max(digests(acme), key=lambda one: one.number)
        assert "### Tokens whose time limit is not known: 1" in digest.body
        assert "Not reviewed here" not in digest.body
        (grant,) = scene.gh.grants(acme.org)
        scene.clock.ahead += timedelta(days=4)
        scene.sweep()
        assert scene.gh.grants(acme.org), "no access ends by itself"
        digest = max(digests(acme), key=lambda one: one.number)
        acme.obeyed(acme.olga, digest.number, f"/revoke token:{grant.token.id} it was for 3d")
        assert not scene.gh.grants(acme.org)
    finally:
        scene.close()
