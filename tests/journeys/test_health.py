"""Trouble between GitHub and the bot: pages and log say so, when it begins and when it ends."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.handlers.reconcile.health import looked_at
from bot.sandbox.auth import pem
from tests.journeys.outside import SERVE, WEBHOOKS, outside
from tests.journeys.stage import TLS, Cast, Stage, stage, until

NOT_ACCEPTED = "GitHub does not accept the App’s credentials."
NO_ANSWER = "GitHub does not answer."
SIGNATURES = "their signatures do not match WEBHOOK_SECRET."
DELIVERIES = "GitHub’s newest deliveries do not arrive"
NO_WEBHOOK = "The App’s webhook is off, or has no URL: GitHub sends nothing."
RENAMED = "ORGANIZATIONS still has its old name"
NOT_ASKED = "The bot has not asked GitHub yet"


def readiness(scene: Stage) -> Any:
    """What /readyz says; it stays 200, for the bot can record."""
    answer = httpx.get(
        scene.bot.webhook_url.replace(WEBHOOKS, "/readyz"), trust_env=False, verify=TLS
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def warnings(scene: Stage) -> list[str]:
    found: list[str] = readiness(scene)["warnings"]
    return found


def page(scene: Stage) -> str:
    """The front page's words."""
    answer = httpx.get(scene.bot.webhook_url.replace(WEBHOOKS, "/"), trust_env=False, verify=TLS)
    return " ".join(re.sub(r"<[^>]*>", "", answer.text).split())


def look(scene: Stage) -> None:
    """The bot looks at GitHub when its time has come, a second time if there is no answer."""
    record = scene.bot.service.store.record
    scene.gh.settle()
    later = timedelta(seconds=31)
    turned = scene.clock.now() + later - timedelta(milliseconds=1)  # a look's time is whole ones
    scene.clock.ahead += later
    scene.bot.service.schedule.tick()
    until(lambda: (seen := looked_at(record)) and seen >= turned, "a look")


def restart(scene: Stage, **settings: str) -> None:
    """The operator changes settings."""
    scene.stop_bot()
    scene.environ.update(settings)
    scene.start_bot()


def told(caplog: pytest.LogCaptureFixture, level: str, words: str) -> list[str]:
    """The log's lines of this level with these words."""
    lines = [one.getMessage() for one in caplog.records if one.levelname == level]
    return [line for line in lines if words in line]


def begins(scene: Stage, caplog: pytest.LogCaptureFixture, words: str, *names: str) -> None:
    """It is said: on the pages without names, in the log once and with them."""
    until(lambda: any(words in one for one in warnings(scene)), words)
    look(scene)
    (warning,) = warnings(scene)
    assert words in page(scene)
    assert "GitHub accepts the App" not in page(scene)
    (line,) = told(caplog, "WARNING", words)
    for name in names:
        assert name in line
        assert name not in warning + page(scene)


def ends(scene: Stage, caplog: pytest.LogCaptureFixture, words: str) -> None:
    """It is over, and the log says so once."""
    until(lambda: warnings(scene) == [], "no warnings")
    look(scene)
    assert "GitHub accepts the App" in page(scene)
    assert len(told(caplog, "INFO", words)) == 1
    assert len(told(caplog, "WARNING", words)) == 1


# ------------------------------------------------------------------ each trouble


def test_all_is_well(scene: Stage, acme: Cast) -> None:
    acme.asked()
    look(scene)
    assert warnings(scene) == []
    assert "GitHub accepts the App and reports no refused deliveries." in page(scene)


