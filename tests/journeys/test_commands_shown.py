"""What the review issue shows, however odd or long what people chose is."""

import re
from pathlib import Path

from tests.journeys.stage import Cast, Stage, stage

EVIL = (
    "x`` @olga #1 GH-1 <img src=x> [a](https://evil.example) \u202eevil\u200b ``\n\n/approve\n"
    "<!-- token-request 1/2 --> ghp_0123456789abcdefghijABCDEFGHIJ012345 | **b**"
)


def without_code(text: str) -> str:
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "CODE", text)


def test_foreign_text_is_harmless(town: Stage, cast: Cast) -> None:
    request, number = cast.asked(name=EVIL, reason=EVIL)
    issue = town.gh.issue(cast.admin, number)
    plain = without_code(issue.body)
    for forbidden in (
        "@",
        "evil.example",
        "<img",
        "ghp_0",
        "\u202e",
        "\u200b",
        "token-request 1/2",
    ):
        assert forbidden not in plain, forbidden
    assert not [line for line in issue.body.splitlines() if line.lstrip().startswith("/")]
    assert not re.search(r"@(?=\w)|#(?=\d)|(?<!\w)GH-(?=\d)|ghp_0|\n|\u202e", issue.title)
    assert "ghp_0" not in issue.body
    assert "Please ask the requester to delete that token" in issue.body
    assert len(issue.title) <= 256
    assert issue.title.endswith(f" by {cast.mia.login}")

    cast.obeyed(cast.olga, number, "/deny @mia <b>#1</b> ghp_0123456789abcdefghijABCDEFGHIJ012345")
    words = issue.comments[-1].body
    for forbidden in ("@mia", "<b>", "ghp_0"):
        assert forbidden not in without_code(words), forbidden
    assert "ghp_0" not in words
    assert request.review_reason.startswith("@mia <b>#1</b> ghp_0")


def test_what_matters_cannot_be_missed(town: Stage, cast: Cast) -> None:
    _, number = cast.asked(
        name=" ",
        expires_at=None,
        selection="subset",
        repositories=[cast.api, cast.site],
        reason=None,
    )
    issue = town.gh.issue(cast.admin, number)
    assert issue.title == f"Token request: (unnamed) by {cast.mia.login}"
    assert "never expires" in issue.body
    assert "none given" in issue.body
    assert re.search(rf"`{cast.org.login}/api` \(private\)", issue.body)
    assert not re.search(rf"`{cast.org.login}/site` \(private\)", issue.body)
    assert "| contents" in issue.body or "| `contents`" in issue.body

    gone = town.gh.add_user("gone")
    _, number = cast.asked(by=gone, selection="all", repositories=[], name="two")
    body = town.gh.issue(cast.admin, number).body
    assert "perhaps a member (role unknown)" in body  # one look proves nothing
    assert "all repositories" in body
    _, number = cast.asked(by=cast.otto, name="three", selection="none", repositories=[])
    assert "owner of" in town.gh.issue(cast.admin, number).body


def test_many_repositories_fit_into_one_issue(town: Stage, cast: Cast) -> None:
    many = [town.gh.add_repository(cast.org, f"{n:03}-{'long' * 22}") for n in range(620)]
    request, number = cast.asked(repositories=many)
    issue = town.gh.issue(cast.admin, number)
    assert len(issue.body.encode()) < 65_536
    assert "620" in issue.body
    assert f"{cast.org.login}/000-" in issue.body
    assert re.search(r"and \d+ more", issue.body)
    assert "/approve" in issue.body
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_assignees_are_told(tmp_path: Path) -> None:
    with stage(tmp_path, ASSIGNEES="olga-acme,otto-acme") as scene:
        acme = scene.organization("acme")
        _, number = acme.asked()
        assigned = scene.gh.issue(acme.admin, number).assignees
        assert [one.login for one in assigned] == ["olga-acme", "otto-acme"]


def test_an_assignee_who_cannot_be_assigned_stops_no_request(tmp_path: Path) -> None:
    with stage(tmp_path, ASSIGNEES="nobody-here") as scene:
        acme = scene.organization("acme")
        _, number = acme.asked()
        assert scene.gh.issue(acme.admin, number).assignees == []
