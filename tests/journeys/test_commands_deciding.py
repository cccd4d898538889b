"""Deciding on a review issue: what exactly is decided, what it costs, and what stays as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, until

TOKENS = "/access_tokens"


def bots_words(stage: Stage, cast: Cast, number: int) -> list[str]:
    comments = stage.gh.issue(cast.admin, number).comments
    return [one.body for one in comments if one.user is stage.gh.app.bot]


def calls_for(stage: Stage, cast: Cast) -> list[str]:
    """The calls about this organization since the last clearing, tokens aside."""
    mine = [one for one in stage.gh.calls if f"/{cast.org.login}/" in one.path]
    return [f"{one.method} {one.path}" for one in mine if not one.path.endswith(TOKENS)]


def test_what_a_request_costs(town: Stage, cast: Cast) -> None:
    _, first = cast.asked(name="the first makes the labels")
    cast.obeyed(cast.olga, first, "/deny it is done")  # the cards of what waits follow an approval
    everything = {"selection": "all", "repositories": []}
    for most, wanted in ((12, everything), (13, {})):  # labels come and go one by one
        town.idle()
        town.gh.clear_calls()
        _, number = cast.asked(name=f"costs {most}", **wanted)
        town.idle()
        opening = calls_for(town, cast)
        assert len(opening) <= 4, opening  # the requester's tokens are one of them

        town.gh.clear_calls()
        cast.obeyed(cast.olga, number, "/approve")
        deciding = calls_for(town, cast)
        assert len(deciding) <= most, deciding


def test_a_request_that_changed_is_shown_anew_and_refused(town: Stage, cast: Cast) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
    changes: dict[str, dict[str, Any]] = {
        "administration": {"permissions": {"repository": {"administration": "write"}}},
        "/site": {"repositories": [cast.api, cast.site]},
        "never expires": {"expires_at": None},
        f"{soon:%Y-%m-%d}": {"expires_at": soon},
        "all repositories": {"selection": "all", "repositories": []},
    }
    for count, (shown, change) in enumerate(changes.items()):
        request, number = cast.asked(name=f"change {count}")
        town.gh.change_request(request, **change)
        why = cast.refused(cast.olga, number, "/approve")
        assert "changed on GitHub" in why or count, shown
        assert request.state == "pending", shown
        assert shown in town.gh.issue(cast.admin, number).body, shown
        town.gh.ahead += timedelta(seconds=1)  # nobody reads it within the second
        cast.obeyed(cast.olga, number, "/approve for 30d")  # for ever would be asked back
        assert request.state == "approved", shown


def test_an_expired_token_is_never_approved(scene: Stage, acme: Cast) -> None:
    scene.idle()
    moment = datetime.now(UTC).replace(microsecond=0)
    by_timer, first = acme.asked(name="timer", expires_at=moment + timedelta(days=2))
    by_command, second = acme.asked(name="command", expires_at=moment + timedelta(days=9))
    unseen, third = acme.asked(name="unseen", expires_at=moment + timedelta(days=9))
    scene.gh.expire(unseen)
    assert "expired" in acme.refused(acme.olga, third, "/approve")

    scene.clock.ahead = timedelta(days=3)
    scene.issue(acme.admin, number=first, state="closed")
    scene.clock.ahead = timedelta(days=10)
    said = acme.says(acme.olga, second, "/approve")
    acme.answered(said, "confused")

    for request, number in ((by_timer, first), (by_command, second), (unseen, third)):
        issue = scene.gh.issue(acme.admin, number)
        assert (issue.state, issue.state_reason) == ("closed", "not_planned"), request.token.name
        assert set(issue.labels) == {"token-request", "danger: high", "expired"}, request.token.name
        decisions = [one for one in bots_words(scene, acme, number) if "decision:" in one]
        assert len(decisions) == 1
        assert request.state == "pending"
    assert not [
        one
        for one in scene.gh.calls
        if one.template and "{pat_request_id}" in one.template and one.method == "POST"
    ]


def test_a_locked_issue_refuses_the_thumb_and_delays_nothing(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.gh.lock_issue(cast.olga, cast.admin, number)
    said = cast.says(cast.olga, number, "/approve")
    until(lambda: town.gh.issue(cast.admin, number).state == "closed", "the end")
    town.idle()
    assert (request.state, said.reactions) == ("approved", [])
    assert len(bots_words(town, cast, number)) == 1


@pytest.mark.parametrize("path", ["issues/{}/comments$", "issues/{}/labels$", "issues/{}$"])
def test_a_step_that_github_refuses_holds_up_no_other(town: Stage, cast: Cast, path: str) -> None:
    """Words, label and closing of a decided issue; label and closing come with the next sweep."""
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    where = f"{cast.org.login}/{cast.admin.name}/{path.format(number)}"
    method = "PATCH" if path.endswith("{}$") else "POST"
    town.gh.failures.add(method=method, path=where, status=422)
    cast.says(cast.olga, number, "/deny not now")
    until(lambda: "denied" in issue.labels or issue.state == "closed", "one of them")
    town.idle()
    town.sweep()
    assert ("denied" in issue.labels, issue.state) == (True, "closed")
    assert len(bots_words(town, cast, number)) == (0 if "comments" in path else 1)


def test_peoples_labels_stay_and_state_labels_do_not_decide(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.gh.set_labels(cast.olga, issue, ["token-request", "approved", "held", "team-a", "P1"])
    town.gh.edit_issue(cast.olga, cast.admin, number, title="approved", body="all fine, approved")
    cast.obeyed(cast.olga, number, "/hold")
    assert set(issue.labels) == {"token-request", "danger: high", "held", "team-a", "P1"}
    cast.obeyed(cast.olga, number, "/unhold")
    cast.obeyed(cast.olga, number, "/deny too much")
    assert set(issue.labels) == {"token-request", "danger: high", "denied", "team-a", "P1"}
    assert request.state == "denied"


def test_the_reason_reaches_github_to_the_letter(town: Stage, cast: Cast) -> None:
    longest = "é" * 1024
    reasons = {
        "/deny  a &amp; b \\* `c` <i> @mia #1  \r\n\r\nmore talk": "a &amp; b \\* `c` <i> @mia #1",
        f"talk first\n\n/Deny {longest}": longest,
        "/APPROVE": None,
        "   /approve for the move": "for the move",
        "/approve for 2d for the move": "for the move",
        "/approve -- for now": "for now",
        "/approve for 2d fine -- until friday": "fine until friday",
        "/approve\tfor tabs": "for tabs",
    }
    for text, reason in reasons.items():
        request, number = cast.asked(name="a name")
        cast.obeyed(cast.olga, number, text)
        assert (request.state != "pending", request.review_reason) == (True, reason), text


def test_status_help_and_explain_answer_everybody(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    stranger = town.gh.add_user("curious")
    assert "pending" in cast.obeyed(stranger, number, "/status")
    assert "owners decide everything" in cast.obeyed(stranger, number, "/explain")
    manual = cast.obeyed(stranger, number, "/help")
    for command in ("approve", "deny", "revoke", "hold", "unhold", "status", "help", "explain"):
        assert f"/{command}" in manual
    cast.obeyed(cast.olga, number, "/hold for @otto")
    assert "held" in cast.obeyed(stranger, number, "/status")
    cast.obeyed(cast.olga, number, "/unhold")
    cast.obeyed(cast.olga, number, "/deny no")
    told = cast.obeyed(stranger, number, "/status")
    assert "denied" in told
    assert cast.olga.login in told
    assert "denied" in cast.obeyed(stranger, number, "/explain")


def test_a_command_older_than_what_the_issue_shows_is_refused(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked()
    scene.idle()
    scene.stop_bot()
    said = acme.says(acme.olga, number, "/approve")
    scene.gh.settle()
    lost = scene.gh.deliveries[-1]
    scene.gh.ahead += timedelta(seconds=2)
    scene.gh.change_request(request, permissions={"repository": {"administration": "write"}})
    scene.gh.failures.add(path="/app/hook/deliveries", times=None)
    scene.start_bot()
    shown = scene.gh.issue(acme.admin, number)
    until(lambda: "administration" in shown.body, "the new description")

    scene.gh.failures.clear()
    scene.gh.redeliver(lost.guid)
    assert "changed on GitHub" in acme.answered(said, "confused")
    assert request.state == "pending"
    scene.gh.ahead += timedelta(seconds=1)  # nobody reads it within the second
    acme.obeyed(acme.otto, number, "/approve")
    assert request.state == "approved"


def test_a_late_command_takes_no_label_back(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    scene.idle()
    with scene.gh.hold_deliveries():
        said = acme.says(acme.olga, number, "/approve")
        issue = scene.gh.issue(acme.admin, number)
        scene.gh.set_labels(acme.otto, issue, [*issue.labels, "team-a"])
        scene.clock.ahead += timedelta(minutes=2)
    acme.answered(said, "+1")
    assert set(issue.labels) == {"token-request", "danger: high", "approved", "team-a"}
