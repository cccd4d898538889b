"""`python app.py catalogue`: the whole catalogue, without any setting."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.domain.permissions import CATALOGUE, COMBINATIONS
from tests.processes import ROOT, run


def printed(folder: Path, *arguments: str) -> str:
    """What the command prints in a folder without settings."""
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite:////nowhere/bot.db"}
    done = run(["catalogue", *arguments], env=environ, cwd=folder)
    done.check_returncode()
    assert done.stderr == ""
    return done.stdout


def test_a_pipe_has_every_permission_at_each_level_and_every_combination(tmp_path: Path) -> None:
    lines = printed(tmp_path).splitlines()
    listed = [line.split("\t")[:4] for line in lines]
    for one in CATALOGUE:
        for level, power in one.levels.items():
            if one.name:
                assert [one.group, one.name, level, power.danger.word] in listed
    assert len(lines) == sum(len(one.levels) for one in CATALOGUE) + len(COMBINATIONS) + 1
    assert any("POST /repos/{owner}/{repo}/keys" in line for line in lines)


def test_json_is_one_document(tmp_path: Path) -> None:
    told = json.loads(printed(tmp_path, "--json"))
    assert told.keys() == {"permissions", "combinations"}
    assert len({(one["group"], one["title"]) for one in told["permissions"]}) == 68
    one = next(
        one for one in told["permissions"] if one["name"] == "members" and one["level"] == "write"
    )
    assert (one["danger"], one["owner_only"]) == ("critical", True)
    assert told["combinations"][0]["needs"] == [["contents:write", "workflows:write"]]


def test_the_page_of_permissions_is_not_stale(tmp_path: Path) -> None:
    """Mend it with `python app.py catalogue --markdown > docs/permissions.md`."""
    assert (ROOT / "docs/permissions.md").read_text() == printed(tmp_path, "--markdown")


@pytest.mark.parametrize("wrong", [["--xml"], ["--json", "--markdown"]])
def test_a_wrong_option_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        printed(tmp_path, *wrong)
