"""What is not sure approves nothing: a 404 that passes, and what is decided at the same moment."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State, TokenRequest
from tests.journeys.digests import MIDNIGHT, with_digest
from tests.journeys.policies import (
    FILE,
    READS,
    RENEWALS,
    REVIEWERS,
    Security,
    ends_soon,
    puts_in_force,
)
from tests.journeys.stage import Stage, stage, until

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
OWNERS_FOR_SECURITY = """\
version: 1
mode: enforce
rules:
  - name: security asks owners
    when: {requester: {teams: [security]}}
    review: {by: [owners]}
"""
TEAM = r"/teams/security$"
MEMBER = r"/teams/security/memberships/{}$"


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


# ------------------------------------------------------------------ at the same moment

HARMLESS = """\
version: 1
mode: enforce
rules:
  - name: nothing critical
    when: {danger: {at_most: high}}
    approve: {}
"""
CAREFUL = """\
version: 1
mode: enforce
rules:
  - name: what is critical needs two
    when: {danger: {at_least: critical}}
    review: {approvals: 2}
"""
FIRST_TIME = """\
version: 1
mode: enforce
rules:
  - name: first time
    when: {}
    unless: {renewal: true}
    approve: {}
"""
REVIEW = r"/personal-access-token-requests/\d+$"
BULK = r"/personal-access-token-requests$"
TIMED = CAREFUL.replace("at_least: critical", "at_least: low").replace("approvals: 2", "for: 5d")
OWNERS = r"^/orgs/[^/]+/memberships/(olga|otto)-acme$"
MIA = r"^/orgs/[^/]+/memberships/mia-acme$"


def judged_at_once(scene: Stage, acme: Security, text: str, *asked: dict[str, Any]) -> list[Any]:
    """Requests that wait, of which the rules of a new policy judge all before any is approved: the
    last thing that is asked of GitHub is answered for all of them at once.
    """
    down = scene.gh.failures.add(method="GET", path=MIA, status=403, times=None)
    made = [acme.asked(name=f"number {n}", **one) for n, one in enumerate(asked)]
    scene.gh.failures.remove(down)  # whether mia is a member is not known, and has to be asked
    last = scene.gh.failures.add(method="GET", path=MIA, mode="kept", times=len(made))
    puts_in_force(acme, text)
    until(lambda: last.hits == len(made), "the last question about each")
    last.release()
    scene.idle()
    return made


def looks_at_grants(scene: Stage) -> int:
    """How often GitHub was asked what somebody's tokens may do."""
    return [one.path.rpartition("/")[2] for one in scene.gh.calls].count("personal-access-tokens")


def approved(made: list[tuple[Any, int]]) -> int:
    return [request.state for request, _ in made].count("approved")


def test_what_is_being_approved_counts_as_held(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, HARMLESS)
    call = scene.gh.failures.add(method="POST", path=REVIEW, mode="held")
    first, number = acme.asked(permissions=PUSHES)
    assert call.arrived.wait(30)
    second, other = acme.asked(permissions=WORKFLOWS, name="second")
    until(lambda: looks_at_grants(scene) == 4, "the look for its card, and the one for its ruling")
    call.release()
    scene.issue(acme.admin, number=number, state="closed", label="approved")
    scene.idle()
    assert (first.state, second.state) == ("approved", "pending")
    assert scene.gh.issue(acme.admin, other).state == "open"


def test_two_that_are_judged_at_once_do_not_pass_together(scene: Stage, acme: Security) -> None:
    wanted = [{"permissions": PUSHES}, {"permissions": WORKFLOWS}]
    assert approved(judged_at_once(scene, acme, HARMLESS, *wanted)) < 2


def test_what_githubs_list_does_not_show_yet_counts_as_held(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, HARMLESS)
    lag = scene.gh.lag("grants", org=acme.org)
    first, _ = acme.asked(permissions=PUSHES)
    until(lambda: first.state == "approved", "the first")
    scene.idle()
    with lag:
        second, number = acme.asked(permissions=WORKFLOWS, name="second")
        scene.idle()
    assert (second.state, scene.gh.issue(acme.admin, number).state) == ("pending", "open")


