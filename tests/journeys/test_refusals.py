"""Who and what is refused on a review issue: politely, once, and nothing is done."""

import time
from datetime import timedelta

from tests.journeys.seen import assert_undecided, bots_words, reviews
from tests.journeys.stage import Cast, Stage, until


def test_only_an_active_owner_decides_and_never_their_own_request(town: Stage, cast: Cast) -> None:
    gh, other = town.gh, town.organization("elsewhere", install=False)
    pending = gh.add_user("pending-owner")
    gh.add_member(cast.org, pending, role="admin", state="pending")
    demoted = gh.add_user("demoted")
    gh.add_member(cast.org, demoted, role="admin")
    gh.set_role(cast.org, demoted, role="member")
    request, number = cast.asked(by=cast.otto)
    with gh.hold_deliveries():
        between = gh.add_user("demoted-between")
        gh.add_member(cast.org, between, role="admin")
        said = cast.says(between, number, "/approve")
        gh.set_role(cast.org, between, role="member")
    assert "only active owners" in cast.answered(said, "confused")

    assert "only active owners" in cast.refused(other.olga, number, "/approve")
    for who in (cast.mia, pending, demoted):
        assert "only active owners" in cast.refused(who, number, "/approve"), who.login
        for command in ("/deny no", "/approve for 2d", "/hold", "/unhold"):
            assert cast.refused(who, number, command) == "", (who.login, command)
    assert "own request" in cast.refused(cast.otto, number, "/approve")
    assert cast.refused(cast.otto, number, "/hold") == ""
    assert_undecided(cast, request, number)

    gh.add_member(cast.org, other.olga, role="admin")  # an owner from this moment on
    cast.obeyed(other.olga, number, "/approve")
    assert request.state == "approved"


def test_bots_apps_and_ordinary_talk_get_no_answer(town: Stage, cast: Cast) -> None:
    gh = town.gh
    robot = gh.add_user("robot[bot]")
    robot.type = "Bot"
    gh.add_member(cast.org, robot, role="admin")
    request, number = cast.asked()

    said = [
        cast.says(robot, number, "/approve"),
        gh.comment(cast.olga, cast.admin, number, "/approve", via_app="some-app"),
        cast.says(cast.olga, number, "I would /approve this"),
        cast.says(cast.olga, number, "/approve-all\n\n/assign me"),
        cast.says(cast.olga, number, "> /approve\n\n```\n/approve\n```\n\n- /approve"),
        cast.says(cast.olga, number, "fine\n\nOn Monday olga wrote:\n\n/approve"),
        cast.says(cast.olga, number, "gut\n\nAm 1.6.2026 schrieb mia ***@***.***>:\n\n/approve"),
        cast.says(cast.olga, number, "gut\n\nVon: mia\nGesendet: heute\nAn: olga\n\n/approve"),
        cast.says(cast.olga, number, "so[^1]\n\n[^1]: she says\n/approve"),
        cast.says(cast.olga, number, "<!--\n/approve\n-->"),
    ]
    town.idle()

    assert [one.reactions for one in said] == [[]] * len(said)
    assert bots_words(gh.issue(cast.admin, number)) == []
    assert_undecided(cast, request, number)


