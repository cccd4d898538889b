"""Where settings come from: the environment, `.env`, config/settings.toml. No meaning yet."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

DOTENV = ".env"
FILE = "config/settings.toml"
SUFFIX = "_FILE"
VERY_NEAR = 0.92
"""Of `difflib`: ORGANISATIONS is as near to ORGANIZATIONS."""


@dataclass(frozen=True)
class Given:
    """A setting's text and where it was found; None: it could not be read, which is noted."""

    text: str | None
    where: str


def gather(
    names: Collection[str],
    known: Collection[str],
    environ: Mapping[str, str],
    home: Path,
    problems: list[str],
) -> dict[str, Given]:
    """What is given for each name; the environment wins over `.env`, that over the file.

    `known` are all names that the file may have. `home` is where the files are, and relative paths
    begin. A name with only blanks counts as not given. What is wrong is added to `problems`.
    """
    found: dict[str, Given] = {}
    for where, source in read_sources(known, environ, home, problems):
        for name in names:
            given = _given(name, source, where, home, problems)
            if given and name not in found:
                found[name] = given
    return found


def read_sources(
    known: Collection[str], environ: Mapping[str, str], home: Path, problems: list[str]
) -> list[tuple[str, Mapping[str, str]]]:
    """Each source by its name, the first one wins; see `gather`."""
    dotenv = _dotenv(home / DOTENV, problems)
    names = {name + suffix for name in known for suffix in ("", SUFFIX)}
    problems += _misspelt(DOTENV, dotenv, names)
    # most of the environment is not about us; a lost allowlist would let everybody in
    problems += _misspelt("the environment", environ, {"ORGANIZATIONS", f"ORGANIZATIONS{SUFFIX}"})
    return [
        ("the environment", environ),
        (DOTENV, dotenv),
        (FILE, _settings_file(home / FILE, known, problems)),
    ]


def _given(
    name: str, source: Mapping[str, str], where: str, home: Path, problems: list[str]
) -> Given | None:
    text, path = source.get(name, ""), source.get(name + SUFFIX, "")
    if text.strip() and path.strip():
        problems.append(f"{name} and {name}{SUFFIX} are both in {where}: keep one of them.")
    if text.strip():
        return Given(text, where)
    if path.strip():
        return Given(read_file(name + SUFFIX, path, home, problems), f"{name}{SUFFIX}")
    return None


def read_file(name: str, path: str, home: Path, problems: list[str]) -> str | None:
    """The text of a file that the setting `name` points at, without the newline at its end.

    A relative path begins at `home`.
    """
    file = home / path.strip()
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(f"{name}: the file {str(file)!r} cannot be read: {why}.")
        return None
    if not text.strip():
        problems.append(f"{name}: the file {str(file)!r} is empty.")
        return None
    return text


def _dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    """A line that says nothing is told: passed over, ORGANIZATIONS would allow everybody."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, ValueError):
        problems.append(f"{DOTENV} cannot be read: it should be UTF-8 text that the bot may read.")
        return {}
    found: dict[str, str] = {}
    for line in parse_stream(StringIO(text)):
        if line.error or (line.key is not None and line.value is None):
            blank, _, _ = line.original.string.partition(line.original.string.strip())
            number = line.original.line + blank.count("\n")
            problems.append(f"{DOTENV}: line {number} is not written as NAME=value.")
        elif line.key is not None and line.value is not None:
            found[line.key] = line.value
    return found


def _settings_file(path: Path, names: Collection[str], problems: list[str]) -> dict[str, str]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:  # TOMLDecodeError says where, and quotes nothing
        problems.append(f"{FILE} cannot be read: {error}.")
        return {}
    known = {name + suffix for name in names for suffix in ("", SUFFIX)}
    found: dict[str, str] = {}
    for key, value in document.items():
        if key.upper() not in known:
            problems.append(f"{FILE}: there is no setting {key!r}{_nearest(key, known)}.")
        elif key.upper() in found:
            problems.append(f"{FILE}: {key.upper()} is given twice.")
        else:
            found[key.upper()] = _text(key, value, problems)
    return found


def _misspelt(where: str, given: Collection[str], names: Collection[str]) -> list[str]:
    """Names that are nearly settings, or are in small letters: nobody meant something else."""
    near = {name: get_close_matches(name.upper(), names, 1, VERY_NEAR) for name in given}
    return [
        f"{where}: there is no setting {name!r}; did you mean {found[0]}?"
        for name, found in near.items()
        if found and name not in names
    ]


def _nearest(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key.upper(), known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _text(key: str, value: object, problems: list[str]) -> str:
    """TOML's own types, written as the environment would have them."""
    if isinstance(value, list) and all(type(item) in {str, int} for item in value):
        return ",".join(str(item) for item in value)
    if isinstance(value, time):
        return value.isoformat("minutes")
    if type(value) in {str, int}:  # not bool, which is an int too
        return str(value)
    problems.append(f"{FILE}: {key} should be text in quotes, a number or a list of these.")
    return ""
