"""An adoption by whose rules the approvals that people gave before are enough."""

from datetime import timedelta

import pytest

from tests.journeys.digests import with_digest
from tests.journeys.policies import (
    FILE,
    REVIEWERS,
    SECURITY,
    TWO,
    WIDER,
    Security,
    puts_in_force,
)
from tests.journeys.stage import Stage, until

TWO_PEOPLE = TWO.replace(", for: 20d", "")
REVIEW = "/personal-access-token-requests/{}$"
NEVER_ENDING = {"expires_at": None}
BY_EXPIRY = f"""{REVIEWERS}
  - name: one is enough
    when: {{expires: never}}
    review: {{by: [owners, security]}}
  - name: two people
    when: {{expires: true}}
    review: {{by: [owners, security], approvals: 2}}
"""


@pytest.fixture
def acme(daily: Stage) -> Security:
    return Security(daily)


def last_word(acme: Security, number: int) -> str:
    return str(acme.stage.gh.issue(acme.admin, number).comments[-1].body)


def adopted_in_the_middle(acme: Security, text: str) -> None:
    """Adopted by both owners, while the bot is at something else."""
    gh, stage = acme.stage.gh, acme.stage
    gh.commit(acme.mia, acme.admin, {FILE: text.encode()}, "Change the policy")
    issue = stage.issue(acme.admin, label="token-policy", state="open")
    for owner in (acme.olga, acme.otto):
        said = acme.says(owner, issue.number, "/adopt")
        until(lambda said=said: said.reactions, "the answer")
    codes = [one.body for one in issue.comments if "/confirm " in one.body]
    if codes:
        code = codes[-1].split("/confirm ")[1].split("`")[0].split()[0]
        acme.says(acme.otto, issue.number, f"/confirm {code}")
    until(lambda: "adopted" in issue.labels, "the adoption")


def test_it_approves(scene: Stage) -> None:
    acme = Security(scene)
    puts_in_force(acme, TWO.replace(", for: 20d", ""))
    everything = {"repository": {"administration": "write", "metadata": "read"}}
    (request, number), (edited, other), (critical, third) = (
        acme.asked(name="plain"),
        acme.asked(name="edited"),
        acme.asked(name="critical", permissions=everything, expires_at=None),
    )
    acme.obeyed(acme.sam, number, "/approve for 3d fine")
    said = acme.says(acme.sam, other, "/approve")
    acme.answered(said, "+1")
    scene.gh.edit_comment(acme.otto, said, "/approve, as edited")
    acme.obeyed(acme.sam, third, "/approve")
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    issue = scene.issue(acme.admin, number=number, state="closed")
    scene.idle()
    assert [one.state for one in (request, edited, critical)] == ["approved", "pending", "pending"]
    assert "**Approved** by [sam](" in issue.comments[-1].body
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert row.revoke_at - row.decision.at == timedelta(days=3)
    adopted = scene.issue(acme.admin, label="adopted", said="Nothing was adopted yet.")
    listed = next(one.body for one in adopted.comments if "Nothing was adopted yet." in one.body)
    assert f"- #{number} " in listed.partition("It may approve these undecided requests")[2]
    said = acme.obeyed(acme.mia, third, "/explain")
    assert "Enough people have approved by these rules. It takes one more `/approve`" in said


def test_it_counts_approvals_given_on_a_digest(daily: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO.replace(", for: 20d", ""))
    digest, asked = with_digest(
        daily, acme, one={}, two={}, changed={}, late={"permissions": WIDER}, edited={}
    )
    numbers = {name: number for name, (_, number) in asked.items()}
    first = " ".join(f"#{numbers[name]}" for name in ("one", "two", "changed"))
    acme.obeyed(acme.sam, digest.number, f"/approve for 3d {first} both are fine")
    late = acme.obeyed(acme.sam, digest.number, "/approve permission:issues the others")
    code = late.split("/confirm ")[1].split("`")[0].split()[0]
    acme.obeyed(acme.sam, digest.number, f"/confirm {code}")
    edited = acme.says(acme.pat, digest.number, f"/approve #{numbers['edited']}")
    acme.answered(edited, "+1")
    daily.gh.edit_comment(acme.otto, edited, "/approve all of it")
    daily.gh.change_request(asked["changed"][0], permissions=WIDER)
    daily.idle()
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    daily.idle()
    states = {name: request.state for name, (request, _) in asked.items()}
    done = dict.fromkeys(("one", "two", "late"), "approved")
    assert states == {**done, "changed": "pending", "edited": "pending"}
    told = [daily.gh.issue(acme.admin, numbers[name]).comments[-1].body for name in done]
    assert all("**Approved** by [sam](" in text for text in told)
    assert ["both are fine" in text for text in told] == [True, True, False]
    assert "the others" in told[2]
    record = daily.bot.service.store.record
    rows = [record.request(acme.org.id, asked[name][0].id) for name in done]
    lasts = [row.revoke_at and row.revoke_at - row.decision.at for row in rows]
    assert lasts == [timedelta(days=3), timedelta(days=3), None]


