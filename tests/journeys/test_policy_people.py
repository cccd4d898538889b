"""People under a policy: whom rules name, several approvals, bulk commands, `/explain`."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.digests import MIDNIGHT, with_digest
from tests.journeys.policies import FILE, SECURITY, TWO, WIDER, Security, puts_in_force
from tests.journeys.stage import Cast, Stage, another_try, stage, until


@pytest.fixture
def acme(scene: Stage) -> Security:
    return Security(scene)


def kinds(cast: Cast, request: Any) -> list[str]:
    store = cast.stage.bot.service.store
    return [one.kind for one in store.record.history(cast.org.id, request.id)]


@pytest.mark.parametrize("who", ["sam", "pat"])
def test_reviewers_whom_a_rule_names_approve(scene: Stage, acme: Security, who: str) -> None:
    puts_in_force(acme, SECURITY)
    request, number = acme.asked()
    assert acme.obeyed(getattr(acme, who), number, "/approve") == ""
    issue = scene.gh.issue(acme.admin, number)
    assert (request.state, issue.state) == ("approved", "closed")
    assert f"**Approved** by [{who}](" in issue.comments[-1].body


def test_owners_approve_only_where_a_rule_names_them(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, SECURITY)
    request, number = acme.asked()
    asked = [acme.says(who, number, "/approve") for who in (acme.olga, acme.otto)]
    scene.sweep(seconds=10)  # GitHub is asked twice who is in a team
    assert all("does not name you" in acme.answered(one, "confused") for one in asked)
    acme.obeyed(acme.otto, number, "/deny not like this")
    assert request.state == "denied"


def test_approvals_stand_when_a_request_was_not_over(scene: Stage, acme: Security) -> None:
    """GitHub's list does not show it for so long that it is thought cancelled."""
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    request.state = "unlisted"
    scene.sweep()
    scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    assert (issue.state, "cancelled" in issue.labels) == ("closed", True)
    request.state = "pending"
    scene.sweep()
    acme.obeyed(acme.sam, number, "/approve")
    assert request.state == "approved"


def test_a_team_that_is_another_one_now_names_nobody(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, SECURITY)
    request, number = acme.asked()
    scene.gh.remove_team(acme.org, acme.team)
    scene.gh.add_team(acme.org, "security", acme.sam)
    assert "does not name you" in acme.refused(acme.sam, number, "/approve")
    acme.obeyed(acme.pat, number, "/approve")
    assert request.state == "approved"


def test_a_reviewer_offers_less_and_the_answer_says_so(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, SECURITY)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/counter contents:read for 7d reading is enough")
    assert request.state == "denied"
    reads = {"repository": {"contents": "read", "metadata": "read"}}
    soon = datetime.now(UTC) + timedelta(days=7)
    _, answer = acme.asked(name="smaller", permissions=reads, expires_at=soon)
    said = "This is what [sam](https://github.com/sam) offered in [#"
    assert said in scene.gh.issue(acme.admin, answer).body
    scene.gh.set_team_members(acme.team)
    _, again = acme.asked(name="again", permissions=reads, expires_at=soon)
    assert "offered in" not in scene.gh.issue(acme.admin, again).body
    assert "does not name you" in acme.refused(acme.sam, again, "/counter contents:read for 1d")


