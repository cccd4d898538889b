"""Rules of the adopted policy decide by themselves, through the same path as people."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.digests import MIDNIGHT, digests, next_day, with_digest
from tests.journeys.policies import FILE, Security, puts_in_force
from tests.journeys.stage import Cast, Stage, stage, until

RULES = """\
version: 1
mode: enforce
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry of at most 90 days.
  - name: reading for a month
    when:
      permissions: {only: ["*:read"]}
    approve: {for: 30d}
"""
TEAM_DENIED = """\
version: 1
mode: enforce
rules:
  - name: nobody of security
    when: {requester: {teams: [security]}}
    deny: Please ask again from your own team.
"""
SECURITY_FOR_A_DAY = """\
version: 1
mode: enforce
rules:
  - name: security works by the day
    when: {requester: {teams: [security]}}
    review: {by: [owners], for: 1d}
"""
READS = {"repository": {"contents": "read", "metadata": "read"}}


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    with stage(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Stage) -> Cast:
    return scene.organization("acme")


def history(cast: Cast, request: Any) -> list[Any]:
    found: list[Any] = cast.stage.bot.service.store.record.history(cast.org.id, request.id)
    return found


def test_what_a_rule_approves_is_approved_and_revoked_in_time(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, RULES)
    request, number = acme.asked(permissions=READS, expires_at=datetime.now(UTC) + timedelta(80))
    issue = scene.issue(acme.admin, number=number, state="closed", label="approved")
    scene.idle()
    assert len(scene.gh.grants(acme.org)) == 1
    assert issue.state_reason == "completed"
    said = issue.comments[-1].body
    assert "**Approved** by the rule `reading for a month` of the policy `" in said
    assert "The access will be revoked on" in said
    assert len(issue.comments) == 1
    noted = [one.kind for one in history(acme, request)]
    for kind in ("approve by rule", "review call", "approved"):
        assert noted.count(kind) == 1, kind
    scene.sweep(days=30, minutes=1)
    assert scene.gh.grants(acme.org) == []
    assert "revoked" in issue.labels


def test_what_a_rule_denies_is_denied_with_its_text(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, RULES)
    request, number = acme.asked(expires_at=None, permissions=READS)
    issue = scene.issue(acme.admin, number=number, state="closed", label="denied")
    scene.idle()
    assert scene.gh.grants(acme.org) == []
    told = scene.metrics()
    assert told['countersign_decisions_total{outcome="denied",way="policy"}'] == 1
    assert "by the rule `no eternal tokens`" in issue.comments[-1].body
    assert "an expiry of at most 90 days" in issue.comments[-1].body
    call = next(one for one in history(acme, request) if one.kind == "review call")
    assert call.text == "deny: Please ask again with an expiry of at most 90 days."


def test_an_owner_revokes_what_a_rule_approved(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, RULES)
    _, number = acme.asked(permissions=READS)
    scene.issue(acme.admin, number=number, state="closed")
    acme.obeyed(acme.olga, number, "/revoke it leaked")
    assert scene.gh.grants(acme.org) == []


def test_what_waits_is_judged_anew_at_adoption_and_what_is_held_is_not(
    scene: Stage, acme: Cast
) -> None:
    _, reading = acme.asked(permissions=READS)
    _, held = acme.asked(permissions=READS, name="second")
    _, writing = acme.asked(name="third")
    acme.obeyed(acme.otto, held, "/hold a moment")
    puts_in_force(acme, RULES)
    scene.issue(acme.admin, number=reading, state="closed", label="approved")
    scene.idle()
    assert "held" in scene.gh.issue(acme.admin, held).labels
    assert "pending" in scene.gh.issue(acme.admin, writing).labels
    acme.obeyed(acme.otto, held, "/unhold")
    scene.issue(acme.admin, number=held, state="closed", label="approved")


def test_who_adopted_the_policy_is_not_approved_by_its_rules(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, RULES)
    _, number = acme.asked(by=acme.olga, permissions=READS)
    scene.idle()
    assert scene.gh.issue(acme.admin, number).state == "open"
    acme.obeyed(acme.otto, number, "/approve")
    assert "approved" in scene.gh.issue(acme.admin, number).labels


def test_owners_decide_what_no_rule_is_about(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, RULES)
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    assert "approved" in scene.gh.issue(acme.admin, number).labels


def test_what_an_owner_decides_on_githubs_page_is_outside_the_policy(
    scene: Stage, acme: Cast
) -> None:
    puts_in_force(acme, RULES)
    request, number = acme.asked()
    scene.gh.review_as(acme.olga, acme.org, request.id, "approve", "fine")
    issue = scene.issue(acme.admin, number=number, state="closed")
    assert "decided outside the policy" in issue.comments[-1].body


def test_a_rule_never_widens_a_grant_whose_time_is_limited(scene: Stage, acme: Cast) -> None:
    first, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 3d")
    puts_in_force(acme, RULES)
    _, wider = acme.asked(token_id=first.token.id, permissions=READS)
    scene.idle()
    assert scene.gh.issue(acme.admin, wider).state == "open"


def test_what_is_dangerous_by_itself_is_denied_though_other_tokens_cannot_be_read(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    rule = "  - name: too much\n    when: {danger: {at_least: high}}\n    deny: Less, please.\n"
    puts_in_force(acme, RULES + rule)
    scene.gh.failures.add(path="/personal-access-tokens$", status=403, times=None)
    _, number = acme.asked()  # it writes contents
    issue = scene.issue(acme.admin, number=number, state="closed", label="denied")
    assert "by the rule `too much`" in issue.comments[-1].body
    _, reads = acme.asked(name="reads", permissions=READS)
    until(lambda: "waits for what cannot be read: danger" in caplog.text, "the ruling")
    assert scene.gh.issue(acme.admin, reads).state == "open", "with others it may be dangerous"


SHADOW = RULES.replace("mode: enforce", "mode: shadow")


def test_in_shadow_nothing_is_decided_and_the_issue_says_what_would_be(
    scene: Stage, acme: Cast
) -> None:
    puts_in_force(acme, SHADOW)
    _, number = acme.asked(permissions=READS)
    issue = scene.gh.issue(acme.admin, number)
    until(lambda: "In shadow: `reading for a month` would approve." in issue.body, "the line")
    scene.idle()
    assert issue.state == "open"
    acme.obeyed(acme.olga, number, "/approve")


def test_in_shadow_an_owner_on_githubs_page_is_outside_of_nothing(scene: Stage, acme: Cast) -> None:
    puts_in_force(acme, SHADOW)
    request, number = acme.asked()
    assert "outside the policy" not in scene.gh.issue(acme.admin, number).body
    scene.gh.review_as(acme.olga, acme.org, request.id, "approve", "fine")
    issue = scene.issue(acme.admin, number=number, state="closed")
    assert "outside the policy" not in issue.comments[-1].body


def test_the_digest_tells_how_the_policy_does(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = scene.organization("acme")
        pat = scene.gh.add_user("pat")
        security = scene.gh.add_team(acme.org, "security", acme.mia)
        people = "reviewers:\n  some: {teams: [security], users: [pat]}\nrules:"
        denies = SHADOW.replace("deny:", "mode: enforce\n    deny:")
        puts_in_force(acme, denies.replace("rules:", people))
        would = "In shadow: `reading for a month` would approve."
        (_, one), (_, two) = (acme.asked(permissions=READS, name=name) for name in ("one", "two"))
        outside, three = acme.asked(name="three")
        for number in (one, two):
            scene.issue(acme.admin, number=number, shows=would)
        acme.obeyed(acme.olga, one, "/approve")
        acme.obeyed(acme.otto, two, "/deny no")
        scene.gh.review_as(acme.olga, acme.org, outside.id, "approve", "fine")
        scene.issue(acme.admin, number=three, state="closed")
        scene.gh.remove_team(acme.org, security)
        scene.gh.rename_user(pat, "patricia")
        scene.gh.add_user("pat")
        next_day(scene)
        (digest,) = digests(acme)
        assert f"decided 1 of 2 as people decided; the others: #{two}." in digest.body
        assert (
            f"### Decided outside the policy, since the last digest\n\n- #{three} " in digest.body
        )
        assert "- The team `security` leads nowhere." in digest.body
        assert "- The user `pat` now leads to another id than when it was adopted." in digest.body


NOT_HERE = """\
version: 1
mode: enforce
rules:
  - name: reading
    when: {permissions: {only: ["*:read"]}}
    approve: {for: 30d}
  - name: no tokens for acme
    when: {organizations: [acme]}
    deny: Acme has no tokens.
