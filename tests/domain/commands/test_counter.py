"""What follows `/counter`."""

from datetime import timedelta

import pytest

from bot.domain.commands.counter import Counter, CounterMistake, CounterMisuse, read_counter

READ = (("contents", "read"),)
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("rest", "counter"),
    [
        ("contents", Counter(READ)),
        ("contents:read", Counter(READ)),
        ("Contents:READ", Counter(READ)),
        ("pull-requests:write", Counter((("pull_requests", "write"),))),
        ("contents issues:write", Counter((*READ, ("issues", "write")))),
        ("contents repositories:api,acme/Site", Counter(READ, ("api", "site"))),
        ("repositories:api contents", Counter(READ, ("api",))),
        ("contents for 7d", Counter(READ, (), 7 * DAYS)),
        (
            "contents for 2 weeks reading is enough",
            Counter(READ, (), 14 * DAYS, "reading is enough"),
        ),
        ("contents reading is enough", Counter(READ, text="reading is enough")),
        ("contents for the docs", Counter(READ, text="for the docs")),
        (
            "contents please see https://x.example",
            Counter(READ, text="please see https://x.example"),
        ),
        ("contents reading for 7d", Counter(READ, text="reading for 7d")),
        (
            "contents repositories:api for 12h two  blanks stay",
            Counter(READ, ("api",), DAYS / 2, "two  blanks stay"),
        ),
    ],
)
def test_offers(rest: str, counter: Counter) -> None:
    assert read_counter(rest) == counter


@pytest.mark.parametrize(
    ("rest", "mistake", "word"),
    [
        ("", CounterMistake.NO_PERMISSION, ""),
        ("please ask for less", CounterMistake.NO_PERMISSION, "please"),
        ("for 7d", CounterMistake.NO_PERMISSION, ""),
        ("quantum:write", CounterMistake.UNKNOWN_PERMISSION, "quantum:write"),
        ("contents https://x.example", CounterMistake.UNKNOWN_PERMISSION, "https://x.example"),
        ("contents:own", CounterMistake.UNKNOWN_LEVEL, "contents:own"),
        ("contents:", CounterMistake.UNKNOWN_LEVEL, "contents:"),
        ("contents repositories:", CounterMistake.NO_REPOSITORY, "repositories:"),
        ("contents repositories:acme/", CounterMistake.NO_REPOSITORY, "repositories:acme/"),
    ],
)
def test_what_cannot_be_read(rest: str, mistake: CounterMistake, word: str) -> None:
    assert read_counter(rest) == CounterMisuse(mistake, word)
