"""`policy check`, `schema` and `diff`, on a machine without any settings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import app
from tests.domain.policy.files import EXAMPLE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Any:
    """Runs `policy …` in a folder of its own: its status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))

    def run(*arguments: str) -> tuple[int | str | None, str, str]:
        capfd.readouterr()
        try:
            status = app.main(["policy", *arguments])
        except SystemExit as end:
            status = end.code
        return status, *capfd.readouterr()

    return run


def test_a_good_file_and_its_examples(cli: Any) -> None:
    Path("p.yml").write_text(EXAMPLE)
    assert cli("check", "p.yml") == (0, "p.yml: 4 rules, 1 of 1 examples pass\n", "")


def test_every_mistake_with_its_place(cli: Any) -> None:
    Path("p.yml").write_text(EXAMPLE.replace("mode: enforce", "mode: on", 1).replace("2}", "9}", 1))
    status, out, _err = cli("check", "p.yml")
    assert status == 1
    assert out.splitlines() == [
        'p.yml:3:1: mode: found "on"; expected enforce or shadow',
        "p.yml:12:28: rules[1].review.approvals: found 9; expected a number of at most 5",
    ]


def test_a_failed_example_and_a_doubt_are_named(cli: Any) -> None:
    Path("p.yml").write_text(
        EXAMPLE.replace("outcome: deny", "outcome: approve").replace("administration", "admini")
    )
    status, out, _err = cli("check", "p.yml")
    assert status == 1
    assert out.splitlines() == [
        'p.yml:11:32: rules[1].when.permissions.any[0]: warning: found "admini:write"; expected a'
        " permission that this version knows",
        "p.yml:24:5: examples[0]: found denied by `no eternal tokens` (example `a robot that wants"
        " everything for ever`); expected approve by `no eternal tokens`",
        "p.yml: 4 rules, 0 of 1 examples pass",
    ]


def test_a_file_that_is_not_there(cli: Any) -> None:
    status, out, err = cli("check", "none.yml")
    assert (status, out) == (1, "")
    assert "none.yml cannot be read: No such file" in err


def test_what_two_files_differ_in(cli: Any) -> None:
    Path("old.yml").write_text(EXAMPLE)
    Path("new.yml").write_text(
        EXAMPLE.replace("expires: never}\n    deny", "expires: true}\n    deny")
    )
    Path("bad.yml").write_text("version: 2")
    assert cli("diff", "old.yml", "old.yml") == (0, "No difference in 2 examples.\n", "")
    status, out, _err = cli("diff", "old.yml", "new.yml")
    assert status == 1
    assert out.splitlines()[0] == "old.yml: a robot that wants everything for ever"
    assert "old: denied by `no eternal tokens`" in out
    assert "new: reviewed by `the security team looks at the rest`" in out
    assert cli("diff", "old.yml", "bad.yml")[0] == 2


def test_the_schema_needs_no_settings_and_is_the_published_one(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "policy", "schema"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["title"] == "Token policy of Countersign"
    assert done.stdout == (ROOT / "docs/token-policy.schema.json").read_text()
