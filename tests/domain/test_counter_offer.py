"""Offers: never more than was asked, and which later request is what was offered."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.commands.counter import Counter, read_counter
from bot.domain.counter_offer import OfferCause, OfferRefusal, is_covered_by, make_offer
from bot.domain.offer import Offer
from bot.domain.permissions.prefill import PREFILLED
from bot.domain.token_request import TokenRequest
from bot.replies.counter_reason import reason_text
from tests.domain.making import NOW, make_token_request

PREFILL = (
    Path(__file__).resolve().parents[2] / "../shared/github/permissions/prefill-parameters.json"
)
MONTH = timedelta(days=30)
ASKED = make_token_request(
    created_at=NOW,
    expires_at=NOW + MONTH,
    result={
        "repository": {"contents": "write", "metadata": "read", "quantum": "write"},
        "organization": {"members": "read"},
    },
)
"""For web-app and docs, for a month."""


def written(rest: str) -> Counter:
    counter = read_counter(rest)
    assert isinstance(counter, Counter)
    return counter


def offered(rest: str, request: TokenRequest = ASKED) -> Offer:
    offer = make_offer(written(rest), request, NOW)
    assert isinstance(offer, Offer)
    return offer


@pytest.mark.parametrize(
    ("rest", "changes", "cause", "word"),
    [
        ("issues", {}, OfferCause.MORE_PERMISSION, "issues:read"),
        ("members:write", {}, OfferCause.MORE_PERMISSION, "members:write"),
        ("contents:admin", {}, OfferCause.MORE_PERMISSION, "contents:admin"),
        ("contents repositories:api", {}, OfferCause.MORE_REPOSITORIES, "api"),
        ("contents repositories:docs", {"selection": "none"}, OfferCause.MORE_REPOSITORIES, "docs"),
        ("contents for 32d", {}, OfferCause.MORE_TIME, ""),
    ],
)
def test_an_offer_of_more_is_refused(
    rest: str, changes: dict[str, object], cause: OfferCause, word: str
) -> None:
    refusal = make_offer(written(rest), replace(ASKED, **changes), NOW)  # type: ignore[arg-type] # as the case says
    assert refusal == OfferRefusal(cause, word)


def test_an_unknown_permission_is_refused() -> None:
    refusal = make_offer(Counter((("quantum", "read"),)), ASKED, NOW)
    assert refusal == OfferRefusal(OfferCause.UNKNOWN_PERMISSION, "quantum")


def test_what_is_left_out_is_the_requests() -> None:
    offer = offered("contents")
    assert (offer.repositories, offer.lifetime) == (("web-app", "docs"), MONTH)
    endless = replace(ASKED, expires_at=None, selection="all", repositories=())
    offer = offered("contents", endless)
    assert (offer.selection, offer.repositories, offer.lifetime) == ("all", (), None)
    assert offered("contents repositories:any for 7d", endless).repositories == ("any",)


READS = {"repository": {"contents": "read", "metadata": "read"}}
DOCS = (Repository(2, "acme-corp/Docs", private=False),)
LATER = NOW + timedelta(days=3)
ANSWER = make_token_request(
    id=8,
    result=READS,
    created_at=LATER,
    expires_at=LATER + timedelta(days=7),
    repositories=DOCS,
    repository_count=1,
)


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"result": {"repository": {"metadata": "read"}}}, True),
        ({"expires_at": LATER + timedelta(days=1)}, True),
        ({"selection": "none", "repositories": ()}, True),
        ({"result": {"repository": {"contents": "write"}}}, False),
        ({"result": {"repository": {"contents": "own"}}}, False),
        ({"result": {"repository": {"issues": "read"}}}, False),
        ({"result": {"repository": {"quantum": "read"}}}, False),
        ({"result": {"other": {"contents": "read"}}}, False),
        ({"selection": "all", "repositories": ()}, False),
        ({"repositories": (Repository(1, "acme-corp/web-app"), *DOCS)}, False),
        ({"repository_count": 2}, False),
        ({"repositories": (), "repository_count": 0}, False),
        ({"expires_at": LATER + timedelta(days=8)}, False),
        ({"expires_at": None}, False),
        ({"requester": Account(5, "alice-dev")}, False),
        ({"created_at": NOW + timedelta(days=31), "expires_at": NOW + timedelta(days=32)}, False),
        ({"created_at": NOW - timedelta(days=1), "expires_at": NOW}, False),
    ],
)
def test_whether_a_later_request_is_what_was_offered(
    changes: dict[str, object], covered: bool
) -> None:
    offer = offered("contents repositories:docs for 7d")
    assert is_covered_by(offer, replace(ANSWER, **changes)) is covered  # type: ignore[arg-type] # as the case says


def test_the_reason_begins_with_the_authors_text_and_fits() -> None:
    offer = offered("contents repositories:docs for 36h")
    text = reason_text(offer, "Reading is enough.", ASKED, "acme-corp")
    assert text == (
        "Reading is enough.\n"
        "This would be fine: contents: read; repositories docs; for at most 36 hours.\n"
        "Ask for it here, and choose the repositories there: "
        "https://github.com/settings/personal-access-tokens/new?name=deploy%20bot"
        "&description=nightly%20release&target_name=acme-corp&expires_in=1&contents=read"
    )


def test_a_name_that_looks_like_a_token_is_masked_in_the_link() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    text = reason_text(offered("contents"), "", replace(ASKED, token_name=secret), "acme")
    assert "name=" in str(text)
    assert secret not in str(text)


@pytest.mark.parametrize(
    ("rest", "has", "has_not"),
    [
        ("contents for 5h", "contents=read", "expires_in"),
        ("contents metadata", "expires_in=30", "metadata=read"),
    ],
)
def test_the_link_says_what_the_page_takes(rest: str, has: str, has_not: str) -> None:
    text = reason_text(offered(rest), "", ASKED, "acme")
    assert isinstance(text, str)
    assert has in text
    assert has_not not in text


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (
            "all",
            "contents: read; all repositories; for at most 30 days.\n"
            "Ask for it here, and choose all repositories there, or fewer: https://",
        ),
        (
            "none",
            "contents: read; no repositories; for at most 30 days.\nAsk for it here: https://",
        ),
    ],
)
def test_without_names_the_requests_own_repositories_are_offered(
    selection: str, words: str
) -> None:
    asked = replace(ASKED, selection=selection, repositories=())
    text = reason_text(offered("contents", asked), "", asked, "acme")
    assert str(text).startswith(f"This would be fine: {words}")


def test_the_link_describes_the_token_where_there_is_room() -> None:
    offer, asked = offered("contents"), replace(ASKED, reason="x" * 50 + "\n@all " + "y" * 50)
    text = str(reason_text(offer, "", asked, "acme"))
    assert f"&description={'x' * 50}%20%40all%20{'y' * 23}%E2%80%A6&target_name=" in text
    rest = len(str(reason_text(offer, "", replace(ASKED, reason=None), "acme")))
    tight = str(reason_text(offer, "z" * (1024 - rest - 1), asked, "acme"))
    assert len(tight) == 1024
    assert "description" not in tight


@pytest.mark.parametrize("how", [{"link": False}, {"web_url": "https://github.example.org"}])
def test_without_the_link(how: dict[str, Any]) -> None:
    text = reason_text(offered("contents"), "", ASKED, "acme", **how)
    assert text == (
        "This would be fine: contents: read; repositories web-app, docs; for at most 30 days."
    )


def test_what_does_not_fit_is_refused_and_says_what_to_shorten() -> None:
    offer, asked = offered("contents"), replace(ASKED, reason=None)
    rest = reason_text(offer, "", asked, "acme")
    assert isinstance(rest, str)
    fits = "x" * (1024 - len(rest) - 1)
    assert len(str(reason_text(offer, fits, asked, "acme"))) == 1024
    refusal = OfferRefusal(OfferCause.TOO_LONG, "text", 1)
    for reason in (None, "why"):
        assert reason_text(offer, fits + "x", replace(asked, reason=reason), "acme") == refusal
    many = replace(offer, repositories=tuple(f"repository-{n}" for n in range(100)))
    refused = reason_text(many, "no", asked, "acme")
    assert isinstance(refused, OfferRefusal)
    assert refused.word == "repositories"


@pytest.mark.skipif(not PREFILL.exists(), reason="GitHub's parameters are not at hand")
def test_the_page_takes_these_parameters() -> None:
    theirs = json.loads(PREFILL.read_text())
    assert theirs["repository"].keys() | theirs["organization"].keys() == PREFILLED
