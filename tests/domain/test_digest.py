"""Order and sections of the digest."""

from datetime import date, timedelta

from bot.domain.digest import make_digest
from bot.domain.token_request import State
from tests.domain.making import NOW, make_row

TODAY = date(2026, 11, 22)
LOW = {"repository": {"metadata": "read"}}


def test_the_most_dangerous_first_then_the_oldest() -> None:
    young = make_row(1, created_at=NOW - timedelta(days=1))
    old = make_row(2, created_at=NOW - timedelta(days=9))
    harmless = make_row(3, created_at=NOW - timedelta(days=30), result=LOW)
    endless = make_row(4, created_at=NOW, expires_at=None, selection="all")
    digest = make_digest(TODAY, [harmless, young, endless, old], [], NOW)
    assert [row.issue.number for row in digest.waiting if row.issue] == [4, 2, 1, 3]


def test_sections() -> None:
    waiting, deciding = make_row(1), make_row(2, State.DECIDING)
    held, expired = make_row(3, State.HELD), make_row(4, expires_at=NOW)
    decided = make_row(5, State.DENIED)
    free = make_row(None, State.APPROVED, without_review=True)
    digest = make_digest(TODAY, [waiting, deciding, held, expired], [decided, free], NOW)
    assert set(map(id, digest.waiting)) == {id(waiting), id(deciding)}
    assert (digest.held, digest.decided, digest.without_review) == ((held,), (decided,), (free,))
    assert not digest.is_empty


def test_nothing_to_say() -> None:
    assert make_digest(TODAY, [], [], NOW).is_empty
    assert not make_digest(TODAY, [], [make_row(5, State.DENIED)], NOW).is_empty
    assert not make_digest(TODAY, [make_row(5, State.HELD)], [], NOW).is_empty
