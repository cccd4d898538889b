"""One request from its asking to its approval, and the calls of GitHub that it takes."""

from typing import Any

from tests.journeys.stage import Cast, until

ISSUES = r"/token-requests/issues$"
COMMENTS = r"/token-requests/issues/\d+/comments$"
REVIEW = r"/personal-access-token-requests/\d+$"


def a_whole_round(cast: Cast) -> None:
    """A request is made, shown, approved and closed."""
    asked, number = cast.asked()
    said = cast.says(cast.olga, number, "/approve")
    cast.answered(said, "+1")
    issue = cast.stage.issue(cast.admin, number=number)
    until(lambda: issue.state == "closed", "a closed issue")
    assert (asked.state, len(bots(issue))) == ("approved", 1)


def bots(issue: Any) -> list[Any]:
    """The bot's own comments."""
    return [one for one in issue.comments if one.via_app]