def test_one_that_github_refuses_takes_no_other_with_it(daily: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO_PEOPLE)
    digest, asked = with_digest(daily, acme, one={}, two={}, three={})
    numbers = {name: number for name, (_, number) in asked.items()}
    targets = " ".join(f"#{number}" for number in numbers.values())
    said = acme.says(acme.sam, digest.number, f"/approve {targets} fine")
    acme.answered(said, "+1")
    for name, status in (("one", 422), ("two", 502)):
        path = REVIEW.format(asked[name][0].id)
        daily.gh.failures.add(method="POST", path=path, status=status)
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    daily.idle()
    states = [request.state for request, _ in asked.values()]
    assert states == ["pending", "approved", "approved"]
    assert "does not count: GitHub does not accept it" in last_word(acme, numbers["one"])
    assert [one.content for one in said.reactions] == ["+1"]
    acme.obeyed(acme.sam, numbers["one"], "/approve")
    assert asked["one"][0].state == "approved"


def test_it_waits_for_the_comment_that_is_still_carried_out(daily: Stage, acme: Security) -> None:
    """GitHub's bulk has not come to one of the two yet, and another policy begins: its author is
    told, whatever the adoption does with the other.
    """
    puts_in_force(acme, BY_EXPIRY)
    digest, asked = with_digest(daily, acme, never=NEVER_ENDING, timed={})
    (never, first), (timed, second) = asked.values()
    daily.gh.failures.skip_in_bulk.update({never.id})
    said = acme.says(acme.sam, digest.number, f"/approve #{first} #{second} fine")
    sent = "/personal-access-token-requests"
    until(lambda: [one for one in daily.gh.calls if one.path.endswith(sent)], "the bulk")
    adopted_in_the_middle(acme, SECURITY)
    report = acme.answered(said, "+1", 60)
    daily.sweep()
    assert (never.state, timed.state) == ("pending", "approved")
    assert f"#{first}: GitHub did not accept the decision; please try again" in report


def test_two_jobs_never_carry_out_one_comment(daily: Stage, acme: Security) -> None:
    """GitHub's bulk is away while another policy is adopted: the comment's own job goes first."""
    puts_in_force(acme, BY_EXPIRY)
    digest, asked = with_digest(daily, acme, never=NEVER_ENDING, timed={})
    (never, first), (timed, second) = asked.values()
    down = daily.gh.failures.add(
        method="POST", path="/personal-access-token-requests$", status=502, times=None
    )
    said = acme.says(acme.sam, digest.number, f"/approve #{first} #{second} fine")
    until(lambda: down.hits, "the bulk")
    adopted_in_the_middle(acme, SECURITY)
    daily.gh.failures.remove(down)
    acme.answered(said, "+1", 60)
    daily.sweep()
    assert (never.state, timed.state) == ("approved", "approved")
    history = daily.bot.service.store.record.history(acme.org.id, timed.id)
    begun = [one.text for one in history if one.kind == "approve commanded"]
    assert begun
    assert all(text.endswith("(with others)") for text in begun)


