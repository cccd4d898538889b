"""A backup of the running bot, and the bot that goes on from it."""

import json
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.events import GrantsDue
from bot.domain.token_request import State
from bot.handlers.gaps import gap_of
from bot.handlers.reconcile.restored import mark_restored
from bot.storage import Store
from tests.journeys.outside import APP, Outside, Program, outside, status_and_words
from tests.journeys.stage import Cast, Stage, until
from tests.postgres import Postgres

POLICY = ".github/token-policy.yml"
CAREFUL = b"""\
version: 1
mode: enforce
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry.
"""

TWO = CAREFUL.replace(b"no eternal tokens", b"two owners").replace(
    b"when: {expires: never}\n    deny: Please ask again with an expiry.",
    b"when: {}\n    review: {approvals: 2}",
)
REVIEW = r"/personal-access-token-requests/\d+$"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def backed_up(scene: Outside) -> Path:
    file = scene.folder / "backup.db"
    status, said = status_and_words(scene, "backup", str(file))
    assert (status, str(file) in said) == (0, True), said
    return file


def restored(scene: Outside, file: Path, *more: str) -> None:
    status, said = status_and_words(scene, "restore", str(file), *more)
    assert status == 0, said


def end(scene: Outside) -> None:
    scene.bot.send(signal.SIGTERM)
    assert scene.bot.exit_status() == 0


def database(scene: Outside) -> Path:
    return scene.folder / "bot.db"


def state(scene: Outside, cast: Cast, request: Any) -> State | None:
    with scene.store() as store:
        row = store.record.request(cast.org.id, request.id)
    return row.state if row else None


def requests_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as one:
        assert one.execute("PRAGMA quick_check").fetchone() == ("ok",)
        return int(one.execute("SELECT count(*) FROM token_requests").fetchone()[0])


def test_after_a_total_loss_the_sweep_brings_what_came_since(scene: Outside, acme: Cast) -> None:
    before, number = acme.asked(name="before")
    scene.idle()
    file = backed_up(scene)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(scene.folder.glob("backup.db?*"))
    since, _ = acme.asked(name="since")
    end(scene)
    for one in scene.folder.glob("bot.db*"):
        if not one.name.endswith(".audit-key"):
            one.unlink()

    restored(scene, file)
    assert requests_in(database(scene)) == 1
    scene.start_bot()
    until(lambda: state(scene, acme, since) is State.PENDING, "the request that came since")
    scene.idle()
    scene.later()
    acme.obeyed(acme.olga, number, "/approve")
    assert before.state == "approved"
    reviews = [one for one in scene.gh.issues(acme.admin) if "token-request" in one.labels]
    assert len(reviews) == 2
    with scene.store() as store:
        told = [one.kind for one in store.record.history(acme.org.id, 0)]
    assert told.count("record restored") == 1
    assert status_and_words(scene, "audit", "verify")[0] == 0


def policy_issue(scene: Outside, acme: Cast) -> int:
    """The number of the issue on which the newest policy is adopted."""

    def issue() -> Any:
        found = scene.gh.issues(acme.admin)
        return next((i for i in found if "token-policy" in i.labels and i.state == "open"), None)

    number = int(until(issue, "the policy's issue").number)
    scene.idle()
    scene.later()
    return number


def test_no_policy_is_in_force_until_an_owner_adopts_it_anew(scene: Outside, acme: Cast) -> None:
    def in_force() -> bool:
        with scene.store() as store:
            return store.record.policy_in_force(acme.org.id) is not None

    scene.gh.commit(acme.mia, acme.admin, {POLICY: CAREFUL}, "Add a policy")
    first = policy_issue(scene, acme)
    acme.obeyed(acme.olga, first, "/adopt")
    assert in_force()
    file = backed_up(scene)
    end(scene)
    restored(scene, file, "--force")
    assert not in_force()
    scene.start_bot()
    again = policy_issue(scene, acme)
    assert (again != first, in_force()) == (True, False)
    acme.obeyed(acme.olga, again, "/adopt")
    assert in_force()


