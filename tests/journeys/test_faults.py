"""Kill -9 and lost answers at every call of every story: nothing lost, nothing doubled.

`make faults` tries every fault at every point and prints the figures. `make test` has no time for
that: of the CORE stories it kills the bot after each writing call and loses the answer of each. Of
the others it does so at each call that changes access, and at the kinds of writing calls that no
CORE story has, and it kills after the first writing call.
"""

import difflib
import fcntl
import functools
import inspect
import os
import pickle
import pprint
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, get_type_hints

import pytest

from bot.github.api import GitHubApi
from bot.github.webhooks.payloads import READERS
from bot.handlers.table import HANDLERS
from bot.ports import GitHub
from tests.journeys.fault_stories import CORE
from tests.journeys.faults import STORIES, Ending, Point, tell

ALL = os.environ.get("COUNTERSIGN_FAULTS") == "all"
AT_ONCE = 5
"""Scenes at a time: most of one is waiting."""
TRIED, MANY = ("happened", "missed"), 100
"""What became of a fault; so many of them tell whether they happen at all."""
pytestmark = pytest.mark.timeout(1200 if ALL else 240)
FIGURES = {name: Counter[str]() for name in STORIES}


@functools.cache
def undisturbed(name: str, notes: Path) -> Ending:
    """How the story ends without a fault. Told once for all workers of pytest."""
    with locked(notes / f"{name}.ending") as file:
        known = file.read()
        ending: Ending = pickle.loads(known) if known else tell(STORIES[name])
        file.write(b"" if known else pickle.dumps(ending))
    assert ending.troubles == [], name
    return ending


@contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """A file that one worker of pytest at a time has."""
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def chosen(name: str, notes: Path) -> list[Point]:
    """The points that this run tries, always the same ones."""
    points = undisturbed(name, notes).points()
    if ALL:
        return points
    faults = [one for one in points if one.fault in {"killed after", "lost"} and one.writes]
    if name in CORE:
        return faults
    known = {point.call for core in CORE for point in undisturbed(core, notes).points()}
    return faults[:1] + [
        one for one in faults[1:] if one.changes_access or (one.nth == 1 and one.call not in known)
    ]


def wrong(name: str, notes: Path, point: Point) -> str:
    """What is otherwise than undisturbed after this fault; nothing when all is well."""
    right = undisturbed(name, notes)
    try:
        ending = tell(STORIES[name], point)
    except AssertionError as never:
        return f"{point}: {never}"
    FIGURES[name].update([point.fault, "happened"] if ending.happened else ["missed"])
    FIGURES[name]["kills"] += ending.kills
    found = [*ending.troubles, *differences(right.shown, ending.shown)]
    return f"{point}:\n  " + "\n  ".join(found) if found else ""


def differences(was: Any, now: Any) -> list[str]:
    """The lines that are gone (-) and that are new (+), each value on its own."""
    before, after = (pprint.pformat(shown, width=120).splitlines() for shown in (was, now))
    lines = difflib.unified_diff(before, after, n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of pytest: endings of stories, and whether their faults happened."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "faults"
    folder.mkdir(exist_ok=True)
    return folder


def sums(outcomes: Path) -> tuple[int, int]:
    """How many faults happened so far in all workers, and how many did not."""
    lines = [one.split() for one in outcomes.read_text().splitlines()]
    return sum(int(one[0]) for one in lines), sum(int(one[1]) for one in lines)


def try_all(name: str, points: list[Point], notes: Path) -> None:
    """Every point for itself. Where threads race a call may not come; nearly all of them must."""
    before = FIGURES[name].copy()
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        found = [one for one in at_once.map(functools.partial(wrong, name, notes), points) if one]
    outcomes = notes / "outcomes"
    with outcomes.open("a") as noted:
        noted.write("{} {}\n".format(*(FIGURES[name][one] - before[one] for one in TRIED)))
    assert not found, "\n".join(found)
    happened, missed = sums(outcomes)
    assert happened >= 0.9 * (happened + missed) or happened + missed < MANY


@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_lost_or_doubled(name: str, notes: Path) -> None:
    try_all(name, chosen(name, notes), notes)


@pytest.mark.parametrize("name", CORE if ALL else CORE[1:2])
def test_killed_before_its_commits(name: str, notes: Path) -> None:
    """A transaction that never was: all of them, or every fourth."""
    points = undisturbed(name, notes).commit_points()
    try_all(name, points[:: 1 if ALL else 4], notes)


# ------------------------------------------------------------------ is there a point for all of it


def writes(method: str) -> bool:
    """Whether a method of our GitHub client sends anything but GET."""
    code = getattr(GitHubApi, method).__code__
    if any(str(one).startswith(("POST ", "PATCH ", "PUT ", "DELETE ")) for one in code.co_consts):
        return True
    own = (name for name in code.co_names if name.startswith("_"))
    return any(writes(name) for name in own if inspect.isfunction(getattr(GitHubApi, name, None)))


def kinds_of(event: type[Any]) -> set[str]:
    """The names under which the inbox keeps this event."""
    read = {name for name, reader in READERS.items() if get_type_hints(reader)["return"] is event}
    return read or {event.__name__}


def test_every_handler_and_every_effect_has_its_points(notes: Path) -> None:
    """A new event or a new writing call needs a story in fault_stories.py."""
    endings = [undisturbed(name, notes) for name in STORIES]
    handled = {kind for ending in endings for kind in ending.events}
    unheard = [one.__name__ for one in HANDLERS if not kinds_of(one) & handled]
    assert not unheard, f"no story reaches the handlers of {unheard}"

    called = {method for ending in endings for _, method in ending.called}
    offered = [name for name in vars(GitHub) if not name.startswith("_") and writes(name)]
    assert len(offered) >= 10, "the writing methods are found by what they send"
    untried = sorted(set(offered) - called)
    assert not untried, f"no story reaches {untried}"


@pytest.fixture(scope="module", autouse=True)
def _figures(notes: Path) -> Iterator[None]:
    yield
    if ALL:
        for name, figures in FIGURES.items():
            if figures:
                print(
                    f"\n{name}: {len(undisturbed(name, notes).calls)} calls, {dict(figures)}",
                    end="",
                )