def test_a_404_that_passes_is_no_webhook_that_is_off(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    once = scene.gh.failures.add(path="^/app/hook/config", status=404)
    look(scene)
    until(lambda: once.hits, "its look")
    scene.idle()
    assert warnings(scene) == []
    assert told(caplog, "WARNING", NO_WEBHOOK) == []


@pytest.mark.parametrize("answer", ["no URL", "404"])
def test_a_webhook_that_is_off(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    """GitHub's log shows nothing of what was never sent."""
    caplog.set_level("INFO")
    url = scene.gh.hook.url
    if answer == "404":
        scene.gh.failures.add(path="^/app/hook/config", times=None, status=404)
    else:
        scene.gh.hook.url = None
    look(scene)
    begins(scene, caplog, NO_WEBHOOK)
    assert "found only by sweeps" in page(scene)
    scene.gh.failures.clear()
    scene.gh.hook.url = url
    look(scene)
    ends(scene, caplog, NO_WEBHOOK)


def test_a_wrong_key(scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    right = Path(scene.environ["PRIVATE_KEY_PATH"])
    other = scene.folder / "other.pem"
    other.write_text(pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    restart(scene, PRIVATE_KEY_PATH=str(other))
    begins(scene, caplog, NOT_ACCEPTED, "could not be decoded")
    restart(scene, PRIVATE_KEY_PATH=str(right))
    ends(scene, caplog, NOT_ACCEPTED)


@pytest.mark.parametrize("answer", ["401", "404"])
def test_a_wrong_app_id(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    """GitHub answers one or the other."""
    caplog.set_level("INFO")
    if answer == "404":
        said = {"message": "Integration not found", "status": 404}
        scene.gh.failures.add(path="^/app", times=None, **said)
    restart(scene, APP_ID="7")
    begins(scene, caplog, NOT_ACCEPTED)
    scene.gh.failures.clear()
    restart(scene, APP_ID=str(scene.gh.app.id))
    ends(scene, caplog, NOT_ACCEPTED)


@pytest.mark.parametrize(
    "failure", [{"mode": "drop"}, {"status": 503}, {"mode": "lost"}], ids=["away", "503", "silent"]
)
def test_github_cannot_be_reached(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture, failure: dict[str, Any]
) -> None:
    caplog.set_level("INFO")
    scene.gh.failures.add(times=None, **failure)
    look(scene)
    begins(scene, caplog, NO_ANSWER, "/app/installations")
    scene.gh.failures.clear()
    look(scene)
    ends(scene, caplog, NO_ANSWER)


def test_one_call_without_an_answer_is_no_trouble(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    away = scene.gh.failures.add(method="GET", path="^/app/hook/deliveries$", status=502)
    look(scene)
    assert (away.hits, warnings(scene)) == (1, [])
    assert told(caplog, "WARNING", NO_ANSWER) == []


def test_a_wrong_webhook_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with stage(tmp_path) as scene:
        acme = scene.organization("acme")
        _, number = acme.asked()
        scene.idle()  # GitHub has told all that was done so far
        right = scene.environ["WEBHOOK_SECRET"]
        restart(scene, WEBHOOK_SECRET="another secret than GitHub has")
        scene.idle()
        said = acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
        refused = scene.gh.deliveries[-1]
        assert refused.status_code == 401
        look(scene)
        begins(scene, caplog, SIGNATURES, refused.guid)
        restart(scene, WEBHOOK_SECRET=right)
        scene.sweep()
        acme.answered(said, "+1")
        look(scene)
        ends(scene, caplog, SIGNATURES)


def test_what_was_refused_for_a_wrong_secret_is_not_lost(tmp_path: Path) -> None:
    """However often GitHub sent it again in vain, and without asking for all of it each time."""
    with stage(tmp_path) as scene:
        acme = scene.organization("acme")
        numbers = [acme.asked(name=f"token-{turn}")[1] for turn in range(3)]
        scene.idle()
        right = scene.environ["WEBHOOK_SECRET"]
        restart(scene, WEBHOOK_SECRET="another secret than GitHub has")
        scene.idle()
        said = [acme.says(acme.olga, number, "/approve") for number in numbers]
        scene.gh.settle()
        look(scene)
        scene.gh.clear_calls()
        for _ in range(4):
            scene.sweep()
        again = [one for one in scene.gh.calls if one.path.endswith("/attempts")]
        assert 4 <= len(again) <= 5, "one a sweep, to see whether it is over; not all three"
        restart(scene, WEBHOOK_SECRET=right)
        scene.sweep()
        look(scene)
        for one in said:
            acme.answered(one, "+1")


def test_no_delivery_arrives(scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    _, number = acme.asked()
    scene.idle()
    started = datetime.now(UTC).second  # GitHub tells whole seconds
    until(lambda: datetime.now(UTC).second != started, "a second that the bot did not start in")
    with scene.gh.drop_deliveries():
        said = acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
        look(scene)
        begins(scene, caplog, DELIVERIES, scene.gh.deliveries[-1].guid)
    scene.sweep()
    acme.answered(said, "+1")
    look(scene)
    ends(scene, caplog, DELIVERIES)


def test_what_failed_while_the_bot_was_away_is_no_trouble(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked for again."""
    _, number = acme.asked()
    scene.idle()
    away = scene.bot.webhook_url
    scene.stop_bot()
    said = acme.says(acme.olga, number, "/approve")
    scene.gh.settle()
    assert (away, scene.gh.deliveries[-1].succeeded) == (scene.gh.webhook_url, False)
    scene.start_bot()
    acme.answered(said, "+1")
    look(scene)
    assert warnings(scene) == []
    assert told(caplog, "WARNING", DELIVERIES) == []


def test_signatures_that_anybody_can_send_prove_nothing(scene: Stage, acme: Cast) -> None:
    for _ in range(3):
        forged = scene.sender.post(
            scene.bot.webhook_url, content=b"{}", headers={"X-Hub-Signature-256": "sha256=00"}
        )
        assert forged.status_code == 401
    look(scene)
    assert warnings(scene) == []


def test_workers_that_meet_a_401(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Though GitHub accepts the App when it is asked."""
    caplog.set_level("INFO")
    refusal = scene.gh.failures.add(path="^/repos/", status=401, times=None)
    acme.asks()
    until(lambda: refusal.hits >= 2, "a worker's 401")
    look(scene)
    until(lambda: warnings(scene), "a warning")
    assert NOT_ACCEPTED in page(scene)
    scene.gh.failures.clear()
    scene.issue(acme.admin, label="pending")
    scene.clock.ahead += timedelta(minutes=1)
    look(scene)
    ends(scene, caplog, NOT_ACCEPTED)


def test_an_organization_that_is_allowed_by_its_name_is_renamed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with stage(tmp_path, ORGANIZATIONS="acme,other") as scene:
        acme = scene.organization("acme")
        acme.asked()
        look(scene)
        assert warnings(scene) == [], "nobody said that `other` must be installed"
        scene.gh.rename_organization(acme.org, "acme-labs")
        look(scene)
        begins(scene, caplog, RENAMED, "acme", str(acme.org.id))
        restart(scene, ORGANIZATIONS=str(acme.org.id))
        ends(scene, caplog, RENAMED)
        acme.asks(name="later")
        scene.issue(acme.admin, title_has="later", label="pending")


def test_who_takes_a_name_that_was_given_up_is_not_let_in_by_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with stage(tmp_path, ORGANIZATIONS="acme") as scene:
        acme = scene.organization("acme")
        acme.asked()
        scene.idle()
        scene.gh.rename_organization(acme.org, "acme-labs")
        stranger = Cast(scene, "acme")
        stranger.asks()
        look(scene)
        scene.sweep()
        assert scene.gh.issues(stranger.admin) == []
        assert len(told(caplog, "ERROR", f"organization {stranger.org.id} now")) == 1
        assert warnings(scene)
        restart(scene, ORGANIZATIONS=f"{stranger.org.id},{acme.org.id}")
        scene.issue(stranger.admin, label="pending")
        until(lambda: warnings(scene) == [], "no warnings")


# ------------------------------------------------------------------ before GitHub was asked


def test_nothing_says_that_all_is_well_before_it_was_looked_at(scene: Stage, acme: Cast) -> None:
    """Nor after a start: the look before was at other settings."""
    look(scene)
    assert warnings(scene) == []
    scene.stop_bot()
    slow = scene.gh.failures.add(path="^/app/installations$", mode="delay", delay=2, times=None)
    scene.start_bot()
    until(lambda: slow.hits, "the first look")
    (warning,) = warnings(scene)
    assert NOT_ASKED in warning
    assert NOT_ASKED in page(scene)
    assert "GitHub accepts the App" not in page(scene)
    until(lambda: warnings(scene) == [], "the look's end")


def test_a_look_grows_old(scene: Stage, acme: Cast) -> None:
    """Whatever holds the workers up."""
    look(scene)
    assert warnings(scene) == []
    scene.gh.failures.add(path="^/app/", mode="rate_limit", retry_after=3600, times=None)
    for _ in range(12):
        scene.clock.ahead += timedelta(seconds=31)
        scene.bot.service.schedule.tick()
    until(lambda: any("for more than five minutes" in one for one in warnings(scene)), "it")


# ------------------------------------------------------------------ the program itself


def test_the_program_says_it(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        bot = scene.run(*SERVE, APP_ID="7")
        until(bot.ready, "a ready service")
        until(lambda: NOT_ACCEPTED in str(bot.get("/readyz").json()["warnings"]), "a warning")
        assert NOT_ACCEPTED in bot.get("/").text
        assert said(bot.said, "warning", NOT_ACCEPTED) == 1
        bot.kill()
        other = scene.start_bot()
        until(lambda: other.get("/readyz").json()["warnings"] == [], "no warnings")
        assert said(other.said, "info", NOT_ACCEPTED) == 1
        second = scene.run(*SERVE)  # it only receives, and has not asked GitHub itself
        until(second.ready, "a ready service")
        until(lambda: second.get("/readyz").json()["warnings"] == [], "what the first has seen")


def said(log: str, level: str, words: str) -> int:
    return sum(f" {level} " in line and words in line for line in log.splitlines())


def test_a_policy_file_that_may_not_be_read_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with stage(tmp_path) as scene:
        acme = scene.organization("acme")
        look(scene)
        assert warnings(scene) == []
        given = dict(scene.gh.app.permissions)
        del given["contents"]
        scene.gh.accept_permissions(acme.installation, given)
        scene.idle()
        scene.gh.commit(acme.olga, acme.admin, {".github/token-policy.yml": b"version: 1"})
        look(scene)
        (warning,) = warnings(scene)
        assert "not accepted the permission to read the policy file" in warning
        assert "acme" not in warning
        assert len(told(caplog, "WARNING", "It is missing in: acme")) == 1
        scene.sweep()
        assert not [one for one in scene.gh.calls if "/contents/" in one.path and one.status == 403]
        assert scene.gh.issues(acme.admin) == []
        scene.gh.accept_permissions(acme.installation, scene.gh.app.permissions)
        scene.issue(acme.admin, label="token-policy")
        look(scene)
        assert warnings(scene) == []
