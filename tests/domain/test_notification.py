"""When a notification is tried again."""

from datetime import timedelta

from bot.domain.notification import pause_after


def test_pauses_grow_to_an_hour_and_end_after_a_day():
    pauses = [pause_after(tries) for tries in range(1, 31)]
    assert pauses[:3] == [timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45)]
    assert pauses[28] == timedelta(hours=1)
    assert pauses[29] is None
    assert pause_after(10**6) is None
    assert sum((one for one in pauses if one), timedelta()) > timedelta(hours=22)
