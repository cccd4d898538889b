"""The stage of the doctor's stories: a healthy bot, and the program's `doctor` beside it."""

import io
import json
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import app
from bot.handlers.reconcile.health import looked_at
from tests.journeys.outside import surroundings
from tests.journeys.stage import Cast, Stage, stage, until

UNUSUAL = ("ghs_", "eyJ", "PRIVATE KEY")
"""How credentials begin that nobody may see."""


@dataclass
class Ended:
    """How the command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def checks(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.out)["checks"]
        return found

    @property
    def troubles(self) -> list[dict[str, str]]:
        return [one for one in self.checks if one["verdict"] in {"fault", "warning"}]


class Clinic:
    """A healthy organization; each story plants a fault and takes it away again."""

    def __init__(self, scene: Stage) -> None:
        self.scene, self.gh, self.folder = scene, scene.gh, scene.folder
        self.acme: Cast = scene.organization("acme")
        self.gh.choose_repositories(self.acme.installation, [self.acme.admin])
        (self.folder / "key.pem").chmod(0o600)
        self.acme.asked()
        scene.idle()
        until(lambda: looked_at(scene.bot.service.store.record), "the bot's first look")

    def doctor(self, *words: str, **settings: str) -> Ended:
        """Run `python app.py doctor …` in this process."""
        environ = {**self.scene.environ, "COUNTERSIGN_HOME": str(self.folder), **settings}
        return run(environ, *words)

    def checked(self, **settings: str) -> Ended:
        """The same as JSON, of our organization."""
        return self.doctor("--org", "acme", "--json", **settings)

    @contextmanager
    def copy(self, *statements: str) -> Iterator[str]:
        """The database's URL after somebody did this to it."""
        file, key = self.folder / "copy.db", self.folder / "copy.db.audit-key"
        ours, theirs = sqlite3.connect(self.folder / "bot.db"), sqlite3.connect(file)
        with closing(ours), closing(theirs):
            ours.backup(theirs)
            for statement in statements:
                theirs.execute(statement)
            theirs.commit()
        file.chmod(0o600)
        key.write_bytes((self.folder / "bot.db.audit-key").read_bytes())
        key.chmod(0o600)
        yield f"sqlite:///{file}"
        for one in self.folder.glob("copy.db*"):
            one.unlink()


def run(environ: dict[str, str], *words: str) -> Ended:
    """Run the command with these settings. No secret shows, whatever is wrong."""
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with redirect_stdout(out), redirect_stderr(err), _environment(environ):
            status = app.main(["doctor", *words])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    said = out.getvalue() + err.getvalue()
    for secret in (*UNUSUAL, *_secrets(environ)):
        assert secret not in said
    return Ended(status, out.getvalue(), err.getvalue())


def _environment(environ: dict[str, str]) -> Any:
    return patch.dict(os.environ, surroundings(environ), clear=True)


def _secrets(environ: dict[str, str]) -> list[Any]:
    return [environ[name] for name in ("WEBHOOK_SECRET", "AUDIT_KEY") if environ.get(name)]


@contextmanager
def clinic(folder: Path) -> Iterator[Clinic]:
    """One for all stories of a file."""
    with stage(folder) as scene:
        yield Clinic(scene)
