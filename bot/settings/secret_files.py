"""Which files have secrets in them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.settings.credentials import CREDENTIALS, KEY
from bot.settings.sources import DOTENV, FILE, SUFFIX, read_sources
from bot.settings.table import BY_NAME, PATHS, SETTINGS


def secret_files(environ: Mapping[str, str], root: Path) -> list[tuple[Path, str]]:
    """Each file and the secret setting that it holds, by the settings' sources.

    `root` as in `bot.settings.load`. Files that are not there are left out.
    """
    home = Path(environ.get("COUNTERSIGN_HOME", "").strip() or root).absolute()
    found: dict[Path, str] = {home / CREDENTIALS: "PRIVATE_KEY", home / KEY: "SECRETS_KEY"}
    for where, source in read_sources(BY_NAME, environ, home, []):
        for name in (one.name for one in SETTINGS if one.hidden):
            for path in _named(name, source):
                found.setdefault(home / path, name)
            if where in {DOTENV, FILE} and source.get(name, "").strip():
                found.setdefault(home / where, name)
    return [(path, name) for path, name in found.items() if path.is_file()]


def _named(name: str, source: Mapping[str, str]) -> Iterator[str]:
    for setting in (name + SUFFIX, PATHS.get(name, "")):
        if path := source.get(setting, "").strip():
            yield path
