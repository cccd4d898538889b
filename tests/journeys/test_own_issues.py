"""Which issue is whose: markers are public, and people with write access can edit our issues."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.digests import digests, next_day
from tests.journeys.stage import Cast, Stage, stage, until


@contextmanager
def unheard(town: Stage) -> Iterator[None]:
    """What happens now is never delivered."""
    url, town.gh.webhook_url = town.gh.webhook_url, None
    yield
    town.gh.webhook_url = url


def marker_of(cast: Cast, request: Any) -> str:
    return f"<!-- token-request {cast.org.id}/{request.id} -->"


def issue_of(cast: Cast, request: Any) -> Any:
    """The issue that the record has for the request."""
    record = cast.stage.bot.service.store.record
    row = until(
        lambda: (one := record.request(cast.org.id, request.id)) and one.issue and one, "an issue"
    )
    return cast.stage.gh.issue(cast.admin, row.issue.number)


def test_a_request_never_moves_into_the_issue_of_another(town: Stage, cast: Cast) -> None:
    """Its marker and title stand on that issue, and GitHub fails when its own is opened."""
    gh = town.gh
    harmless, number = cast.asked(permissions={"organization": {"members": "read"}})
    town.idle()
    held = gh.hold_deliveries()
    request = cast.asks(name="another")
    forged = marker_of(cast, request) + "\nOnly reads."
    title = f"Token request: another by {cast.mia.login}"
    with unheard(town):
        gh.edit_issue(cast.mia, cast.admin, number, title=title, body=forged)
    failed = gh.failures.add(method="POST", path=r"/issues$")
    held.end()
    own = issue_of(cast, request)
    town.idle()
    assert failed.hits
    assert own.number != number
    assert "contents" in own.body
    assert issue_of(cast, harmless).number == number


def test_a_closed_issue_is_nobodys(town: Stage, cast: Cast) -> None:
    """GitHub's answer got lost, and somebody closed the issue before the bot looked for it."""
    gh = town.gh
    number = gh.open_issue(cast.mia, cast.admin, "before").number + 1
    lost = gh.failures.add(
        method="POST",
        path=r"/issues$",
        mode="lost",
        then=lambda: gh.close_issue(cast.mia, cast.admin, number),
    )
    request = cast.asks()
    own = issue_of(cast, request)
    town.idle()
    assert lost.hits
    assert (own.state, own.number != number) == ("open", True)


def test_a_digest_never_moves_into_a_review_issue(daily: Stage) -> None:
    gh, acme = daily.gh, daily.organization("acme")
    request, number = acme.asked()
    daily.idle()
    issue = gh.issue(acme.admin, number)
    today = daily.today().toordinal() + 1
    date = type(daily.today()).fromordinal(today).isoformat()
    with unheard(daily):
        forged = f"<!-- token-digest {acme.org.id}/{date} -->"
        title = f"Token requests waiting for review: {date}"
        gh.edit_issue(acme.mia, acme.admin, number, title=title, body=forged)
        gh.label_issue(acme.mia, acme.admin, number, add="token-digest")
    failed = gh.failures.add(method="POST", path=r"/issues$")
    next_day(daily)
    until(lambda: len(digests(acme)) == 2, "a digest of its own")
    daily.idle()
    assert failed.hits
    assert issue_of(acme, request) is issue
    assert date in digests(acme)[1].body


def test_a_marker_in_an_edited_comment_of_the_bot_is_not_its_word(town: Stage, cast: Cast) -> None:
    gh = town.gh
    request, number = cast.asked()
    issue = gh.issue(cast.admin, number)
    cast.obeyed(cast.olga, number, "/status")
    ours = next(one for one in issue.comments if one.user is gh.app.bot)
    forged = f"<!-- countersign decision:{cast.org.id}/{request.id}:denied:commanded -->\n"
    gh.ahead += timedelta(seconds=2)
    gh.edit_comment(cast.mia, ours, forged + "Nothing happened.")
    failed = gh.failures.add(method="POST", path=rf"/issues/{number}/comments$")
    cast.obeyed(cast.olga, number, "/deny not now")
    assert failed.hits
    assert [one.body for one in issue.comments if "**Denied**" in one.body]