def test_one_approval_is_renewed_once_of_two_at_once(scene: Stage, acme: Security) -> None:
    first, number = acme.asked(name="first")
    acme.obeyed(acme.olga, number, "/approve")
    assert first.state == "approved"
    scene.gh.ahead = timedelta(days=20)
    scene.sweep(days=20)
    token = {"expires_at": scene.gh.now() + timedelta(days=30)}
    made = judged_at_once(scene, acme, RENEWALS, token, token)
    assert approved(made) < 2


def test_what_was_revoked_with_another_request_is_not_renewed(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, RENEWALS)
    first, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    more = {"repository": {**READS["repository"], "contents": "read"}}
    _, wider = acme.asked(**{**ends_soon(scene), "permissions": more}, token_id=first.token.id)
    acme.obeyed(acme.olga, wider, "/approve")
    acme.obeyed(acme.olga, wider, "/revoke it leaked")
    assert scene.gh.grants(acme.org) == []
    again, asked = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    assert "no renewal" in acme.obeyed(acme.mia, asked, "/explain")
    assert (again.state, scene.gh.grants(acme.org)) == ("pending", [])


@pytest.mark.parametrize("status", [None, 403])
def test_what_githubs_list_shows_no_more_is_not_renewed(
    scene: Stage, acme: Security, caplog: pytest.LogCaptureFixture, status: int | None
) -> None:
    """An owner revoked it on GitHub's page a moment ago. Once that is sure, people decide."""
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    scene.sweep(minutes=10)  # a new approval may take a while to be listed
    (grant,) = scene.gh.grants(acme.org)
    scene.gh.revoke(grant)
    down = status and scene.gh.failures.add(
        method="GET", path="/personal-access-tokens$", status=status, times=None
    )
    again, asked = acme.asked(**ends_soon(scene), name="again")
    until(lambda: "waits for what cannot be read: renewal" in caplog.text, "the ruling")
    assert (again.state, scene.gh.grants(acme.org)) == ("pending", [])
    if down:
        scene.gh.failures.remove(down)
    else:
        scene.clock.ahead += timedelta(minutes=2)  # no sweep needs to come
        scene.issue(acme.admin, number=number, label="revoked")
        acme.obeyed(acme.olga, asked, "/approve")


@pytest.mark.parametrize("told", ["later", "never"])
def test_what_may_have_been_denied_since_is_not_renewed(
    scene: Stage, acme: Security, told: str
) -> None:
    """An owner denied the same on GitHub's page: its delivery fails, or nobody ever tells."""
    puts_in_force(acme, RENEWALS)
    first, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    down = scene.gh.failures.add(method="GET", path=MIA, status=502, times=None)
    second, number = acme.asked(**ends_soon(scene), name="second")
    acme.obeyed(acme.olga, number, "/hold not now")
    scene.gh.failures.remove(down)
    scene.idle()
    if told == "later":
        with scene.gh.drop_deliveries():
            scene.gh.review_as(acme.olga, acme.org, second.id, "deny", "no")
            assert scene.gh.settle()
    else:
        scene.gh.vanish_request(second)
        for _ in range(5):
            scene.sweep()
        scene.issue(acme.admin, number=number, label="cancelled")
    again, asked = acme.asked(**ends_soon(scene), name="again")
    scene.idle()
    assert (first.state, again.state) == ("approved", "pending")
    scene.sweep()
    if told == "later":
        scene.issue(acme.admin, number=number, label="denied")
    assert "no renewal" in acme.obeyed(acme.mia, asked, "/explain")
    assert again.state == "pending"


