"""Paths: any name goes in, and none leads to another address."""

import pytest

from bot.github.paths import segment, split
from bot.ports import NotFound, Permanent


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("acme", "acme"),
        ("alice_corp", "alice_corp"),
        ("-Jerry-", "-Jerry-"),
        ("foo-", "foo-"),
        ("a.b", "a.b"),
        ("...", "..."),
        ("countersign[bot]", "countersign%5Bbot%5D"),
        ("a/b", "a%2Fb"),
        ("acme/../evil", "acme%2F..%2Fevil"),
        ("a b?c#d%2Fe", "a%20b%3Fc%23d%252Fe"),
        ("a\n", "a%0A"),
        ("ä", "%C3%A4"),
        ("x" * 300, "x" * 300),
    ],
)
def test_a_name_is_one_segment(name: str, encoded: str):
    assert segment(name) == encoded


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_no_path_can_carry_is_nobody(name: str):
    with pytest.raises(NotFound):
        segment(name)


@pytest.mark.parametrize("name", ["acme", "a/b/c", "a/..", "a/.", "/b", "a/", "../b"])
def test_what_is_no_repository(name: str):
    with pytest.raises(Permanent):
        split(name)


def test_dots_in_a_repositorys_name_are_fine():
    assert split("acme/.github") == ("acme", ".github")
    assert split("acme/a.b_c-d") == ("acme", "a.b_c-d")
