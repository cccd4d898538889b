"""The container image and the service unit, as far as they can be tried without their engines.

The Dockerfile's own steps make a bare environment here; only what pip would fetch is lent by the
environment of the tests, which has it from the same lock.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.settings.table import SETTINGS
from tests.cli.service import environment
from tests.journeys.outside import ROOT, Program
from tests.journeys.stage import until

INSTALL = ".venv/bin/python -m pip install"
MADE_HERE = {"DATABASE_URL", "HOST", "PORT"}


def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile: word and rest."""
    lines = [one for one in (ROOT / "Dockerfile").read_text().splitlines() if one[:1] not in "# "]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


class Image:
    """What the build makes: `app` is /app, `data` is the volume."""

    def __init__(self, folder: Path) -> None:
        self.app, self.data = folder / "app", folder / "data"
        self.app.mkdir()
        self.data.mkdir(mode=0o700)
        build, run = self._stages()
        for word, rest in build:
            if word == "COPY":
                self._copy(*rest.split())
            elif word == "RUN":
                self._run(rest)
        self.settings = dict(
            one.split("=", 1) for word, rest in run if word == "ENV" for one in shlex.split(rest)
        )
        self.settings["PATH"] = f"{self.app}/.venv/bin:{os.environ['PATH']}"
        self.user = [rest for word, rest in run if word == "USER"]
        words = dict(run)
        self.command = [*json.loads(words["ENTRYPOINT"]), *json.loads(words["CMD"])]
        self.health = json.loads(words["HEALTHCHECK"].partition(" CMD ")[2])

    def _stages(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        every = steps()
        second = [number for number, (word, _) in enumerate(every) if word == "FROM"][1]
        return every[:second], every[second:]

    def _copy(self, *names: str) -> None:
        *files, target = names
        for name in files:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, self.app / target, ignore=ignored)
            else:
                shutil.copy(ROOT / name, self.app / target)

    def _run(self, line: str) -> None:
        if line == "python -m venv .venv":
            venv.create(self.app / ".venv")
        elif line.startswith(INSTALL):
            assert "--require-hashes -r requirements.lock" in line
            packages = next((self.app / ".venv/lib").glob("python*/site-packages"))
            lent = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
            (packages / "lent.pth").write_text(lent)
        else:
            subprocess.run(shlex.split(line), cwd=self.app, check=True)

    def files(self) -> dict[str, int]:
        """All files below /app and when they were written."""
        every = [one for one in self.app.rglob("*") if one.is_file() and not one.is_symlink()]
        return {str(one): one.stat().st_mtime_ns for one in every}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


@pytest.fixture
def container(image: Image, tmp_path: Path) -> Iterator[Program]:
    data = dict.fromkeys(("COUNTERSIGN_HOME", "TMPDIR"), str(image.data))
    settings = {**image.settings, **data, "HOST": "127.0.0.1"}
    secrets = {k: v for k, v in environment(tmp_path).items() if k not in MADE_HERE}
    program = Program(image.command, {**secrets, **settings, "PORT": "0"}, image.app)
    yield program
    program.kill()


def test_the_image_serves_is_healthy_and_writes_to_its_volume_alone(
    image: Image, container: Program
) -> None:
    until(container.ready, "a ready service")
    built = image.files()
    port = container.url.rpartition(":")[2]

    def health() -> int:
        env = {**image.settings, "PORT": port}
        done = subprocess.run(image.health, env=env, capture_output=True, check=False)
        return done.returncode

    assert health() == 0
    assert (image.data / "var/bot.db").is_file()
    container.kill()
    assert health() != 0
    assert image.files() == built
    assert not list(image.app.glob("var"))


def test_the_image_has_a_user_of_its_own(image: Image) -> None:
    assert image.user == ["countersign"]
    assert image.settings["COUNTERSIGN_HOME"] == "/data"
    assert image.settings["TMPDIR"] == "/data", "SQLite sorts there what is too much for memory"


def test_nothing_but_what_is_copied_reaches_the_build() -> None:
    """No .env, no record, no key can come into an image."""
    allowed = {one[1:] for one in (ROOT / ".dockerignore").read_text().split() if one[0] == "!"}
    copied = {
        name
        for word, rest in steps()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert copied == allowed


def test_compose_starts_it_read_only_beside_postgresql() -> None:
    services: Any = YAML(typ="safe").load((ROOT / "compose.yml").read_text())["services"]
    bot = services["bot"]
    assert (bot["read_only"], bot["cap_drop"]) == (True, ["ALL"])
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["database"]["image"].startswith("postgres:")


def test_the_unit_starts_what_there_is() -> None:
    text = (ROOT / "config/countersign.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", text, re.M)
    assert command
    assert command[1].split()[1:] == ["/opt/countersign/app.py", "serve"]
    names = set(re.findall(r"^Environment=([A-Z_]+)=", text, re.M))
    known = {one.name for one in SETTINGS} | {"COUNTERSIGN_HOME", "PYTHONDONTWRITEBYTECODE"}
    assert names <= known
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("this machine has no systemd-analyze")
    there = text.replace("/opt/countersign/.venv/bin/python", sys.executable)
    unit = Path(os.environ.get("TMPDIR", "/tmp")) / f"countersign-{os.getpid()}.service"
    unit.write_text(there)
    try:
        done = subprocess.run([tool, "verify", unit], capture_output=True, text=True, check=False)
    finally:
        unit.unlink()
    assert [one for one in done.stderr.splitlines() if unit.name in one] == []