@pytest.mark.parametrize("word", ["/revoke it leaked", "/deny it leaked"])
def test_a_command_that_waits_is_judged_before_a_renewal(
    scene: Stage, acme: Security, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    """GitHub does not tell whether olga is an owner: nobody knows yet whether it is renewed."""
    puts_in_force(acme, RENEWALS.replace("true}", 'true, permissions: {any: ["issues"]}}'))
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    if word == "/deny it leaked":
        less = {**ends_soon(scene), "permissions": {"repository": {"metadata": "read"}}}
        _, number = acme.asked(**less, name="less")
    scene.idle()
    down = scene.gh.failures.add(method="GET", path=OWNERS, status=502, times=None)
    said = acme.says(acme.olga, number, word)
    until(lambda: down.hits, "a look at who commands")
    again, asked = acme.asked(**ends_soon(scene), name="again")
    until(lambda: "waits for what cannot be read: renewal" in caplog.text, "the ruling")
    assert again.state == "pending"
    scene.gh.failures.remove(down)
    acme.answered(said, "+1")
    assert "no renewal" in acme.obeyed(acme.mia, asked, "/explain")
    assert again.state == "pending"


def test_a_revocation_on_a_digest_that_waits_is_judged_before_a_renewal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, RENEWALS)
        leaked, number = acme.asked(**ends_soon(scene))
        acme.obeyed(acme.olga, number, "/approve")
        digest, _ = with_digest(scene, acme, waits={})
        scene.later()
        down = scene.gh.failures.add(method="GET", path=OWNERS, status=502, times=None)
        text = f"/revoke token:{leaked.token.id} it leaked"
        said = acme.says(acme.olga, digest.number, text)
        until(lambda: down.hits, "a look at who commands")
        soon = {**ends_soon(scene), "expires_at": scene.gh.now() + timedelta(days=8)}
        again, _ = acme.asked(**soon, name="again")
        until(lambda: "waits for what cannot be read: renewal" in caplog.text, "the ruling")
        scene.gh.failures.remove(down)
        acme.answered(said, "+1")
        assert (again.state, scene.gh.grants(acme.org)) == ("pending", [])


def test_what_is_asked_for_beside_what_waits_is_renewed(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    down = scene.gh.failures.add(method="GET", path=MIA, status=502, times=None)
    waits, number = acme.asked(**ends_soon(scene), name="waits")
    acme.obeyed(acme.olga, number, "/hold not now")
    scene.gh.failures.remove(down)
    again = acme.asks(**ends_soon(scene), name="again")
    until(lambda: again.state == "approved", "the renewal")
    assert waits.state == "pending"


def test_what_githubs_list_shows_is_renewed(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**ends_soon(scene))
    acme.obeyed(acme.olga, number, "/approve")
    again = acme.asks(**ends_soon(scene), name="again")
    until(lambda: again.state == "approved", "the renewal")


def test_what_was_approved_for_three_days_is_renewed_for_three_days(
    scene: Stage, acme: Security
) -> None:
    """Its owner gives the new token a later end, once it is approved."""
    puts_in_force(acme, RENEWALS)
    _, number = acme.asked(**{**ends_soon(scene), "expires_at": scene.gh.now() + timedelta(80)})
    acme.obeyed(acme.olga, number, "/approve for 3d")
    three = {**ends_soon(scene), "expires_at": scene.gh.now() + timedelta(days=3)}
    again, asked = acme.asked(**three, name="again")
    issue = scene.issue(acme.admin, number=asked, state="closed", label="approved")
    scene.idle()
    scene.gh.grant_of(acme.org, again.token.id).token.expires_at = scene.gh.now() + timedelta(90)
    scene.sweep(days=3, minutes=1)
    assert "revoked" in issue.labels
    assert scene.gh.grants(acme.org) == []


@pytest.mark.parametrize("command", ["/approve", "/approve for 1d"])
def test_what_somebody_ended_just_before_its_end_is_not_renewed(
    scene: Stage, acme: Security, command: str
) -> None:
    """On GitHub's page, and the end comes while the bot finds out that the access is gone."""
    puts_in_force(acme, RENEWALS)
    day = timedelta(days=1)
    lasts = day if command == "/approve" else 10 * day
    wanted = {"permissions": READS, "expires_at": scene.gh.now() + lasts}
    _, number = acme.asked(**wanted)
    acme.obeyed(acme.olga, number, command)
    scene.sweep(hours=23, minutes=40)
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    scene.sweep()  # a look before the end misses it, where no timer is about to look
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(minutes=6)
    again, asked = acme.asked(name="again", **{**wanted, "expires_at": scene.gh.now() + day})
    scene.issue(acme.admin, number=number, label="revoked")
    scene.sweep()
    assert "no renewal" in acme.obeyed(acme.mia, asked, "/explain")
    assert (again.state, scene.gh.grants(acme.org)) == ("pending", [])


def test_what_one_comment_approves_counts_together(tmp_path: Path) -> None:
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, CAREFUL)
        wanted = {"one": {"permissions": PUSHES}, "two": {"permissions": WORKFLOWS}}
        digest, asked = with_digest(scene, acme, **wanted)
        targets = " ".join(f"#{number}" for _, number in asked.values())
        said = acme.obeyed(acme.olga, digest.number, f"/approve {targets}")
        assert "your approval is recorded" in said
        assert approved(list(asked.values())) == 1
        acme.obeyed(acme.otto, digest.number, f"/approve {targets}")
        assert approved(list(asked.values())) == 2