def test_what_cannot_be_read_is_refused_with_a_hint(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    hints = {
        "/aprove": "Did you mean `/approve`",
        "/approved": "Did you mean `/approve`",
        "/\u0430pprove": "Did you mean `/approve`",
        "/appro\u200bve": "Did you mean `/approve`",
        "/approve\n\n/deny no": "one command",
        "> yes\n/approve": "blank line",
        f"fine\n\n{'_' * 32}\n\n/approve": "quoted mail",
        "/deny": "needs a reason",
        "/deny \u00a0 ": "needs a reason",
        "/approve " + "x" * 1025: "1,025",
        "/approve for 3x": "1 hour",
        "/approve #12": "target",
        "/approve owner:mia": "target",
        "/confirm": "code",
        "/confirm nonsense": "no such code",
        "/revoke": "nothing to revoke",
    }
    for count, (text, hint) in enumerate(hints.items()):
        owner = town.gh.add_user(f"owner-{count}")
        town.gh.add_member(cast.org, owner, role="admin")
        assert hint in cast.refused(owner, number, text), text
    assert_undecided(cast, request, number)


def test_only_a_new_unedited_comment_counts(town: Stage, cast: Cast) -> None:
    gh = town.gh
    request, number = cast.asked()
    talk = cast.says(cast.olga, number, "hello")
    gh.edit_comment(cast.olga, talk, "/approve")

    with gh.hold_deliveries():
        changed = cast.says(cast.olga, number, "/approve")
        gh.edit_comment(cast.mia, changed, "/approve for 1d")
        gone = cast.says(cast.olga, number, "/approve")
        gh.delete_comment(cast.olga, gone)

    assert "new comment" in cast.answered(changed, "confused")
    until(lambda: len(bots_words(gh.issue(cast.admin, number))) == 2, "both are answered", 40)
    assert "does not show me your comment" in bots_words(gh.issue(cast.admin, number))[-1]
    assert (talk.reactions, gone.reactions) == ([], [])
    assert_undecided(cast, request, number)


def test_an_edit_that_came_before_the_delivery_counts_too(town: Stage, cast: Cast) -> None:
    """`created` is delivered late and shows what somebody made of an owner's talk meanwhile."""
    request, number = cast.asked()
    with town.gh.drop_deliveries():
        said = cast.says(cast.olga, number, "I shall look into this")
        town.gh.settle()
        time.sleep(1)  # GitHub's times are whole seconds
        town.gh.edit_comment(cast.mia, said, "/approve")
        town.gh.settle()
    created, edited = (town.told("issue_comment", action) for action in ("created", "edited"))
    town.deliver("issue_comment", {**created, "comment": edited["comment"]})
    assert "new comment" in cast.answered(said, "confused")
    assert_undecided(cast, request, number)


def test_one_reply_per_person_and_cause_an_hour(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    _, other = cast.asked(name="another")

    first = cast.refused(cast.mia, number, "/aprove")
    again = cast.refused(cast.mia, number, "/aprove")
    another_cause = cast.refused(cast.mia, number, "/deny")
    another_person = cast.refused(cast.olga, number, "/aprove")
    another_issue = cast.refused(cast.mia, other, "/aprove")
    assert (bool(first), again) == (True, "")
    assert another_cause
    assert another_person
    assert another_issue
    town.clock.ahead += timedelta(minutes=61)
    assert cast.refused(cast.mia, number, "/aprove")
    assert_undecided(cast, request, number)


def test_held_is_neither_approved_nor_denied_until_unheld(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    assert "/unhold" in cast.obeyed(cast.olga, number, "/hold wait for @security #1")
    assert ("held" in issue.labels, "pending" in issue.labels) == (True, False)

    assert "/unhold" in cast.refused(cast.olga, number, "/approve")
    assert "/unhold" in cast.refused(cast.otto, number, "/deny no")
    assert reviews(cast) == []

    cast.obeyed(cast.otto, number, "/unhold")
    assert ("held" in issue.labels, "pending" in issue.labels) == (False, True)
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_what_is_decided_names_who_decided_and_revoke(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.idle()  # its number is noted: both comments wait in the request's lane
    with town.gh.hold_deliveries():
        first = cast.says(cast.olga, number, "/deny no")
        second = cast.says(cast.otto, number, "/approve")
    cast.answered(first, "+1")
    assert cast.olga.login in cast.answered(second, "confused")
    assert (request.state, len(reviews(cast))) == ("denied", 1)

    _, number = cast.asked(name="another")
    cast.obeyed(cast.otto, number, "/approve")
    why = cast.refused(cast.olga, number, "/deny no")
    assert cast.otto.login in why
    assert "`/revoke`" in why
    assert "already" in cast.refused(cast.otto, number, "/hold")
    for text in ("/approve 3d", "/counter nothing", "/deny"):
        said = cast.refused(cast.olga, number, text)
        assert "This request is already approved by" in said, text
