"""What people do to review issues by hand decides nothing: the record does."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.stage import Cast, Stage, until


def row(cast: Cast, asked: Any) -> Any:
    return cast.stage.bot.service.store.record.request(cast.org.id, asked.id)


def waiting(cast: Cast) -> tuple[Any, Any]:
    """A request and its issue."""
    asked = cast.asks()
    return asked, cast.stage.issue(cast.admin, label="pending")


def test_a_deleted_issue_is_opened_anew(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    cast.says(cast.olga, issue.number, "/hold for a talk")
    until(lambda: "held" in issue.labels, "the hold")
    town.gh.delete_issue(cast.otto, cast.admin, issue.number)

    again = town.issue(cast.admin, label="held")
    assert (again.number, again.body.splitlines()[0]) == (
        issue.number + 1,
        f"<!-- token-request {cast.org.id}/{asked.id} -->",
    )
    town.idle()
    assert len(town.gh.issues(cast.admin)) == 1
    cast.says(cast.olga, again.number, "/unhold")
    cast.says(cast.olga, again.number, "/approve")
    until(lambda: again.state == "closed", "the decision")


def test_deleted_again_and_again(town: Stage, cast: Cast) -> None:
    waiting(cast)
    for _ in range(3):
        number = town.issue(cast.admin, label="pending").number
        town.idle()
        town.gh.delete_issue(cast.otto, cast.admin, number)
    town.issue(cast.admin, label="pending")
    town.idle()
    assert len(town.gh.issues(cast.admin)) == 1


def test_a_transferred_issue_is_opened_anew(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    moved = town.gh.transfer_issue(cast.otto, cast.admin, issue.number, cast.site)
    again = town.issue(cast.admin, label="pending")
    town.idle()

    said = town.gh.comment(cast.olga, cast.site, moved.number, "/approve")
    cast.says(cast.olga, again.number, "/deny no")
    until(lambda: again.state == "closed", "the decision")
    assert (asked.state, moved.state, said.reactions) == ("denied", "open", [])


@pytest.mark.parametrize("how", ["deleted", "transferred"])
def test_gone_when_it_is_shown_anew_and_its_delivery_comes_later(
    town: Stage, cast: Cast, how: str
) -> None:
    asked, issue = waiting(cast)
    town.idle()
    held = town.gh.hold_deliveries()
    if how == "deleted":
        town.gh.delete_issue(cast.otto, cast.admin, issue.number)
    else:
        town.gh.transfer_issue(cast.otto, cast.admin, issue.number, cast.site)
    town.gh.change_request(asked, selection="all", repositories=[])
    town.sweep()
    again = town.issue(cast.admin, label="pending")
    held.end()
    town.idle()
    assert len(town.gh.issues(cast.admin)) == 1
    cast.obeyed(cast.olga, again.number, "/approve")
    assert asked.state == "approved"


def test_what_github_does_not_find_for_a_moment_is_not_lost(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    town.idle()
    town.gh.change_request(asked, selection="all", repositories=[])
    moment = town.gh.failures.add(method="PATCH", path=numbered(cast, issue), status=404)
    town.sweep()
    assert moment.hits
    assert_shown_in_the_only_issue(cast, issue)


@pytest.mark.parametrize("times", [1, None])
def test_an_issue_in_a_repository_out_of_reach_is_not_lost(
    town: Stage, cast: Cast, times: int | None
) -> None:
    """GitHub says 404 of both. The change is shown when the repository is back."""
    asked, issue = waiting(cast)
    town.idle()
    town.gh.change_request(asked, selection="all", repositories=[])
    town.gh.failures.add(method="PATCH", path=numbered(cast, issue), status=404)
    away = out_of_reach(cast, times, skip=1)  # the sweep itself still finds it
    town.sweep()
    assert away.hits
    town.gh.failures.remove(away)
    town.sweep()
    assert_shown_in_the_only_issue(cast, issue)


def test_a_requester_who_leaves_while_the_repository_is_out_of_reach(
    town: Stage, cast: Cast
) -> None:
    """That is not in the request's fingerprint, and is shown later all the same."""
    _, issue = waiting(cast)
    town.idle()
    town.gh.failures.add(method="PATCH", path=numbered(cast, issue), status=404)
    mia_leaves_while_it_is_out_of_reach(cast)
    assert town.gh.issues(cast.admin) == [issue]
    assert "no longer a member" in issue.body


def test_an_issue_that_is_deleted_while_its_repository_is_out_of_reach(
    town: Stage, cast: Cast
) -> None:
    """An App without access hears nothing of that."""
    _, issue = waiting(cast)
    town.idle()
    url, town.gh.webhook_url = town.gh.webhook_url, None
    town.gh.delete_issue(cast.otto, cast.admin, issue.number)
    town.gh.webhook_url = url
    mia_leaves_while_it_is_out_of_reach(cast)
    (again,) = town.gh.issues(cast.admin)
    assert "no longer a member" in again.body


def numbered(cast: Cast, issue: Any) -> str:
    return f"/repos/{cast.admin.full_name}/issues/{issue.number}$"


def out_of_reach(cast: Cast, times: int | None = None, skip: int = 0) -> Any:
    """GitHub denies that there is an admin repository."""
    place = f"/repos/{cast.admin.full_name}$"
    return cast.stage.gh.failures.add(path=place, status=404, times=times, skip=skip)


def mia_leaves_while_it_is_out_of_reach(cast: Cast) -> None:
    """And then comes a sweep, the repository being back."""
    town, away = cast.stage, out_of_reach(cast)
    town.gh.remove_member(cast.org, cast.mia)
    town.idle()
    assert away.hits
    town.gh.failures.remove(away)
    town.sweep()


