"""The review issue's title and body."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.accounts import Account, Repository
from bot.domain.record import ONE_OWNER, AskedApprovals, AskedReview, Decision
from bot.domain.token_request import State
from bot.replies.labels import LABELS, request_labels
from bot.replies.review_issue import body, title
from tests.domain.making import BOB, NOW, make_row, make_token_request
from tests.replies.harmless import assert_harmless, foreign
from tests.replies.rendering import render


def shown(**changes: object) -> str:
    return body(make_row(**changes), "acme-corp", NOW)


def test_an_ordinary_request() -> None:
    text = shown()
    assert text.startswith("<!-- token-request 70001/700012 -->\n")
    seen = render(text).visible
    for words in ("alice-dev", "member", "deploy bot", "nightly release", "90 days", "2027-02-17"):
        assert words in seen
    for words in ("acme-corp/web-app (private)", "acme-corp/docs", "/approve", "/deny"):
        assert words in text.replace("`", "")
    assert "| `contents` | none | **added** | `write` |" in text
    assert "| `metadata` | `read` | unchanged | `read` |" in text
    assert "**High danger**: In `acme-corp/web-app` and `acme-corp/docs`, for 90 days, the" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires_at": None}, "⚠️ **never expires**"),
        ({"selection": "all", "repositories": ()}, "⚠️ **all repositories**"),
        ({"selection": "none", "repositories": ()}, "none, only the organization itself"),
        ({"reason": None}, "**Reason:** none given"),
        ({"reason": " \n "}, "**Reason:** none given"),
        ({"reason": None, "reason_known": False}, "**Reason:** not read from GitHub yet"),
        ({"requester_role": "no longer a member"}, "⚠️ **no longer a member**"),
        ({"requester_role": "owner"}, "owner of [acme-corp]"),
        ({"token_name": "\u200b"}, "(unnamed)"),
        ({"token_name": "x ghp_abcd1234"}, "looks like a GitHub token"),
        ({"reason": "ghp_abcd1234"}, "looks like a GitHub token"),
        ({"expires_at": NOW}, "has expired already"),
        ({"token_expired": True}, "has expired already"),
        ({"last_used_at": NOW}, "last used 2026-11-22"),
        ({"result": {}, "added": {}}, "It asks for no permission."),
        (
            {"result": {"other": {"quantum": "write"}}, "added": None},
            "Look it up before you approve",
        ),
        ({"repositories": (), "repository_count": 7}, "7 chosen ones"),
    ],
)
def test_what_must_be_said(changes: dict[str, object], words: str) -> None:
    assert words in shown(**changes)


def test_a_token_that_has_access_asks_for_more() -> None:
    assert "asks for more access for its token: `deploy bot`" in shown()
    new = {"repository": {"contents": "write", "metadata": "read"}}
    assert "asks for a token: `deploy bot`" in shown(added=new)
    grant = {"repository": {"metadata": "read"}}
    text = body(make_row(added=None, upgraded=None), "acme-corp", NOW, granted=grant)
    assert "asks for more access" in text


def test_a_name_in_two_groups_is_told_apart() -> None:
    groups = {"organization": {"secrets": "read"}, "repository": {"secrets": "write"}}
    text = shown(result=groups, added={"organization": {"secrets": "read"}})
    assert "| `secrets` (`organization`) | none | **added** | `read` |" in text
    assert "| `secrets` (`repository`) | `write` | unchanged | `write` |" in text


APPROVED = Decision(State.APPROVED, NOW, by=BOB, reason="as agreed.", comment_id=7)


def decided(state: State = State.APPROVED, **changes: object) -> str:
    made = make_row(8, state, **{"decision": replace(APPROVED, outcome=state), **changes})
    return body(made, "acme-corp", NOW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (decided(), "**Approved** by [bob](https://github.com/bob) on 2026-11-22 09:30 UTC."),
        (decided(), "Reason: `as agreed.`"),
        (decided(), "comment `/revoke`"),
        (decided(revoke_at=NOW + timedelta(days=3)), "revoked on 2026-11-25 09:30 UTC"),
        (decided(State.DENIED), "**Denied** by [bob]"),
        (decided(State.CANCELLED, decision=None), "**Cancelled**."),
        (decided(State.EXPIRED), "**Expired**"),
        (decided(State.REVOKED), "**Revoked** by [bob]"),
    ],
)
def test_a_decided_issue_shows_the_outcome(text: str, words: str) -> None:
    assert words in text[text.index("### Outcome") :]
    assert "How to decide" not in text
    assert "/approve" not in text
    assert_harmless(text)


def test_a_decided_issue_says_the_same_at_all_times() -> None:
    row = make_row(8, State.APPROVED, decision=APPROVED)
    later = NOW + timedelta(days=900)
    texts = [body(row, "acme-corp", now) for now in (NOW, later)]
    assert texts[0] == texts[1]


def test_what_waits_has_no_outcome() -> None:
    for state in (State.PENDING, State.HELD, State.DECIDING):
        assert "How to decide" in decided(state)


def test_nothing_is_warned_of_without_need() -> None:
    assert "⚠️" not in shown()


def test_the_grant_tells_what_changes_when_the_webhook_did_not() -> None:
    row = make_row(added=None, upgraded=None)
    text = body(row, "acme-corp", NOW, granted={"repository": {"contents": "read"}})
    assert "| `contents` | `read` | **upgraded** | `write` |" in text


def test_other_web_addresses() -> None:
    text = body(make_row(), "acme-corp", NOW, web_url="https://ghe.example")
    assert "https://github.com" not in text
    assert "[alice-dev](https://ghe.example/alice-dev)" in text


def repositories(count: int, name: str = "acme-corp/r") -> tuple[Repository, ...]:
    return tuple(Repository(n, f"{name}{n}", private=n % 2 == 0) for n in range(count))


def test_a_long_list_is_folded_and_complete() -> None:
    text = shown(repositories=repositories(300), repository_count=300)
    assert "300, listed below, 150 of them private" in text
    assert "<summary>All 300 repositories</summary>" in text
    assert all(f"`acme-corp/r{n}`" in text for n in range(300))
    assert "more: see" not in text


def test_a_list_that_does_not_fit_is_cut_with_count_and_link() -> None:
    names = repositories(5000, "acme-corp/a-rather-long-name-")
    text = shown(repositories=names, repository_count=5000)
    cut = re.search(r"… and (\d+) more: see \[[^]]+\]\((\S+)\)", text)
    assert cut
    assert cut[2].endswith("/organizations/acme-corp/settings/personal-access-token-requests")
    assert text.count("`acme-corp/a-rather") + int(cut[1]) == 5000
    assert 60_000 < len(text.encode()) < 65_536
    assert "### How to decide" in text


def test_a_list_that_github_did_not_tell_in_full_says_so() -> None:
    assert "… and 5 more" in shown(repositories=repositories(2), repository_count=7)


def test_many_permissions_are_folded() -> None:
    names = {f"thing_{n}": "write" for n in range(40)}
    text = shown(result={"other": names}, added={"other": names})
    assert "<summary>35 more things that the holder could do</summary>" in text
    assert render(text).rows == 41


@settings(max_examples=60, deadline=None)
@given(
    name=foreign,
    reason=foreign,
    login=foreign,
    org=foreign,
    repository=foreign,
    permission=foreign,
    level=foreign,
    role=st.sampled_from(["member", "owner", "invited", ""]),
    plain=st.booleans(),
)
def test_foreign_text_does_nothing(
    name: str,
    reason: str,
    login: str,
    org: str,
    repository: str,
    permission: str,
    level: str,
    role: str,
    plain: bool,
) -> None:
    ordinary = {"contents": "write", "metadata": "read"}
    row = make_row(
        requester=Account(1, login),
        token_name=name,
        reason=reason,
        requester_role=role,
        result={"repository": ordinary if plain else {**ordinary, permission: level}},
        added=None,
        repositories=tuple(Repository(n, repository) for n in range(3 if plain else 30)),
        repository_count=30,
    )
    text = body(row, org, NOW)
    seen = assert_harmless(text)
    assert text.startswith("<!-- token-request 70001/700012 -->\n")
    assert seen.headings == 2
    assert seen.rows == 1 + len(row.request.result["repository"])


def test_titles() -> None:
    request = make_token_request()
    assert title(request) == "Token request: deploy bot by alice-dev"
    assert title(request, "acme-corp") == "Token request: deploy bot by alice-dev (acme-corp)"
    assert title(make_token_request(token_name=" \n")) == "Token request: (unnamed) by alice-dev"


def test_long_names_are_cut_logins_never() -> None:
    request = make_token_request(token_name="n" * 500, requester=Account(1, "a" * 39))
    text = title(request, "o" * 39)
    assert len(text) == 256
    assert text.endswith("n… by " + "a" * 39 + " (" + "o" * 39 + ")")
    assert len(title(make_token_request(token_name="n" * 228))) < 256 + 1
    exact = make_token_request(token_name="n" * (256 - len("Token request:  by alice-dev")))
    assert "…" not in title(exact)


@settings(deadline=None)
@given(foreign, foreign)
def test_titles_are_harmless(name: str, login: str) -> None:
    text = title(make_token_request(token_name=name, requester=Account(1, login)))
    assert not re.search(r"@\w|#\d|\bGH-\d|[`\n\r\u202e\ufeff]", text)
    assert len(text) <= 256 or len(login) > 200


def test_labels_fit_github() -> None:
    names = [name for name, _, _ in LABELS]
    assert len(names) == len(set(names)) == 18
    for _, colour, description in LABELS:
        assert re.fullmatch("[0-9a-f]{6}", colour)
        assert 0 < len(description) <= 100
    for state in State:
        assert set(request_labels(make_row(1, state))) <= set(names)
    deciding = make_row(1, State.DECIDING)
    assert request_labels(deciding) == ["token-request", "pending", "danger: high"]


def test_lifetimes_are_told_in_days_and_hours() -> None:
    assert "5 hours, expires" in shown(created_at=NOW, expires_at=NOW + timedelta(hours=5))


def test_a_token_of_thirty_days_is_told_as_such_though_it_was_made_a_second_before() -> None:
    expires_at = NOW + timedelta(days=30, seconds=-1)
    assert "30 days, expires" in shown(created_at=NOW, expires_at=expires_at)


@pytest.mark.parametrize("piece", ["@bob ", "|a|\n", "&#64;b ", "fixes #4\n", "</details>", "`"])
def test_a_hundred_kilobytes_fit_and_do_nothing(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    row = make_row(token_name=text, reason=text, requester=Account(1, text[:100]))
    assert_harmless(body(row, "acme", NOW))


BY_TWO = AskedReview(2, owners=True, teams=("sec`ops",), users=("@pat",))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ONE_OWNER, "Only owners can decide, and never on their own request. Comment one"),
        (None, "The policy says who may decide: `/explain` tells. Nobody decides on their own"),
        (
            AskedApprovals((BY_TWO,), timedelta(days=20)),
            "The policy asks for **2 approvals** by owners, the team ``sec`ops`` or `@pat`. An "
            "approval lasts at most 20 days. Owners, the team ``sec`ops`` and `@pat` can deny it "
            "or put it on hold. Nobody decides on their own request. Comment one",
        ),
        (
            AskedApprovals(
                (AskedReview(1, owners=True, teams=("a",)), AskedReview(2, owners=True))
            ),
            "The policy asks for **2 approvals** by owners. Owners and the team `a` can deny it",
        ),
        (
            AskedApprovals((AskedReview(2, owners=True),)),
            "The policy asks for **2 approvals** by owners. Owners can deny it or put it on hold.",
        ),
        (
            AskedApprovals((AskedReview(1, owners=True), BY_TWO)),
            "\n\n- **2 approvals** by owners, the team ``sec`ops`` or `@pat`\n- **1 approval** by "
            "owners\n\nOwners, the team ``sec`ops`` and `@pat` can deny it",
        ),
    ],
)
def test_under_a_policy_it_says_who_may_approve(asked: AskedApprovals, words: str) -> None:
    text = body(make_row(asked=asked), "acme-corp", NOW, by_policy=True)
    assert words in text
    assert "Owners can also decide on [GitHub's own page](" in text
    assert_harmless(text, frozenset())
    without = body(make_row(asked=asked), "acme-corp", NOW)
    assert "Only owners can decide, and never on their own request." in without


@pytest.mark.parametrize(
    ("limit", "example"),
    [
        (None, "`/approve for 30d`, and I revoke the access after 30 days"),
        (timedelta(days=90), "`/approve for 30d`, and"),
        (timedelta(days=30), "`/approve for 7d`, and"),
        (timedelta(days=7), "`/approve for 1d`, and I revoke the access after 1 day\n"),
        (timedelta(hours=1), "`/approve for 1h`, and I revoke the access after 1 hour\n"),
    ],
)
def test_the_example_of_a_time_limit_is_one_that_the_policy_allows(
    limit: timedelta | None, example: str
) -> None:
    row = make_row(asked=AskedApprovals((AskedReview(1, owners=True),), limit))
    assert example in body(row, "acme-corp", NOW, by_policy=True)
    assert "- `/approve for 30d`, and" in body(row, "acme-corp", NOW)


def test_it_names_the_way_to_offer_less() -> None:
    assert "\n- `/counter` with fewer permissions, which denies it" in shown()
