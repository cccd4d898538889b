"""Dates, times and spans as the bot writes them; everything in UTC."""

from datetime import UTC, datetime, timedelta


def day(at: datetime) -> str:
    """`2026-05-31`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def minute(at: datetime) -> str:
    """`2026-05-31 09:15 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def span(length: timedelta) -> str:
    """A length of time in whole days, or in hours below two days: `90 days`, `5 hours`."""
    hours = int(length.total_seconds() // 3600)
    if hours < 1:
        return "less than an hour"
    return _counted(hours, "hour") if hours < 48 else _counted(hours // 24, "day")


def rounded_span(length: timedelta) -> str:
    """The same to the nearest hour: a token of 30 days is asked for a second after it was made."""
    return span(length + timedelta(minutes=30))


def exact_span(length: timedelta) -> str:
    """A time of `/approve for`: days when it is whole days, else hours."""
    hours = int(length.total_seconds() // 3600)
    return _counted(hours // 24, "day") if hours % 24 == 0 else _counted(hours, "hour")


def short_span(length: timedelta) -> str:
    """The same as people write it in a command: `30d`, `12h`."""
    number, unit = exact_span(length).split()
    return number + unit[0]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
