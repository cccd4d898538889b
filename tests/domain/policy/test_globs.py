"""Names with `*`: the same as a regular expression says, and never slow."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy.globs import compile_glob, compile_repository_glob
from bot.domain.policy.loading import load


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


def test_globs_are_looked_up_only_while_that_takes_a_moment() -> None:
    """1,900 globs of a file against 10,000 repositories would take eleven seconds."""
    named = ", ".join(f"svc-{number}" for number in range(100))
    rule = f"  - {{name: a rule, when: {{repositories: {{any: [{named}]}}}}, deny: no}}\n"
    policy = load(f"version: 1\nmode: enforce\nrules:\n{rule}".encode())
    asked = {f"acme/api-{number}" for number in range(2001)}
    assert len(policy.all_doubts({"acme/svc-7"})) == 50, "no more are told"
    assert policy.all_doubts(asked) == policy.doubts == ()