def test_an_approval_given_before_does_not_count_any_more(scene: Outside, acme: Cast) -> None:
    scene.gh.commit(acme.mia, acme.admin, {POLICY: TWO}, "Add a policy")
    acme.obeyed(acme.olga, policy_issue(scene, acme), "/adopt")
    request, number = acme.asked()
    assert "1 of 2" in acme.obeyed(acme.olga, number, "/approve")
    file = backed_up(scene)
    end(scene)
    restored(scene, file, "--force")
    scene.start_bot()
    acme.obeyed(acme.olga, policy_issue(scene, acme), "/adopt")
    scene.idle()
    scene.later()
    assert "1 of 2" in acme.obeyed(acme.otto, number, "/approve")
    assert request.state == "pending"
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_hold_that_the_backup_does_not_know_stays(scene: Outside, acme: Cast) -> None:
    request, number = acme.asked()
    scene.idle()
    file = backed_up(scene)
    acme.obeyed(acme.otto, number, "/hold I ask first")
    end(scene)
    restored(scene, file, "--force")
    assert state(scene, acme, request) is State.PENDING
    scene.start_bot()
    until(lambda: state(scene, acme, request) is State.HELD, "the hold")
    scene.idle()
    assert "held" in scene.gh.issue(acme.admin, number).labels
    assert "on hold" in acme.refused(acme.olga, number, "/approve")
    scene.later()
    acme.obeyed(acme.otto, number, "/unhold")
    scene.later()
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_decision_of_the_backup_is_not_carried_out(scene: Outside, acme: Cast) -> None:
    """It was under way then; GitHub refused it since, and otto holds the request."""
    request, number = acme.asked()
    down = scene.gh.failures.add(method="POST", path=REVIEW, status=502, times=None)
    said = acme.says(acme.olga, number, "/approve")
    until(lambda: down.hits, "a try")
    file = backed_up(scene)
    scene.gh.failures.add(method="POST", path=REVIEW, status=422)
    scene.gh.failures.remove(down)
    acme.answered(said, "confused")
    acme.obeyed(acme.otto, number, "/hold I ask first")
    end(scene)
    restored(scene, file, "--force")
    assert state(scene, acme, request) is State.PENDING
    scene.start_bot()
    until(lambda: state(scene, acme, request) is State.HELD, "the hold")
    scene.idle()
    assert request.state == "pending"


def test_what_was_approved_since_has_no_known_limit(scene: Outside, acme: Cast) -> None:
    _, before = acme.asked(name="before", repositories=[acme.site])
    acme.obeyed(acme.olga, before, "/approve for 3d")
    _, number = acme.asked(name="since")
    scene.idle()
    file = backed_up(scene)
    acme.obeyed(acme.olga, number, "/approve for 3d")
    end(scene)
    restored(scene, file, "--force")
    scene.start_bot()
    scene.idle()
    assert kinds_of_tokens(scene, acme) == {"before": [], "since": ["limit unknown"]}


def kinds_of_tokens(scene: Outside, cast: Cast) -> dict[str, list[str]]:
    """By name, after another pass over all active tokens."""
    with scene.store() as store:
        due = until(lambda: store.record.organization(cast.org.id), "its organization")
        store.inbox.put(
            GrantsDue(due.id, scene.today()),
            dedupe=f"another pass {due.id}",
            lane=f"grants:{due.id}",
            org_id=due.id,
        )
    scene.idle()
    said = status_and_words(scene, "tokens", "--json", "--org", cast.org.login)[1]
    found = [json.loads(line) for line in said.splitlines()]
    return {one["token_name"]: one["kinds"] for one in found}


def test_so_has_what_an_organization_approved_that_the_backup_does_not_know(
    scene: Outside, acme: Cast
) -> None:
    acme.asked(name="before")
    scene.idle()
    file = backed_up(scene)
    later = scene.organization("later")
    _, number = later.asked(name="since")
    later.obeyed(later.olga, number, "/approve for 3d")
    end(scene)
    restored(scene, file, "--force")
    scene.start_bot()
    scene.idle()
    assert kinds_of_tokens(scene, later) == {"since": ["limit unknown"]}