def test_the_issue_says_who_may_approve(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    scene.idle()
    before = len(scene.calls_for_work)
    _, number = acme.asked()
    scene.idle()
    issue = scene.gh.issue(acme.admin, number)
    asked = "The policy asks for **2 approvals** by owners, the team `security` or [pat]("
    assert asked in issue.body
    assert "An approval lasts at most 20 days." in issue.body
    assert "PATCH" not in {one.method for one in scene.calls_for_work[before:]}, "written once"
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    until(lambda: "asks for **1 approval** by the team `security`" in issue.body, "the new rule")
    scene.gh.commit(acme.mia, acme.admin, {FILE: None}, "No policy any more")
    removal = scene.issue(acme.admin, title_has="Token policy: removed")
    acme.obeyed(acme.olga, removal.number, "/adopt")
    until(lambda: "Only owners can decide, and never on" in issue.body, "the owners")
    assert "The policy asks" not in issue.body


def test_who_may_approve_by_a_team_of_the_requesters_is_shown_once_it_is_known(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, SECURITY.replace("when: {}", "when: {requester: {teams: [security]}}"))
    _, number = acme.asked(by=acme.sam)
    issue = scene.gh.issue(acme.admin, number)
    until(lambda: "asks for **1 approval** by the team `security`" in issue.body, "the rule")
    _, other = acme.asked(name="other")
    issue = scene.gh.issue(acme.admin, other)
    until(lambda: "Only owners can decide" in issue.body, "the owners")


def test_a_reviewers_hold_says_who_ends_it(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, SECURITY)
    _, number = acme.asked()
    said = acme.obeyed(acme.sam, number, "/hold a moment")
    assert "until an owner or a reviewer comments `/unhold`" in said
    assert "until an owner comments `/unhold`" in acme.obeyed(acme.olga, number, "/hold")


def test_reviewers_stop_at_once(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, SECURITY)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/hold a moment")
    assert "held" in scene.gh.issue(acme.admin, number).labels
    acme.obeyed(acme.pat, number, "/unhold")
    acme.obeyed(acme.olga, number, "/hold")
    assert "only an owner" in acme.refused(acme.sam, number, "/unhold")
    acme.obeyed(acme.otto, number, "/unhold")
    acme.obeyed(acme.pat, number, "/deny no")
    assert request.state == "denied"


def test_an_owners_hold_takes_the_place_of_a_reviewers(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/hold")
    acme.obeyed(acme.olga, number, "/hold the audit")
    acme.refused(acme.sam, number, "/unhold")
    acme.refused(acme.sam, number, "/approve")
    acme.obeyed(acme.olga, number, "/unhold")
    assert request.state == "pending"


def test_two_people_approve(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked(expires_at=datetime.now(UTC) + timedelta(days=40))
    said = acme.obeyed(acme.sam, number, "/approve for 10d looks fine")
    assert said.split("\n")[1] == (
        "1 of 2 approvals; still needed: 1 by `owners` or `security` (rule `two people`)."
    )
    assert "Yours counts" not in said
    assert (request.state, scene.gh.issue(acme.admin, number).state) == ("pending", "open")
    again = acme.obeyed(acme.sam, number, "/approve again")
    assert "1 of 2 approvals" in again
    assert "Yours counts already, and once. Your time limit of 10 days stays" in again
    assert request.state == "pending"
    acme.obeyed(acme.olga, number, "/approve")
    issue = scene.gh.issue(acme.admin, number)
    assert (request.state, issue.state) == ("approved", "closed")
    assert "**Approved** by [sam](" in issue.comments[-1].body
    assert "olga-acme" in issue.comments[-1].body
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert row.revoke_at - row.decision.at == timedelta(days=10)
    assert kinds(acme, request).count("approval given") == 2


def test_the_last_approver_confirms_what_is_critical_and_never_ends(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, TWO.replace(", for: 20d", ""))
    everything = {"repository": {"administration": "write", "metadata": "read"}}
    request, number = acme.asked(permissions=everything, expires_at=None)
    assert "1 of 2 approvals" in acme.obeyed(acme.sam, number, "/approve")
    asked = acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"
    code = asked.split("/confirm ")[1].split("`")[0].split()[0]
    assert "Only the person" in acme.refused(acme.otto, number, f"/confirm {code}")
    acme.obeyed(acme.olga, number, f"/confirm {code}")
    assert request.state == "approved"


@pytest.mark.parametrize("sam_says", ["/approve", "/approve for ever"])
def test_a_later_end_is_what_all_approvers_asked_for(
    scene: Stage, acme: Security, sam_says: str
) -> None:
    """`/approve` alone keeps the earlier end of the token."""
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2d")
    puts_in_force(acme, TWO.replace(", for: 20d", ""))
    wider = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
    request, number = acme.asked(token_id=first.token.id, permissions=wider)
    acme.obeyed(acme.sam, number, sam_says)
    said = acme.obeyed(acme.olga, number, "/approve for ever")
    if sam_says == "/approve for ever":
        assert request.state == "pending"
        acme.obeyed(acme.olga, number, re.findall(r"`(/confirm \w+)`", said)[0])
    assert request.state == "approved"
    scene.sweep(days=3)
    assert len(scene.gh.grants(acme.org)) == (sam_says != "/approve")


def test_an_approval_that_holds_no_longer_is_dropped_and_named(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve")
    scene.gh.set_team_members(acme.team)
    asked = acme.says(acme.olga, number, "/approve")
    scene.sweep(seconds=10)  # GitHub is asked twice who is in a team
    said = acme.answered(asked, "+1")
    assert "1 of 2" in said
    assert "Dropped: [sam](" in said
    said = acme.says(acme.pat, number, "/approve")
    acme.answered(said, "+1")
    assert request.state == "approved"
    assert "approval dropped" in kinds(acme, request)


def test_an_edited_approval_does_not_count(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    first = acme.says(acme.sam, number, "/approve")
    acme.answered(first, "+1")
    scene.gh.edit_comment(acme.otto, first, "/approve, as edited")
    assert "Dropped: [sam](" in acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"


def test_a_request_that_changed_loses_its_approvals(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve")
    scene.gh.change_request(request, permissions=WIDER)
    scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    until(lambda: any("Dropped: [sam](" in one.body for one in issue.comments), "the note")
    scene.idle()
    shown = int(time.time())
    until(lambda: time.time() >= shown + 1, "a comment that is later than what it answers")
    assert "1 of 2" in acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"


def test_an_adoption_in_mid_review_judges_approvals_by_the_new_rules(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, TWO)
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve")
    only_owners = TWO.replace("[owners, security]", "[owners]")
    puts_in_force(acme, only_owners, acme.olga, acme.otto)
    assert "Dropped: [sam](" in acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"
    acme.obeyed(acme.otto, number, "/approve")
    assert request.state == "approved"


def test_explain_shows_rules_facts_and_people(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO + "  - name: never\n    when: {expires: never}\n    deny: no\n")
    _, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve")
    said = acme.obeyed(acme.mia, number, "/explain")
    assert "- `two people`: applies" in said
    assert "- `never`: does not apply, `when.expires` does not hold (expires on " in said
    assert "Still missing: 1 approval by owners or `security`." in said
    assert "Approved so far by [sam](" in said
    assert "adopted by [olga-acme](" in said


def test_in_bulk_what_needs_more_people_is_named(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, TWO)
        digest, asked = with_digest(scene, acme, one={}, two={})
        targets = " ".join(f"#{number}" for _, number in asked.values())
        said = acme.obeyed(acme.sam, digest.number, f"/approve {targets}")
        assert "your approval is recorded" in said
        assert [request.state for request, _ in asked.values()] == ["pending", "pending"]
        acme.obeyed(acme.olga, digest.number, f"/approve {targets}")
        until(lambda: all(one.state == "approved" for one, _ in asked.values()), "both approved")


def test_in_bulk_an_approval_that_counts_is_not_called_refused(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, TWO)
        digest, asked = with_digest(scene, acme, one={}, two={})
        request, number = asked["one"]
        path = f"/issues/{digest.number}/comments$"
        down = scene.gh.failures.add(method="POST", path=path, status=503, times=None)
        said = acme.says(acme.olga, digest.number, f"/approve #{number} #{asked['two'][1]}")
        until(lambda: down.hits, "a report that fails")
        scene.clock.ahead += timedelta(days=1)
        scene.bot.service.schedule.tick()
        until(lambda: digest.state == "closed", "a closed digest")
        scene.gh.failures.clear()
        assert "your approval is recorded" in acme.answered(said, "+1")
        acme.obeyed(acme.otto, number, "/approve")
        assert request.state == "approved"


def test_an_approval_that_is_called_refused_does_not_count(tmp_path: Path) -> None:
    """It was recorded, the reply failed, and somebody put the request on hold meanwhile."""
    with stage(tmp_path) as scene:
        acme = Security(scene)
        puts_in_force(acme, TWO)
        request, number = acme.asked()
        path = f"/issues/{number}/comments$"
        down = scene.gh.failures.add(method="POST", path=path, status=503, times=None)
        said = acme.says(acme.olga, number, "/approve")
        until(lambda: down.hits, "a reply that fails")
        acme.says(acme.otto, number, "/hold")
        until(lambda: "held" in scene.gh.issue(acme.admin, number).labels, "the hold")
        another_try(down)
        scene.gh.failures.clear()
        assert "on hold" in acme.answered(said, "confused")
        acme.obeyed(acme.otto, number, "/unhold")
        acme.obeyed(acme.otto, number, "/approve")
        assert request.state == "pending"
        acme.obeyed(acme.olga, number, "/approve")
        assert request.state == "approved"


def test_in_bulk_an_approval_that_is_called_refused_does_not_count(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, TWO)
        digest, asked = with_digest(scene, acme, one={}, two={})
        (one, first), (two, second) = asked["one"], asked["two"]
        path = f"/issues/{digest.number}/comments$"
        down = scene.gh.failures.add(method="POST", path=path, status=503, times=None)
        said = acme.says(acme.olga, digest.number, f"/approve #{first} #{second}")
        until(lambda: down.hits, "a report that fails")
        acme.says(acme.otto, first, "/hold")
        until(lambda: "held" in scene.gh.issue(acme.admin, first).labels, "the hold")
        another_try(down)
        scene.gh.failures.clear()
        assert "on hold" in acme.answered(said, "+1")
        acme.obeyed(acme.otto, first, "/unhold")
        for number in (first, second):
            acme.obeyed(acme.otto, number, "/approve")
        assert [one.state, two.state] == ["pending", "approved"]
