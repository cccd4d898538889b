"""Names with `*`: the same as a regular expression says, and never slow."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy.globs import compile_glob, compile_repository_glob


@given(st.text("ab*", max_size=12), st.text("ab", max_size=12))
def test_a_star_stands_for_any_characters(pattern: str, name: str) -> None:
    expected = re.fullmatch(pattern.replace("*", ".*"), name) is not None
    assert compile_glob(pattern)(name) is expected


def test_no_pattern_tries_every_way() -> None:
    """A matcher that goes back and tries again would not come to an end here."""
    assert not compile_glob("a*" * 49 + "b")("a" * 100)
    assert not compile_glob("*a" * 49 + "*b*")("a" * 100)


def test_a_slash_in_the_pattern_compares_the_owner_too() -> None:
    for pattern, matches in {"api": True, "API": True, "*": True, "acme*": False}.items():
        assert compile_repository_glob(pattern)("acme/api") is matches
    for pattern, matches in {"acme/*": True, "*/Api": True, "other/*": False, "/": False}.items():
        assert compile_repository_glob(pattern)("acme/api") is matches
