"""What is remembered of who is no owner."""

from datetime import UTC, datetime, timedelta

from bot.domain.recent_denials import Strangers

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_two_answers_within_a_minute_are_believed_and_no_longer() -> None:
    strangers = Strangers()
    strangers.note(1, 7, NOW)
    assert not strangers.knows(1, 7, NOW)
    strangers.note(1, 7, NOW + timedelta(seconds=30))
    assert strangers.knows(1, 7, NOW + timedelta(seconds=59))
    assert not strangers.knows(1, 7, NOW + timedelta(seconds=60))
    assert not strangers.knows(1, 8, NOW + timedelta(seconds=30))
    assert not strangers.knows(2, 7, NOW + timedelta(seconds=30))


def test_what_is_old_or_from_the_future_is_forgotten() -> None:
    strangers = Strangers()
    for person in range(1000):
        strangers.note(1, person, NOW)
    strangers.note(1, 7, NOW + timedelta(hours=1))
    assert len(strangers._noted) == 1
    strangers.note(1, 7, NOW + timedelta(hours=1))
    assert not strangers.knows(1, 7, NOW), "the clock was put back"
