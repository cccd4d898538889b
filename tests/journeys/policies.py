"""Policies in force, for the stories about them."""

from datetime import timedelta
from typing import Any

from tests.journeys.stage import Cast, Stage

FILE = ".github/token-policy.yml"
REVIEWERS = """\
version: 1
mode: enforce
reviewers:
  security: {teams: [security], users: [pat]}
rules:
"""
SECURITY = f"""{REVIEWERS}
  - name: security looks
    when: {{}}
    review: {{by: [security]}}
"""
TWO = f"""{REVIEWERS}
  - name: two people
    when: {{}}
    review: {{by: [owners, security], approvals: 2, for: 20d}}
"""
WIDER = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
READS = {"repository": {"issues": "read", "metadata": "read"}}
RENEWALS = """\
version: 1
mode: enforce
rules:
  - name: renewals
    when: {renewal: true}
    approve: {}
"""


class Security(Cast):
    """Acme with a team `security` (sam), and pat, whom policies name."""

    def __init__(self, one: Stage) -> None:
        super().__init__(one, "acme")
        self.sam, self.pat = self._member("sam", "member"), self._member("pat", "member")
        self.team = one.gh.add_team(self.org, "security", self.sam)
        one.idle()


def puts_in_force(cast: Cast, text: str, *who: Any) -> None:
    """Somebody pushes the policy, and as many owners as are needed adopt it, olga if one is enough.

    Each writes `/confirm CODE` where that is asked.
    """
    gh = cast.stage.gh
    gh.commit(cast.mia, cast.admin, {FILE: text.encode()}, "Change the policy")
    issue = cast.stage.issue(cast.admin, label="token-policy", state="open")
    for owner in who or (cast.olga,):
        asked = cast.obeyed(owner, issue.number, "/adopt")
        if "/confirm" in asked:
            code = asked.split("/confirm ")[1].split("`")[0].split()[0]
            cast.obeyed(owner, issue.number, f"/confirm {code}")
    assert "adopted" in issue.labels


def ends_soon(scene: Stage) -> dict[str, Any]:
    """Of a token that can be renewed at once, because it is in its last days."""
    return {"permissions": READS, "expires_at": scene.gh.now() + timedelta(days=10)}
