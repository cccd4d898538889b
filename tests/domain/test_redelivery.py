"""When GitHub is asked once more for a delivery that it could not hand over."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.redelivery import is_due, is_given_up, may_be_tried

BEGAN = datetime(2026, 5, 4, 9, tzinfo=UTC)
SWEEP = timedelta(minutes=15)


@pytest.mark.parametrize(("others_arrive", "least", "most"), [(True, 8, 12), (False, 72, 90)])
def test_what_always_fails_is_asked_for_with_growing_pauses(others_arrive, least, most):
    asked, times = None, []
    for sweep in range(1, 3 * 96):
        now = BEGAN + sweep * SWEEP
        if is_given_up(BEGAN, now):
            break
        if others_arrive:
            due = is_due(BEGAN, asked, len(times), now)
        else:
            due = may_be_tried(BEGAN, asked, now)
        if due:
            asked = now
            times.append(now)
    assert times[:3] == [BEGAN + turn * SWEEP for turn in (1, 2, 3)]
    assert least <= len(times) <= most
    assert timedelta(days=3) - (now - BEGAN) == timedelta(minutes=30), "asked for until the end"