"""


def test_an_organization_that_is_renamed_stays_the_one_that_the_rules_name(
    scene: Stage, acme: Cast
) -> None:
    puts_in_force(acme, NOT_HERE)
    scene.gh.rename_organization(acme.org, "acme-labs")
    scene.idle()
    request = acme.asks(permissions=READS)
    until(lambda: request.state != "pending", "what the rules decide")
    scene.idle()
    assert (request.state, scene.gh.grants(acme.org)) == ("denied", [])

    scene.gh.commit(acme.mia, acme.admin, {FILE: f"{NOT_HERE}# again\n".encode()})
    again = scene.issue(acme.admin, label="token-policy", state="open")
    warned = "approved by `reading` for at most 30 days, instead of denied by `no tokens for acme`"
    assert warned in again.body, "adopted anew, the old name means nobody"


CLOSED = """\
version: 1
mode: enforce
rules:
  - name: reading
    when: {permissions: {only: ["*:read"]}}
    unless: {repositories: {any: ["NAME"]}}
    approve: {}
  - name: payroll is closed
    when: {repositories: {any: ["NAME"]}}
    OUTCOME
"""
DENIED, BY_TWO = "deny: Payroll is closed.", "review: {approvals: 2}"


@pytest.mark.parametrize("outcome", [DENIED, BY_TWO])
def test_a_rule_on_a_repository_holds_after_a_rename(
    scene: Stage, acme: Cast, outcome: str
) -> None:
    text = CLOSED.replace("NAME", "acme/api").replace("OUTCOME", outcome)
    puts_in_force(acme, text)
    acme.asked(permissions=READS, name="of acme/api")
    scene.idle()
    scene.gh.rename_organization(acme.org, "acme-labs")
    scene.idle()
    request, number = acme.asked(permissions=READS)
    if outcome == DENIED:
        until(lambda: request.state != "pending", "what the rules decide")
    else:
        assert "1 of 2" in acme.obeyed(acme.olga, number, "/approve")
    scene.idle()
    assert request.state == ("denied" if outcome == DENIED else "pending")
    assert scene.gh.grants(acme.org) == []

    other = acme.asks(permissions=READS, repositories=[acme.site], name="another")
    until(lambda: other.state == "approved", "what no rule keeps back")

    scene.gh.commit(acme.mia, acme.admin, {FILE: f"{text}# again\n".encode()})
    again = scene.issue(acme.admin, label="token-policy", state="open")
    assert "approved by `reading`, instead of" in again.body, "adopted anew, it names nothing here"
    assert "a repository that a request of the last 90 days asks for" in again.body


def test_a_repository_by_the_new_name_approves_nothing(
    scene: Stage, acme: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """It may have meant another organization when the version was adopted, or the one to come."""
    puts_in_force(acme, CLOSED.replace("NAME", "acme-labs/api").replace("OUTCOME", DENIED))
    scene.gh.rename_organization(acme.org, "acme-labs")
    scene.idle()
    request = acme.asks(permissions=READS)
    until(lambda: "waits for what cannot be read: repositories" in caplog.text, "the ruling")
    assert (request.state, scene.gh.grants(acme.org)) == ("pending", [])


@pytest.mark.parametrize("words", ["/hold a moment", "/deny no"])
@pytest.mark.parametrize("away", ["stopped", "suspended"])
def test_no_rule_approves_past_a_stop_that_was_missed(
    scene: Stage, acme: Cast, away: str, words: str
) -> None:
    """It comes later than the rules, or never: of what is said meanwhile no suspended App hears."""
    puts_in_force(acme, RULES)
    scene.idle()
    down = scene.gh.failures.add(method="GET", path="/memberships/", status=502, times=None)
    request = acme.asks(permissions=READS)
    number = scene.issue(acme.admin, title_has="ci-release", label="pending").number
    until(lambda: down.hits, "a question of the rules")
    if away == "stopped":
        scene.stop_bot()
    else:
        scene.gh.suspend(acme.installation)
        assert scene.gh.settle()
    scene.gh.failures.clear()
    said = acme.says(acme.olga, number, words)
    assert scene.gh.settle()
    if away == "stopped":
        scene.start_bot()
    else:
        scene.gh.unsuspend(acme.installation)
    scene.clock.ahead += timedelta(minutes=10)  # so long rules may wait for a fact
    acme.answered(said, "+1")
    assert request.state == ("denied" if words == "/deny no" else "pending")
    assert scene.gh.grants(acme.org) == []


def test_a_digest_names_what_the_policy_cannot_read(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        cast = Security(scene)
        puts_in_force(cast, TEAM_DENIED)
        digest, asked = with_digest(scene, cast, one={})
        scene.gh.failures.add(method="GET", path="/teams/", status=403, times=None)
        request, number = asked["one"]
        told = cast.refused(cast.olga, digest.number, f"/approve for 3d #{number}")
        assert f"#{number}: the policy needs to know something" in told
        assert request.state == "pending"


def test_what_github_left_undone_gets_no_longer_time_than_a_rule_sets_by_then(
    tmp_path: Path,
) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        cast = Security(scene)
        puts_in_force(cast, SECURITY_FOR_A_DAY)
        digest, asked = with_digest(scene, cast, one={})
        request, number = asked["one"]
        scene.gh.failures.skip_in_bulk.add(request.id)
        slow = scene.gh.failures.add(method="POST", path=r"-token-requests$", mode="held")
        said = cast.says(cast.olga, digest.number, f"/approve for 9d #{number}")
        assert slow.arrived.wait(20)
        scene.gh.set_team_members(cast.team, cast.sam, cast.mia)
        slow.release()
        scene.clock.ahead += timedelta(seconds=25)
        told = cast.answered(said, "confused")
        assert f"#{number}" in told
        assert request.state == "pending"
