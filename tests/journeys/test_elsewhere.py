"""Decisions that no command made: on GitHub's own page, by other Apps, by the requester."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.stage import Cast, Stage, until

EVENT = "personal_access_token_request"


def row(scene: Stage, acme: Cast, asked: Any) -> Any:
    """The request in the record."""
    return scene.bot.service.store.record.request(acme.org.id, asked.id)


def request_issues(scene: Stage, acme: Cast) -> list[Any]:
    return [one for one in scene.gh.issues(acme.admin) if "token-request" in one.labels]


def shown(issue: Any) -> tuple[str, str | None, set[str]]:
    return issue.state, issue.state_reason, set(issue.labels) - {"token-request", "danger: high"}


def test_an_owner_decides_on_githubs_page(scene: Stage, acme: Cast) -> None:
    yes, no = acme.asks(name="yes"), acme.asks(name="no")
    scene.issue(acme.admin, title_has="yes", label="pending")
    scene.issue(acme.admin, title_has="no by", label="pending")

    scene.gh.review_as(acme.olga, acme.org, yes.id, "approve", "fine")
    scene.gh.review_as(acme.otto, acme.org, no.id, "deny", "not now")

    approved = scene.issue(acme.admin, title_has="yes", state="closed")
    denied = scene.issue(acme.admin, title_has="no by", state="closed")
    assert shown(approved) == ("closed", "completed", {"approved"})
    assert shown(denied) == ("closed", "not_planned", {"denied"})
    assert [len(one.comments) for one in (approved, denied)] == [1, 1]
    assert acme.olga.login in approved.comments[0].body
    assert "outside this issue" in approved.comments[0].body
    assert acme.otto.login in denied.comments[0].body


def test_another_app_decides(scene: Stage, acme: Cast) -> None:
    other = scene.gh.add_user("other-app[bot]")
    other.type = "Bot"
    asked = acme.asks()
    scene.issue(acme.admin, label="pending")

    scene.gh.review(asked, "approve", None, other)

    issue = scene.issue(acme.admin, state="closed")
    assert shown(issue) == ("closed", "completed", {"approved"})
    assert "other-app" in issue.comments[0].body


def test_a_late_delivery_of_an_approval_brings_no_access_back(scene: Stage, acme: Cast) -> None:
    """GitHub's lists told that it was approved, and later that its access is gone."""
    asked, number = acme.asked()
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(seconds=2)
    with scene.gh.drop_deliveries():
        scene.gh.review_as(acme.otto, acme.org, asked.id, "approve")
        scene.gh.settle()
    late = scene.gh.hook.attempts.pop()  # the bot does not see that it failed
    scene.sweep()
    assert row(scene, acme, asked).state == "approved"
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    for _ in range(3):
        scene.sweep()
    assert row(scene, acme, asked).state == "revoked"
    scene.gh.hook.attempts.append(late)
    scene.gh.redeliver(late.guid)
    scene.idle()
    issue = scene.gh.issue(acme.admin, number)
    assert row(scene, acme, asked).state == "revoked"
    assert shown(issue) == ("closed", "completed", {"revoked"})
    assert "**Revoked**" in issue.comments[-1].body
    approval = row(scene, acme, asked).approval
    assert (approval.by.id, approval.presumed) == (acme.otto.id, False)


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [("approve", "approved", "completed"), ("deny", "denied", "not_planned")],
)
def test_an_expired_request_whose_token_got_a_later_end_is_decided(
    scene: Stage, acme: Cast, action: Any, state: str, reason: str
) -> None:
    """On GitHub's page, before a sweep saw that it waits again."""
    end = scene.clock.now().replace(microsecond=0) + timedelta(hours=5)
    asked, number = acme.asked(expires_at=end)
    scene.gh.ahead = scene.clock.ahead = scene.clock.ahead + timedelta(hours=6)
    scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    assert shown(issue) == ("closed", "not_planned", {"expired"})

    asked.token.expires_at = end + timedelta(days=50)
    scene.gh.ahead = scene.clock.ahead
    scene.gh.review_as(acme.otto, acme.org, asked.id, action, "fine")
    scene.idle()
    assert shown(issue) == ("closed", reason, {state})
    assert acme.otto.login in issue.comments[-1].body
    assert row(scene, acme, asked).request.expires_at == end + timedelta(days=50)
    for _ in range(3):
        scene.sweep()
    assert row(scene, acme, asked).state == state


