"""One request from its asking to its end: approved, denied, held, timed, taken back."""

from tests.journeys.stage import Cast, Stage, until


def test_an_owner_approves(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()

    issue = scene.issue(acme.admin, label="pending")
    assert issue.title == f"Token request: ci-release by {acme.mia.login}"
    assert issue.body.startswith(f"<!-- token-request {acme.org.id}/{asked.id} -->\n")
    for shown in ("release the API from CI", acme.mia.login, "acme/api", "contents", "write"):
        assert shown in issue.body

    said = acme.says(acme.olga, issue.number, "/approve until the move is done")

    issue = scene.issue(acme.admin, state="closed")
    assert (issue.state_reason, "approved" in issue.labels) == ("completed", True)
    assert "pending" not in issue.labels
    until(lambda: [one.content for one in said.reactions] == ["+1"], "the thumb")
    (grant,) = scene.gh.grants(acme.org)
    assert grant.token.id == asked.token.id
    assert asked.review_reason == "until the move is done"
    assert acme.olga.login in issue.comments[-1].body
    assert "until the move is done" in issue.comments[-1].body


def test_an_owner_denies(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    number = scene.issue(acme.admin, label="pending").number

    acme.says(acme.olga, number, "/deny please ask for `read` & <less>")

    issue = scene.issue(acme.admin, state="closed")
    assert (issue.state_reason, "denied" in issue.labels) == ("not_planned", True)
    assert (asked.state, asked.review_reason) == ("denied", "please ask for `read` & <less>")
    assert scene.gh.grants(acme.org) == []