def test_a_kill_during_a_backup_leaves_no_half_file(scene: Outside, acme: Cast) -> None:
    acme.asked()
    scene.idle()
    file = backed_up(scene)
    with closing(sqlite3.connect(database(scene))) as one:  # so much that copying it takes a while
        one.execute("CREATE TABLE ballast (bytes BLOB)")
        one.executemany("INSERT INTO ballast VALUES (zeroblob(1048576))", [()] * 100)
        one.commit()
    size = file.stat().st_size
    running, part = scene.run(*APP, "backup", str(file)), file.with_name("backup.db.part")
    until(lambda: part.exists() and part.stat().st_size > 0, "a backup that has begun")
    running.kill()
    assert running.exit_status() == -signal.SIGKILL
    assert (file.stat().st_size, requests_in(file)) == (size, 1)
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    backed_up(scene)
    assert (file.stat().st_size > size, part.exists(), requests_in(file)) == (True, False, 1)


def test_what_a_killed_bot_left_never_meets_the_backup(scene: Outside, acme: Cast) -> None:
    acme.asked(name="before")
    scene.idle()
    file = backed_up(scene)
    acme.asked(name="since")
    scene.idle()
    scene.stop_bot()
    assert Path(f"{database(scene)}-wal").stat().st_size > 0
    restored(scene, file, "--force")
    assert requests_in(database(scene)) == 1
    assert stat.S_IMODE(database(scene).stat().st_mode) == 0o600
    assert not list(scene.folder.glob("*restoring*"))


def test_an_end_that_the_backup_knows_is_kept_and_the_issue_says_what_may_be_lost(
    tmp_path: Path,
) -> None:
    """A later end was confirmed since: nobody knows it any more, so the earlier one holds."""
    scene = Stage(tmp_path)

    def command(*words: str) -> None:
        program = Program([*APP, *words], scene.environ, tmp_path)
        assert program.exit_status() == 0, program.said

    try:
        scene.start_bot()
        acme = scene.organization("acme")
        request, number = acme.asked()
        acme.obeyed(acme.olga, number, "/approve for 3d")
        scene.idle()
        command("backup", "backup.db")
        scene.clock.ahead = scene.gh.ahead = timedelta(hours=1)
        wider = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
        _, again = acme.asked(token_id=request.token.id, permissions=wider)
        code = acme.obeyed(acme.olga, again, "/approve for 30d").split("/confirm ")[1][:8]
        acme.obeyed(acme.olga, again, f"/confirm {code}")
        scene.stop_bot()
        command("restore", "backup.db", "--force")
        with closing(Store.open(scene.environ["DATABASE_URL"], app_id=scene.gh.app.id)) as store:
            mark_restored(store.record, scene.clock.now())  # by the hour of the story
        scene.start_bot()
        scene.idle()
        scene.sweep(days=4)
        assert scene.gh.grants(acme.org) == []
        assert "a later end was approved" in scene.gh.issue(acme.admin, number).comments[-1].body
    finally:
        scene.close()


# ------------------------------------------------------------------ what is refused


def test_a_running_bot_and_an_existing_record_are_not_replaced(scene: Outside) -> None:
    file = backed_up(scene)
    status, said = status_and_words(scene, "restore", str(file), "--force")
    assert (status, "Please end it first" in said) == (1, True), said
    end(scene)
    before = database(scene).read_bytes()
    status, said = status_and_words(scene, "restore", str(file))
    assert (status, "--force" in said) == (1, True), said
    assert database(scene).read_bytes() == before


def test_a_backup_of_a_newer_version_is_refused(scene: Outside) -> None:
    file = backed_up(scene)
    end(scene)
    with closing(sqlite3.connect(file)) as one:
        one.execute("UPDATE alembic_version SET version_num = '9999_since_9999'")
        one.commit()
    before = database(scene).read_bytes()
    status, said = status_and_words(scene, "restore", str(file), "--force")
    assert (status, "schema 9999" in said) == (1, True), said
    assert database(scene).read_bytes() == before