def test_more_requests_than_are_looked_at_are_not_none(scene: Stage, acme: Security) -> None:
    """Whether it is a renewal hangs on 201 requests: nobody knows, so no rule approves it."""
    puts_in_force(acme, FIRST_TIME)
    now, save = scene.gh.now(), scene.bot.service.store.record.save
    denied = Decision(State.DENIED, now)
    for id_ in range(1, 202):
        mia = Account(acme.mia.id, acme.mia.login)
        old = TokenRequest(acme.org.id, id_, mia, "old", {}, "none", now)
        save(RequestRecord(old, State.DENIED, announced=State.DENIED, decision=denied))
    request, number = acme.asked()
    said = acme.says(acme.mia, number, "/explain")
    reply = f"<!-- countersign reply:{said.id} -->"
    found = until(lambda: [one for one in said.issue.comments if reply in one.body], "its answer")
    assert "- `first time`: not known yet, `unless.renewal` waits for a fact" in found[0].body
    assert request.state == "pending"
    scene.gh.commit(acme.mia, acme.admin, {FILE: RENEWALS.encode()}, "Renewals")
    issue = scene.issue(acme.admin, label="token-policy", state="open")
    assert f"### Undecided requests that it may approve\n\n- #{number} " in issue.body


def test_two_people_who_approve_at_once_count_together(scene: Stage, acme: Security) -> None:
    """Each of the two requests needs one owner; what they add up to needs two for either."""
    puts_in_force(acme, CAREFUL)
    made = [acme.asked(permissions=one, name=f"{n}") for n, one in enumerate((PUSHES, WORKFLOWS))]
    last = scene.gh.failures.add(method="GET", path=OWNERS, mode="kept", times=2)
    said = [
        acme.says(who, number, "/approve")
        for who, (_, number) in zip((acme.olga, acme.otto), made, strict=True)
    ]
    until(lambda: last.hits == 2, "the last question about each")
    last.release()
    for one in said:
        acme.answered(one, "+1")
    assert approved(made) < 2


# ------------------------------------------------------------------ the policy changes meanwhile

NOBODY = """\
version: 1
mode: enforce
rules:
  - name: no tokens
    when: {}
    deny: Please use the vault.
"""


