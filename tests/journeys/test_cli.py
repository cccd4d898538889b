"""The command line beside the running service, and without it."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.outside import APP, ROOT, Outside, Program, outside, status_and_words
from tests.journeys.stage import Cast, until


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Outside) -> Cast:
    return scene.organization("acme")


def digests(cast: Cast) -> list[str]:
    every = cast.stage.gh.issues(cast.admin)
    return [one.title for one in every if "token-digest" in one.labels]


def end(scene: Outside) -> None:
    """SIGTERM for the service, and it is gone."""
    scene.bot.send(signal.SIGTERM)
    assert scene.bot.exit_status() == 0


# ------------------------------------------------------------------ digest


@pytest.mark.parametrize("service", ["running", "ended"])
def test_a_digest_now(scene: Outside, acme: Cast, service: str) -> None:
    _, number = acme.asked(name="ci-release")
    scene.idle()
    if service == "ended":
        end(scene)
    title = f"Token requests waiting for review: {scene.today()}"

    status, said = status_and_words(scene, "digest", "--org", "ACME", "--dry-run")
    assert (status, digests(acme)) == (0, [])
    assert title in said
    assert f"#{number}" in said

    status, said = status_and_words(scene, "digest", "--org", "acme")
    assert status == 0, said
    assert digests(acme) == [title]
    assert "was sent: acme/token-requests#" in said
    until(lambda: f"digest: organization {acme.org.id}, date " in said + scene.bot.said, "a line")

    _, said = status_and_words(scene, "digest", "--org", "acme", "--json")
    told = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    assert (told["organization"], told["sent"]) == ("acme", False)
    again, said = status_and_words(scene, "digest", "--org", str(acme.org.id))
    assert (again, digests(acme)) == (0, [title])
    assert "had been sent before: acme/token-requests#" in said


@pytest.mark.parametrize(("how", "why"), [("suspend", "suspended"), ("uninstall", "any more")])
def test_a_digest_of_an_organization_that_is_away(
    scene: Outside, acme: Cast, how: str, why: str
) -> None:
    scene.idle()
    getattr(scene.gh, how)(acme.installation)
    scene.idle()
    status, said = status_and_words(scene, "digest", "--org", "acme")
    assert status == 1
    assert f"No digest: acme {'has' if how == 'suspend' else 'does not have'} the App" in said
    assert why in said
    assert "Known:" not in said


def test_a_digest_of_an_organization_that_the_bot_never_met(tmp_path: Path) -> None:
    """The first command of all: the database is empty, no service ever ran."""
    with outside(tmp_path, start=False) as scene:
        acme = scene.organization("acme")
        status, said = status_and_words(scene, "digest", "--org", "acme")
        assert (status, digests(acme)) == (0, [])
        assert "Nothing waits in acme" in said


def test_a_digest_without_anything_to_say(scene: Outside, acme: Cast) -> None:
    for arguments in (["--dry-run"], []):
        status, said = status_and_words(scene, "digest", "--org", "acme", *arguments)
        assert status == 0, said
        assert "Nothing waits in acme" in said
    assert digests(acme) == []


def test_a_digest_of_nobody(scene: Outside, acme: Cast) -> None:
    scene.idle()
    status, said = status_and_words(scene, "digest", "--org", "nobody")
    assert status == 1
    assert "nobody" in said
    assert "acme" in said  # what there is instead


def test_a_digest_while_github_is_away(scene: Outside, acme: Cast) -> None:
    scene.idle()
    status, said = status_and_words(
        scene, "digest", "--org", "nobody", GITHUB_API_URL="http://127.0.0.1:9"
    )
    assert status == 1
    assert "GitHub does not answer" in said


# ------------------------------------------------------------------ deliveries


def test_deliveries_are_listed(scene: Outside, acme: Cast) -> None:
    acme.asked()
    scene.idle()
    status, said = status_and_words(scene, "deliveries")
    assert status == 0
    for shown in ("personal_access_token_request.created", "installation.created", "acme", "done"):
        assert shown in said
    assert "\tsweep\t" in said
    assert not re.findall(r"[a-z]Due\b", said), "the words of people, also in the names of timers"
    guids = [one.guid for one in scene.gh.deliveries if one.event == "installation"]
    assert guids
    assert all(guid in said for guid in guids)

    status, said = status_and_words(scene, "deliveries", "--state", "failed")
    assert (status, said.strip()) == (0, "No failed deliveries.")
    status, said = status_and_words(scene, "deliveries", "retry", "no-such-guid")
    assert status == 1
    assert "No failed delivery no-such-guid" in said


def park(scene: Outside, guid: str) -> None:
    """Let the job fail for good at once: eight refusals with growing pauses take a minute."""
    with scene.store() as store:
        claim = until(lambda: store.inbox.claim("test"), "the delivery's next try")
        assert claim.job.name == guid
        store.inbox.fail(claim, "Refused: POST …/issues: 422 No.", park=True)


def test_a_parked_delivery_is_run_again(scene: Outside, acme: Cast) -> None:
    scene.idle()
    failure = scene.gh.failures.add(
        method="POST", path="/token-requests/issues$", status=422, times=None, message="No."
    )
    asked = acme.asks()
    until(lambda: failure.hits, "a refusal")
    end(scene)
    assert scene.gh.settle()
    guid = scene.gh.deliveries[-1].guid
    park(scene, guid)

    status, said = status_and_words(scene, "deliveries", "--state", "failed")
    assert status == 0
    event = "personal_access_token_request.created"
    for shown in (guid, event, "GitHub refused", "422", "deliveries retry"):
        assert shown in said
    assert "Refused:" not in said

    scene.start_bot()
    failed = failure.hits
    until(lambda: failure.hits > failed, "the start's sweep to find it refused still")
    scene.gh.failures.clear()
    status, said = status_and_words(scene, "deliveries", "retry", guid)
    assert (status, "waits again" in said) == (0, True)

    marker = f"<!-- token-request {acme.org.id}/{asked.id} -->\n"
    scene.idle()
    assert [one.body.startswith(marker) for one in scene.gh.issues(acme.admin)] == [True]
    with scene.store() as store:
        assert store.inbox.find(guid).state == "done"
    status, said = status_and_words(scene, "deliveries", "--state", "failed")
    assert (status, said.strip()) == (0, "No failed deliveries.")


# ------------------------------------------------------------------ settings, demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ID", "abc"),
        ("APP_ID", ""),
        ("WEBHOOK_SECRET", ""),
        ("PRIVATE_KEY_PATH", "/nowhere/key.pem"),
        ("GITHUB_API_URL", "http://github.example.com"),
        ("ADMIN_REPO", "hub/tokens"),
        ("DATABASE_URL", "mysql://localhost/bot"),
        ("PORT", "70000"),
        ("DIGEST_AT", "25:00"),
        ("DIGEST_TIMEZONE", "Mars/Olympus"),
        ("DIGEST_DAYS", "someday"),
        ("SWEEP_MINUTES", "0"),
        ("CONTENT_LIMIT", "lots"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("WEBHOOK_PATH", "hooks"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with outside(tmp_path, start=False) as scene:
        status, said = status_and_words(scene, "serve", **{name: value})
    expected = "ORGANIZATIONS" if name == "ADMIN_REPO" else name
    assert (status, expected in said) == (2, True), said


def test_every_command_has_help(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        every = ("serve", "demo", "digest", "deliveries")
        runs = [scene.run(*APP, name, "--help") for name in every]
        assert [one.exit_status() for one in runs] == [0] * len(every)


def the_demo(tmp_path: Path, *command: str) -> Program:
    """It needs no settings at all, prints its URL, and Ctrl-C ends all of it."""
    with outside(tmp_path, start=False) as scene:
        scene.environ.clear()
        demo = scene.run(*command)
        assert demo.get("/").status_code == 200
        demo.interrupt()
        demo.exit_status()
        assert demo.leaves_nothing()
        assert "Traceback" not in demo.said
    assert not list(tmp_path.glob("bot.db*"))
    return demo


def test_the_demo(tmp_path: Path) -> None:
    assert the_demo(tmp_path, *APP, "demo", "--port", "0").exit_status() == 0


def test_make_demo(tmp_path: Path) -> None:
    try:
        socket.create_server(("127.0.0.1", 8000)).close()
    except OSError:
        pytest.skip("somebody else uses port 8000 of this machine")
    demo = the_demo(tmp_path, "make", "-C", str(ROOT), "demo")
    assert "http://127.0.0.1:8000/" in demo.said