@pytest.mark.parametrize("content", ["text", "database"])
def test_what_is_no_backup_is_refused(scene: Outside, content: str) -> None:
    file = scene.folder / "notes"
    if content == "text":
        file.write_text("no database at all\n" * 100)
    else:
        with closing(sqlite3.connect(file)) as one:
            one.execute("CREATE TABLE notes (text TEXT)")
    end(scene)
    before = database(scene).read_bytes()
    status, said = status_and_words(scene, "restore", str(file), "--force")
    assert (status, str(file) in said) == (1, True), said
    assert database(scene).read_bytes() == before


def test_the_record_itself_is_no_place_for_a_backup(scene: Outside) -> None:
    link = scene.folder / "link.db"
    link.symlink_to(database(scene))
    for file in (database(scene), link, Path(f"{database(scene)}-wal"), scene.folder):
        status, said = status_and_words(scene, "backup", str(file))
        assert (status, "Please name" in said) == (1, True), said
    assert scene.bot.ready()


@pytest.mark.parametrize("content", ["my notes", ""])
def test_only_an_earlier_backup_gives_way_to_a_backup(scene: Outside, content: str) -> None:
    file = scene.folder / "kept.txt"
    file.write_text(content)
    status, said = status_and_words(scene, "backup", str(file))
    if content:
        assert (status, file.read_text()) == (1, content)
        assert "is no backup of the bot" in said
        assert "another file" in said
    else:
        assert (status, file.stat().st_size > 0) == (0, True), said
        status, said = status_and_words(scene, "backup", str(file))
        assert status == 0, said


def test_postgresql_has_its_own_tool(tmp_path: Path, postgres: Postgres) -> None:
    with outside(tmp_path, start=False) as scene, postgres.database() as url:
        status, said = status_and_words(scene, "backup", "/b/r.dump", DATABASE_URL=url)
        assert (status, "pg_dump --format=custom --file=/b/r.dump" in said) == (1, True), said
        known = "postgresql://bot:s3cret@h.example/db?password=s3cret&sslmode=require"
        said = status_and_words(scene, "backup", "/b/r.dump", DATABASE_URL=known)[1]
        assert "'postgresql://bot@h.example/db?sslmode=require'" in said, "it asks for the password"
        assert "s3cret" not in said
        file = tmp_path / "r.dump"
        file.touch()
        status, said = status_and_words(scene, "restore", str(file), DATABASE_URL=url)
        assert (status, "pg_restore" in said) == (1, True), said
        assert "restore --mark" in said


def test_what_pg_restore_brought_is_marked(tmp_path: Path, postgres: Postgres) -> None:
    with postgres.database() as url, outside(tmp_path, DATABASE_URL=url) as scene:
        acme = scene.organization("acme")
        request, number = acme.asked()
        for words in (("restore", "--mark"), ("rebuild",)):
            status, said = status_and_words(scene, *words)
            assert (status, "Please end it first" in said) == (1, True), said
        assert "A bot works on it, in 1 process." in status_and_words(scene, "doctor")[1]
        end(scene)
        status, said = status_and_words(scene, "restore", "--mark")
        assert (status, "No policy is in force" in said) == (0, True), said
        with scene.store() as store:
            told = [one.kind for one in store.record.history(acme.org.id, 0)]
            assert told.count("record restored") == 1
            assert gap_of(store.record, acme.org.id) is not None
        scene.start_bot()
        scene.idle()
        scene.later()
        acme.obeyed(acme.olga, number, "/approve")
        assert request.state == "approved"


def test_a_file_or_a_mark_and_not_both(scene: Outside) -> None:
    for words in ((), ("FILE", "--mark"), ("--mark", "--force")):
        status, said = status_and_words(scene, "restore", *words)
        assert (status, "--mark" in said) == (2, True), said
    status, said = status_and_words(scene, "restore", "--mark")
    assert (status, "Please end it first" in said) == (1, True), said