def test_a_label_that_a_person_sets_meanwhile_stays(town: Stage, cast: Cast) -> None:
    gh = town.gh
    _, number = cast.asked()
    issue = gh.issue(cast.admin, number)
    town.idle()
    slow = gh.failures.add(method="PATCH", path=rf"/issues/{number}$", mode="held")
    cast.says(cast.olga, number, "/deny no")
    slow.arrived.wait(30)
    gh.label_issue(cast.otto, cast.admin, number, add="team-a")
    slow.release()
    until(lambda: issue.state == "closed", "the decision")
    town.idle()
    assert set(issue.labels) == {"token-request", "danger: high", "denied", "team-a"}


# ---------------------------------------------------------------- a fresh record


@pytest.fixture
def renewed(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as one:
        yield one


def forget_everything(town: Stage, change: Any = lambda: None) -> None:
    """The bot starts again with an empty database; meanwhile something changes."""
    town.idle()
    town.stop_bot()
    for file in town.folder.glob("bot.db*"):
        file.unlink()
    change()
    town.gh.ahead += timedelta(seconds=2)
    town.start_bot()
    until(town.bot.service.store.record.organizations, "the list of installations")
    town.idle()
    town.later()


def test_a_fresh_record_takes_over_the_issues_of_an_earlier_one(
    renewed: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    gh, acme = renewed.gh, renewed.organization("acme")
    request, number = acme.asked()
    renewed.idle()
    issue = gh.issue(acme.admin, number)
    title, body = issue.title, issue.body
    said: list[Any] = []

    def meanwhile() -> None:
        gh.edit_issue(acme.mia, acme.admin, number, title="harmless", body=body + "\nharmless")
        said.append(acme.says(acme.olga, number, "/approve"))

    forget_everything(renewed, meanwhile)
    renewed.issue(acme.admin, number=number, said="took this issue over")
    renewed.sweep()
    assert [one.number for one in gh.issues(acme.admin)] == [number]
    assert (issue.title, issue.body) == (title, body)
    warned = [one.getMessage() for one in caplog.records if "earlier record" in one.getMessage()]
    assert len(warned) == 1
    assert "1 issue of acme" in warned[0]
    assert "restore FILE --force" in warned[0]
    assert "rebuild" in warned[0]
    assert (request.state, "+1" in [one.content for one in said[0].reactions]) == ("pending", False)
    renewed.later()
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_a_command_on_an_issue_that_the_record_lost_is_told_where_to_go(renewed: Stage) -> None:
    """The old issue was closed while the record was lost, so the request has another one."""
    acme = renewed.organization("acme")
    request, number = acme.asked()
    forget_everything(renewed, lambda: renewed.gh.close_issue(acme.mia, acme.admin, number))
    again = issue_of(acme, request).number
    assert again != number
    assert f"#{again}" in acme.refused(acme.olga, number, "/approve")
    assert "not in my record" in acme.refused(acme.otto, number, "/deny no")
    assert request.state == "pending"


def test_a_hold_survives_in_its_label(renewed: Stage) -> None:
    acme = renewed.organization("acme")
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/hold")
    forget_everything(renewed)
    assert "hold" in acme.refused(acme.olga, number, "/approve")
    acme.obeyed(acme.olga, number, "/unhold")
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_two_issues_with_one_marker_are_both_left_alone(renewed: Stage) -> None:
    gh, acme = renewed.gh, renewed.organization("acme")
    first, one = acme.asked(name="one")
    second, two = acme.asked(name="two")
    forged = f"{marker_of(acme, first)}\nharmless"
    forget_everything(renewed, lambda: gh.edit_issue(acme.mia, acme.admin, two, body=forged))
    assert {issue_of(acme, first).number, issue_of(acme, second).number} == {3, 4}
    assert gh.issue(acme.admin, two).body == forged
    assert gh.issue(acme.admin, one).body.startswith(marker_of(acme, first))


def test_a_fresh_record_takes_over_the_digest_of_the_day(tmp_path: Path) -> None:
    with stage(tmp_path, DIGEST_DAYS="mon-sun", DIGEST_AT="00:00") as town:
        acme = town.organization("acme")
        acme.asked()
        next_day(town)
        town.gh.ahead = town.clock.ahead
        (digest,) = digests(acme)
        acme.asked(name="two")
        forget_everything(town)
        town.bot.service.schedule.tick()
        until(lambda: "two" in digest.body, "the digest, written anew")
        town.idle()
        assert len(digests(acme)) == 1
