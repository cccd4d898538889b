"""People read no names of classes."""

from inspect import isclass
from typing import get_args

import pytest

from bot.cli.job_words import CAUSES, EVENTS, cause_in_words
from bot.domain.events import Event
from bot.ports import errors


def test_every_timer_and_every_error_has_words() -> None:
    timers = {kind.__name__ for kind in get_args(Event) if not kind.__name__.endswith("Event")}
    assert set(EVENTS) == {*timers, "IssueCommentEvent"}  # a sweep puts comments, too
    assert set(CAUSES) == {name for name, kind in vars(errors).items() if isclass(kind)}


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("Refused: POST …: 422 No.", "GitHub refused it: POST …: 422 No."),
        ("KeyError: 'id'", "an error of the bot (KeyError): 'id'"),
        ("no such thing: at all", "no such thing: at all"),
        ("", ""),
    ],
)
def test_the_cause_of_a_failure(kept: str, shown: str) -> None:
    assert cause_in_words(kept) == shown
