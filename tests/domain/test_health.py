"""Trouble between GitHub and the bot: from what was seen to what people hear."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.health import Answer, Seen, Trouble, refuses_signatures, troubles, warnings
from bot.replies.warnings import warned

WELL = Seen(Answer.ACCEPTED, ())
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "refused"),
    [
        ((), False),
        ((401,), True),
        ((401, 401, 202), True),
        ((202, 401, 401), False),
        ((200, 401), False),
        ((502, 401, 202), True),
        ((502, 202, 401), False),
        ((502, 504, 500), False),
        ((400, 415, 503), False),
        ((0, 401), True),
    ],
)
def test_signatures_are_refused_until_a_delivery_is_taken(statuses, refused):
    """Newest first. A delivery that did not arrive says nothing of signatures."""
    assert refuses_signatures(statuses) is refused


@pytest.mark.parametrize(
    ("seen", "before", "after"),
    [
        (WELL, set(), set()),
        (WELL, set(Trouble), set()),
        (Seen(Answer.REFUSED, None), set(), {Trouble.NOT_ACCEPTED}),
        (Seen(Answer.NONE, None), set(), {Trouble.NO_ANSWER}),
        (Seen(Answer.NONE, None), {Trouble.NOT_ACCEPTED}, {Trouble.NO_ANSWER}),
        (Seen(Answer.ACCEPTED, (401,)), set(), {Trouble.SIGNATURES}),
        (Seen(Answer.ACCEPTED, (202, 401)), {Trouble.SIGNATURES}, set()),
        (
            Seen(Answer.NONE, None),
            {Trouble.SIGNATURES, Trouble.DELIVERIES},
            {Trouble.NO_ANSWER, Trouble.SIGNATURES, Trouble.DELIVERIES},
        ),
        (Seen(Answer.ACCEPTED, (502, 202)), set(), {Trouble.DELIVERIES}),
        (Seen(Answer.ACCEPTED, (0,)), set(), {Trouble.DELIVERIES}),
        (Seen(Answer.ACCEPTED, (202, 502)), {Trouble.DELIVERIES}, set()),
        (Seen(Answer.ACCEPTED, (401, 502)), {Trouble.DELIVERIES}, {Trouble.SIGNATURES}),
        (Seen(Answer.ACCEPTED, (502,), failed_lately=False), set(), set()),
        (
            Seen(Answer.ACCEPTED, (502,), failed_lately=False),
            {Trouble.DELIVERIES},
            {Trouble.DELIVERIES},
        ),
        (Seen(Answer.ACCEPTED, (202,), refused_lately=True), set(), {Trouble.NOT_ACCEPTED}),
        (Seen(Answer.ACCEPTED, (202,), renamed=True), set(), {Trouble.RENAMED}),
        (Seen(Answer.ACCEPTED, (202,), no_webhook=True), set(), {Trouble.NO_WEBHOOK}),
        (Seen(Answer.ACCEPTED, ()), {Trouble.NO_WEBHOOK}, set()),
        (
            Seen(Answer.NONE, None),
            {Trouble.NO_WEBHOOK},
            {Trouble.NO_ANSWER, Trouble.NO_WEBHOOK},
        ),
        (Seen(Answer.ACCEPTED, (202,), no_contents=True), set(), {Trouble.NO_CONTENTS}),
        (
            Seen(Answer.REFUSED, None, renamed=True),
            {Trouble.RENAMED},
            {Trouble.NOT_ACCEPTED, Trouble.RENAMED},
        ),
    ],
)
def test_what_is_wrong_after_a_look(seen, before, after):
    """What could not be looked at stays as it was."""
    assert troubles(seen, before) == after


@pytest.mark.parametrize(
    ("looked_at", "more"),
    [
        (None, [Trouble.NOT_ASKED]),
        (NOW - timedelta(minutes=2), [Trouble.NOT_ASKED]),
        (NOW - timedelta(minutes=1), []),
        (NOW, []),
        (NOW + timedelta(seconds=10), []),
    ],
)
def test_a_look_from_before_the_start_says_nothing_good(looked_at, more):
    started = NOW - timedelta(seconds=90)
    assert warnings([], looked_at, started, NOW) == more
    standing = [Trouble.SIGNATURES]
    assert warnings(standing, looked_at, started, NOW) == standing + more


def test_a_look_grows_old():
    started, looked_at = NOW - timedelta(days=1), NOW - timedelta(minutes=5)
    assert warnings([], looked_at, started, NOW) == []
    later = NOW + timedelta(seconds=1)
    assert warnings([], looked_at, started, later) == [Trouble.NOT_ASKED_LATELY]


def test_every_trouble_has_its_words():
    assert all(warned(trouble).what and warned(trouble).way_out for trouble in Trouble)
