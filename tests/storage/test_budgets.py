"""Content is paced by exact windows, decisions keep their share, and nobody comes in herds."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.storage import Store
from bot.storage.budgets import Budgets
from tests.storage.making import T0


class Standing:
    """It is always the same time until the story goes on; seconds since its beginning."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return T0 + timedelta(seconds=self.at)


@pytest.fixture
def time() -> Standing:
    return Standing()


@pytest.fixture
def limited(open_store: Callable[..., Store], time: Standing) -> Callable[..., Budgets]:
    """The budgets of a store with these windows."""
    return lambda *windows: open_store(content_limit=windows, clock=time).budgets


def take(budgets: Budgets, *, urgent: bool = False, installation_id: int = 7) -> float:
    """Seconds to wait; 0: taken."""
    return budgets.take(installation_id, urgent)[0]


def test_no_window_ever_holds_more_than_its_limit(limited, time: Standing) -> None:
    """A story of ten minutes in which everybody always wants to write."""
    budgets, taken = limited((8, 60), (20, 300)), []
    while time.at < 600:
        wait = take(budgets, urgent=True)
        if wait == 0:
            taken.append(time.at)
        time.at += wait or 0.5
    for window, most in ((60, 8), (300, 20)):
        fullest = max(sum(1 for at in taken if start <= at < start + window) for start in taken)
        assert fullest == most
    assert len(taken) == 40, "all of both windows was used"


def test_ordinary_content_leaves_a_fifth_to_decisions(limited) -> None:
    budgets = limited((10, 60))
    assert [take(budgets, urgent=False) for _ in range(9)] == [0.0] * 8 + [60.0]
    assert [take(budgets, urgent=True) for _ in range(3)] == [0.0, 0.0, 60.0]


def test_a_limit_of_one_still_lets_one_through(limited, time: Standing) -> None:
    budgets = limited((1, 10))
    assert take(budgets, urgent=False) == 0
    time.at = 4
    assert take(budgets, urgent=False) == 6
    time.at = 10
    assert take(budgets, urgent=False) == 0


def test_each_installation_has_its_own_budget(limited) -> None:
    budgets = limited((1, 60))
    assert take(budgets, urgent=True) == 0
    assert take(budgets, urgent=True, installation_id=8) == 0


def test_calls_survive_a_restart(limited) -> None:
    assert take(limited((1, 60)), urgent=True) == 0
    assert take(limited((1, 60)), urgent=True) == 60


def test_those_who_are_refused_come_back_one_by_one(limited, time: Standing) -> None:
    budgets = limited((5, 60))
    for time.at in range(4):
        take(budgets, urgent=False)
    time.at = 10
    waits = [take(budgets, urgent=False) for _ in range(6)]
    assert waits == pytest.approx([50, 51, 52, 53, 110, 111])
    for wait in waits:
        time.at = 10 + wait + 0.001
        assert take(budgets, urgent=False) == 0


def test_nobody_is_sent_away_for_longer_than_ten_minutes(limited) -> None:
    budgets = limited((1, 3600))
    assert [take(budgets, urgent=False) for _ in range(3)] == [0, 600, 600]


def test_a_block_is_never_shortened(limited, time: Standing) -> None:
    budgets = limited()
    assert budgets.blocked_for(7) == 0
    budgets.block(7, 60)
    budgets.block(7, 30)
    assert budgets.blocked_for(7) == 60
    budgets.block(7, 90)
    assert budgets.blocked_for(7) == 90
    time.at = 100
    assert budgets.blocked_for(7) == 0


def test_a_block_is_known_to_all_processes(limited) -> None:
    limited().block(0, 60)
    assert (limited().blocked_for(0), limited().blocked_for(7)) == (60, 0)


def test_a_call_that_was_never_sent_counts_no_more(limited, time: Standing) -> None:
    budgets = limited((3, 60))
    marks = []
    for time.at in (0, 10, 20):
        marks.append(budgets.take(7, urgent=True)[1])
    budgets.give_back(7, marks[1])
    budgets.give_back(7, marks[1])
    assert take(budgets, urgent=True) == 0
    assert take(budgets, urgent=True) == 40, "until the first one is 60 seconds old"
    budgets.give_back(8, marks[0])
    assert take(budgets, urgent=True) == 40


def test_calls_of_a_clock_that_was_ahead_leave_room(limited, time: Standing) -> None:
    budgets = limited((1, 60))
    time.at = 2 * 86_400
    assert take(budgets, urgent=True) == 0
    time.at = 0
    assert budgets.room(7) == 0
    assert take(budgets, urgent=True) == 0
    assert take(budgets, urgent=True) == 60
