"""What GitHub shows of a request when a story ends."""

from typing import Any

from tests.journeys.stage import Cast


def assert_undecided(cast: Cast, request: Any, number: int) -> None:
    """Nothing happened to the request and its issue, here or on GitHub."""
    issue = cast.stage.gh.issue(cast.admin, number)
    assert request.state == "pending"
    assert (issue.state, "pending" in issue.labels) == ("open", True)
    assert not [call for call in reviews(cast) if str(request.id) in call.path]


def reviews(cast: Cast) -> list[Any]:
    """The calls that decided something in this organization."""
    mine = f"/orgs/{cast.org.login}/personal-access-token"
    every = [call for call in cast.stage.gh.calls if call.method == "POST"]
    return [call for call in every if call.path.startswith(mine)]


def bots_words(issue: Any) -> list[str]:
    return [one.body for one in issue.comments if one.user.login == "countersign[bot]"]
