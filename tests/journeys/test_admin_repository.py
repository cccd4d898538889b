"""What becomes of the admin repository is taken in at once, without waiting for a sweep."""

from typing import Any

import pytest

from tests.journeys.digests import with_digest
from tests.journeys.stage import Cast, Stage, until


def problem(cast: Cast) -> str:
    return cast.stage.bot.service.store.record.organization(cast.org.id).admin_problem


def errors(caplog: pytest.LogCaptureFixture, cast: Cast) -> list[str]:
    mine = f"{cast.org.login}/token-requests"
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    return [one for one in said if mine in one]


def test_public_is_an_error_and_refused_until_it_is_private_again(
    town: Stage, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    request, number = cast.asked()
    town.idle()
    town.gh.change_repository(cast.admin, private=False)
    until(lambda: "is public" in problem(cast), "the problem")
    town.idle()
    assert len(errors(caplog, cast)) == 1

    cast.asks(name="not-in-public")
    assert "repository is public" in cast.refused(cast.olga, number, "/approve")
    assert (request.state, len(town.gh.issues(cast.admin))) == ("pending", 1)

    town.gh.change_repository(cast.admin, private=True)
    town.issue(cast.admin, title_has="not-in-public", label="pending")
    assert problem(cast) == ""
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_archived_and_back(town: Stage, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    cast.asked()
    town.idle()
    town.gh.change_repository(cast.admin, archived=True)
    until(lambda: "is archived" in problem(cast), "the problem")
    town.idle()
    assert len(errors(caplog, cast)) == 1
    cast.asks(name="meanwhile")
    town.idle()
    town.gh.change_repository(cast.admin, archived=False)
    town.issue(cast.admin, title_has="meanwhile", label="pending")


def test_what_was_decided_while_issues_were_off_is_shown_when_they_are_back(daily: Stage) -> None:
    acme = daily.organization()
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    daily.gh.change_repository(acme.admin, has_issues=False)
    daily.gh.review_as(acme.otto, acme.org, request.id, "approve")
    until(lambda: "issues switched off" in problem(acme), "the problem")
    meanwhile = acme.asks(name="meanwhile")
    daily.idle()
    daily.gh.review_as(acme.otto, acme.org, meanwhile.id, "deny", "no")
    daily.idle()
    daily.gh.change_repository(acme.admin, has_issues=True)
    daily.sweep()
    issue = daily.gh.issue(acme.admin, number)
    assert (issue.state, "approved" in issue.labels) == ("closed", True)
    assert digest.state == "closed"


def test_renamed_it_stays_the_admin_repository(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.idle()
    town.gh.rename_repository(cast.admin, "reviews")
    known: Any = town.bot.service.store.record
    until(
        lambda: known.organization(cast.org.id).admin_repo.full_name.endswith("/reviews"),
        "the new name",
    )
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_renamed_and_another_one_takes_its_name(town: Stage, cast: Cast) -> None:
    """What waits moves there, and the old issue says so: nobody would read a command in it."""
    request, number = cast.asked()
    before = town.gh.issue(cast.admin, number)
    town.idle()
    town.gh.rename_repository(cast.admin, "old-reviews")
    town.idle()
    known: Any = town.bot.service.store.record
    kept = known.request(cast.org.id, request.id).issue
    assert kept.repo == f"{cast.org.login}/old-reviews", "links lead to nobody else's repository"

    another = town.gh.add_repository(cast.org, "token-requests", private=True)
    town.sweep()
    after = town.issue(another, label="pending")
    town.idle()
    assert (before.state, before.state_reason) == ("closed", "not_planned")
    assert f"{another.full_name}/issues/{after.number}" in before.comments[-1].body
    said = town.gh.comment(cast.olga, another, after.number, "/approve")
    cast.answered(said, "+1")
    assert request.state == "approved"


def test_deleted_and_another_one_takes_its_name(
    town: Stage, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    cast.asked()
    town.idle()
    town.gh.delete_repository(cast.admin)
    until(lambda: "is missing" in problem(cast), "the problem")
    town.idle()
    assert len(errors(caplog, cast)) == 1
    town.gh.rename_repository(cast.site, "token-requests")
    until(lambda: "is public" in problem(cast), "another problem")
    town.gh.change_repository(cast.site, private=True)
    town.issue(cast.site, label="pending")


def test_comments_elsewhere_are_not_even_read(
    town: Stage, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """In any repository that the App sees anybody may write anything. What may be the admin
    repository is read: it can be so new that nobody knows it.
    """
    caplog.set_level("DEBUG", "bot.handlers")
    _, number = cast.asked()
    for repo in (cast.site, cast.admin):
        other = town.gh.open_issue(cast.mia, repo, "an issue of ours", "")
        town.gh.comment(cast.olga, repo, other.number, "/approve")
    cast.obeyed(cast.olga, number, "/approve")
    unread = [one.getMessage() for one in caplog.records if "is not read" in one.getMessage()]
    assert unread == [f"a comment in repository {cast.site.id} is not read"]


def test_other_repositories_are_of_no_interest(town: Stage, cast: Cast) -> None:
    cast.asked()
    town.idle()
    town.gh.clear_calls()
    town.gh.change_repository(cast.api, private=False, archived=True)
    town.gh.rename_repository(cast.site, "pages")
    town.idle()
    assert [one.path for one in town.calls_for_work] == []
    assert problem(cast) == ""
