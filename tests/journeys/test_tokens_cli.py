"""`tokens`: active tokens with the decision they rest on, beside the service and without it."""

import json
from pathlib import Path
from typing import Any

from tests.journeys.outside import Outside, outside, status_and_words
from tests.journeys.stage import until


def listed(scene: Outside, *arguments: str, **settings: str) -> list[Any]:
    status, said = status_and_words(scene, "tokens", "--json", *arguments, **settings)
    assert status == 0, said
    return [json.loads(line) for line in said.splitlines()]


def test_each_token_with_what_it_rests_on(tmp_path: Path) -> None:
    """The pass is missed while nothing runs, and caught up at start."""
    with outside(tmp_path, start=False) as scene:
        acme = scene.organization("acme")
        scene.gh.grant_without_review(acme.org, acme.olga, name="owners-own \x1b[31m|")
        scene.start_bot()
        (one,) = until(lambda: listed(scene), "the pass after the organization is known")
        assert (one["org"], one["owner"], one["kinds"]) == ("acme", acme.olga.login, ["unreviewed"])
        assert one["basis"] is None

        assert listed(scene, "--owner", acme.mia.login) == []
        assert listed(scene, "--permission", "contents:read", "--org", "ACME") == [one]
        assert listed(scene, "--permission", "contents:write") == []
        assert listed(scene, "--repository", "api") == [one], "it reaches all"
        assert listed(scene, "--kind", "unreviewed") == [one]
        assert listed(scene, "--kind", "ended") == []

        status, said = status_and_words(scene, "tokens")
        assert status == 0
        assert f"acme/{one['token_id']}" in said
        assert "no decision that is known" in said
        assert f"As GitHub listed them at {scene.gh.now():%Y-%m-%d}" in said
        assert "\x1b" not in said, "nothing foreign moves the terminal"

        status, said = status_and_words(scene, "tokens", "--kind", "odd")
        assert (status, "invalid choice: 'odd'" in said) == (2, True)


def test_it_needs_only_the_database_and_changes_no_schema(tmp_path: Path) -> None:
    with outside(tmp_path, start=False) as scene:
        for name in ("APP_ID", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"):
            del scene.environ[name]
        status, said = status_and_words(scene, "tokens")
        assert status == 1
        assert "no database of the bot" in said
        assert not (tmp_path / "bot.db").exists()
