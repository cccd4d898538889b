"""Renewals as a table: what was approved before, and whether the request renews it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.record import Decision, RequestRecord
from bot.domain.renewal import find_renewed, is_ending, limit_of
from bot.domain.token_request import State
from tests.domain.making import ALICE, BOB, NOW, make_row, make_token_request

OLGA = Account(501, "olga")
READS = {"repository": {"contents": "read", "metadata": "read"}}
ONE = (Repository(1, "acme-corp/web-app", private=True),)
DAYS = timedelta(days=1)
MONTH = 30 * DAYS
OF_ROW = ("state", "revoke_at", "approval", "without_review")

ASKED = make_token_request(
    id=900000, result=READS, repositories=ONE, created_at=NOW, expires_at=NOW + MONTH
)


def approved(ago: int = 25, lasts: int = 30, by: Any = OLGA, **changes: Any) -> RequestRecord:
    """Asked for and approved `ago` days before now, for a token that lives `lasts` days."""
    at = NOW - ago * DAYS
    of_row = {n: changes.pop(n) for n in OF_ROW if n in changes}
    given = {n: changes.pop(n) for n in ("rules", "presumed") if n in changes}
    request = {
        "result": READS,
        "repositories": ONE,
        "created_at": at,
        "expires_at": at + lasts * DAYS,
        **changes,
    }
    decision = Decision(State.APPROVED, at, by=by, comment_id=None if given else 1, **given)
    row = make_row(ago, State.APPROVED, **request)
    return replace(row, **{"decision": decision, **of_row})


def over(row: RequestRecord, **how: Any) -> RequestRecord:
    """Its access ended: by the time limit, unless told otherwise."""
    assert row.decision is not None
    limit = how.pop("limit", None)
    approval = replace(row.decision, lifetime=limit)
    end = row.decision.at + limit if limit else row.request.expires_at
    decision = Decision(how.pop("state", State.REVOKED), how.pop("at", end), **how)
    return replace(row, state=decision.outcome, decision=decision, approval=approval)


def denied(ago: int, **changes: Any) -> RequestRecord:
    row = approved(ago, **changes)
    return replace(
        row, state=State.DENIED, decision=Decision(State.DENIED, NOW - ago * DAYS, by=OLGA)
    )


def cancelled(ago: int, **how: Any) -> RequestRecord:
    decision = Decision(State.CANCELLED, NOW - ago * DAYS, **how)
    return replace(approved(ago), state=State.CANCELLED, decision=decision)


def of_token(token_id: int | None, row: RequestRecord) -> RequestRecord:
    return replace(row, request=replace(row.request, token_id=token_id))


def wider(ago: int, **how: Any) -> RequestRecord:
    """More for the token 7, approved `ago` days before now, and over since."""
    more = {"repository": {**READS["repository"], "issues": "read"}}
    return of_token(7, over(approved(ago, 90, result=more), **how))


LIMITED = {"limit": 30 * DAYS}
RULED = {"by": None, "rules": ("renewals",)}

UNDER_WAY = approved(-1, state=State.DECIDING)

LATER = approved(-1, 90).request


def approved_before_it_was_asked() -> RequestRecord:
    """As by a clock that was wrong."""
    return replace(approved(25, revoke_at=NOW + 5 * DAYS), request=LATER)


TABLE: list[tuple[str, list[RequestRecord], bool]] = [
    ("nothing before", [], False),
    ("nobody reviewed it", [approved(without_review=True)], False),
    ("the requester approved it on GitHub's page", [approved(by=ALICE)], False),
    ("a later request for the same was denied", [approved(), denied(-1)], False),
    ("a later request for the same was approved", [approved(), approved(-1)], False),
    ("another one is being approved now", [approved(), UNDER_WAY], False),
    ("it ends in five days", [approved()], True),
    ("it ends in fourteen days", [approved(16)], True),
    ("it ends in fifteen days", [approved(15)], False),
    ("it ended thirty days ago", [over(approved(60), state=State.EXPIRED)], True),
    ("it ended more than thirty days ago", [over(approved(61), state=State.EXPIRED)], False),
    ("it never ends", [approved(expires_at=None)], False),
    ("its time limit was over", [over(approved(40, 90), limit=30 * DAYS)], True),
    (
        "its time limit was shorter than what is asked",
        [over(approved(5, 90), limit=3 * DAYS)],
        False,
    ),
    (
        "somebody revoked it",
        [over(approved(40, 90), limit=30 * DAYS, by=OLGA, comment_id=2)],
        False,
    ),
    (
        "somebody revoked it at the hour of its end",
        [over(approved(40, 90), limit=30 * DAYS, by=OLGA)],
        False,
    ),
    (
        "a command of nobody known revoked it at the hour of its end",
        [over(approved(40, 90), limit=30 * DAYS, comment_id=2)],
        False,
    ),
    (
        "its time limit was over, and GitHub showed no access then",
        [over(approved(40, 90), early=True, **LIMITED)],
        False,
    ),
    (
        "it was missing before its end, which came before that was sure",
        [over(approved(40), state=State.REVOKED, early=True, presumed=True)],
        False,
    ),
    (
        "it expired, and nobody looked shortly before that",
        [over(approved(40), state=State.EXPIRED, early=True, presumed=True)],
        False,
    ),
    (
        "somebody revoked it, and GitHub told no id of its token",
        [of_token(None, over(approved(40, 90), limit=30 * DAYS, by=OLGA))],
        False,
    ),
    ("it was revoked on GitHub before its end", [over(approved(), at=NOW - DAYS)], False),
    (
        "somebody revoked another request of its token",
        [of_token(7, approved()), wider(20, at=NOW - DAYS, by=OLGA, comment_id=2)],
        False,
    ),
    (
        "another request of its token was found to be revoked",
        [of_token(7, approved()), wider(20, at=NOW - DAYS, presumed=True)],
        False,
    ),
    (
        "the time of another request of its token was over before its own",
        [of_token(7, approved()), wider(20, limit=3 * DAYS)],
        False,
    ),
    (
        "the time of another request of its token was over at its own end",
        [of_token(7, over(approved(40, 90), **LIMITED)), wider(38, limit=28 * DAYS)],
        True,
    ),
    (
        "a request of another token was revoked",
        [of_token(8, approved()), wider(20, at=NOW - DAYS, by=OLGA, comment_id=2)],
        True,
    ),
    (
        "its token was revoked before it was approved anew",
        [wider(60, at=NOW - 26 * DAYS, by=OLGA, comment_id=2), of_token(7, approved())],
        True,
    ),
    (
        "what it renewed itself was revoked with another request of its token",
        [
            of_token(7, approved(50)),
            wider(45, at=NOW - 40 * DAYS, by=OLGA, comment_id=2),
            of_token(8, approved(25, **RULED)),
        ],
        False,
    ),
    ("it was asked by somebody else", [approved(requester=BOB)], False),
    ("the requester has another login now", [approved(requester=replace(ALICE, login="al"))], True),
    ("it had less permissions", [approved(result={"repository": {"metadata": "read"}})], False),
    (
        "it had a lower level",
        [approved(result={"repository": {"contents": "?", "metadata": "read"}})],
        False,
    ),
    (
        "it had a higher level",
        [approved(result={"repository": {"contents": "write", "metadata": "read"}})],
        True,
    ),
    (
        "it had another repository",
        [approved(repositories=(Repository(2, "acme-corp/web-app"),))],
        False,
    ),
    ("it had more repositories", [approved(repositories=(*ONE, Repository(2, "x/y")))], True),
    ("it had all repositories", [approved(selection="all", repositories=())], True),
    ("it had no repository", [approved(selection="none", repositories=())], False),
    ("its repositories are not known", [approved(repositories_known=False)], False),
    ("it lived an hour less", [approved(expires_at=NOW + 5 * DAYS - timedelta(hours=1))], True),
    ("it lived two hours less", [approved(expires_at=NOW + 5 * DAYS - timedelta(hours=2))], False),
    ("the same was denied since", [approved(), denied(3)], False),
    ("the same was taken back since", [approved(), cancelled(3)], True),
    ("nobody told what became of the same", [approved(), cancelled(3, presumed=True)], False),
    (
        "something else was denied since",
        [approved(), denied(3, result={"repository": {"issues": "read"}})],
        True,
    ),
    ("the same was denied before", [approved(), denied(30)], True),
    ("it was renewed already", [approved(28), approved(20, 60, **RULED)], False),
    ("a rule approved it", [approved(**RULED)], False),
    ("a rule approved it with a person's word", [approved(rules=("renewals",))], False),
    (
        "a rule approved more than the person had",
        [approved(50, result={"repository": {"metadata": "read"}}), approved(25, **RULED)],
        False,
    ),
    ("a rule approved it too early to renew", [approved(100, 130), approved(25, **RULED)], False),
    ("nobody knows who renewed it", [approved(50), approved(25, by=None)], False),
    ("a rule renewed what a person approved", [approved(50), approved(25, **RULED)], True),
    ("the person approved it 367 days ago", [approved(367, 370)], False),
    ("a long chain from 367 days ago", [over(approved(367, 340)), approved(28, **RULED)], False),
    ("nobody knows who approved it", [approved(by=None)], False),
    ("a bot approved it", [approved(by=Account(77, "other[bot]", "Bot"))], False),
    ("it was denied", [denied(25)], False),
    ("it was asked later", [approved(-1)], False),
    ("it was asked later, and approved sooner", [approved_before_it_was_asked()], False),
]


@pytest.mark.parametrize(
    ("others", "renews"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_is_a_renewal(others: list[RequestRecord], renews: bool) -> None:
    assert (find_renewed(ASKED, others, NOW) is not None) is renews


def test_the_order_of_the_record_does_not_matter() -> None:
    others = [approved(50), approved(25, **RULED)]
    assert find_renewed(ASKED, others, NOW)
    assert find_renewed(ASKED, others[::-1], NOW)


@pytest.mark.parametrize(
    ("had", "asked", "renews"),
    [
        ("read", "read", True),
        ("write", "read", True),
        ("read", "write", False),
        ("read", "admin", False),
        ("?", "read", False),
        ("admin", "?", False),
        ("?", "?", True),
        ("?", "!", False),
        (None, "read", False),
    ],
)
def test_a_renewal_asks_for_no_higher_level(had: str | None, asked: str, renews: bool) -> None:
    """A level of which nobody knows what it means is no more than itself."""
    before = {"repository": {"contents": had, "metadata": "read"} if had else {"metadata": "read"}}
    wanted = replace(ASKED, result={"repository": {"contents": asked, "metadata": "read"}})
    assert (find_renewed(wanted, [approved(result=before)], NOW) is not None) is renews


@pytest.mark.parametrize("selection", ["subset", "all", "?"])
def test_what_had_all_repositories_renews_no_unknown_selection(selection: Any) -> None:
    asked = replace(ASKED, selection=selection)
    found = find_renewed(asked, [approved(selection="all", repositories=())], NOW)
    assert (found is not None) is (selection != "?")


@pytest.mark.parametrize(
    ("changes", "renews"),
    [
        ({"selection": "all", "repositories": ()}, False),
        ({"selection": "none", "repositories": ()}, True),
        ({"selection": "?", "repositories": ()}, False),
        ({"repositories": (), "repositories_known": False}, False),
    ],
)
def test_what_asks_for_other_repositories(changes: dict[str, Any], renews: bool) -> None:
    found = find_renewed(replace(ASKED, **changes), [approved()], NOW)
    assert (found is not None) is renews


@pytest.mark.parametrize(("ago", "renews"), [(25, True), (26, False)])
def test_what_was_approved_before_a_loss_is_not_renewed(ago: int, renews: bool) -> None:
    """A denial since then may be lost."""
    known_since = NOW - 25 * DAYS
    assert (find_renewed(ASKED, [approved(ago)], NOW, known_since) is not None) is renews
    assert find_renewed(ASKED, [approved(ago)], NOW)


def test_many_approvals_by_rules_are_judged_in_a_moment() -> None:
    """Each of these could renew each earlier one: there are more chains than anybody could walk."""
    others = [approved(ago, 10, **RULED) for ago in range(40, 0, -1)]
    asked = replace(ASKED, expires_at=NOW + 10 * DAYS)
    assert not find_renewed(asked, others, NOW)
    assert find_renewed(asked, [approved(41, 10), *others], NOW)


@pytest.mark.parametrize(
    ("row", "ending"),
    [
        (approved(25, 30), False),
        (approved(25, 30, revoke_at=NOW + DAYS), False),
        (approved(25, 30, revoke_at=NOW), True),
        (replace(approved(25, 25), missing_since=NOW), True),
        (over(approved(25, 30), limit=3 * DAYS), False),
        (replace(over(approved(25, 30), limit=3 * DAYS), missing_since=NOW), False),
    ],
)
def test_whose_end_is_being_found_out(row: RequestRecord, ending: bool) -> None:
    assert is_ending(row, NOW) is ending


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        (approved(), None),
        (approved(revoke_at=NOW - 22 * DAYS), 3 * DAYS),  # an earlier end that holds counts
        (over(approved(25, 90), limit=20 * DAYS), 20 * DAYS),
        (None, None),
    ],
)
def test_for_how_long_it_is_renewed(row: RequestRecord | None, limit: timedelta | None) -> None:
    assert limit_of(row) == limit
