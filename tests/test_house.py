"""What a newcomer may rely on: every list that exists twice says the same twice."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

from bot.domain.case import Cause
from bot.domain.commands import Name, Place, commands_in
from bot.domain.events import Event
from bot.github.reading import at
from bot.github.webhooks.routing import REQUIRED, SUBJECTS, USED
from bot.handlers.commands import on_digest, on_policy, on_review
from bot.handlers.table import HANDLERS
from bot.replies.causes import refusal_text
from bot.replies.manual import commands_markdown
from bot.settings.table import SETTINGS
from bot.web.envelope import read_envelope
from tests.domain.making import make_row

ROOT = Path(__file__).resolve().parents[1]
NEEDS_NO_SUBSCRIPTION = {"installation", "installation_repositories"}
WHOSE = {
    *("installation.id", "repository.id", "organization.id"),
    *("installation.account.id", "account.id", "repository.owner.id"),
}
"""The ids by which routing tells whose delivery it is (`bot.github.webhooks.payloads.owner_of`)."""


def manifest_list(key: str) -> set[str]:
    """The indented entries under a key of app.yml (it is plain enough to need no parser)."""
    block = re.search(rf"^{key}:\n((?:[ #].*\n|\n)+)", (ROOT / "app.yml").read_text(), re.M)
    assert block
    return set(re.findall(r"^  (?:- )?([a-z_]+(?:: [a-z]+)?)$", block[1], re.M))


def test_imports_point_inwards() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_event_has_its_handler() -> None:
    assert set(HANDLERS) == set(get_args(Event))


def test_the_app_subscribes_to_the_events_that_we_use() -> None:
    assert manifest_list("default_events") == set(USED) - NEEDS_NO_SUBSCRIPTION


def test_the_app_asks_for_what_it_needs_and_nothing_more() -> None:
    assert manifest_list("default_permissions") == {
        "organization_personal_access_token_requests: write",
        "organization_personal_access_tokens: write",
        "members: read",
        "issues: write",
        "contents: read",
        "metadata: read",
    }


def test_the_door_keeps_every_id_that_an_event_needs() -> None:
    """`web/envelope.py` drops what it does not list: the delivery would be lost without a word."""
    needed = {path for paths in REQUIRED.values() for path in paths}
    needed |= {f"{subject}.id" for subject in SUBJECTS} | WHOSE
    for path in sorted(needed):
        payload: Any = 4711
        for name in reversed(path.split(".")):
            payload = {name: payload}
        assert at(read_envelope(json.dumps(payload).encode()), path) == 4711, path


def test_every_command_of_a_review_issue_has_its_handler() -> None:
    assert set(on_review.COMMANDS) == set(commands_in(Place.REVIEW))


def test_every_command_of_a_digest_has_its_handler() -> None:
    known = {*on_digest.ANSWERS, *on_digest.COMMANDS, Name.CONFIRM}
    assert known == set(commands_in(Place.DIGEST))


def test_every_command_of_a_policy_issue_has_its_handler() -> None:
    assert set(on_policy.COMMANDS) == set(commands_in(Place.POLICY))


def test_every_cause_of_a_refusal_has_its_words() -> None:
    row = make_row(12)
    for cause in Cause:
        assert refusal_text(cause, row, "acme"), cause


def test_readme_has_the_commands_of_the_table() -> None:
    assert commands_markdown().strip() in (ROOT / "README.md").read_text()


def test_the_settings_page_names_every_setting() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    for setting in SETTINGS:
        assert f"`{setting.name}`" in page, setting.name


def test_no_lock_file_names_a_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text


def test_ci_tries_every_python_that_we_promise() -> None:
    project, workflow = (ROOT / "pyproject.toml", ROOT / ".github/workflows/ci.yml")
    promised = re.findall(r"Python :: (3\.\d+)", project.read_text())
    tried = re.search(r"python: (\[.*\])", workflow.read_text())
    assert tried
    assert json.loads(tried[1]) == promised
    assert "run: make test" in workflow.read_text()


def test_no_stray_files_beside_the_rooms() -> None:
    rooms = {path.name for path in (ROOT / "bot").iterdir() if not path.name.startswith("__pyc")}
    assert rooms == {
        "__init__.py",
        "__main__.py",
        "py.typed",
        "cli",
        "domain",
        "github",
        "handlers",
        "jobs",
        "notify",
        "ports",
        "replies",
        "sandbox",
        "settings",
        "setup",
        "storage",
        "web",
    }


def test_no_test_module_imports_another() -> None:
    """What tests share is in modules that are not tests."""
    wanted = re.compile(r"^\s*(from tests\S*\.test_|from tests\S* import .*\btest_)", re.M)
    files = (ROOT / "tests").rglob("*.py")
    assert [path.name for path in files if wanted.search(path.read_text())] == []