def adopted_meanwhile(scene: Stage, acme: Security, text: str) -> Any:
    """Otto approves, and while the last answer is on its way, olga adopts another policy."""
    last = scene.gh.failures.add(method="GET", path=r"/memberships/otto-acme$", mode="kept")
    request, number = acme.asked()
    said = acme.says(acme.otto, number, "/approve")
    assert last.arrived.wait(30)
    scene.gh.commit(acme.mia, acme.admin, {FILE: text.encode()}, "Change the policy")
    issue = scene.issue(acme.admin, label="token-policy", state="open")
    acme.says(acme.olga, issue.number, "/adopt")
    until(lambda: "adopted" in issue.labels, "another policy")
    last.release()
    return request, said


def test_a_policy_that_is_adopted_before_the_call_counts(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TIMED)
    request, said = adopted_meanwhile(scene, acme, NOBODY)
    acme.answered(said, "confused")
    until(lambda: request.state == "denied", "what the new rule says")


def test_a_limit_stays_when_the_policy_changes_before_another_try(
    scene: Stage, acme: Security
) -> None:
    puts_in_force(acme, TIMED)
    request, number = acme.asked()
    lost = scene.gh.failures.add(method="POST", path=REVIEW, status=502, times=None)
    said = acme.says(acme.olga, number, "/approve")
    until(lambda: lost.hits, "the first try")
    scene.gh.commit(acme.mia, acme.admin, {FILE: CAREFUL.encode()}, "Change the policy")
    issue = scene.issue(acme.admin, label="token-policy", state="open")
    acme.says(acme.olga, issue.number, "/adopt")
    until(lambda: "adopted" in issue.labels, "another policy")
    scene.gh.failures.remove(lost)
    acme.answered(said, "+1")
    assert request.state == "approved"
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert row.decision.lifetime == timedelta(days=5)


def test_a_limit_stays_when_the_policy_changes_during_bulk(tmp_path: Path) -> None:
    """GitHub left one undone; the policy under which it was approved is another one by then."""
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        puts_in_force(acme, TIMED)
        digest, asked = with_digest(scene, acme, one={}, two={})
        (one, _), (two, number) = asked["one"], asked["two"]
        scene.gh.failures.skip_in_bulk.add(two.id)
        said = acme.says(acme.olga, digest.number, f"/approve #{asked['one'][1]} #{number}")
        until(lambda: one.state == "approved", "the first")
        scene.gh.commit(acme.mia, acme.admin, {FILE: CAREFUL.encode()}, "Change the policy")
        issue = scene.issue(acme.admin, label="token-policy", state="open")
        acme.says(acme.olga, issue.number, "/adopt")
        until(lambda: "adopted" in issue.labels, "another policy")
        scene.clock.ahead += timedelta(seconds=30)  # what GitHub left undone is asked for singly
        acme.answered(said, "+1", 60)
        assert (one.state, two.state) == ("approved", "pending")
        record = scene.bot.service.store.record
        assert record.request(acme.org.id, one.id).decision.lifetime == timedelta(days=5)


def test_a_bulk_that_the_new_policy_leaves_out_keeps_its_limit(tmp_path: Path) -> None:
    """GitHub is at it already when two approvals are asked for, and does it all the same."""
    with stage(tmp_path, **MIDNIGHT) as scene:
        acme = Security(scene)
        digest, asked = with_digest(scene, acme, one={}, two={})
        scene.gh.bulk_delay = 10
        lost = scene.gh.failures.add(method="POST", path=BULK, mode="lost")
        numbers = " ".join(f"#{number}" for _, number in asked.values())
        said = acme.says(acme.olga, digest.number, f"/approve for 3d {numbers}")
        until(lambda: lost.hits, "the first try")
        puts_in_force(acme, TWO)
        assert "Approved 2 requests" in acme.answered(said, "+1", 60)
        record = scene.bot.service.store.record
        assert all(record.request(acme.org.id, one.id).revoke_at for one, _ in asked.values())


