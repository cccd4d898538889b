"""When the daily digest goes out, whatever daylight saving does to the clock."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTE = timedelta(minutes=1)


def digest_moment(on: date, at: time, zone: tzinfo) -> datetime:
    """The UTC moment of this local time: the next valid minute when it is skipped, the first of
    the two when it comes twice.
    """
    local = datetime.combine(on, at, tzinfo=zone)
    while not _exists(local):
        local += MINUTE
    return local.astimezone(UTC)


def digest_date(now: datetime, at: time, zone: tzinfo, days: frozenset[int]) -> date | None:
    """The local date whose digest is due now; None when none is (past dates never are).

    `days` are weekdays, Monday is 0. A time that was skipped into the next date counts for its own
    date during its minute.
    """
    today = now.astimezone(zone).date()
    yesterday = today - timedelta(days=1)
    if today.weekday() in days and digest_moment(today, at, zone) <= now:
        return today
    last = digest_moment(yesterday, at, zone)
    if yesterday.weekday() in days and last <= now < last + MINUTE:
        return yesterday if last.astimezone(zone).date() == today else None
    return None


def an_hour_before(at: time) -> time:
    """The time of day an hour earlier; before 01:00 that is on the date before."""
    return (datetime.combine(date.min + timedelta(days=1), at) - timedelta(hours=1)).time()


def pass_date(now: datetime, at: time, zone: tzinfo) -> date:
    """The local date whose daily pass is the newest that is due; one that was missed is caught up.

    Today's from its time on, and yesterday's before.
    """
    today = now.astimezone(zone).date()
    return today if digest_moment(today, at, zone) <= now else today - timedelta(days=1)


def _exists(local: datetime) -> bool:
    """Whether clocks in this zone ever show it."""
    shown = local.astimezone(UTC).astimezone(local.tzinfo)
    return shown.replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0)
