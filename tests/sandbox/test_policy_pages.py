"""The demo's pages about policies and teams: who pushes, what is pushed, who is in a team."""

from __future__ import annotations

import pytest

from bot.sandbox.pages.policies import FILE
from tests.sandbox.browser import words
from tests.sandbox.play import Play

POLICY = "/demo/organizations/acme/policy"
TEAMS = "/demo/organizations/acme/teams"


def example(play: Play) -> str:
    return play.me.form(f"{POLICY}?example=calm", POLICY)["text"][0]


def files(play: Play) -> dict[str, bytes]:
    return play.cast.repositories["acme/token-requests"].files


def test_an_owner_pushes_an_example_and_the_app_hears_it(play: Play) -> None:
    play.me.become("olga")
    play.me.post(POLICY, act="push", text=example(play).replace("\n", "\r\n"))
    assert files(play) == {FILE: b"version: 1\nmode: enforce\nrules: []\n"}
    play.gh.settle()
    last = play.gh.deliveries[-1]
    assert (last.event, last.json["sender"]["login"]) == ("push", "olga")
    assert "like this already" in play.me.post(POLICY, act="push", text=example(play))


def test_a_policy_is_pushed_in_shadow_by_a_button(play: Play) -> None:
    play.me.become("otto").post(POLICY, act="shadow", text=example(play))
    assert files(play)[FILE].startswith(b"version: 1\nmode: shadow\n")


def test_the_file_is_shown_again_and_removed(play: Play) -> None:
    play.me.become("olga").post(POLICY, act="push", text="version: 1 # <b>")
    assert "version: 1 # &lt;b&gt;" in play.me.get(POLICY)
    assert "Removed" in play.me.post(POLICY, act="remove", text="")
    assert files(play) == {}
    assert "no policy file" in play.me.post(POLICY, act="remove", text="")
    assert "choose an example" in play.me.post(POLICY, act="push", text=" \n")


@pytest.mark.parametrize("login", ["mia", "gina", "sam"])
def test_who_may_not_push_pushes_nothing(play: Play, login: str) -> None:
    said = play.me.become(login).post(POLICY, act="push", text="version: 1")
    assert f"{login} may not push to acme/token-requests." in words(said)
    assert files(play) == {}


def test_policy_issues_are_listed_with_the_file_and_offer_their_commands(play: Play) -> None:
    issue = play.issue("x", "Token policy: 0123456789ab", "token-policy", "pending")
    assert "Token policy: 0123456789ab" in play.me.get(POLICY)
    assert 'data-fill="/adopt"' in play.me.get(play.page(issue))
    play.gh.close_issue(play.gh.app.bot, issue.repository, issue.number)
    assert 'data-fill="/adopt"' not in play.me.get(play.page(issue))


def test_an_owner_says_who_is_in_a_team(play: Play) -> None:
    team = play.cast.acme.teams["security"]
    play.me.become("olga").post(f"{TEAMS}/security", member=["mia", "gina"])
    assert [*team.members] == [play.cast.people["mia"].id]
    play.me.become("mia").post(f"{TEAMS}/security", member=["max"])
    assert [*team.members] == [play.cast.people["mia"].id]
    play.me.become("olga").post(f"{TEAMS}/nobody", 404, member=["max"])
