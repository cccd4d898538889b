"""One policy file for several organizations: it counts where an owner has adopted it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.shared_repository import SHARED, Hub
from tests.journeys.stage import Stage, stage, until

FILE = ".github/token-policy.yml"
CAREFUL = b"""\
version: 1
mode: enforce
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry.
"""
TWO_OWNERS = b"""\
version: 1
mode: enforce
rules:
  - name: two people
    when: {}
    review: {approvals: 2}
"""
READERS = b"""\
version: 1
mode: enforce
rules:
  - name: readers
    when: {permissions: {only: ["*:read"]}}
    approve: {}
"""
NAMED = CAREFUL + b"reviewers: {sec: {teams: [security]}}\n"
READS = {"repository": {"metadata": "read", "issues": "read"}}


@pytest.fixture
def hub(tmp_path: Path) -> Any:
    with stage(tmp_path, **SHARED) as scene:
        yield Hub(scene)


def in_force(scene: Stage, org: Any) -> bool:
    return scene.bot.service.store.record.policy_in_force(org.id) is not None


def says(hub: Hub, who: Any, number: int, text: str, how: str) -> str:
    """Somebody comments and gets this reaction; what the bot replied, if anything."""
    said = hub.says(who, number, text)
    until(lambda: [one.content for one in said.reactions] == [how], f"{how}: {text}")
    hub.scene.idle()
    marker = f"<!-- countersign reply:{said.id} -->"
    replies = [one.body for one in said.issue.comments if one.body.startswith(marker)]
    return replies[0] if replies else ""


def pushed(hub: Hub, text: bytes | None) -> Any:
    """Somebody pushes the policy file; the issue of this version."""
    hub.scene.gh.commit(hub.hub.olga, hub.reviews, {FILE: text})
    return hub.issue(label="token-policy", state="open")


@pytest.fixture
def two_owners(hub: Hub) -> Hub:
    """In both organizations another version takes two owners."""
    issue = pushed(hub, TWO_OWNERS)
    for cast in (hub.one, hub.two):
        says(hub, cast.olga, issue.number, "/adopt", "+1")
    return hub


def test_each_organization_adopts_for_itself(hub: Hub) -> None:
    scene = hub.scene
    scene.gh.commit(hub.hub.olga, hub.reviews, {FILE: CAREFUL})
    issue = hub.issue(label="token-policy")
    assert issue.body.startswith(f"<!-- token-policy {hub.hub.org.id}/")
    says(hub, hub.hub.olga, issue.number, "/adopt", "confused")  # owns the repository only
    says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    assert (in_force(scene, hub.one.org), in_force(scene, hub.two.org)) == (True, False)
    assert issue.state == "open"
    says(hub, hub.one.olga, issue.number, "/reject", "confused")
    says(hub, hub.two.olga, issue.number, "/reject not for us", "+1")
    assert (in_force(scene, hub.one.org), in_force(scene, hub.two.org)) == (True, False)
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    scene.sweep()
    found = [one for one in scene.gh.issues(hub.reviews) if "token-policy" in one.labels]
    assert found == [issue]


def test_an_organization_that_comes_later_rules_on_an_issue_of_its_own(hub: Hub) -> None:
    scene = hub.scene
    scene.gh.uninstall(hub.two.installation)
    scene.idle()
    scene.gh.commit(hub.hub.olga, hub.reviews, {FILE: CAREFUL})
    issue = hub.issue(label="token-policy")
    says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    assert issue.state == "closed"
    scene.gh.install(hub.two.org)
    other = hub.issue(label="token-policy", state="open")
    says(hub, hub.two.olga, other.number, "/adopt", "+1")
    assert (in_force(scene, hub.two.org), other.state) == (True, "closed")


def test_a_team_is_the_one_of_the_requests_organization(hub: Hub) -> None:
    scene = hub.scene
    people = {}
    for cast, login in ((hub.one, "sam"), (hub.two, "tim")):
        people[login] = scene.gh.add_user(login)
        scene.gh.add_member(cast.org, people[login])
        scene.gh.add_team(cast.org, "security", people[login])
    looks = b"""\