@pytest.mark.parametrize("on_digest", [False, True])
def test_one_that_was_counted_by_the_policy_before(
    daily: Stage, acme: Security, *, on_digest: bool
) -> None:
    """Another policy is adopted while GitHub is asked who Sam is."""
    puts_in_force(acme, TWO_PEOPLE)
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    slow = daily.gh.failures.add(method="GET", path="/orgs/acme/memberships/sam$", mode="held")
    where, text = (digest.number, f"/approve #{number}") if on_digest else (number, "/approve")
    acme.says(acme.sam, where, text)
    until(slow.arrived.is_set, "the question")
    adopted_in_the_middle(acme, SECURITY)
    slow.release()
    daily.idle()
    daily.sweep()
    assert request.state == "approved"


def test_a_404_that_passes_now_and_then_makes_no_comment_gone(daily: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO_PEOPLE)
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    daily.gh.failures.passing_404(r"/issues/comments/\d+$")
    said = acme.says(acme.sam, digest.number, f"/approve #{number}")
    acme.answered(said, "+1")
    daily.sweep(hours=2)
    daily.gh.failures.passing_404(rf"/issues/comments/{said.id}$")
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    daily.idle()
    assert request.state == "approved"


def test_an_approver_may_be_renamed(daily: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO_PEOPLE)
    digest, asked = with_digest(daily, acme, one={}, two={})
    (one, first), (two, second) = asked.values()
    acme.obeyed(acme.sam, digest.number, f"/approve #{first}")
    acme.obeyed(acme.sam, second, "/approve")
    daily.gh.rename_user(acme.sam, "samuel")
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    daily.idle()
    assert (one.state, two.state) == ("approved", "approved")


def test_another_one_decides_when_the_newest_does_not_count(daily: Stage, acme: Security) -> None:
    puts_in_force(acme, TWO_PEOPLE.replace("approvals: 2", "approvals: 3"))
    request, number = acme.asked()
    acme.obeyed(acme.sam, number, "/approve for 3d fine")
    acme.obeyed(acme.olga, number, "/approve fine too")
    puts_in_force(acme, SECURITY)
    daily.idle()
    assert request.state == "approved"
    assert "**Approved** by [sam](" in last_word(acme, number)
    assert "what owners adopted since asks for no more approvals" in last_word(acme, number)


@pytest.mark.parametrize("what", ["edited", "deleted", "left"])
def test_the_issue_says_why_none_counts(daily: Stage, acme: Security, what: str) -> None:
    puts_in_force(acme, TWO_PEOPLE)
    request, number = acme.asked()
    said = acme.says(acme.sam, number, "/approve")
    acme.answered(said, "+1")
    if what == "edited":
        daily.gh.edit_comment(acme.otto, said, "/approve at once")
    elif what == "deleted":
        daily.gh.delete_comment(acme.otto, said)
    else:
        daily.gh.remove_member(acme.org, acme.sam)
    puts_in_force(acme, SECURITY, acme.olga, acme.otto)
    daily.idle()
    why = {
        "edited": "was edited",
        "deleted": "is gone",
        "left": "its author may not decide alone now",
    }[what]
    assert request.state == "pending"
    assert why in last_word(acme, number)
    daily.sweep()
    assert len([one for one in said.issue.comments if "does not count" in one.body]) == 1


def test_the_removal_of_a_policy_is_an_adoption_too(daily: Stage, acme: Security) -> None:
    """Owners decide everything again, and one of them approved before."""
    puts_in_force(acme, TWO_PEOPLE)
    (one, first), (two, second) = acme.asked(name="one"), acme.asked(name="two")
    acme.obeyed(acme.olga, first, "/approve for 3d fine")
    acme.obeyed(acme.sam, second, "/approve")
    daily.gh.commit(acme.mia, acme.admin, {FILE: None}, "Remove the policy")
    issue = daily.issue(acme.admin, label="token-policy", state="open")
    acme.obeyed(acme.olga, issue.number, "/adopt")
    asked = acme.obeyed(acme.otto, issue.number, "/adopt")
    assert f"- #{first} " in asked
    code = asked.split("/confirm ")[1].split("`")[0].split()[0]
    assert one.state == "pending"
    acme.obeyed(acme.otto, issue.number, f"/confirm {code}")
    daily.idle()
    daily.sweep()
    assert (one.state, two.state) == ("approved", "pending")
    assert "**Approved** by [olga-acme](" in last_word(acme, first)
    assert "its author may not decide alone now" in last_word(acme, second)
    acme.obeyed(acme.otto, second, "/approve")
    assert two.state == "approved"
