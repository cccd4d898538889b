"""One issue belongs to one request or one digest, for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.record import DigestRecord, HistoryEntry, IssueOwner, IssueRef
from bot.domain.token_request import State
from bot.ports import IssueTaken
from bot.storage import Store, schema
from bot.storage.database import Database
from bot.storage.tables import DIGESTS, ISSUES, TOKEN_REQUESTS
from tests.storage.making import T0, make_row

REPO = 77
ISSUE = IssueRef(REPO, "acme/token-requests", 3)
FIRST = IssueOwner("request", 42, "1")
SECOND = IssueOwner("request", 42, "2")
DIGEST = IssueOwner("digest", 42, "2026-05-04")


def make_digest(**changes: Any) -> DigestRecord:
    return DigestRecord(42, date(2026, 5, 4), T0, **changes)


def test_the_first_who_claims_an_issue_has_it_for_good(store: Store) -> None:
    record = store.record
    assert record.issue_owner(REPO, 3) is None
    assert record.claim_issue(REPO, 3, FIRST)
    assert record.claim_issue(REPO, 3, FIRST)
    for other in (SECOND, DIGEST, IssueOwner("request", 43, "1"), IssueOwner("digest", 42, "1")):
        assert not record.claim_issue(REPO, 3, other)
    assert record.issue_owner(REPO, 3) == FIRST
    assert record.claim_issue(REPO, 4, SECOND)
    assert record.claim_issue(REPO + 1, 3, SECOND)


def test_a_request_that_is_saved_with_its_issue_has_claimed_it(store: Store) -> None:
    row = make_row(1, issue=ISSUE)
    store.record.save(row)
    store.record.save(row)
    assert store.record.issue_owner(REPO, 3) == FIRST == row.issue_owner
    row.issue = None
    store.record.save(row)
    assert store.record.issue_owner(REPO, 3) == FIRST


def test_a_request_is_not_saved_with_the_issue_of_another(store: Store) -> None:
    store.record.save(make_row(1, issue=ISSUE))
    row = make_row(2)
    store.record.save(row)
    row.issue = ISSUE
    with pytest.raises(IssueTaken, match="issue 3 of acme/token-requests"):
        store.record.save(row, HistoryEntry(T0, "issue opened", "", ""))
    assert row.version == 1
    assert store.record.request(42, 2).issue is None
    assert store.record.history(42, 2) == []
    assert store.record.request_of_issue(REPO, 3).request.id == 1


def test_a_digest_and_a_request_never_share_an_issue(store: Store) -> None:
    store.record.save_digest(make_digest(issue=ISSUE))
    with pytest.raises(IssueTaken):
        store.record.save(make_row(1, issue=ISSUE))
    assert store.record.request(42, 1) is None
    other = IssueRef(REPO, ISSUE.repo, 4)
    store.record.save(make_row(1, issue=other))
    with pytest.raises(IssueTaken):
        store.record.save_digest(make_digest(issue=other))
    assert store.record.digest(42, date(2026, 5, 4)).issue == ISSUE


def test_of_several_processes_that_claim_at_once_one_has_it(open_store) -> None:
    stores = [open_store() for _ in range(4)]
    owners = [IssueOwner("request", 42, str(number)) for number in range(4)]

    def claim(store: Store, owner: IssueOwner) -> bool:
        return store.record.claim_issue(REPO, 3, owner)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(claim, stores, owners))
    assert sorted(answers) == [False, False, False, True]
    assert stores[0].record.issue_owner(REPO, 3) == owners[answers.index(True)]


def test_an_older_record_gives_each_issue_to_the_first_that_has_it(
    database_url: str, open_store
) -> None:
    """Before schema 4 nothing kept two rows from one issue."""
    store = open_store()
    shared = {"issue_repo_id": REPO, "issue_number": 3}
    for row in (
        make_row(1, issue=ISSUE),
        make_row(2, issue=IssueRef(REPO, ISSUE.repo, 4), shown_fingerprint="f", generation=1),
        make_row(
            3, issue=IssueRef(REPO, ISSUE.repo, 5), state=State.DENIED, announced=State.DENIED
        ),
    ):
        store.record.save(row)
    store.record.save_digest(make_digest(issue=IssueRef(REPO, ISSUE.repo, 6)))
    database = Database(database_url)
    with database.alone() as connection:
        ISSUES.drop(connection)
        connection.execute(update(schema.VERSION).values(version_num="0003_since_0001"))
        here = TOKEN_REQUESTS.c.request_id == 2
        connection.execute(update(TOKEN_REQUESTS).where(here).values(shared))
        connection.execute(update(DIGESTS).values(shared))
        schema.upgrade(connection, "0004_since_0001")
        connection.execute(update(schema.VERSION).values(version_num=schema.HEAD))
    database.close()

    record = open_store().record
    assert record.issue_owner(REPO, 3) == FIRST
    assert record.request(42, 1).issue == ISSUE
    loser = record.request(42, 2)
    assert (loser.issue, loser.shown_fingerprint, loser.generation) == (None, None, 2)
    assert [row.request.id for row in record.waiting_for_issue(42)] == [2]
    record.save(loser)
    assert record.issue_owner(REPO, 5) == IssueOwner("request", 42, "3")
    assert record.digest(42, date(2026, 5, 4)).issue is None
    assert record.open_digests(42) == []
