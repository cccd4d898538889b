"""Each condition under which an issue or comment that GitHub lists counts as ours, by itself.

GitHub is told most of them as filters; a server may ignore those.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.accounts import Account, AdminRepository
from bot.domain.events import Comment
from bot.domain.record import IssueOwner
from bot.handlers.effects import SKEW, comment_once
from bot.handlers.own_issues import claim_new_issue, find_own_issue
from bot.ports import Issue, Retryable
from bot.storage import Store

SINCE = datetime(2026, 5, 4, 9, tzinfo=UTC)
MARKER, TITLE = "<!-- token-request 42/1 -->", "Token request: ci-release by mia"
REPO = AdminRepository(7, "acme/token-requests", True, False, True, 9)
BOT = Account(1, "countersign[bot]", "Bot")
OURS = Issue(3, TITLE, f"{MARKER}\nA token.", "open", (), BOT, created_at=SINCE)
OWNER, ANOTHER = IssueOwner("request", 42, "1"), IssueOwner("request", 42, "2")
LATER = replace(OURS, number=4, created_at=SINCE + timedelta(minutes=1))


def found(store: Store, *listed: Issue) -> int | None:
    """The number of the issue that is found among those that GitHub lists."""
    github: Any = SimpleNamespace(own_issues=lambda *_: list(listed))
    world: Any = SimpleNamespace(record=store.record, github=github)
    one = find_own_issue(world, REPO, "token-request", MARKER, TITLE, OWNER, SINCE)
    return one.number if one else None


def test_ours_is_found_and_belongs_to_who_found_it(store: Store) -> None:
    assert found(store, OURS) == OURS.number
    assert store.record.issue_owner(REPO.id, OURS.number) == OWNER
    assert found(store, OURS) == OURS.number


@pytest.mark.parametrize(
    "change",
    [
        {"state": "closed"},
        {"title": "Token request: reader by mia"},
        {"body": f"Only reads.\n{MARKER}"},
        {"body": "<!-- token-request 42/11 -->"},
        {"created_at": SINCE - timedelta(seconds=1)},
        {"created_at": None},
    ],
    ids=["closed", "another title", "marker below", "another marker", "older", "no time"],
)
def test_one_thing_is_otherwise_and_it_is_not_ours(store: Store, change: dict[str, Any]) -> None:
    assert found(store, replace(OURS, **change)) is None
    assert store.record.issue_owner(REPO.id, OURS.number) is None


def test_what_belongs_to_another_is_not_ours(store: Store) -> None:
    assert store.record.claim_issue(REPO.id, OURS.number, ANOTHER)
    assert found(store, OURS) is None
    assert found(store, OURS, LATER) == LATER.number


def test_of_two_that_might_be_ours_neither_is(store: Store) -> None:
    assert found(store, OURS, LATER) is None


def test_what_another_finds_at_the_same_moment_is_the_others(store: Store) -> None:
    def taken(repo_id: int, number: int) -> IssueOwner | None:
        before = store.record.issue_owner(repo_id, number)
        store.record.claim_issue(repo_id, number, ANOTHER)
        return before

    record = SimpleNamespace(issue_owner=taken, claim_issue=store.record.claim_issue)
    github: Any = SimpleNamespace(own_issues=lambda *_: [OURS])
    world: Any = SimpleNamespace(record=record, github=github)
    assert find_own_issue(world, REPO, "", MARKER, TITLE, OWNER, SINCE) is None


def test_a_new_issue_that_another_took_is_not_gone_on_with(store: Store) -> None:
    store.record.claim_issue(REPO.id, OURS.number, ANOTHER)
    world: Any = SimpleNamespace(record=store.record)
    with pytest.raises(Retryable, match="was taken for another"):
        claim_new_issue(world, REPO, OURS, OWNER)


NEW, SAID = 99, "<!-- countersign reply:5 -->"


def commented(store: Store, **change: Any) -> int:
    """The comment's id after a try whose answer was lost: the one that GitHub lists, or NEW."""
    tried = store.record.intend(f"issue:{REPO.id}/3", SAID)
    assert tried is None
    tried = store.record.intended(f"issue:{REPO.id}/3", SAID)
    assert tried is not None
    store.record.ended(f"issue:{REPO.id}/3", SAID)
    ours = Comment(5, f"{SAID}\nDone.", BOT, "", created_at=tried)
    later = change.pop("later", timedelta())
    listed = [replace(ours, created_at=tried + later, **change)]
    github = SimpleNamespace(own_comments=lambda *_: listed, create_comment=lambda *_, **__: NEW)
    world: Any = SimpleNamespace(record=store.record, github=github)
    return comment_once(world, REPO, 3, SAID, "Done.")


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"body": f"{SAID}\nDone, with another code."}, True),
        ({"edited": True}, True),
        ({"body": f"{SAID}\nApproved, I promise.", "edited": True}, False),
        ({"body": f"See:\n{SAID}\nDone."}, False),
        ({"later": -SKEW}, True),
        ({"later": -SKEW - timedelta(seconds=1)}, False),
    ],
    ids=["ours", "a code", "restored", "edited", "quoted", "clocks differ", "before the intent"],
)
def test_a_comment_of_an_earlier_try(store: Store, change: dict[str, Any], counts: bool) -> None:
    assert (commented(store, **change) == NEW) is not counts
