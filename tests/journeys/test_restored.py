"""People and programs change what our issues show: it is brought back, and said once."""

from datetime import timedelta
from typing import Any

from bot.domain.token_request import State
from bot.handlers.issues.restore import MOST
from tests.journeys.digests import digests, next_day
from tests.journeys.stage import Cast, Stage, until

WORDS = "so I restored them"


def notes(issue: Any) -> int:
    return sum(WORDS in one.body for one in issue.comments)


def shown(issue: Any) -> tuple[str, str, set[str]]:
    return issue.title, issue.body, set(issue.labels)


def writes(town: Stage) -> int:
    """How often the bot changed an issue or its labels."""
    labelled = [one for one in town.gh.calls if one.method != "GET" and "/labels" in one.path]
    return len(labelled) + sum(call.method == "PATCH" for call in town.gh.calls)


def test_title_body_and_state_label_come_back_and_one_comment_says_so(
    town: Stage, cast: Cast
) -> None:
    gh = town.gh
    request, number = cast.asked()
    issue = gh.issue(cast.admin, number)
    town.idle()
    before = shown(issue)

    gh.edit_issue(cast.olga, cast.admin, number, title="Token request: nothing at all")
    until(lambda: shown(issue) == before, "the title")
    gh.edit_issue(cast.mia, cast.admin, number, body="/approve this harmless request")
    until(lambda: shown(issue) == before, "the body")
    for change in ({"remove": "pending"}, {"add": "Approved"}, {"remove": "token-request"}):
        gh.label_issue(cast.otto, cast.admin, number, **change)
        until(lambda: shown(issue) == before, f"the labels after {change}")
    town.idle()

    assert (notes(issue), len(issue.comments)) == (1, 1)
    assert (request.state, issue.state) == ("pending", "open")
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_a_digest_comes_back_as_it_went_out(daily: Stage) -> None:
    """Its text and label, at any later time, whatever became of what it lists."""
    gh, acme = daily.gh, daily.organization("acme")
    request, number = acme.asked(name="one")
    acme.asked(name="two")
    next_day(daily)
    (digest,) = digests(acme)
    before = shown(digest)
    acme.obeyed(acme.olga, number, "/approve")
    daily.clock.ahead += timedelta(hours=3)

    gh.edit_issue(acme.mia, acme.admin, digest.number, body=digest.body.replace("high", "low"))
    until(lambda: shown(digest) == before, "the body")
    gh.edit_issue(acme.mia, acme.admin, digest.number, title="Nothing waits")
    until(lambda: shown(digest) == before, "the title")
    gh.label_issue(acme.mia, acme.admin, digest.number, add="team-a", remove="token-digest")
    until(lambda: "token-digest" in digest.labels, "the label")
    daily.idle()
    assert set(digest.labels) == {"token-digest", "team-a"}
    assert (notes(digest), request.state) == (1, "approved")


def test_a_digests_quarrel_ends_too(daily: Stage) -> None:
    gh, acme = daily.gh, daily.organization("acme")
    acme.asked()
    next_day(daily)
    (digest,) = digests(acme)
    before = digest.title
    if daily.clock.now().minute > 50:
        daily.clock.ahead += timedelta(minutes=15)  # all within one hour
    for turn in range(MOST):
        gh.edit_issue(acme.mia, acme.admin, digest.number, title=f"Nothing waits {turn}")
        until(lambda: digest.title == before, "the title")
    gh.edit_issue(acme.mia, acme.admin, digest.number, title="Nothing waits at all")
    daily.idle()
    assert (digest.title, notes(digest)) == ("Nothing waits at all", 1)
    daily.sweep(hours=2)
    assert digest.title == before


def test_a_decided_issue_keeps_what_was_decided(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    cast.obeyed(cast.olga, number, "/deny too much")
    before = shown(issue)

    town.gh.label_issue(cast.mia, cast.admin, number, add="approved", remove="denied")
    town.gh.edit_issue(cast.mia, cast.admin, number, body="It was approved.")
    until(lambda: shown(issue) == before, "labels and body")
    town.idle()
    row = town.bot.service.store.record.request(cast.org.id, request.id)
    assert (row.state, request.state, issue.state) == (State.DENIED, "denied", "closed")
    assert notes(issue) == 1


def test_peoples_own_labels_and_the_bots_own_changes_move_nothing(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.idle()
    town.gh.clear_calls()
    town.gh.label_issue(cast.otto, cast.admin, number, add="team-a")
    town.gh.label_issue(cast.otto, cast.admin, number, add="P1")
    town.gh.label_issue(cast.otto, cast.admin, number, remove="P1")
    cast.obeyed(cast.otto, number, "/hold")
    assert (writes(town), notes(issue)) == (2, 0)  # one label off, one on
    assert set(issue.labels) == {"token-request", "danger: high", "held", "team-a"}


def test_an_old_delivery_about_labels_brings_nothing_back(town: Stage, cast: Cast) -> None:
    """Only the issue as it is now is compared: deliveries may come late and twice."""
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.gh.label_issue(cast.otto, cast.admin, number, remove="pending")
    until(lambda: "pending" in issue.labels and notes(issue), "the label")
    town.idle()
    old = next(
        one.json
        for one in town.gh.deliveries[::-1]
        if one.action == "unlabeled" and one.json["sender"]["id"] == cast.otto.id
    )
    cast.obeyed(cast.olga, number, "/deny no")
    town.gh.clear_calls()
    town.deliver("issues", old)
    town.idle()
    assert (writes(town), notes(issue)) == (0, 1)
    assert "denied" in issue.labels


def test_another_program_that_insists_makes_no_endless_quarrel(town: Stage, cast: Cast) -> None:
    robot = town.gh.add_user("labeller[bot]")
    robot.type = "Bot"
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.idle()
    town.gh.clear_calls()
    for _ in range(MOST):
        town.gh.label_issue(robot, cast.admin, number, remove="pending")
        town.idle()
        assert "pending" in issue.labels
    town.gh.label_issue(robot, cast.admin, number, remove="pending")
    town.idle()
    assert (writes(town), notes(issue)) == (MOST, 1)
    assert "pending" not in issue.labels
    town.sweep(hours=2)
    assert "pending" in issue.labels


def test_a_locked_issue_is_restored_and_the_word_comes_when_it_can(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.idle()
    town.gh.lock_issue(cast.otto, cast.admin, number)
    town.gh.failures.add(
        mode="status", status=403, path=rf".*/{cast.org.login}/.*/issues/{number}/comments"
    )
    title = issue.title
    town.gh.edit_issue(cast.otto, cast.admin, number, title="another")
    until(lambda: issue.title == title, "the title")
    until(lambda: notes(issue) == 1, "the word")
