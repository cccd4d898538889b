"""What is remembered of who is no owner."""

from datetime import UTC, datetime, timedelta

from bot.domain.recent_denials import RecentDenials

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_two_answers_within_a_minute_are_believed_and_no_longer() -> None:
    denials = RecentDenials()
    denials.note(1, 7, NOW)
    assert not denials.knows(1, 7, NOW)
    denials.note(1, 7, NOW + timedelta(seconds=30))
    assert denials.knows(1, 7, NOW + timedelta(seconds=59))
    assert not denials.knows(1, 7, NOW + timedelta(seconds=60))
    assert not denials.knows(1, 8, NOW + timedelta(seconds=30))
    assert not denials.knows(2, 7, NOW + timedelta(seconds=30))


def test_what_is_old_or_from_the_future_is_forgotten() -> None:
    denials = RecentDenials()
    for person in range(1000):
        denials.note(1, person, NOW)
    denials.note(1, 7, NOW + timedelta(hours=1))
    assert len(denials._noted) == 1
    denials.note(1, 7, NOW + timedelta(hours=1))
    assert not denials.knows(1, 7, NOW), "the clock was put back"
