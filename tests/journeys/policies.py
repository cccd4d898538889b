"""Policies in force, for the stories about them."""

from typing import Any

from tests.journeys.stage import Cast

FILE = ".github/token-policy.yml"


def puts_in_force(cast: Cast, text: str, who: Any = None) -> None:
    """Somebody pushes the policy, and an owner adopts it, with `/confirm` where that is asked."""
    gh = cast.stage.gh
    gh.commit(cast.mia, cast.admin, {FILE: text.encode()}, "Change the policy")
    issue = cast.stage.issue(cast.admin, label="token-policy", state="open")
    asked = cast.obeyed(who or cast.olga, issue.number, "/adopt")
    if "/confirm" in asked:
        code = asked.split("/confirm ")[1].split("`")[0].split()[0]
        cast.obeyed(who or cast.olga, issue.number, f"/confirm {code}")
    assert "adopted" in issue.labels
