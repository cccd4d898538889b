"""`ADMIN_REPO=org/name`: one repository for several organizations, each with its own owners."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.shared_repository import SHARED, Hub
from tests.journeys.stage import Cast, Stage, stage, until


@pytest.fixture
def gathered(tmp_path: Path) -> Iterator[Hub]:
    with stage(tmp_path, **SHARED) as scene:
        yield Hub(scene)


def orgs_asked(scene: Stage, path: str) -> set[str]:
    return {call.path.split("/")[2] for call in scene.gh.calls if path in call.path}


def test_each_request_is_decided_by_its_own_owners(gathered: Hub) -> None:
    one, two, hub = gathered.one, gathered.two, gathered.hub
    first, second = one.asks(name="first"), two.asks(name="second")
    issue, other = gathered.issue(title_has="first"), gathered.issue(title_has="second")
    assert issue.title == f"Token request: first by {one.mia.login} (one)"
    assert other.title.endswith(f"second by {two.mia.login} (two)")

    for stranger in (hub.olga, two.olga):
        said = gathered.says(stranger, issue.number, "/approve")
        until(lambda said=said: [one.content for one in said.reactions] == ["confused"], "no")
    assert first.state == second.state == "pending"
    assert "only active owners of [one]" in issue.comments[-1].body

    gathered.says(one.olga, issue.number, "/approve for 3d")
    gathered.says(two.otto, other.number, "/deny no")
    until(lambda: (issue.state, other.state) == ("closed", "closed"), "both decisions")
    assert (first.state, second.state) == ("approved", "denied")
    gathered.says(one.olga, issue.number, "/revoke")
    until(lambda: not gathered.scene.gh.grants(one.org), "the revocation")
    gathered.scene.idle()
    assert orgs_asked(gathered.scene, "/personal-access-token") == {"one", "two"}
    assert all(not gathered.scene.gh.issues(cast.admin) for cast in (one, two, hub))


def test_the_hubs_own_requests_are_not_served(gathered: Hub) -> None:
    gathered.hub.asks(name="mine")
    gathered.one.asks(name="first")
    gathered.issue(title_has="first")
    gathered.scene.sweep()
    assert len(gathered.scene.gh.issues(gathered.reviews)) == 1


def test_a_served_hub_has_its_requests_too(tmp_path: Path) -> None:
    with stage(tmp_path, **{**SHARED, "ORGANIZATIONS": "hub,one"}) as scene:
        hub = Hub(scene)
        hub.hub.asks(name="mine")
        issue = hub.issue(title_has="mine")
        assert issue.title.endswith(" (hub)")
        hub.says(hub.hub.olga, issue.number, "/deny no")
        until(lambda: issue.state == "closed", "the decision")


def test_a_suspended_hub_pauses_all_with_an_alarm(
    gathered: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    scene = gathered.scene
    asked = gathered.one.asks(name="before")
    issue = gathered.issue(title_has="before")
    scene.idle()
    scene.gh.suspend(gathered.hub.installation)
    until(lambda: "hub has the App suspended" in caplog.text, "the alarm")
    gathered.one.asks(name="first")
    gathered.two.asks(name="second")
    scene.gh.review_as(gathered.one.olga, gathered.one.org, asked.id, "deny", "no")
    scene.gh.settle()

    scene.gh.unsuspend(gathered.hub.installation)
    gathered.issue(title_has="first", label="pending")
    gathered.issue(title_has="second", label="pending")
    until(lambda: "denied" in issue.labels, "the outcome meanwhile")
    assert [one.levelname for one in caplog.records if "suspended: it holds" in one.message] == [
        "ERROR"
    ]


def test_a_hub_without_the_app(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with stage(tmp_path, **SHARED) as scene:
        one: Cast = scene.organization("one")
        one.asks(name="first")
        scene.idle()
        assert "hub/reviews belongs to an organization without the App" in caplog.text
        hub = scene.organization("hub", install=False)
        reviews = scene.gh.add_repository(hub.org, "reviews")
        scene.gh.install(hub.org)
        scene.issue(reviews, title_has="first", label="pending")


def test_the_hub_is_removed_and_comes_back(gathered: Hub) -> None:
    scene = gathered.scene
    gathered.one.asks(name="first")
    issue = gathered.issue(title_has="first")
    scene.idle()
    scene.gh.uninstall(gathered.hub.installation)
    scene.idle()
    gathered.one.asks(name="second")
    scene.idle()
    assert len(scene.gh.issues(gathered.reviews)) == 1

    scene.gh.install(gathered.hub.org)
    gathered.issue(title_has="second", label="pending")
    gathered.says(gathered.one.olga, issue.number, "/approve")
    until(lambda: issue.state == "closed", "the decision")


def test_an_issue_of_the_hub_deleted_or_closed_by_hand(gathered: Hub) -> None:
    scene = gathered.scene
    gathered.two.asks(name="second")
    issue = gathered.issue(title_has="second")
    scene.gh.close_issue(gathered.hub.olga, gathered.reviews, issue.number)
    gathered.issue(title_has="second", said="This request is not decided yet", state="open")
    scene.gh.delete_issue(gathered.hub.olga, gathered.reviews, issue.number)
    again = gathered.issue(title_has="second", label="pending")
    assert again.number != issue.number
    gathered.says(gathered.two.olga, again.number, "/approve")
    until(lambda: again.state == "closed", "the decision")


def test_from_own_repositories_to_a_shared_one(tmp_path: Path) -> None:
    with stage(tmp_path, ORGANIZATIONS="one,two") as scene:
        hub = Hub(scene)
        hub.one.asks(name="first")
        old = scene.issue(hub.one.admin, title_has="first")
        scene.idle()
        scene.stop_bot()
        scene.environ["ADMIN_REPO"] = "hub/reviews"
        scene.start_bot()
        new = hub.issue(title_has="first", label="pending")
        until(lambda: old.state == "closed", "the old issue closed")
        assert f"hub/reviews/issues/{new.number}" in old.comments[-1].body


def test_the_hub_is_renamed_and_its_name_taken_over(
    gathered: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    """The owner is known by its id: it goes on under any name, and nobody else gets a request."""
    scene, one = gathered.scene, gathered.one
    evil = scene.gh.add_organization("evil")
    asked = one.asks(name="before")
    issue = gathered.issue(title_has="before")
    scene.idle()
    scene.gh.rename_organization(gathered.hub.org, "hub-inc")
    scene.idle()
    eve = scene.gh.add_user("eve")
    scene.gh.add_member(evil, eve, role="admin")
    scene.gh.rename_organization(evil, "hub")
    loot = scene.gh.add_repository(evil, "reviews", private=True)
    scene.gh.install(evil)
    scene.idle()

    one.asks(name="afterwards")
    gathered.issue(title_has="afterwards", label="pending")
    scene.sweep()
    scene.sweep()
    gathered.says(one.olga, issue.number, "/approve")
    until(lambda: issue.state == "closed", "the decision")
    scene.idle()
    assert (asked.state, scene.gh.issues(loot)) == ("approved", [])
    assert len(scene.gh.issues(gathered.reviews)) == 2
    told = [one.getMessage() for one in caplog.records if "gets nothing" in one.getMessage()]
    assert len(told) == 1
    assert told[0].endswith("set ADMIN_REPO to hub-inc/reviews")


@pytest.mark.parametrize("command", ["/hold not now", "/deny no", "/approve"])
def test_a_command_for_an_organization_that_is_not_served_is_refused(
    gathered: Hub, command: str
) -> None:
    scene, one = gathered.scene, gathered.one
    request = one.asks(name="first")
    issue = gathered.issue(title_has="first")
    scene.idle()
    scene.gh.uninstall(one.installation)
    scene.idle()
    said = gathered.says(one.olga, issue.number, command)
    scene.idle()
    assert [one.content for one in said.reactions] == ["confused"]
    assert "I do not act for" in issue.comments[-1].body
    scene.gh.install(one.org)
    scene.sweep()
    assert (request.state, "held" in issue.labels) == ("pending", False)


def test_what_one_organization_hears_of_a_public_hub_counts_for_all(gathered: Hub) -> None:
    scene, gh = gathered.scene, gathered.scene.gh
    gathered.two.asks(name="first")
    issue = gathered.issue(title_has="first")
    scene.idle()
    with gh.drop_deliveries():
        gh.change_repository(gathered.reviews, private=False)
        gh.settle()
    gathered.says(gathered.two.olga, issue.number, "/approve")
    scene.idle()
    gathered.one.asks(name="second")
    scene.idle()
    assert [one.title for one in gh.issues(gathered.reviews) if "second" in one.title] == []
