"""The digest's sections on active tokens."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings

from bot.domain.accounts import Account
from bot.domain.digest import Digest
from bot.domain.tokens import Basis, CheckedGrant, make_report
from bot.replies.digest_issue import body
from bot.replies.token_commands import token_preview
from tests.domain.making import NOW
from tests.domain.tokens.making import DAY, make_approved, make_known_grant
from tests.replies.harmless import assert_harmless, foreign
from tests.replies.rendering import render

TODAY = date(2026, 11, 22)
OURS = Basis(make_approved(), ours=True)


def shown(
    *grants: CheckedGrant, org: str = "acme-corp", web_url: str = "https://github.com"
) -> str:
    return body(70001, org, Digest(TODAY, tokens=make_report(grants, NOW)), NOW, web_url=web_url)


def test_each_kind_has_its_section_with_what_to_know() -> None:
    text = shown(
        CheckedGrant(make_known_grant(expires_at=NOW + 3 * DAY), OURS),
        CheckedGrant(make_known_grant(id=32, granted_at=NOW - 40 * DAY, last_used_at=None), OURS),
        CheckedGrant(make_known_grant(id=33, owner_left=True), OURS),
        CheckedGrant(make_known_grant(id=34)),
        CheckedGrant(make_known_grant(id=35, selection="all"), OURS),
        CheckedGrant(make_known_grant(id=36, ended_at=NOW), OURS),
    )
    for words in (
        "### Tokens that expire within 14 days: 1",
        "expires 2026-11-25; its owner must renew it ([a new one like it](https://github.com/sett",
        "expires_in=6",
        "### Unused tokens: 1",
        "granted 2026-10-13, never used",
        "### Tokens whose owner left the organization: 1",
        "### Not reviewed here: 1",
        "### Tokens that can do more than was approved: 1",
        "`all repositories, approved for chosen repositories`; #12 approved by [bob]",
        "### Access that ended elsewhere since the last digest: 1",
        "[alice-dev](https://github.com/alice-dev): `deploy bot` (`token:4455667`)",
    ):
        assert words in text, words
    for words in (
        "`/keep token:ID for 90d reason`: digests do not",
        "GitHub's page of [all active",
        "for all. The first acts at once. Before the second I show all of them and ask you to",
    ):
        assert text.count(words) == 1
    for kind in ("unused", "ownerless", "unreviewed"):
        assert text.count(f"`/revoke token:ID reason` for some of them, or `/revoke {kind} ") == 1


def test_a_name_that_looks_like_a_token_is_masked_in_the_link_too() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    grant = make_known_grant(expires_at=NOW + 3 * DAY, token_name=secret)
    assert secret not in shown(CheckedGrant(grant, OURS))


def test_a_preview_tells_when_each_was_used() -> None:
    used = make_known_grant(granted_at=NOW - 200 * DAY, last_used_at=NOW - 100 * DAY)
    text = token_preview("unused", [used], 0, 0, "a1b2c3d4")
    assert "revoke all access of 1 token that is unused:" in text
    assert "(`token:4455667`), granted 2026-05-06, last used 2026-08-14\n" in text


def test_nothing_notable_is_nothing_to_tell() -> None:
    report = make_report([CheckedGrant(make_known_grant(), OURS)], NOW)
    assert report.is_empty
    assert Digest(TODAY, tokens=report).is_empty


def test_the_first_twenty_and_how_many_more() -> None:
    text = shown(*(CheckedGrant(make_known_grant(id=n)) for n in range(1, 26)))
    assert "### Not reviewed here: 25" in text
    assert text.count("`token:") == 20
    assert "- … and 5 more: `tokens --kind unreviewed`" in text


def test_an_enterprise_server_has_no_page_with_fields_filled_in() -> None:
    soon = CheckedGrant(make_known_grant(expires_at=NOW + DAY), OURS)
    assert "personal-access-tokens/new" not in shown(soon, web_url="https://github.example")
    cloud = "https://acme.ghe.com"
    assert f"({cloud}/settings/personal-access-tokens/new?" in shown(soon, web_url=cloud)


@settings(max_examples=40, deadline=None)
@given(foreign, foreign, foreign)
def test_foreign_text_does_nothing(name: str, login: str, word: str) -> None:
    known = make_known_grant(
        token_name=name,
        owner=Account(1, login),
        selection=word,
        result={word: {word: word}},
        owner_left=True,
    )
    ended = replace(known, ended_at=NOW)
    text = shown(CheckedGrant(known), CheckedGrant(known, OURS), CheckedGrant(ended), org=word)
    assert_harmless(text, frozenset({12}))


@settings(max_examples=40, deadline=None)
@given(foreign, foreign)
def test_the_link_to_a_new_token_stays_a_link(name: str, word: str) -> None:
    soon = make_known_grant(expires_at=NOW + DAY, token_name=name, result={word: {word: word}})
    text = shown(CheckedGrant(soon, OURS), org=word)
    links = [one for one in render(text).links if "/new?" in one]
    assert len(links) == 1
    assert links[0].startswith("https://github.com/settings/personal-access-tokens/new?name=")
