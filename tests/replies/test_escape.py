"""Foreign text made harmless, piece by piece."""

import pytest
from hypothesis import given, settings

from bot.replies.escape import (
    MASK,
    cell,
    clean,
    code,
    cut,
    has_token,
    masked,
    person,
    quote,
    repository_code,
    title_text,
)
from tests.replies.harmless import assert_harmless, foreign
from tests.replies.rendering import render


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("deploy bot", "deploy bot"),
        ("  deploy bot ", "deploy bot"),
        ("a\nb\tc\x00d", "abcd"),
        ("a\u202eb\u2066c\u200bd\ufeffe\u00adf\u061cg", "abcdefg"),
        ("a\u2028b\u2029c\x85d", "abcd"),
        ("\u3164\u2800\u115f", ""),
        ("e\u0301\u00e9 \u6f22\u5b57 \U0001f600", "e\u0301\u00e9 \u6f22\u5b57 \U0001f600"),
        ("a\ufe0fb\U000e0041c\ud800d", "abcd"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "a" * 36,
        "github_pat_11ABCDEFG0abcdefghij_" + "A1b2" * 10,
        "ghs_123456_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2ln-bmF0_dXJl",
        "gho_abcd",
        "ghu_abcd1234",
        "ghr_abcd1234",
        "tokenghp_" + "a" * 36,
        "my ghp_abcd1234 key",
    ],
)
def test_tokens_are_masked(text: str) -> None:
    assert has_token(text)
    assert MASK in masked(text)
    assert "abcd" not in masked(text)
    assert "aaaa" not in code(text) + quote(text) + title_text(text)
    assert "c2ln" not in code(text)


def test_a_repository_is_named_also_if_its_name_begins_as_tokens_do() -> None:
    assert repository_code("acme/ghs_tools") == "`acme/ghs_tools`"


def test_a_token_hidden_by_invisible_letters_is_masked() -> None:
    split = "gh\u200bp_abcd\u202e12\U000e010034e\u180bfgh"
    assert has_token(split)
    assert code(split) == f"`{MASK}`"
    assert title_text(split) == MASK


@pytest.mark.parametrize("text", ["weighs_anchor", "ghp", "ghp_ migration", "github_pat", "", None])
def test_ordinary_words_are_not_masked(text: str | None) -> None:
    assert not has_token(text)
    assert masked(text or "") == (text or "")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("", "(empty)"),
        ("\u200b", "(empty)"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("``", "``` `` ```"),
        ("a``b`c", "```a``b`c```"),
        ("a\nb", "`ab`"),
        ("&#64;", "`&#64;`"),
    ],
)
def test_code(text: str, span: str) -> None:
    assert code(text) == span


@settings(deadline=None)
@given(foreign)
def test_a_code_span_shows_its_text_and_nothing_else(text: str) -> None:
    seen = assert_harmless(f"before {code(text)} after")
    assert "".join(seen.words) in ("before  after", "before (empty) after")
    assert seen.codes == ([] if not clean(text) else [cut(masked(clean(text)), 200)])


@settings(deadline=None)
@given(foreign)
def test_a_cell_stays_one_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(text)} | {cell(text)} |"
    seen = assert_harmless(table)
    assert seen.rows == 2
    assert len(seen.codes) == (2 if clean(text) else 0)


@settings(deadline=None)
@given(foreign)
def test_a_quote_stays_a_quote(text: str) -> None:
    quoted = quote(text)
    assert all(line.startswith("> ") for line in quoted.split("\n") if quoted)
    assert_harmless(f"{quoted}\n\nafter")


def test_a_quote_keeps_lines_and_is_cut() -> None:
    assert quote("a\r\n\r\nb\rc") == "> `a`\\\n> `b`\\\n> `c`"
    assert quote(" \n\u200b\n") == ""
    assert quote("\n".join("x" * 40)).count("\n") == 20
    assert quote("\n".join("x" * 40)).endswith("> … (shortened)")
    assert len(quote("x" * 100_000)) < 2_200
    assert quote("x" * 100_000).endswith("…`\\\n> … (shortened)")


@pytest.mark.parametrize("login", ["octocat", "Octo-Cat", "octo_acme", "a" * 39])
def test_people_are_links_without_mention(login: str) -> None:
    assert person(login, "https://github.com") == f"[{login}](https://github.com/{login})"


def test_a_login_is_no_reference() -> None:
    assert person("GH-12", "https://x.example") == "[GH\u200b-12](https://x.example/GH-12)"


@pytest.mark.parametrize("login", ["dependabot[bot]", "a b", "x](y)", "@bob", "-x", "a/b", "a\n"])
def test_bots_and_odd_logins_are_code(login: str) -> None:
    seen = render(person(login, "https://github.com"))
    assert (seen.links, seen.codes) == ([], [login.strip()])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("deploy bot (prod) v2.0, 50 %", "deploy bot (prod) v2.0, 50 %"),
        ("C# tool @ home", "C# tool @ home"),
        ("@bob", "@\u200bbob"),
        ("a@b.c", "a@\u200bb.c"),
        ("fixes #12", "fixes #\u200b12"),
        ("acme/web#1", "acme/web#\u200b1"),
        ("GH-3 gh-4 laugh-5", "GH\u200b-3 gh\u200b-4 laugh-5"),
        ("`code`", "'code'"),
        ("a\n\u202eb", "ab"),
    ],
)
def test_titles(text: str, shown: str) -> None:
    assert title_text(text) == shown
