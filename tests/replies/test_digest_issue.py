"""The digest issue."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain.accounts import Account, Repository
from bot.domain.digest import Agreement, Digest, LostName, make_digest
from bot.domain.record import Decision
from bot.domain.token_request import State
from bot.replies.digest_issue import body, title
from tests.domain.making import BOB, NOW, make_row
from tests.replies.harmless import assert_harmless, foreign

TODAY = date(2026, 11, 22)
DECISION = Decision(State.DENIED, NOW, by=BOB)


def shown(digest: Digest) -> str:
    return body(70001, "acme-corp", digest, NOW)


def test_title() -> None:
    assert title(TODAY) == "Token requests waiting for review: 2026-11-22"
    assert title(TODAY, "acme") == "Token requests waiting for review: 2026-11-22 (acme)"


def test_sections_and_entries() -> None:
    digest = make_digest(
        TODAY,
        [make_row(12), make_row(13, selection="all", expires_at=None), make_row(14, State.HELD)],
        [
            make_row(8, State.DENIED, decision=DECISION),
            make_row(None, State.APPROVED, without_review=True, token_name="self-made"),
        ],
        NOW,
    )
    text = shown(digest)
    assert text.startswith("<!-- token-digest 70001/2026-11-22 -->\n**2 token requests wait**")
    order = ["- #13 ", "- #12 ", "### On hold", "- #14 ", "`/approve all`", "### Decided", "- #8 "]
    places = [text.index(words) for words in [*order, "### Not reviewed here", "self-made"]]
    assert places == sorted(places)
    for words in ("waits 3 days", "90 days, expires 2027-02-17", "`contents: write`"):
        assert words in text
    assert "⚠️ **never expires**" in text
    assert "highest `contents: write` · `web-app`, `docs` · 90 days" in text
    assert "highest `contents: write` · ⚠️ **all repositories** · ⚠️ **never" in text
    assert "denied by [bob](https://github.com/bob) on 2026-11-22" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"repositories": (Repository(1, "acme/a`b"),), "repository_count": 1}, " · ``a`b`` · "),
        ({"repository_count": 4}, " · 4 repositories · "),
        ({"repositories": (), "repository_count": None}, " · chosen repositories · "),
        ({"selection": "none", "repositories": ()}, " · no repository · "),
    ],
)
def test_which_repositories(changes: dict[str, Any], words: str) -> None:
    assert words in shown(Digest(TODAY, waiting=(make_row(12, **changes),)))


def test_how_the_policy_does() -> None:
    others = tuple(make_row(n, State.DENIED, decision=DECISION) for n in range(12, 35))
    text = shown(
        Digest(
            TODAY,
            outside=(make_row(8, State.DENIED, decision=DECISION),),
            shadow=Agreement(96, others[:2]),
            lost_names=(
                LostName("team", "a`b", exists=False),
                LostName("user", "pat", exists=True),
            ),
        )
    )
    assert "They would have decided 96 of 98 as people decided; the others: #12, #13." in text
    assert "- The team ``a`b`` leads nowhere. Nobody counts as its member." in text
    assert "- The user `pat` now leads to another id than when it was adopted." in text
    place = text.index("### Decided outside the policy, since the last digest")
    assert text.index("- #8 ") > place
    assert " and 3 more." in shown(Digest(TODAY, shadow=Agreement(0, others)))
    assert "decided 2 of 2 as people decided." in shown(Digest(TODAY, shadow=Agreement(2)))
    assert "shadow" not in shown(Digest(TODAY))


def test_with_nothing_waiting_no_command_is_offered() -> None:
    text = shown(Digest(TODAY, decided=(make_row(8, State.DENIED, decision=DECISION),)))
    assert "Nothing waits for a review" in text
    assert "/approve" not in text


def test_a_huge_digest_fits() -> None:
    rows = [make_row(n, created_at=NOW - timedelta(hours=n)) for n in range(1, 1500)]
    held = [make_row(n, State.HELD) for n in range(1500, 2500)]
    decided = [make_row(n, State.DENIED, decision=DECISION) for n in range(2500, 3500)]
    text = shown(make_digest(TODAY, [*rows, *held], decided, NOW))
    assert 60_000 < len(text.encode()) < 65_536
    assert "more that do not fit here" in text
    assert "### Decided since the last digest" in text
    assert "`/approve all`" in text


def test_many_decided_ones_are_folded() -> None:
    decided = tuple(make_row(n, State.DENIED, decision=DECISION) for n in range(1, 31))
    assert "<summary>30 entries</summary>" in shown(Digest(TODAY, decided=decided))


@settings(max_examples=40, deadline=None)
@given(foreign, foreign, foreign)
def test_foreign_text_does_nothing(name: str, login: str, org: str) -> None:
    someone = Account(1, login)
    row = make_row(12, token_name=name, requester=someone)
    gone = make_row(
        8,
        State.DENIED,
        token_name=name,
        requester=someone,
        decision=Decision(State.DENIED, NOW, by=someone),
    )
    text = body(70001, org, Digest(TODAY, waiting=(row,), held=(row,), decided=(gone,)), NOW)
    assert assert_harmless(text, frozenset({8, 12})).headings == 4
