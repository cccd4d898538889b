"""Installations and organizations as they come, go, pause, widen and change their names."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.record import InstallationState
from bot.domain.token_request import State
from bot.replies.labels import LABELS
from tests.journeys.policies import FILE
from tests.journeys.stage import Cast, Stage, stage, until

OWNERS = """\
version: 1
mode: enforce
rules:
  - {name: owners look, when: {}, review: {by: [owners]}}
"""


def row(acme: Cast, asked: Any) -> Any:
    return acme.stage.bot.service.store.record.request(acme.org.id, asked.id)


def organization(acme: Cast) -> Any:
    """The organization in the record."""
    return acme.stage.bot.service.store.record.organization(acme.org.id)


def state_of(acme: Cast) -> Any:
    known = organization(acme)
    return known and known.state


def test_an_installation_fills_up_what_waits_already(scene: Stage) -> None:
    acme = scene.organization(install=False)
    acme.asks(name="older")
    scene.gh.install(acme.org)
    assert "release the API" in scene.issue(acme.admin, title_has="older").body
    made = [(one.name, one.color, one.description) for one in acme.admin.labels.values()]
    assert made == list(LABELS)


def test_a_delivery_of_an_unknown_installation_takes_it_up(scene: Stage) -> None:
    acme = scene.organization(install=False)
    with scene.gh.drop_deliveries():
        scene.gh.install(acme.org)
        scene.gh.settle()
    acme.asks()
    scene.issue(acme.admin, label="pending")


def test_deleted_is_believed_only_when_github_says_so(scene: Stage, acme: Cast) -> None:
    scene.idle()
    scene.gh.tell_installation(acme.installation, "deleted", acme.olga)
    scene.idle()
    assert state_of(acme) is InstallationState.ACTIVE
    acme.asks()
    scene.issue(acme.admin, label="pending")

    scene.gh.uninstall(acme.installation)
    scene.idle()
    assert state_of(acme) is InstallationState.DELETED


def test_timers_of_a_deleted_installation_are_shown_and_resumed(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    acme.says(acme.olga, issue.number, "/approve for 2h")
    until(lambda: scene.gh.grants(acme.org), "the grant")
    scene.idle()
    scene.gh.uninstall(acme.installation)
    scene.idle()
    scene.sweep(hours=3)

    (failed,) = scene.bot.service.store.inbox.deliveries("failed")
    assert (failed.event, failed.org) == ("RevokeDue", "acme")
    assert "install the App again" in failed.last_error
    assert scene.gh.grants(acme.org)

    with scene.gh.drop_deliveries():  # even the delivery that it is back may be lost
        scene.gh.install(acme.org)
        scene.gh.settle()
    scene.gh.hook.attempts[:] = [one for one in scene.gh.deliveries if one.succeeded]
    scene.sweep()
    assert scene.gh.grants(acme.org) == []
    assert row(acme, asked).state is State.REVOKED
    assert "revoked" in issue.labels


@pytest.mark.parametrize("words", ["/approve", "/hold a moment", "/deny no"])
def test_a_command_that_comes_when_the_app_was_installed_again_is_refused(
    scene: Stage, acme: Cast, words: str
) -> None:
    """Its delivery was missed, and comes by an installation that is no more."""
    asked, number = acme.asked()
    scene.idle()
    scene.stop_bot()
    said = acme.says(acme.olga, number, words)
    scene.gh.settle()
    scene.gh.uninstall(acme.installation)
    scene.gh.install(acme.org)
    scene.gh.settle()
    scene.start_bot()

    assert "installed again" in acme.answered(said, "confused")
    assert (asked.state, row(acme, asked).state) == ("pending", State.PENDING)
    acme.obeyed(acme.olga, number, words)


@pytest.mark.parametrize("words", ["/adopt", "/reject no"])
def test_a_ruling_that_comes_when_the_app_was_installed_again_is_refused(
    scene: Stage, acme: Cast, words: str
) -> None:
    issue = policy_issue(scene, acme)
    scene.stop_bot()
    said = acme.says(acme.olga, issue.number, words)
    scene.gh.settle()
    scene.gh.uninstall(acme.installation)
    scene.gh.install(acme.org)
    scene.gh.settle()
    scene.start_bot()

    assert "installed again" in acme.answered(said, "confused")
    acme.obeyed(acme.olga, issue.number, words)


@pytest.mark.parametrize("words", ["/adopt", "/reject no"])
def test_a_ruling_while_the_app_is_suspended_waits(scene: Stage, acme: Cast, words: str) -> None:
    issue = policy_issue(scene, acme)
    with scene.gh.hold_deliveries(reverse=True):
        said = acme.says(acme.olga, issue.number, words)
        scene.gh.suspend(acme.installation)
    until(lambda: state_of(acme) is InstallationState.SUSPENDED, "suspended")
    scene.gh.unsuspend(acme.installation)
    acme.answered(said, "+1")


def policy_issue(scene: Stage, acme: Cast) -> Any:
    scene.gh.commit(acme.mia, acme.admin, {FILE: OWNERS.encode()}, "A policy")
    issue = scene.issue(acme.admin, label="token-policy", state="open")
    scene.idle()
    return issue


@pytest.mark.parametrize("words", ["/approve", "/status"])
def test_a_command_does_not_wait_for_an_app_that_is_gone(
    scene: Stage, acme: Cast, words: str
) -> None:
    asked, number = acme.asked()
    scene.idle()
    with scene.gh.hold_deliveries():
        acme.says(acme.olga, number, words)
        scene.gh.uninstall(acme.installation)
    scene.idle()
    assert not [one for one in scene.bot.service.store.inbox.deliveries() if waits_in_vain(one)]
    assert asked.state == "pending"


def waits_in_vain(one: Any) -> bool:
    return one.event == "issue_comment" and one.state != "done"


def test_what_expired_while_the_app_was_away_is_closed(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    scene.gh.uninstall(acme.installation)
    scene.idle()
    scene.sweep(days=31)
    assert row(acme, asked).state is State.PENDING

    scene.gh.install(acme.org)
    scene.idle()
    assert ("expired" in issue.labels, issue.state) == (True, "closed")


def test_suspended_waits_and_goes_on(scene: Stage, acme: Cast) -> None:
    acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    scene.gh.suspend(acme.installation)
    until(lambda: state_of(acme) is InstallationState.SUSPENDED, "suspended")
    acme.asks(name="meanwhile")
    scene.gh.unsuspend(acme.installation)

    scene.issue(acme.admin, title_has="meanwhile", label="pending")
    acme.says(acme.olga, issue.number, "/deny no")
    until(lambda: issue.state == "closed", "the decision")


def test_new_permissions_count_at_once(scene: Stage) -> None:
    acme = scene.organization(install=False)
    fewer = {**scene.gh.app.permissions, "organization_personal_access_tokens": "read"}
    installation = scene.gh.install(acme.org, permissions=fewer)
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    acme.says(acme.olga, issue.number, "/approve for 3d")
    scene.issue(acme.admin, said="not allowed to revoke")
    assert asked.state == "pending"
    acme.says(acme.olga, issue.number, "/approve")
    until(lambda: scene.gh.grants(acme.org), "the grant")

    scene.gh.accept_permissions(installation)
    scene.idle()
    acme.says(acme.olga, issue.number, "/revoke")
    until(lambda: not scene.gh.grants(acme.org), "the revocation")


@pytest.mark.parametrize("told", [True, False])
def test_a_renamed_organization(scene: Stage, acme: Cast, told: bool) -> None:
    acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    if told:
        scene.gh.rename_organization(acme.org, "acme-labs")
    else:
        with scene.gh.drop_deliveries():
            scene.gh.rename_organization(acme.org, "acme-labs")
            scene.gh.settle()

    acme.says(acme.olga, issue.number, "/hold a moment")
    until(lambda: "held" in issue.labels, "the hold")
    acme.says(acme.olga, issue.number, "/unhold")
    acme.says(acme.olga, issue.number, "/approve")
    until(lambda: issue.state == "closed", "the decision")
    acme.asks(name="another")
    scene.issue(acme.admin, title_has="another", label="pending")
    assert organization(acme).login == "acme-labs"
    assert not any("confused" in one.content for c in issue.comments for one in c.reactions)


@pytest.mark.parametrize(
    ("words", "asked", "label"),
    [
        ("/hold a moment", ("GET", "/orgs/acme/memberships/olga-acme"), "held"),
        ("/revoke", ("POST", r"/orgs/acme/personal-access-tokens/\d+"), "revoked"),
        ("/approve", ("GET", "/orgs/acme/memberships/mia-acme"), "approved"),
    ],
)
def test_renamed_while_a_question_under_its_old_name_is_under_way(
    scene: Stage, acme: Cast, words: str, asked: tuple[str, str], label: str
) -> None:
    """The name is learned before the answer comes: then 404 does not mean what it seems to."""
    _, number = acme.asked()
    if label == "revoked":
        acme.obeyed(acme.olga, number, "/approve")
    if label == "approved":  # her standing is asked again from now on
        scene.gh.remove_member(acme.org, acme.mia)
        scene.idle()
        scene.gh.add_member(acme.org, acme.mia)
    method, path = asked
    slow = scene.gh.failures.add(method=method, path=path, mode="delay", delay=1)
    said = acme.says(acme.olga, number, words)
    until(lambda: slow.hits, "the question")
    scene.gh.rename_organization(acme.org, "acme-labs")
    until(lambda: organization(acme).login == "acme-labs", "the new name")

    acme.answered(said, "+1")
    assert label in scene.gh.issue(acme.admin, number).labels
    assert len(scene.gh.grants(acme.org)) == (label == "approved")


def test_only_allowed_organizations(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with stage(tmp_path, ORGANIZATIONS="ACME") as scene:
        evil, acme = scene.organization("evil"), scene.organization("acme")
        evil.asks()
        acme.asks()
        scene.issue(acme.admin, label="pending")
        scene.sweep()
        assert scene.gh.issues(evil.admin) == []
        assert organization(evil) is None
        answers = {
            one.response_body for one in scene.gh.deliveries if "evil" in one.payload.decode()
        }
        assert len(answers) > 1
        assert all('"ignored"' in one for one in answers)
        why = f"ignored: the bot does not serve the organization {evil.org.id}"
        assert len([one for one in caplog.messages if one == why]) == len(answers)


def test_an_allowed_organization_by_id(tmp_path: Path) -> None:
    with stage(tmp_path, ORGANIZATIONS="70014211") as scene:
        first, second = scene.organization("first"), scene.organization("second")
        assert first.org.id == 70014211
        second.asks()
        first.asks()
        scene.issue(first.admin, label="pending")
        scene.idle()
        assert scene.gh.issues(second.admin) == []


@pytest.mark.parametrize("hub", [False, True], ids=["each its own", "one for all"])
def test_nobody_is_let_in_by_a_login_that_looks_like_an_allowed_id(
    tmp_path: Path, hub: bool
) -> None:
    """GitHub has logins made of digits."""
    place = {"ADMIN_REPO": "first/token-requests"} if hub else {}
    with stage(tmp_path, ORGANIZATIONS="70014211", **place) as scene:
        first, stranger = scene.organization("first"), scene.organization("70014211")
        assert first.org.id == 70014211
        stranger.asks()
        scene.sweep()
        first.asks()
        scene.issue(first.admin, label="pending")
        scene.idle()
        assert [len(scene.gh.issues(one.admin)) for one in (first, stranger)] == [1, 0]
        assert organization(stranger) is None


def test_an_organization_that_is_allowed_no_longer(tmp_path: Path) -> None:
    with stage(tmp_path) as scene:
        acme, other = scene.organization("acme"), scene.organization("other")
        asked = acme.asks()
        issue = scene.issue(acme.admin, label="pending")
        scene.idle()
        scene.stop_bot()
        scene.environ["ORGANIZATIONS"] = "other"
        scene.start_bot()
        acme.asks(name="unseen")
        acme.says(acme.olga, issue.number, "/approve")
        other.asks()
        scene.issue(other.admin, label="pending")
        scene.sweep()
        assert (asked.state, len(scene.gh.issues(acme.admin))) == ("pending", 1)

        scene.stop_bot()
        scene.environ["ORGANIZATIONS"] = ""
        scene.start_bot()
        scene.issue(acme.admin, title_has="unseen", label="pending")


def test_two_organizations_do_not_touch_each_other(scene: Stage) -> None:
    one, two = scene.organization("one"), scene.organization("two")
    first, second = one.asks(), two.asks()
    number = scene.issue(one.admin, label="pending").number
    assert scene.issue(two.admin, label="pending").number == number

    two.says(two.olga, number, "/deny not here")
    scene.issue(two.admin, state="closed")
    scene.gh.add_member(two.org, one.olga, role="admin")
    one.says(two.olga, number, "/approve")
    scene.issue(one.admin, said="only active owners of")
    scene.idle()
    assert (first.state, second.state) == ("pending", "denied")
    assert scene.gh.issues(one.admin)[0].state == "open"
    callers = {
        (call.path.split("/")[2], call.caller) for call in scene.gh.calls if "/orgs/" in call.path
    }
    assert len(callers) == 2


def test_a_leaver_is_named_so(scene: Stage, acme: Cast) -> None:
    acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    assert "no longer a member" not in issue.body
    scene.gh.remove_member(acme.org, acme.mia, by=acme.olga)
    until(lambda: "no longer a member" in issue.body, "the words")
    assert issue.state == "open"


# ------------------------------------------------------------------ the admin repository


def spoil(scene: Stage, acme: Cast, how: str) -> None:
    changes: dict[str, Any] = {
        "archived": {"archived": True},
        "public": {"private": False},
        "without issues": {"has_issues": False},
    }
    if how == "missing":
        scene.gh.rename_repository(acme.admin, "elsewhere")
        scene.gh.moved.clear()
    elif how == "unseen":
        scene.gh.choose_repositories(acme.installation, [acme.api])
    else:
        scene.gh.change_repository(acme.admin, **changes[how])


def mend(scene: Stage, acme: Cast, how: str) -> None:
    if how == "missing":
        scene.gh.rename_repository(acme.admin, "token-requests")
    elif how == "unseen":
        scene.gh.choose_repositories(acme.installation, [acme.api, acme.admin])
    else:
        scene.gh.change_repository(acme.admin, private=True, archived=False, has_issues=True)


UNFIT = ["missing", "unseen", "archived", "public", "without issues"]


@pytest.mark.parametrize("how", UNFIT)
def test_requests_wait_for_a_fit_repository(
    scene: Stage, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    acme = scene.organization(install=False)
    with scene.gh.drop_deliveries():
        acme.installation = scene.gh.install(acme.org)
        spoil(scene, acme, how)
        scene.gh.settle()
    acme.asks(name="first")
    acme.asks(name="second")
    scene.sweep()
    scene.sweep()
    assert scene.gh.issues(acme.admin) == []
    errors = [one.message for one in caplog.records if one.levelname == "ERROR"]
    assert len([one for one in errors if "acme/token-requests" in one]) == 1, errors
    ready = httpx.get(scene.bot.webhook_url.replace("/api/github/webhooks", "/readyz"))
    assert ready.json()["unfit_admin_repositories"] == 1

    mend(scene, acme, how)
    scene.sweep()
    scene.issue(acme.admin, title_has="first", label="pending")
    scene.issue(acme.admin, title_has="second", label="pending")


@pytest.mark.parametrize("how", UNFIT)
def test_a_repository_that_becomes_unfit(scene: Stage, acme: Cast, how: str) -> None:
    """What GitHub tells of a decision meanwhile is shown when it is fit again."""
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    spoil(scene, acme, how)
    scene.sweep()

    acme.asks(name="later")
    scene.gh.review_as(acme.olga, acme.org, asked.id, "deny", "no")
    scene.idle()
    assert len(scene.gh.issues(acme.admin)) == 1
    assert issue.comments == []

    mend(scene, acme, how)
    scene.sweep()
    until(lambda: "denied" in issue.labels, "the outcome")
    scene.issue(acme.admin, title_has="later", label="pending")


def test_nothing_is_decided_in_a_repository_that_went_public(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    issue = scene.issue(acme.admin, label="pending")
    scene.idle()
    scene.gh.change_repository(acme.admin, private=False)
    acme.says(acme.olga, issue.number, "/approve")
    scene.issue(acme.admin, said="This repository is public")
    assert asked.state == "pending"
    acme.asks(name="not-in-public")
    scene.idle()
    assert len(scene.gh.issues(acme.admin)) == 1

    scene.gh.change_repository(acme.admin, private=True)
    acme.says(acme.olga, issue.number, "/approve")
    until(lambda: asked.state == "approved", "what the bot asked for counts")


# ------------------------------------------------------------------ ADMIN_REPO changes


@pytest.mark.parametrize("old", ["there", "gone", "public"])
def test_another_admin_repository(scene: Stage, acme: Cast, old: str) -> None:
    decided, asked = acme.asks(name="decided"), acme.asks(name="waiting")
    first = scene.issue(acme.admin, title_has="decided", label="pending")
    before = scene.issue(acme.admin, title_has="waiting", label="pending")
    acme.says(acme.olga, first.number, "/deny no")
    until(lambda: first.state == "closed", "the decision")
    scene.idle()
    scene.stop_bot()
    reviews = scene.gh.add_repository(acme.org, "reviews")
    if old == "gone":
        scene.gh.delete_repository(acme.admin)
    if old == "public":
        scene.gh.change_repository(acme.admin, private=False)
    scene.environ["ADMIN_REPO"] = "reviews"
    scene.start_bot()

    after = scene.issue(reviews, title_has="waiting", label="pending")
    scene.idle()
    assert len(scene.gh.issues(reviews)) == 1
    if old != "gone":
        assert (before.state, before.state_reason) == ("closed", "not_planned")
        assert f"acme/reviews/issues/{after.number}" in before.comments[-1].body
        assert decided.state == "denied"
        scene.gh.comment(acme.olga, acme.admin, before.number, "/approve")
    scene.gh.comment(acme.olga, reviews, after.number, "/approve")
    until(lambda: after.state == "closed", "the decision")
    assert asked.state == "approved"


def test_an_installation_on_a_person_is_ignored(scene: Stage, acme: Cast) -> None:
    acme.asks()
    scene.issue(acme.admin, label="pending")
    payload = scene.told("installation", "created")
    payload["installation"]["account"]["type"] = "User"
    scene.deliver("installation", payload, "ignored")


def test_turning_time_does_not_hurt(scene: Stage, acme: Cast) -> None:
    """A year later the bot still works."""
    scene.clock.ahead += timedelta(days=365)
    acme.asks(expires_at=None)
    scene.issue(acme.admin, label="pending")
