"""What must not be seen is not to be seen: not in the log, on a page, in an issue or a list."""

import re
import signal
from pathlib import Path

import httpx
import pytest

from tests.journeys.outside import Outside, Program, outside
from tests.journeys.stage import SECRET, Cast

NAME = "the-name-of-the-token"
REASON = "the reason of the requester"
WORDS = "the reason of the owner"
PAGES = (
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/nowhere",
    "/api/github/webhooks",
)
SHAPES = {
    "a signature": re.compile(r"sha(1|256)=[0-9a-fA-F]{8}"),
    "a JWT": re.compile(r"eyJ[\w-]{8,}\."),
    "a token": re.compile(r"gh[a-z]_\w{8,}|github_pat_\w{8,}"),
    "a key": re.compile(r"-----BEGIN"),
}


def leaks(text: str, scene: Outside, *more: str) -> list[str]:
    """What of all that is secret stands in this text."""
    key = [line for line in scene.gh.private_key_pem.splitlines() if len(line) > 40]
    words = {SECRET, *scene.gh.access_tokens, *key, *more}
    return [what for what, shape in SHAPES.items() if shape.search(text)] + [
        word for word in words if word in text
    ]


def a_life(scene: Outside, acme: Cast) -> None:
    """Everything that gives an occasion to say too much."""
    pat = "ghp_" + "A1b2" * 9
    _, number = acme.asked(name=NAME, reason=REASON)
    acme.obeyed(acme.olga, number, f"/deny {WORDS}")
    scene.gh.failures.add(method="POST", path="/token-requests/issues$", status=401, times=3)
    scene.gh.failures.add(method="POST", path="/token-requests/issues$", status=422, times=1)
    scene.gh.failures.add(method="POST", path="/token-requests/issues$", mode="lost", times=1)
    acme.asked(name=f"{NAME} {pat}", reason=f"{REASON} {pat}")
    acme.refused(acme.mia, number, "/approve please")
    last = scene.gh.deliveries[-1]
    forged = {**last.headers, "X-Hub-Signature-256": "sha256=" + "0123456789abcdef" * 4}
    url = str(scene.gh.webhook_url)
    assert httpx.post(url, content=last.payload, headers=forged).status_code == 401


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_secret_is_said(tmp_path: Path, form: str) -> None:
    with outside(tmp_path, LOG_LEVEL="debug", LOG_FORMAT=form) as scene:
        acme = scene.organization("acme")
        a_life(scene, acme)
        scene.idle()
        said = {page: scene.bot.get(page).text for page in PAGES}
        said["deliveries"] = scene.app("deliveries").said
        said["digest"] = scene.app("digest", "--org", "acme", "--dry-run").said
        issues = scene.gh.issues(acme.admin)
        said["issues"] = "".join(one.title + one.body for one in issues)
        said["comments"] = "".join(
            one.body for issue in issues for one in issue.comments if one.via_app
        )
        scene.bot.send(signal.SIGTERM)
        assert scene.bot.exit_status() == 0
        said["log"] = scene.bot.said
        assert NAME in said["issues"]
        assert {what: leaks(text, scene) for what, text in said.items() if leaks(text, scene)} == {}
        for what in ("log", *PAGES):
            assert leaks(said[what], scene, NAME, REASON, WORDS) == [], what
        for page in PAGES:  # they are open to everybody
            assert not [name for name in ("acme", "mia-", "olga-") if name in said[page]], page


def test_an_error_at_the_start_says_nothing_secret(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        broken = scene.gh.private_key_pem.replace("A", "!", 40)
        password = "of-the-database"
        runs: list[Program] = [
            scene.app("serve", PRIVATE_KEY=broken, PRIVATE_KEY_PATH=""),
            scene.app("serve", DATABASE_URL=f"mysql://bot:{password}@127.0.0.1/x"),
            scene.app("serve", DATABASE_URL=f"postgresql://bot:{password}@127.0.0.1:9/x"),
            scene.app("deliveries", DATABASE_URL=f"postgresql://bot:{password}@127.0.0.1:9/x"),
        ]
        for one in runs:
            assert one.exit_status() in {1, 2}
            assert "Traceback" not in one.said
            assert leaks(one.said, scene, password, *broken.splitlines()[1:5]) == []