def assert_shown_in_the_only_issue(cast: Cast, issue: Any) -> None:
    town = cast.stage
    town.idle()
    assert town.gh.issues(cast.admin) == [issue]
    assert "all repositories" in issue.body
    town.gh.ahead += timedelta(seconds=1)  # nobody reads it within the second
    cast.obeyed(cast.olga, issue.number, "/approve")


def test_closed_by_hand_is_reopened_once_and_stays_decidable(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    path = f"/{cast.org.login}/token-requests/issues/{issue.number}$"
    missing = town.gh.failures.passing_404(path, method="PATCH")
    town.gh.close_issue(cast.olga, cast.admin, issue.number)
    until(lambda: issue.comments, "the note")
    assert (missing.hits, issue.state) == (1, "open")
    assert "not decided yet" in issue.comments[0].body
    town.idle()

    town.gh.close_issue(cast.olga, cast.admin, issue.number)
    town.idle()
    town.sweep()
    assert (issue.state, len(issue.comments), asked.state) == ("closed", 1, "pending")
    assert "pending" in issue.labels
    assert row(cast, asked).state is State.PENDING

    cast.says(cast.olga, issue.number, "/approve")
    until(lambda: "approved" in issue.labels, "the decision")
    assert (issue.state, issue.state_reason) == ("closed", "completed")


def test_closed_while_held_is_reopened_too(town: Stage, cast: Cast) -> None:
    _asked, issue = waiting(cast)
    cast.says(cast.olga, issue.number, "/hold")
    until(lambda: "held" in issue.labels, "the hold")
    town.gh.close_issue(cast.otto, cast.admin, issue.number)
    until(
        lambda: issue.state == "open" and "not decided yet" in issue.comments[-1].body, "the note"
    )
    assert "held" in issue.labels


def test_nothing_is_decided_by_text_labels_or_state(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    town.gh.label_issue(cast.olga, cast.admin, issue.number, add="approved", remove="pending")
    town.gh.label_issue(cast.olga, cast.admin, issue.number, add="people's own")
    town.gh.edit_issue(cast.olga, cast.admin, issue.number, title="/approve", body="/approve")
    town.idle()
    assert (asked.state, row(cast, asked).state) == ("pending", State.PENDING)

    cast.says(cast.olga, issue.number, "/deny no")
    until(lambda: issue.state == "closed", "the decision")
    assert set(issue.labels) == {"token-request", "danger: high", "denied", "people's own"}


def test_a_decided_issue_reopened_or_deleted_changes_nothing(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    cast.says(cast.olga, issue.number, "/deny no")
    until(lambda: issue.state == "closed", "the decision")
    town.idle()
    town.gh.reopen_issue(cast.otto, cast.admin, issue.number)
    town.idle()
    cast.says(cast.otto, issue.number, "/approve")
    until(lambda: "already denied" in issue.comments[-1].body, "the answer")
    town.gh.delete_issue(cast.otto, cast.admin, issue.number)
    town.idle()
    town.sweep()
    assert (asked.state, town.gh.issues(cast.admin)) == ("denied", [])


def test_a_decided_issue_that_is_reopened_is_closed_again_and_that_is_said_once(
    town: Stage, cast: Cast
) -> None:
    asked, issue = waiting(cast)
    cast.obeyed(cast.olga, issue.number, "/approve")
    for _ in range(2):
        town.gh.reopen_issue(cast.mia, cast.admin, issue.number)
        until(lambda: issue.state == "closed", "the issue closed again")
        town.idle()
    notes = [one.body for one in issue.comments if "closed it again" in one.body]
    assert (len(notes), issue.state_reason) == (1, "completed")
    assert "`/revoke`" in notes[0]
    assert (asked.state, "approved" in issue.labels) == ("approved", True)


def test_a_decided_issue_shows_the_outcome_and_no_longer_how_to_decide(
    town: Stage, cast: Cast
) -> None:
    _, issue = waiting(cast)
    assert "How to decide" in issue.body
    cast.obeyed(cast.olga, issue.number, "/deny not for CI")
    assert "How to decide" not in issue.body
    assert "not for CI" in issue.body
    assert issue.body.startswith("<!-- token-request ")


def test_an_issue_that_only_looks_like_ours(town: Stage, cast: Cast) -> None:
    asked, issue = waiting(cast)
    forged = town.gh.open_issue(
        cast.mia, cast.admin, issue.title, issue.body, labels=["token-request", "pending"]
    )
    said = cast.says(cast.olga, forged.number, "/approve")
    town.gh.close_issue(cast.mia, cast.admin, forged.number)
    cast.says(cast.olga, issue.number, "/deny no")
    until(lambda: issue.state == "closed", "the decision")
    town.idle()
    assert (asked.state, forged.state) == ("denied", "closed")
    assert "not in my record" in cast.answered(said, "confused")


def test_a_deleted_issue_whose_delivery_was_lost_comes_back_with_the_sweep(
    town: Stage, cast: Cast
) -> None:
    _asked, issue = waiting(cast)
    town.idle()
    with town.gh.drop_deliveries():
        town.gh.delete_issue(cast.otto, cast.admin, issue.number)
        town.gh.settle()
    town.sweep()  # asks GitHub for the failed delivery
    assert town.issue(cast.admin, label="pending").number == issue.number + 1


def test_closed_and_deleted_at_once(town: Stage, cast: Cast) -> None:
    _asked, issue = waiting(cast)
    town.idle()
    with town.gh.hold_deliveries():
        town.gh.close_issue(cast.otto, cast.admin, issue.number)
        town.gh.delete_issue(cast.otto, cast.admin, issue.number)
    again = town.issue(cast.admin, label="pending")
    town.idle()
    assert (again.number, again.state) == (issue.number + 1, "open")
