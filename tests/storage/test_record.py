"""The record comes back as it was saved, and two writers cannot overwrite each other."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.accounts import Account, AdminRepository, Repository
from bot.domain.record import (
    Decision,
    DigestRecord,
    HistoryEntry,
    InstallationState,
    IssueRef,
    OrganizationRecord,
    Preview,
)
from bot.domain.token_request import State
from bot.handlers.effects import trying
from bot.ports import Conflict, Retryable
from bot.storage import Store
from bot.storage.tables import TOKEN_REQUESTS
from tests.storage.making import T0, make_row

ISSUE = IssueRef(77, "acme/token-requests", 3)


def decided(at=T0, state=State.APPROVED, comment_id=None) -> Decision:
    return Decision(state, at, Account(6, "owner"), "fine", comment_id, "/approve fine")


def test_everything_about_a_request_comes_back(store: Store) -> None:
    row = make_row(
        request={
            "added": {"repository": {"contents": "write"}},
            "repositories": (Repository(1, "acme/a", True), Repository(2, "acme/b")),
            "expires_at": T0 + timedelta(days=9),
            "reason": "because 🦆",
            "reason_known": True,
        },
        state=State.APPROVED,
        issue=ISSUE,
        announced=State.PENDING,
        decision=replace(decided(comment_id=12), lifetime=timedelta(days=3, seconds=1)),
        held_by=Account(6, "owner"),
        missing_since=T0,
        revoke_at=T0 + timedelta(days=3),
    )
    store.record.save(row)
    assert row.version == 1
    loaded = store.record.request(42, 1)
    assert loaded == row
    assert loaded.request.fingerprint == row.request.fingerprint
    assert store.record.request_of_issue(77, 3) == row
    assert store.record.request(42, 2) is None
    assert store.record.request_of_issue(77, 4) is None


def test_an_outdated_copy_is_refused_and_changes_nothing(store: Store) -> None:
    store.record.save(make_row())
    mine, theirs = store.record.request(42, 1), store.record.request(42, 1)
    theirs.state = State.HELD
    store.record.save(theirs)
    mine.state = State.APPROVED
    with pytest.raises(Conflict):
        store.record.save(mine, HistoryEntry(T0, "decided", "owner", "no"))
    assert mine.version == 1
    assert store.record.request(42, 1).state is State.HELD
    assert store.record.history(42, 1) == []


def test_a_second_insert_is_a_conflict(store: Store) -> None:
    store.record.save(make_row())
    with pytest.raises(Conflict):
        store.record.save(make_row())


def test_history_is_kept_in_order(store: Store) -> None:
    entries = [HistoryEntry(T0, "created", "mona", "first"), HistoryEntry(T0, "held", "o", "then")]
    row = make_row()
    store.record.save(row, *entries)
    store.record.save(row, HistoryEntry(T0, "odd", "bad\x00", "half \ud800 of a character"))
    assert store.record.history(42, 1)[:2] == entries
    assert store.record.history(42, 1)[2].actor == "bad"
    assert store.record.history(42, 2) == []


def test_lists_hold_what_they_say_in_their_order(store: Store) -> None:
    hour = timedelta(hours=1)

    def issue(number: int) -> IssueRef:
        return replace(ISSUE, number=number)

    rows = [
        make_row(1, request={"created_at": T0 + hour}),
        make_row(2, state=State.HELD, issue=issue(2)),
        make_row(3, state=State.DECIDING, decision=decided(comment_id=9), issue=issue(3)),
        make_row(4, state=State.DENIED, decision=decided(T0 + hour), issue=issue(4),
                 announced=State.PENDING),
        make_row(5, state=State.APPROVED, decision=decided(T0, comment_id=9), issue=issue(5),
                 announced=State.APPROVED, revoke_at=T0 + hour),
        make_row(6, state=State.APPROVED, decision=decided(T0), revoke_at=T0,
                 request={"token_id": 905, "created_at": T0 + hour}),
        make_row(7, state=State.REVOKED, revoke_at=T0, issue=issue(7), announced=State.REVOKED),
        make_row(8, request={"org_id": 43}),
    ]  # fmt: skip
    for row in rows:
        store.record.save(row)
    record = store.record

    def ids(found: list) -> list[int]:
        return [row.request.id for row in found]

    assert ids(record.open_requests(42)) == [2, 3, 1]
    assert ids(record.waiting_for_issue(42)) == [4, 1]
    assert ids(record.requests_of_token(42, 905)) == [6, 5]
    assert ids(record.decided_since(42, T0 - hour)) == [3, 5, 6, 4]
    assert ids(record.decided_since(42, T0)) == [4]
    assert ids(record.requests_decided_by(42, 9)) == [3, 5]
    assert ids(record.armed_timers(42)) == [6, 5]
    assert ids(record.requests(43)) == [8]
    assert ids(record.requests(state=State.HELD)) == [2]
    assert len(record.requests(limit=3)) == 3


def test_organizations_come_back_and_are_replaced(store: Store) -> None:
    repo = AdminRepository(77, "acme/token-requests", True, False, True, 7)
    acme = OrganizationRecord(42, "acme", 7, permissions={"issues": "write"}, admin_repo=repo)
    store.record.save_organization(acme)
    store.record.save_organization(OrganizationRecord(41, "old", 6, InstallationState.DELETED))
    assert store.record.organization(42) == acme
    acme.login = "acme-inc"
    store.record.save_organization(acme)
    assert [org.login for org in store.record.organizations()] == ["old", "acme-inc"]
    assert store.record.organization(1) is None


def test_digests_are_found_by_date_issue_and_age(store: Store) -> None:
    days = [date(2026, 5, day) for day in (9, 10, 11)]
    for number, day in enumerate(days):
        issue = IssueRef(77, "acme/token-requests", 20 + number)
        store.record.save_digest(DigestRecord(42, day, T0, issue, (1, 2)))
    last = store.record.digest(42, days[2])
    assert last is not None
    assert last.listed == (1, 2)
    last.closed = True
    store.record.save_digest(last)
    assert store.record.digest_of_issue(77, 22) == last
    assert [one.date for one in store.record.latest_digests(42)] == [days[2], days[1]]
    assert [one.date for one in store.record.open_digests(42)] == days[:2]
    assert store.record.digest(42, date(2026, 5, 12)) is None
    assert store.record.digest_of_issue(78, 22) is None


def test_a_preview_holds_for_a_day_and_once(store: Store, clock) -> None:
    preview = Preview("abcd", 42, ISSUE, 6, "/approve all", {1: "f1", 2: "f2"}, clock.now())
    store.record.save_preview(preview)
    assert store.record.preview("abcd") == preview
    assert store.record.preview("other") is None
    store.record.use_preview("abcd")
    assert store.record.preview("abcd") is None
    store.record.save_preview(preview)
    clock.turn(hours=24)
    assert store.record.preview("abcd") is None


def test_an_effect_remembers_its_first_try_and_its_outcome(store: Store, clock) -> None:
    record = store.record
    assert record.intended("request:42/1", "issue") is None
    assert record.intend("request:42/1", "issue") is None
    first = record.intended("request:42/1", "issue")
    clock.turn(minutes=1)
    assert record.intend("request:42/1", "issue") == first
    assert record.remote_id("request:42/1", "issue") is None
    record.done("request:42/1", "issue", 3)
    assert record.remote_id("request:42/1", "issue") == 3
    assert record.remote_id("request:42/2", "issue") is None
    record.done("request:42/2", "never intended", 4)
    assert record.remote_id("request:42/2", "never intended") == 4
    assert record.steps("request:42/1") == {"issue"}
    record.intend("request:42/1", "issue again")
    assert record.steps("request:42/1") == {"issue", "issue again"}
    record.forget("request:42/1", "issue again")
    assert record.steps("request:42/1") == {"issue"}


def test_one_reply_per_person_place_and_cause_an_hour(store: Store) -> None:
    may = store.record.may_reply
    assert may(5, "issue:77/3", "not an owner", 100, T0)
    assert may(5, "issue:77/3", "not an owner", 100, T0), "a retry of the same answer"
    assert not may(5, "issue:77/3", "not an owner", 101, T0 + timedelta(minutes=59))
    assert may(5, "issue:77/3", "mistyped", 101, T0)
    assert may(6, "issue:77/3", "not an owner", 101, T0)
    assert may(5, "issue:77/4", "not an owner", 101, T0)
    assert may(5, "issue:77/3", "not an owner", 101, T0 + timedelta(hours=1))


def test_nobody_gets_more_than_twenty_replies_an_hour(store: Store) -> None:
    may = store.record.may_reply
    assert all(may(5, f"issue:77/{number}", "/help", number, T0) for number in range(20))
    later = T0 + timedelta(minutes=59)
    assert not may(5, "issue:77/20", "/help", 20, later)
    assert may(5, "issue:77/19", "/help", 19, later), "a retry of the same answer"
    assert may(6, "issue:77/20", "/help", 20, later)
    assert may(5, "issue:77/20", "/help", 20, T0 + timedelta(hours=1))


def test_redeliveries_are_counted_by_guid(store: Store) -> None:
    assert store.record.redeliveries("g1") == 0
    store.record.note_redelivery("g1")
    store.record.note_redelivery("g1")
    store.record.note_redelivery("g2")
    assert [store.record.redeliveries(guid) for guid in ("g1", "g2", "g3")] == [2, 1, 0]


def test_a_digest_hears_of_the_newest_thousand_decisions(store: Store) -> None:
    store.record.save(make_row(1, state=State.APPROVED, decision=decided()))
    with store._database.write() as connection:
        columns = [column.name for column in TOKEN_REQUESTS.c]
        changed = {"request_id": "i + 1", "decided_at": "decided_at + i"}
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
            f" INSERT INTO token_requests ({', '.join(columns)})"
            f" SELECT {', '.join(changed.get(name, name) for name in columns)}"
            " FROM token_requests, n"
        )
    assert len(store.record.decided_since(42, T0 - timedelta(days=1))) == 1000
    assert len(store.record.decided_since(42, T0 + timedelta(seconds=1100))) == 100


def test_of_two_who_saw_the_same_try_one_begins_another(store: Store) -> None:
    """Two lanes may tell the same issue: what both looked for in vain is made by one of them."""
    record = store.record
    assert record.intend("issue:1/2", "told") is None
    seen = record.last_try("issue:1/2", "told")
    assert seen.unended is not None

    record.ended("issue:1/2", "told")
    assert not record.begin("issue:1/2", "told", seen), "its end is news: look again first"
    over = record.last_try("issue:1/2", "told")
    assert over.unended is None
    assert record.begin("issue:1/2", "told", over)
    assert not record.begin("issue:1/2", "told", over)

    record.ended("issue:1/2", "told")
    assert not record.begin("issue:1/2", "told", over), "another try came and went meanwhile"


class OthersCome:
    """The record of a process; another one begins a try whenever this one has looked for one."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)

    def last_try(self, scope: str, step: str) -> Any:
        seen = self._record.last_try(scope, step)
        assert self._record.begin(scope, step, seen)
        return seen


def test_who_is_second_at_an_earlier_try_makes_no_call(store: Store) -> None:
    record = store.record
    record.intend("request:1/1", "review")
    record.ended("request:1/1", "review")
    world: Any = SimpleNamespace(record=OthersCome(record))
    with pytest.raises(Retryable), trying(world, "request:1/1", "review"):
        pytest.fail("two calls at once")


def test_a_try_that_was_never_sent_leaves_no_intent(store: Store) -> None:
    record = store.record
    record.intend("issue:1/2", "told")
    record.forget("issue:1/2", "told")
    assert record.intended("issue:1/2", "told") is None
    record.done("issue:1/2", "told", 7)
    record.forget("issue:1/2", "told")
    assert record.remote_id("issue:1/2", "told") == 7


def test_a_try_that_a_clock_ahead_of_time_noted_is_over(store: Store, clock) -> None:
    clock.turn(days=2)
    assert store.record.intend("request:1/1", "issue") is None
    clock.turn(days=-2)
    assert store.record.last_try("request:1/1", "issue").unended is None
    first = store.record.intend("request:1/1", "issue")
    assert first is not None
    assert first < clock.now() - timedelta(hours=23)
