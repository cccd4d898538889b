"""Paths: nothing that somebody named can lead to another address."""

import pytest

from bot.github.paths import fill, split
from bot.ports import Permanent


@pytest.mark.parametrize("login", ["acme", "Acme-1", "alice_corp", "countersign[bot]"])
def test_logins_fit(login: str):
    assert fill("/users/{username}", {"username": login}).startswith("/users/")


@pytest.mark.parametrize(
    "login", ["", ".", "..", "a/b", "acme/../evil", "a?b", "a#b", "a%2Fb", "a b", "a\n", "ä", 7]
)
def test_what_is_no_login_does_not(login: object):
    with pytest.raises(Permanent, match="org"):
        fill("/orgs/{org}", {"org": login})


@pytest.mark.parametrize("value", [True, 0, -1, "7", "7/../8", None])
def test_ids_are_integers(value: object):
    with pytest.raises(Permanent, match="pat_id"):
        fill("/x/{pat_id}", {"pat_id": value})


@pytest.mark.parametrize("name", ["acme", "a/b/c", "a/..", "a/.", "/b", "a/", "a/b?c", "../b"])
def test_what_is_no_repository(name: str):
    with pytest.raises(Permanent):
        fill("/repos/{owner}/{repo}", split(name))


def test_dots_in_a_repositorys_name_are_fine():
    assert fill("/repos/{owner}/{repo}", split("acme/.github")) == "/repos/acme/.github"
    assert fill("/repos/{owner}/{repo}", split("acme/a.b_c-d")) == "/repos/acme/a.b_c-d"
