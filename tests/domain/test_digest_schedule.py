"""When the digest goes out, around every kind of clock change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.digest_schedule import digest_date, digest_moment

EVERY_DAY = frozenset(range(7))


@pytest.mark.parametrize(
    ("on", "at", "zone", "expected"),
    [
        ("2026-05-04", "09:00", "UTC", "2026-05-04T09:00"),
        ("2026-05-04", "09:00", "Europe/Berlin", "2026-05-04T07:00"),
        ("2026-01-04", "09:00", "Europe/Berlin", "2026-01-04T08:00"),
        ("2026-05-04", "08:30", "Asia/Kolkata", "2026-05-04T03:00"),
        ("2026-05-04", "08:00", "Asia/Tokyo", "2026-05-03T23:00"),
        # skipped: clocks go from 02:00 to 03:00
        ("2026-03-29", "02:00", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29", "03:00", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-08", "02:30", "America/New_York", "2026-03-08T07:00"),
        # half an hour only: from 02:00 to 02:30
        ("2026-10-04", "02:10", "Australia/Lord_Howe", "2026-10-03T15:30"),
        # doubled: clocks go from 03:00 back to 02:00, the first counts
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30"),
        # skipped at midnight: the date begins at 01:00
        ("2018-11-04", "00:00", "America/Sao_Paulo", "2018-11-04T03:00"),
        # skipped at the end of the date: the next valid minute is on the next one
        ("2026-03-28", "23:30", "America/Nuuk", "2026-03-29T01:00"),
    ],
)
def test_the_moment_of_a_local_time(on: str, at: str, zone: str, expected: str) -> None:
    moment = digest_moment(date.fromisoformat(on), time.fromisoformat(at), ZoneInfo(zone))
    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("now", "at", "zone", "expected"),
    [
        ("2026-05-04T08:59:59", "09:00", "UTC", None),
        ("2026-05-04T09:00:00", "09:00", "UTC", "2026-05-04"),
        ("2026-05-04T23:59:59", "09:00", "UTC", "2026-05-04"),
        ("2026-05-05T00:00:00", "09:00", "UTC", None),
        ("2026-05-05T00:00:30", "23:59", "UTC", None),
        ("2026-03-29T00:59:59", "23:30", "America/Nuuk", None),
        ("2026-03-29T01:00:05", "23:30", "America/Nuuk", "2026-03-28"),
        ("2026-03-29T01:01:05", "23:30", "America/Nuuk", None),
        ("2026-03-30T00:30:00", "23:30", "America/Nuuk", "2026-03-29"),
    ],
)
def test_the_date_that_is_due(now: str, at: str, zone: str, expected: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    due = digest_date(moment, time.fromisoformat(at), ZoneInfo(zone), EVERY_DAY)
    assert due == (date.fromisoformat(expected) if expected else None)


def test_other_weekdays_are_left_out() -> None:
    monday = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert digest_date(monday, time(9), UTC, frozenset({0})) == date(2026, 5, 4)
    assert digest_date(monday, time(9), UTC, frozenset({1, 6})) is None
