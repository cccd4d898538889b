"""The alarm's texts: what waits, what to do, and nothing that anybody else wrote."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings

from bot.domain.token_request import State
from bot.replies import alarm
from bot.replies.alarm import Alarm
from tests.domain.making import NOW, make_row
from tests.replies.harmless import assert_harmless, foreign


@dataclass(frozen=True)
class Job:
    name: str
    event: str = "issue_comment"
    cause: str = "Refused"
    since: datetime = NOW


def test_each_kind_has_its_way_out() -> None:
    row = make_row(12, State.APPROVED, revoke_at=NOW)
    text = alarm.body(7, "acme", Alarm([Job("a")], [Job("b", "SweepDue")], [row], 3))
    assert text.startswith("<!-- token-alarm 7 -->\n")
    for words in (
        "- #12, over since",
        "- 3 requests and timed approvals wait in [acme]",
        "- `issue_comment` `a`, since",
        "GitHub refuses it",
        "deliveries retry GUID",
        "- `SweepDue` `b`, since",
    ):
        assert words in text
    assert_harmless(text, frozenset({12}))
    assert alarm.title() == "Token requests: something waits for you"
    assert alarm.title("acme") == "Token requests: something waits for you (acme)"


def test_nothing_waits() -> None:
    assert Alarm().is_empty
    assert not Alarm(paused=1).is_empty
    assert_harmless(alarm.over(7))


def test_many_fit_and_are_counted() -> None:
    jobs = [Job(f"guid-{number}", since=NOW + timedelta(number)) for number in range(2000)]
    text = alarm.body(7, "acme", Alarm(jobs, jobs))
    assert len(text.encode()) < 64_000
    assert "more" in text.splitlines()[-1]


@settings(deadline=None)
@given(foreign, foreign, foreign)
def test_foreign_names_do_nothing(name: str, event: str, login: str) -> None:
    job = Job(name, event, cause=name)
    assert_harmless(alarm.body(7, login, Alarm([job], [job], paused=1)))