# ------------------------------------------------------------------ what stays unread


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_team_that_stays_unreadable_approves_nothing_and_says_why(
    scene: Stage, acme: Security, status: int
) -> None:
    puts_in_force(acme, READERS)
    down = scene.gh.failures.add(method="GET", path=TEAM, status=status, times=None)
    request, number = acme.asked(permissions=READS)
    until(lambda: down.hits, "a look")
    scene.clock.ahead += timedelta(seconds=10)
    until(lambda: down.hits >= 2, "another look")
    said = acme.says(acme.olga, number, "/explain")
    reply = f"<!-- countersign reply:{said.id} -->"
    until(lambda: down.hits >= 3, "its look")
    scene.clock.ahead += timedelta(seconds=10)
    found = until(lambda: [one for one in said.issue.comments if reply in one.body], "its answer")
    assert "`no tokens for security`: not known yet, `when.requester` waits" in found[0].body
    assert "Nobody can approve it until that is known. Owners can deny it." in found[0].body
    acme.says(acme.olga, number, "/approve")
    hits = down.hits
    scene.clock.ahead += timedelta(minutes=1)
    until(lambda: down.hits > hits, "a look for the command")
    assert request.state == "pending"
    scene.gh.failures.remove(down)
    scene.clock.ahead += timedelta(minutes=1)
    until(lambda: request.state == "approved", "the approval", 60)


def test_a_policy_that_this_version_cannot_read_lets_nobody_approve_and_says_so(
    scene: Stage, acme: Security
) -> None:
    """A later version of the bot could read what is in force."""
    request, number = acme.asked(permissions=READS)
    puts_in_force(acme, TWO)
    record = scene.bot.service.store.record
    version, now = record.newest_policy_version(acme.org.id), record.policy_in_force(acme.org.id)
    record.save_policy_version(version, adopted=[replace(now, text="version: 2\n")])
    issue = scene.gh.issue(acme.admin, number)

    def told(marker: str) -> str:
        found = [one.body for one in issue.comments if marker in one.body]
        return found[0] if found else ""

    waiting = f"<!-- countersign waiting:{acme.says(acme.olga, number, '/approve').id} -->"
    answer = f"<!-- countersign reply:{acme.says(acme.otto, number, '/explain').id} -->"
    assert "this version of the bot cannot read it" in until(lambda: told(answer), "an answer")
    assert not told(waiting)
    scene.clock.ahead += timedelta(minutes=61)
    until(lambda: told(waiting), "a word about the wait")
    acme.obeyed(acme.otto, number, "/deny no")
    assert request.state == "denied"


@pytest.mark.parametrize("word", ["/deny no", "/hold"])
def test_an_approval_that_waits_for_a_fact_stops_nobody(
    scene: Stage, acme: Security, word: str
) -> None:
    """An earlier run of it asked GitHub in vain."""
    puts_in_force(acme, OWNERS_FOR_SECURITY)
    request, number = acme.asked(by=acme.sam)
    lost = scene.gh.failures.add(method="POST", path=REVIEW, status=502, times=None)
    acme.says(acme.olga, number, "/approve")
    until(lambda: lost.hits, "the first try")
    scene.gh.failures.add(method="GET", path=TEAM, status=403, times=None)
    scene.gh.failures.remove(lost)
    acme.obeyed(acme.otto, number, word)
    assert request.state == ("denied" if word == "/deny no" else "pending")


def test_the_last_of_two_confirms_what_is_critical_for_ever(scene: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO)
    forever = {"permissions": {"repository": {"administration": "write", "metadata": "read"}}}
    request, number = acme.asked(expires_at=None, **forever)
    assert "1 of 2" in acme.obeyed(acme.sam, number, "/approve")
    said = acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "pending"
    code = said.partition("`/confirm ")[2].split("`")[0]
    acme.refused(acme.sam, number, f"/confirm {code}")
    acme.obeyed(acme.olga, number, f"/confirm {code}")
    assert request.state == "approved"
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert [one.author.login for one in row.decision.approvals] == ["sam"]
