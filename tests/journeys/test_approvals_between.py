"""What happens between the first approval of a request and the last one."""

from datetime import timedelta

import pytest

from tests.journeys.digests import with_digest
from tests.journeys.policies import REVIEWERS, TWO, Security, puts_in_force
from tests.journeys.stage import Stage, until

TWO_PEOPLE = TWO.replace(", for: 20d", "")
BOTH = f"""{REVIEWERS}
  - name: owners
    when: {{}}
    review: {{by: [owners]}}
  - name: security
    when: {{}}
    review: {{by: [security]}}
"""
COMMENT = r"/issues/comments/{}$"
MEMBERSHIP = r"^/orgs/acme/memberships/{}$"
IN_TEAM = r"/teams/security/memberships/{}$"


@pytest.fixture
def acme(scene: Stage) -> Security:
    return Security(scene)


def lasts(acme: Security, request: object) -> timedelta | None:
    row = acme.stage.bot.service.store.record.request(acme.org.id, request.id)
    return row.revoke_at and row.revoke_at - row.decision.at


@pytest.mark.parametrize("lost", ["comment", "membership"])
def test_a_404_that_passes_drops_no_approval(scene: Stage, acme: Security, lost: str) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    first = acme.says(acme.sam, number, "/approve")
    acme.answered(first, "+1")
    path = COMMENT.format(first.id) if lost == "comment" else MEMBERSHIP.format("sam")
    scene.gh.failures.passing_404(path)
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


@pytest.mark.parametrize("lost", ["comment", "membership", "team"])
def test_a_404_that_passes_loses_no_time_limit(scene: Stage, acme: Security, lost: str) -> None:
    """Without Sam's approval there would be enough."""
    puts_in_force(acme, BOTH)
    request, number = acme.asked()
    first = acme.says(acme.sam, number, "/approve for 3d")
    acme.answered(first, "+1")
    acme.obeyed(acme.pat, number, "/approve")
    paths = {
        "comment": COMMENT.format(first.id),
        "membership": MEMBERSHIP.format("sam"),
        "team": IN_TEAM.format("sam"),
    }
    scene.gh.failures.passing_404(paths[lost])
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"
    assert lasts(acme, request) == timedelta(days=3)


def test_a_404_that_passes_refuses_no_reviewers_hold(scene: Stage, acme: Security) -> None:
    """They are no owner, and GitHub said so twice within the minute."""
    puts_in_force(acme, TWO)
    _, number = acme.asked()
    acme.obeyed(acme.sam, number, "/hold")
    acme.obeyed(acme.sam, number, "/unhold")
    scene.gh.failures.passing_404(MEMBERSHIP.format("sam"))
    acme.obeyed(acme.sam, number, "/hold")
    assert "held" in scene.gh.issue(acme.admin, number).labels


def test_a_repository_that_becomes_private_takes_the_approvals_away(
    scene: Stage, acme: Security
) -> None:
    """Sam approved what was public."""
    puts_in_force(acme, TWO)
    request, number = acme.asked(repositories=[acme.site])
    acme.obeyed(acme.sam, number, "/approve")
    scene.gh.change_repository(acme.site, private=True)
    assert "changed" in acme.refused(acme.olga, number, "/approve")
    issue = scene.gh.issue(acme.admin, number)
    until(lambda: any("Dropped: [sam](" in one.body for one in issue.comments), "the note")
    scene.idle()
    scene.later()
    assert "1 of 2" in acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"


def test_who_approves_again_keeps_their_time_limit(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO_PEOPLE)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve for 3d")
    acme.obeyed(acme.sam, number, "/approve fine")
    acme.obeyed(acme.olga, number, "/approve")
    assert lasts(acme, request) == timedelta(days=3)


def test_whom_an_approval_drops_is_named_though_the_reply_fails(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, TWO)
    _, number = acme.asked()
    first = acme.says(acme.sam, number, "/approve")
    acme.answered(first, "+1")
    scene.gh.edit_comment(acme.otto, first, "/approve, as edited")
    scene.gh.failures.add(method="POST", path=f"/issues/{number}/comments$", status=502)
    assert "Dropped: [sam](" in acme.obeyed(acme.olga, number, "/approve")


def test_whom_an_approval_on_a_digest_drops_is_named(daily: Stage) -> None:
    acme = Security(daily)
    puts_in_force(acme, TWO)
    digest, asked = with_digest(daily, acme, one={})
    _, number = asked["one"]
    first = acme.says(acme.sam, number, "/approve")
    acme.answered(first, "+1")
    daily.gh.delete_comment(acme.otto, first)
    acme.obeyed(acme.olga, digest.number, f"/approve #{number}")
    told = [one.body for one in daily.gh.issue(acme.admin, number).comments]
    assert len([one for one in told if "Dropped: [sam](" in one]) == 1


@pytest.mark.parametrize("status", [404, 502])
def test_a_reviewers_hold_waits_for_a_fact_that_cannot_be_read(
    scene: Stage, acme: Security, status: int
) -> None:
    """Whether the rule that names Pat applies hangs on the requester's team."""
    puts_in_force(acme, TWO.replace("when: {}", "when: {requester: {teams: [security]}}"))
    _, number = acme.asked(by=acme.sam)
    scene.idle()
    scene.gh.failures.add(method="GET", path=IN_TEAM.format("sam"), status=status)
    acme.obeyed(acme.pat, number, "/hold")
    assert "held" in scene.gh.issue(acme.admin, number).labels