def test_the_requester_cancels(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    scene.issue(acme.admin, label="pending")

    scene.gh.cancel_request(asked)

    issue = scene.issue(acme.admin, state="closed")
    assert shown(issue) == ("closed", "not_planned", {"cancelled"})
    assert f"by the requester, [{acme.mia.login}]" in issue.comments[0].body


def test_cancelled_because_it_expired(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    scene.issue(acme.admin, label="pending")

    scene.gh.expire(asked, cancelled=True)

    issue = scene.issue(acme.admin, state="closed")
    assert shown(issue) == ("closed", "not_planned", {"expired"})


def test_a_token_that_needed_no_approval_has_no_issue(scene: Stage, acme: Cast) -> None:
    grant = scene.gh.grant_without_review(acme.org, acme.mia, name="free")
    scene.idle()

    assert request_issues(scene, acme) == []
    (recorded,) = scene.bot.service.store.record.requests_of_token(acme.org.id, grant.token.id)
    assert (recorded.state, recorded.without_review) == (State.APPROVED, True)


def test_approved_comes_before_created(scene: Stage, acme: Cast) -> None:
    with scene.gh.hold_deliveries(reverse=True):
        asked = acme.asks()
        scene.gh.review_as(acme.olga, acme.org, asked.id, "approve")
    scene.idle()

    (issue,) = request_issues(scene, acme)
    assert shown(issue) == ("closed", "completed", {"approved"})
    assert "danger: high" in issue.labels
    assert len(issue.comments) == 1
    assert acme.olga.login in issue.comments[0].body
    assert not row(scene, acme, asked).without_review


def test_the_same_delivery_twice(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    scene.issue(acme.admin, label="pending")
    scene.gh.review_as(acme.olga, acme.org, asked.id, "deny", "no")
    issue = scene.issue(acme.admin, state="closed")

    for one in scene.gh.deliveries:
        scene.gh.redeliver(one.guid)
    scene.idle()

    assert (len(request_issues(scene, acme)), len(issue.comments)) == (1, 1)
    assert all(one.status_code == 202 for one in scene.gh.deliveries)


def test_old_outcomes_change_nothing_while_github_lists_the_request(
    scene: Stage, acme: Cast
) -> None:
    asked = acme.asks()
    scene.issue(acme.admin, label="pending")
    created = scene.told(EVENT, "created")
    other = acme.asks(name="other")
    number = scene.issue(acme.admin, title_has="other").number
    for action in ("approved", "denied", "cancelled"):
        scene.deliver(EVENT, {**created, "action": action})
    scene.gh.review_as(acme.olga, acme.org, other.id, "deny")
    until(lambda: acme.admin.issues[number].state == "closed", "the later delivery handled")
    scene.idle()

    assert row(scene, acme, asked).state is State.PENDING
    issue = scene.issue(acme.admin, title_has="ci-release")
    assert (shown(issue), issue.comments) == (("open", None, {"pending"}), [])


@pytest.mark.parametrize("verdict", ["approve", "deny"])
def test_a_decision_that_githubs_list_does_not_show_yet(
    town: Stage, cast: Cast, verdict: str
) -> None:
    request, _ = cast.asked()
    town.idle()
    held = town.gh.hold_deliveries()
    town.gh.review_as(cast.olga, cast.org, request.id, verdict, "because")
    after, request.state = request.state, "pending"
    town.gh.clear_calls()
    held.end()
    listed = f"/orgs/{cast.org.login}/personal-access-token-requests"
    until(lambda: listed in [one.path for one in town.gh.calls], "a look at the list")
    request.state = after
    issue = town.issue(cast.admin, state="closed")
    town.idle()
    assert after in issue.labels
    assert cast.olga.login in issue.comments[-1].body


def test_an_outcome_of_a_request_that_still_waits_unheard_of(scene: Stage, acme: Cast) -> None:
    """`created` was lost and something old says `approved`, but GitHub's list has it pending."""
    with scene.gh.drop_deliveries():
        asked = acme.asks()
        scene.gh.settle()
    lost = scene.gh.deliveries[-1].json

    scene.deliver(EVENT, {**lost, "action": "approved"})
    scene.idle()

    (issue,) = request_issues(scene, acme)
    assert shown(issue) == ("open", None, {"pending"})
    assert row(scene, acme, asked).state is State.PENDING


def test_the_echo_of_a_bulk_decision_keeps_its_owner(scene: Stage, acme: Cast) -> None:
    asked = [acme.asks(name=name) for name in ("one", "two")]
    scene.idle()
    scene.bot.send_digests()
    digest = scene.issue(acme.admin, label="token-digest")
    scene.idle()
    scene.gh.bulk_delay = 0.5

    acme.says(acme.olga, digest.number, "/deny #1 #2 not these")
    until(lambda: scene.gh.working, "the bulk call")
    with scene.gh.hold_deliveries():
        scene.issue(acme.admin, title_has="one", state="closed")
        scene.issue(acme.admin, title_has="two", state="closed")
    scene.idle()

    for one in asked:
        decision = row(scene, acme, one).decision
        assert (decision.by.login, decision.reason) == (acme.olga.login, "not these")
        history = scene.bot.service.store.record.history(acme.org.id, one.id)
        assert [entry.kind for entry in history].count("denied") == 1
    assert [len(issue.comments) for issue in request_issues(scene, acme)] == [1, 1]


def test_an_owner_who_was_faster_on_githubs_page_is_named(town: Stage, cast: Cast) -> None:
    """Our call never reached GitHub: a grant proves an approval, and not whose."""
    request, number = cast.asked()
    path = f"/personal-access-token-requests/{request.id}$"
    failure = town.gh.failures.add(method="POST", path=path, status=502, times=None)
    said = cast.says(cast.olga, number, "/approve for 3d")
    until(lambda: failure.hits, "our try")
    town.gh.review_as(cast.otto, cast.org, request.id, "approve", "mine")
    town.idle()
    (closing,) = [
        one.body for one in town.gh.issue(cast.admin, number).comments if "**A" in one.body
    ]
    assert f"**Approved** by [{cast.otto.login}]" in closing
    assert "will be revoked" not in closing
    assert [one.content for one in said.reactions] == ["confused"]
