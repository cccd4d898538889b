"""Content is paced by exact windows, decisions keep their share, and nobody comes in herds."""

from datetime import timedelta

import pytest

from bot.storage import Store
from tests.storage.making import T0


def test_no_window_ever_holds_more_than_its_limit(open_store) -> None:
    """A story of ten minutes in which everybody always wants to write."""
    store = open_store(content_limit=[(8, 60), (20, 300)])
    now, taken = 0.0, []
    while now < 600:
        wait = store.budgets.take(7, urgent=True, now=T0 + timedelta(seconds=now))
        if wait == 0:
            taken.append(now)
        now += wait or 0.5
    for window, most in ((60, 8), (300, 20)):
        fullest = max(sum(1 for at in taken if start <= at < start + window) for start in taken)
        assert fullest == most
    assert len(taken) == 40, "all of both windows was used"


def test_ordinary_content_leaves_a_fifth_to_decisions(open_store) -> None:
    store = open_store(content_limit=[(10, 60)])
    ordinary = [store.budgets.take(7, urgent=False, now=T0) for _ in range(9)]
    assert ordinary == [0.0] * 8 + [60.0]
    urgent = [store.budgets.take(7, urgent=True, now=T0) for _ in range(3)]
    assert urgent == [0.0, 0.0, 60.0]


def test_a_limit_of_one_still_lets_one_through(open_store) -> None:
    store = open_store(content_limit=[(1, 10)])
    assert store.budgets.take(7, urgent=False, now=T0) == 0
    assert store.budgets.take(7, urgent=False, now=T0 + timedelta(seconds=4)) == 6
    assert store.budgets.take(7, urgent=False, now=T0 + timedelta(seconds=10)) == 0


def test_each_installation_has_its_own_budget(open_store) -> None:
    store = open_store(content_limit=[(1, 60)])
    assert store.budgets.take(7, urgent=True, now=T0) == 0
    assert store.budgets.take(8, urgent=True, now=T0) == 0


def test_calls_survive_a_restart(open_store) -> None:
    limit = [(1, 60)]
    assert open_store(content_limit=limit).budgets.take(7, urgent=True, now=T0) == 0
    assert open_store(content_limit=limit).budgets.take(7, urgent=True, now=T0) == 60


def test_those_who_are_refused_come_back_one_by_one(open_store) -> None:
    store = open_store(content_limit=[(5, 60)])
    for second in range(4):
        store.budgets.take(7, urgent=False, now=T0 + timedelta(seconds=second))
    at = T0 + timedelta(seconds=10)
    waits = [store.budgets.take(7, urgent=False, now=at) for _ in range(6)]
    assert waits == pytest.approx([50, 51, 52, 53, 110, 111])
    for wait in waits:
        assert store.budgets.take(7, urgent=False, now=at + timedelta(seconds=wait)) == 0


def test_nobody_is_sent_away_for_longer_than_ten_minutes(open_store) -> None:
    store = open_store(content_limit=[(1, 3600)])
    assert [store.budgets.take(7, urgent=False, now=T0) for _ in range(3)] == [0, 600, 600]


def test_a_block_is_never_shortened(store: Store) -> None:
    assert store.budgets.blocked_until(7) is None
    store.budgets.block(7, T0 + timedelta(seconds=60))
    store.budgets.block(7, T0 + timedelta(seconds=30))
    assert store.budgets.blocked_until(7) == T0 + timedelta(seconds=60)
    store.budgets.block(7, T0 + timedelta(seconds=90))
    assert store.budgets.blocked_until(7) == T0 + timedelta(seconds=90)


def test_calls_of_a_clock_that_was_ahead_leave_room(open_store) -> None:
    store = open_store(content_limit=[(1, 60)])
    assert store.budgets.take(7, urgent=True, now=T0 + timedelta(days=2)) == 0
    assert store.budgets.room(7, T0) == 0
    assert store.budgets.take(7, urgent=True, now=T0) == 0
    assert store.budgets.take(7, urgent=True, now=T0) == 60
