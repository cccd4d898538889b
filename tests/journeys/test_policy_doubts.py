"""What is not sure approves nothing: a 404 that passes, and what is decided at the same moment."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.policies import REVIEWERS, Security, puts_in_force
from tests.journeys.stage import Stage, stage

READS = {"repository": {"issues": "read", "metadata": "read"}}
PUSHES = {"repository": {"contents": "write", "metadata": "read"}}
WORKFLOWS = {"repository": {"workflows": "write", "metadata": "read"}}
READERS = """\
version: 1
mode: enforce
rules:
  - name: no tokens for security
    when: {requester: {teams: [security]}}
    deny: Please use the vault.
  - name: readers
    when: {permissions: {only: ["*:read"]}}
    approve: {}
"""
TWO = f"""{REVIEWERS}
  - name: two people
    when: {{}}
    review: {{by: [owners, security], approvals: 2}}
"""
TEAM = r"/teams/security$"
MEMBER = r"/teams/security/memberships/{}$"


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    with stage(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Stage) -> Security:
    return Security(scene)


# ------------------------------------------------------------------ a 404 that passes


@pytest.mark.parametrize("lost", [TEAM, MEMBER.format("sam")])
def test_a_404_that_passes_makes_nobody_a_stranger_to_a_team(
    scene: Stage, acme: Security, lost: str
) -> None:
    puts_in_force(acme, READERS)
    scene.gh.failures.passing_404(lost)
    request, number = acme.asked(by=acme.sam, permissions=READS)
    scene.issue(acme.admin, number=number, state="closed", label="denied")
    assert request.state == "denied"


def test_whom_github_does_not_find_twice_is_in_no_team(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, READERS)
    request, number = acme.asked(permissions=READS)
    scene.sweep(seconds=10)
    scene.issue(acme.admin, number=number, state="closed", label="approved")
    assert request.state == "approved"


def test_explain_waits_until_a_404_is_sure(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, READERS)
    _, number = acme.asked()
    asked = acme.says(acme.mia, number, "/explain")
    scene.sweep(seconds=10)
    said = acme.answered(asked, "+1")
    assert "- `no tokens for security`: does not apply" in said


@pytest.mark.parametrize("lost", [TEAM, MEMBER.format("sam")])
def test_a_404_that_passes_refuses_and_drops_no_reviewer(
    scene: Stage, acme: Security, lost: str
) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    scene.gh.failures.passing_404(lost)
    assert "1 of 2" in acme.obeyed(acme.sam, number, "/approve")
    scene.gh.failures.passing_404(MEMBER.format("sam"))
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"
