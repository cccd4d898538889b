"""The wheel, installed where nothing of the clone is seen: the same program as in the clone."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from bot import VERSION
from tests.cli.service import environment
from tests.journeys.outside import ROOT, Program

INSTALL = ("install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check")


class Installed:
    """A bare environment with the wheel; what the wheel needs is lent by the environment of the
    tests, which has it from the lock. `home` is the person's home folder.
    """

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.wheel, self.home, self._folder = wheel, folder / "home", folder / "venv"
        self.home.mkdir()
        venv.create(self._folder)
        self.python = self._folder / "bin" / "python"
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        subprocess.run([*pip, *INSTALL, str(wheel)], check=True)

    def lend(self, *folders: str) -> None:
        lines = "".join(f"import site; site.addsitedir({one!r})\n" for one in folders)
        packages = next((self._folder / "lib").glob("python*/site-packages"))
        (packages / "lent.pth").write_text(lines)

    @property
    def command(self) -> str:
        return str(self._folder / "bin" / "countersign")

    def environ(self, **settings: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), **settings}

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env=self.environ(**settings),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def started(self, *words: str, **settings: str) -> Iterator[Program]:
        program = Program([self.command, *words], self.environ(**settings), self.home)
        try:
            yield program
        finally:
            program.kill()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    one = Installed(wheel, tmp_path_factory.mktemp("installed"))
    one.lend(sysconfig.get_path("purelib"))
    return one


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    assert wheel.name == f"countersign_bot-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        told = message_from_bytes(file.read(f"countersign_bot-{VERSION}.dist-info/METADATA"))
    assert (told["Name"], told["Version"]) == ("countersign-bot", VERSION)
    assert told["License-Expression"] == "MIT"
    assert set(told.get_all("Provides-Extra")) == {"gunicorn", "postgres"}
    assert all("https://docs.github.com/" in one for one in told.get_all("Project-URL"))
    assert "Typing :: Typed" in told.get_all("Classifier")
    always = [one for one in told.get_all("Requires-Dist") if "extra ==" not in one]
    assert not [one for one in always if one.startswith(("gunicorn", "psycopg"))]


def test_the_wheel_has_every_file_of_the_bot(wheel: Path) -> None:
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "bot").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as file:
        inside = set(file.namelist())
    assert here | {"app.py"} <= inside
    assert {"bot/py.typed", "bot/storage/migrations/env.py"} <= inside
    shared = f"countersign_bot-{VERSION}.data/data/share/countersign"
    assert {f"{shared}/config/settings.toml", f"{shared}/app.yml"} <= inside
    assert not [one for one in inside if one.startswith(("tests/", "benchmarks/"))]


def test_a_wheel_from_the_source_distribution_has_the_same_files(
    wheel: Path, tmp_path: Path
) -> None:
    """As pip makes one where no wheel is to be had."""
    build = [sys.executable, "-m", "hatchling", "build", "-t"]
    subprocess.run([*build, "sdist", "-d", str(tmp_path)], cwd=ROOT, check=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as file:
        file.extractall(tmp_path, filter="data")
    source = tmp_path / f"countersign_bot-{VERSION}"
    subprocess.run([*build, "wheel", "-d", str(tmp_path)], cwd=source, check=True)
    again = next(tmp_path.glob("*.whl"))
    assert again.name == wheel.name
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert set(one.namelist()) == set(other.namelist())
        for name in one.namelist():
            assert one.read(name) == other.read(name), name


def test_it_finds_app_yml_and_names_itself_in_hints(installed: Installed) -> None:
    words = ("setup", "--manifest", "--org", "acme", "--url", "https://bot.example.com")
    done = installed.run(installed.command, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["default_permissions"]
    done = installed.run(installed.command, "db", "current")
    assert done.returncode == 0, done.stderr
    assert "`countersign db upgrade`" in done.stderr


@pytest.mark.parametrize("how", ["command", "module"])
def test_both_ways_tell_the_version(installed: Installed, how: str) -> None:
    words = [installed.command] if how == "command" else [str(installed.python), "-m", "bot"]
    done = installed.run(*words, "--version")
    assert (done.returncode, done.stdout) == (0, f"countersign {VERSION}\n"), done.stderr


def test_the_demo_answers(installed: Installed) -> None:
    with installed.started("demo", "--port", "0") as demo:
        page = f"{demo.url}/demo/organizations/acme/policy?example=bank"
        assert "information-security" in httpx.get(page).text
    assert list(installed.home.iterdir()) == []


def test_it_serves_and_keeps_its_record_in_the_home_folder(
    installed: Installed, service_settings: dict[str, str]
) -> None:
    with installed.started("serve", **service_settings) as service:
        assert httpx.get(f"{service.url}/healthz").status_code == 200
    assert (installed.home / ".local/state/countersign/var/bot.db").is_file()


@pytest.fixture
def service_settings() -> dict[str, str]:
    settings = environment(Path("/nowhere"))
    return {name: settings[name] for name in settings if name not in {"DATABASE_URL", "HOME"}}


def test_a_command_that_reads_makes_no_folder(installed: Installed) -> None:
    done = installed.run(installed.command, "requests", HOME="/nonexistent")
    assert done.returncode == 1
    assert "no database of the bot at /nonexistent/.local/state/countersign/var" in done.stderr


def test_postgresql_without_its_package(wheel: Path, tmp_path: Path) -> None:
    """The environment lacks psycopg: a sentence says how to get it."""
    one = Installed(wheel, tmp_path)
    lent = tmp_path / "lent"
    lent.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith("psycopg"):
            (lent / path.name).symlink_to(path)
    one.lend(str(lent))
    done = one.run(one.command, "requests", DATABASE_URL="postgresql://bot@127.0.0.1/bot")
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "countersign-bot[postgres]" in done.stderr
    assert "Traceback" not in done.stderr
