"""The whole port against the local GitHub, each call checked against GitHub's own description."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.accounts import AdminRepository, Organization
from bot.domain.record import Verdict
from bot.github.api import GitHubApi
from bot.ports import (
    UNCHANGED,
    Commit,
    File,
    NotFound,
    NotPermitted,
    RateLimited,
    Refused,
    Retryable,
    Team,
)
from bot.sandbox import Sandbox
from tests.github.scripted import FixedClock, FreeBudgets
from tests.sandbox.contract import check_calls


@dataclass
class Scene:
    """An organization with an owner and a member; the App is installed."""

    gh: Sandbox
    api: GitHubApi
    counted: list[tuple[str, str, int]]

    def __post_init__(self) -> None:
        gh = self.gh
        self.there = gh.add_organization("acme")
        self.olga, self.alice = gh.add_user("olga"), gh.add_user("alice")
        gh.add_member(self.there, self.olga, role="admin")
        gh.add_member(self.there, self.alice)
        self.place = gh.add_repository(self.there, "token-requests")
        self.code = gh.add_repository(self.there, "payments")
        self.installation = gh.install(self.there)
        self.acme = Organization(self.there.id, "acme", self.installation.id)

    @property
    def repo(self) -> AdminRepository:
        found = self.api.admin_repository(self.installation.id, "acme/token-requests")
        assert found
        return found

    def ask(self, **facts: object) -> int:
        usual = {
            "name": "ci",
            "permissions": {"repository": {"contents": "write"}},
            "selection": "all",
            "reason": "for the release",
        }
        return self.gh.request_token(self.there, self.alice, **{**usual, **facts}).id


@pytest.fixture
def scene() -> Iterator[Scene]:
    gh = Sandbox()
    gh.start()
    counted: list[tuple[str, str, int]] = []
    api = GitHubApi(
        gh.app.id,
        gh.private_key_pem,
        gh.url,
        FreeBudgets(),
        FixedClock(),
        on_call=lambda *call: counted.append(call[:3]),
    )
    yield Scene(gh, api, counted)
    api.close()
    gh.stop()
    check_calls(gh)
    check_names(gh, counted)


def check_names(gh: Sandbox, counted: list[tuple[str, str, int]]) -> None:
    """Each call is named for what it is, and asks for the version of the API that it knows."""
    assert len(counted) == len(gh.calls)
    for (method, route, _), call in zip(counted, gh.calls, strict=True):
        named = call.template == route or call.path.startswith("/repositories/")
        assert (method, named) == (call.method, True), call
        assert call.headers["x-github-api-version"] == "2022-11-28"


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def test_requests_are_listed_reviewed_and_revoked(scene: Scene):
    request_id = scene.ask()
    (listed,) = scene.api.pending_requests(scene.acme)
    assert (listed.id, listed.reason, listed.reason_known) == (request_id, "for the release", True)
    assert (listed.requester.login, listed.added) == ("alice", None)
    assert scene.api.pending_requests(scene.acme, [listed.token_id]) == [listed]
    assert scene.api.pending_requests(scene.acme, [1]) == []
    scene.api.review(scene.acme, request_id, Verdict.APPROVE, "fine")
    assert scene.api.pending_requests(scene.acme) == []
    (grant,) = scene.api.grants(scene.acme, [listed.token_id])
    assert grant.result == listed.result
    assert grant.granted_at >= listed.created_at
    with pytest.raises((NotFound, Refused)):
        scene.api.review(scene.acme, request_id, Verdict.DENY, "late")
    scene.api.revoke(scene.acme, grant.id)
    assert scene.api.grants(scene.acme, [listed.token_id]) == []
    with pytest.raises(NotFound):
        scene.api.revoke(scene.acme, grant.id)


def test_a_subsets_repositories_are_listed(scene: Scene):
    request_id = scene.ask(selection="subset", repositories=[scene.code])
    (found,) = scene.api.request_repositories(scene.acme, request_id)
    assert (found.id, found.full_name) == (scene.code.id, "acme/payments")
    scene.api.review(scene.acme, request_id, Verdict.APPROVE, "")
    (grant,) = scene.gh.grants(scene.there)
    assert scene.api.grant_repositories(scene.acme, grant.id) == (found,)
    with pytest.raises(NotFound):
        scene.api.request_repositories(scene.acme, request_id + 999)


def test_many_at_once_are_queued(scene: Scene):
    ids = [scene.ask(name=f"t{number}") for number in range(3)]
    scene.api.review_many(scene.acme, ids, Verdict.APPROVE, "all fine")
    assert scene.gh.settle()
    assert scene.api.pending_requests(scene.acme) == []
    scene.api.revoke_many(scene.acme, [grant.id for grant in scene.gh.grants(scene.there)])
    assert scene.gh.settle()
    assert scene.gh.grants(scene.there) == []


def test_memberships(scene: Scene):
    owner = scene.api.membership(scene.acme, "olga")
    assert owner
    assert (owner.is_owner, owner.user_id) == (True, scene.olga.id)
    member = scene.api.membership(scene.acme, "alice")
    assert member
    assert not member.is_owner
    assert scene.api.membership(scene.acme, "nobody-here") is None


def test_the_admin_repository_as_it_is(scene: Scene):
    assert scene.repo.problem is None
    assert scene.api.admin_repository(scene.installation.id, "acme/none") is None
    scene.gh.change_repository(scene.place, archived=True)
    assert "archived" in (scene.repo.problem or "")
    scene.gh.change_repository(scene.place, archived=False, private=False)
    assert "public" in (scene.repo.problem or "")
    hidden = scene.gh.add_repository(scene.there, "hidden")
    scene.gh.choose_repositories(scene.installation, [scene.place])
    assert scene.api.admin_repository(scene.installation.id, hidden.full_name) is None


def test_an_issue_from_its_opening_to_its_end(scene: Scene):
    repo = scene.repo
    scene.api.ensure_labels(repo, [("token-request", "5319e7", "d"), ("pending", "fbca04", "d")])
    scene.api.ensure_labels(repo, [("token-request", "5319e7", "d"), ("pending", "fbca04", "d")])
    opened = scene.api.create_issue(repo, "Title", "Body\n", ["pending"], ["olga"])
    assert opened.author == scene.api.bot()
    assert opened.labels == ("pending",)
    ours = scene.api.create_comment(repo, opened.number, "decided")
    theirs = scene.gh.comment(scene.olga, scene.place, opened.number, "/approve")
    (own,) = scene.api.own_comments(repo, opened.number, recently())
    assert (own.id, own.body, own.edited) == (ours, "decided", False)
    read = scene.api.comment(repo, theirs.id)
    assert read
    assert (read.author.id, read.body, read.via_app) == (scene.olga.id, "/approve", None)
    assert (read.issue_number, read.edited) == (opened.number, False)
    assert scene.api.react(repo, theirs.id, "+1")
    assert scene.api.comment(repo, theirs.id) == read
    scene.gh.label_issue(scene.olga, scene.place, opened.number, add="team: a/b")
    scene.api.add_labels(repo, opened.number, ["approved"])
    assert scene.api.remove_label(repo, opened.number, "pending")
    assert not scene.api.remove_label(repo, opened.number, "danger: low")  # it is not there
    (found,) = scene.api.own_issues(repo, "approved", recently())
    assert (found.number, set(found.labels)) == (opened.number, {"team: a/b", "approved"})
    scene.api.remove_label(repo, opened.number, "team: a/b")
    closed = scene.api.update_issue(repo, opened.number, state="closed", state_reason="completed")
    assert (closed.state, closed.labels) == ("closed", ("approved",))
    assert scene.api.issue(repo, opened.number) == closed
    assert scene.api.own_issues(repo, "approved", recently()) == []
    scene.gh.delete_comment(scene.olga, theirs)
    assert scene.api.comment(repo, theirs.id) is None
    scene.gh.delete_issue(scene.olga, scene.place, opened.number)
    assert scene.api.issue(repo, opened.number) is None
    with pytest.raises(NotFound):
        scene.api.create_comment(repo, opened.number, "too late")


def test_somebody_who_cannot_be_assigned_stops_no_issue(scene: Scene):
    opened = scene.api.create_issue(scene.repo, "t", "b", ["pending"], ["olga", "nobody-here"])
    assert scene.gh.issue(scene.place, opened.number).assignees == []
    assert [one.status for one in scene.gh.calls if one.path.endswith("/issues")] == [422, 201]


def test_a_repository_goes_on_under_its_new_name(scene: Scene):
    repo = scene.repo
    scene.gh.rename_repository(scene.place, "reviews")
    opened = scene.api.create_issue(repo, "t", "b", [])
    assert scene.api.update_issue(repo, opened.number, state="closed").state == "closed"
    assert scene.api.issue(repo, opened.number)
    assert scene.repo.full_name == "acme/reviews"


def test_a_locked_issue_takes_no_reaction(scene: Scene):
    repo = scene.repo
    opened = scene.api.create_issue(repo, "t", "b", [])
    comment = scene.gh.comment(scene.olga, scene.place, opened.number, "/approve")
    scene.gh.lock_issue(scene.olga, scene.place, opened.number)
    assert scene.api.react(repo, comment.id, "+1") is False


def test_suspension_and_lost_permissions_wait_for_a_person(scene: Scene):
    scene.api.membership(scene.acme, "olga")
    scene.gh.suspend(scene.installation)
    (suspended,) = scene.api.installations()
    assert suspended.suspended
    with pytest.raises(NotPermitted, match="suspend"):
        scene.api.membership(scene.acme, "olga")
    scene.gh.unsuspend(scene.installation)
    assert scene.api.membership(scene.acme, "olga")
    scene.gh.uninstall(scene.installation)
    with pytest.raises(NotPermitted, match="gone"):
        scene.api.membership(scene.acme, "olga")


def test_trouble_on_the_way_is_tried_again(scene: Scene):
    repo = scene.repo
    for mode in ("status", "lost", "drop"):
        scene.gh.failures.add(method="POST", path="/issues$", mode=mode)
        with pytest.raises(Retryable):
            scene.api.create_issue(repo, "t", mode, ["pending"])
    scene.gh.failures.add(method="POST", path="/issues$", mode="rate_limit", retry_after=7)
    with pytest.raises(RateLimited) as caught:
        scene.api.create_issue(repo, "t", "b", [])
    assert caught.value.after == 7
    # The lost answer's issue was opened, and is found again.
    found = scene.api.own_issues(repo, "pending", recently())
    assert [one.body for one in found] == ["lost"]


def test_failed_deliveries_are_found_and_sent_again(scene: Scene):
    scene.gh.webhook_url = "http://127.0.0.1:9/"
    with scene.gh.drop_deliveries():
        scene.ask()
        assert scene.gh.settle()
    (failed,) = scene.api.failed_deliveries(recently())
    assert failed.guid == scene.gh.deliveries[-1].guid
    scene.api.redeliver(failed.id)
    assert scene.gh.settle()
    assert [one.guid for one in scene.gh.deliveries] == [failed.guid, failed.guid]


POLICY = ".github/token-policy.yml"


def test_a_file_is_read_once_and_asked_for_by_its_etag(scene: Scene):
    repo = scene.repo
    assert scene.api.file(repo, POLICY, 100) is None
    assert scene.api.last_commit(repo, POLICY) is None
    scene.gh.commit(scene.olga, scene.place, {POLICY: b"version: 1\n", "dir/a": b"x"})
    read = scene.api.file(repo, POLICY, 100)
    assert isinstance(read, File)
    assert (read.content, read.size) == (b"version: 1\n", 11)
    assert scene.api.file(repo, POLICY, 100, read.etag) is UNCHANGED
    large = scene.api.file(repo, POLICY, 10)
    assert isinstance(large, File)
    assert (large.content, large.sha, large.size) == (b"", read.sha, 11)
    made = scene.gh.commit(scene.olga, scene.place, {POLICY: b"2"}, stated_author="the king")
    scene.gh.commit(scene.olga, scene.place, {"other": b"2"})
    assert scene.api.last_commit(repo, POLICY) == Commit(made.sha, "the king")
    assert scene.api.file(repo, POLICY, 100, read.etag) != read


def test_a_file_needs_its_permission(scene: Scene):
    repo = scene.repo
    given = {**scene.gh.app.permissions}
    del given["contents"]
    scene.gh.accept_permissions(scene.installation, given)
    scene.gh.access_tokens.clear()
    with pytest.raises(NotPermitted, match=r"contents=read"):
        scene.api.file(repo, POLICY, 100)


def test_teams_and_people_are_known_by_id(scene: Scene):
    team = scene.gh.add_team(scene.there, "security", scene.alice)
    assert scene.api.team(scene.acme, "Security") == Team(team.id, "security")
    assert scene.api.team(scene.acme, "../security") is None
    assert scene.api.is_team_member(scene.acme, "security", "alice")
    assert not scene.api.is_team_member(scene.acme, "security", "olga")
    found = scene.api.account(scene.acme, "ALICE")
    assert found
    assert (found.id, found.login) == (scene.alice.id, "alice")
    assert scene.api.account(scene.acme, "nobody") is None
    assert [one.login for one in scene.api.owners(scene.acme)] == ["olga"]