version: 1
mode: enforce
reviewers:
  security: {teams: [security]}
rules:
  - name: security looks
    when: {}
    review: {by: [security]}
"""
    scene.gh.commit(hub.hub.olga, hub.reviews, {FILE: looks})
    policy = hub.issue(label="token-policy")
    says(hub, hub.one.olga, policy.number, "/adopt", "+1")
    says(hub, hub.two.olga, policy.number, "/adopt", "+1")
    request = hub.one.asks()
    issue = hub.issue(label="token-request")
    says(hub, people["tim"], issue.number, "/approve", "confused")
    assert request.state == "pending"
    says(hub, people["sam"], issue.number, "/approve", "+1")
    assert request.state == "approved"


def test_an_adoption_stays_when_another_organization_goes(two_owners: Hub) -> None:
    hub, scene = two_owners, two_owners.scene
    issue = pushed(hub, CAREFUL)
    assert "1 of 2" in says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    assert "1 of 2" in says(hub, hub.two.olga, issue.number, "/adopt", "+1")
    scene.gh.suspend(hub.two.installation)
    scene.idle()
    says(hub, hub.one.otto, issue.number, "/adopt", "+1")
    assert newest(scene, hub.one.org).text == CAREFUL.decode()
    scene.gh.unsuspend(hub.two.installation)
    another = hub.issue(label="token-policy", state="open")
    says(hub, hub.two.otto, another.number, "/adopt", "+1")
    assert newest(scene, hub.two.org).text == CAREFUL.decode()


def newest(scene: Stage, org: Any) -> Any:
    return scene.bot.service.store.record.policy_in_force(org.id)


def test_who_owns_several_organizations_adopts_by_facts_of_now(hub: Hub) -> None:
    scene, olga = hub.scene, hub.one.olga
    scene.gh.add_member(hub.two.org, olga, role="admin")
    issue = pushed(hub, CAREFUL)
    scene.idle()
    slow, fresh = timedelta(seconds=0.9), timedelta(seconds=3)
    scene.gh.failures.add(method="GET", mode="delay", delay=slow.total_seconds(), times=None)
    said = hub.says(olga, issue.number, "/adopt")
    with scene.by_the_wall():
        until(lambda: said.reactions, "the adoption", 60)
    ahead = scene.clock.ahead
    scene.gh.failures.clear()
    for cast in (hub.one, hub.two):
        path = f"/orgs/{cast.org.login}/memberships/{olga.login}"
        answered = [one.at for one in scene.gh.calls if one.path.endswith(path)]
        adopted = newest(scene, cast.org).adopted_at - ahead
        assert adopted - max(answered) + slow < fresh


def test_who_was_not_shown_is_shown_before_its_owners_adopt(hub: Hub) -> None:
    scene = hub.scene
    scene.gh.uninstall(hub.two.installation)
    scene.idle()
    issue = pushed(hub, CAREFUL)
    scene.gh.install(hub.two.org)
    scene.idle()
    said = says(hub, hub.two.olga, issue.number, "/adopt", "confused")
    assert "did not show what this version means for [two](" in said
    assert "- In force in [two](" in issue.body
    scene.gh.ahead += timedelta(seconds=2)  # GitHub's times are whole seconds
    says(hub, hub.two.olga, issue.number, "/adopt", "+1")
    assert (in_force(scene, hub.one.org), in_force(scene, hub.two.org)) == (False, True)


def test_an_adoption_depends_on_the_names_of_its_own_organization(two_owners: Hub) -> None:
    hub, scene = two_owners, two_owners.scene
    scene.gh.add_team(hub.one.org, "security")
    team = scene.gh.add_team(hub.two.org, "security")
    issue = pushed(hub, NAMED)
    says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    says(hub, hub.two.olga, issue.number, "/adopt", "+1")
    scene.gh.remove_team(hub.two.org, team)
    scene.gh.add_team(hub.two.org, "security")
    refused = says(hub, hub.two.otto, issue.number, "/adopt", "confused")
    assert "For [two](" in refused
    assert "leads to another user or team than" in refused
    assert "adopted by nobody" in says(hub, hub.two.mia, issue.number, "/status", "+1")
    scene.gh.ahead += timedelta(seconds=2)  # GitHub's times are whole seconds
    says(hub, hub.one.otto, issue.number, "/adopt", "+1")
    assert newest(scene, hub.one.org).text == NAMED.decode()
    said = says(hub, hub.two.otto, issue.number, "/adopt", "+1")
    assert "1 of 2" in said
    assert "The `/adopt` of [olga-two]" in said
    says(hub, hub.two.olga, issue.number, "/adopt", "+1")
    assert newest(scene, hub.two.org).text == NAMED.decode()


def test_each_organization_adopts_that_the_file_is_gone(hub: Hub) -> None:
    scene = hub.scene
    issue = pushed(hub, CAREFUL)
    for cast in (hub.one, hub.two):
        says(hub, cast.olga, issue.number, "/adopt", "+1")
    issue = pushed(hub, None)
    for cast in (hub.one, hub.two):
        says(hub, cast.olga, issue.number, "/adopt", "+1")
    assert (in_force(scene, hub.one.org), in_force(scene, hub.two.org)) == (False, False)


def test_what_waits_elsewhere_is_not_asked_back(hub: Hub) -> None:
    scene = hub.scene
    for cast, name in ((hub.one, "first"), (hub.two, "second")):
        cast.asks(name=name, permissions=READS)
        hub.issue(title_has=name)
    issue = pushed(hub, READERS)
    said = says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    assert ("`first`" in said, "`second`" in said) == (True, False)
    hub.two.asks(name="third", permissions=READS)
    hub.issue(title_has="third")
    code = said.partition("`/confirm ")[2][:8]
    says(hub, hub.one.olga, issue.number, f"/confirm {code}", "+1")
    assert (in_force(scene, hub.one.org), in_force(scene, hub.two.org)) == (True, False)


def test_who_rejects_is_told_of_their_own_organization(two_owners: Hub) -> None:
    hub = two_owners
    issue = pushed(hub, CAREFUL)
    assert "Adopted for [one](" in says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    refused = says(hub, hub.one.mia, issue.number, "/adopt", "confused")
    assert "[one](" in refused
    assert "[two](" in refused
    path = f"/issues/{issue.number}/comments$"
    hub.scene.gh.failures.add(method="POST", path=path, status=502)  # and the job runs again
    said = says(hub, hub.two.olga, issue.number, "/reject not for us", "+1")
    assert said.partition("\n")[2].startswith("Rejected for [two](")
    assert "1 of 2" not in said
    assert "have not decided yet: [one](" in said
    status = says(hub, hub.two.mia, issue.number, "/status", "+1")
    assert "adopted by [olga-one](" in status
    assert "rejected by [olga-two](" in status
    assert "`not for us`" in status
    says(hub, hub.one.otto, issue.number, "/adopt", "+1")
    assert issue.state == "closed"
    told = next(one.body for one in issue.comments if "**Adopted.**" in one.body)
    assert "Rejected for [two](" in told
    assert "`not for us`" in told


def test_nothing_is_left_to_decide_while_the_others_are_away(hub: Hub) -> None:
    issue = pushed(hub, CAREFUL)
    says(hub, hub.one.olga, issue.number, "/adopt", "+1")
    hub.scene.gh.suspend(hub.two.installation)
    hub.scene.idle()
    said = says(hub, hub.one.otto, issue.number, "/adopt", "confused")
    assert "All organizations have decided" in said
