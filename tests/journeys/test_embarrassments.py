"""Twelve ways for an approval bot to be embarrassed, and the story that shows what happens instead.

Stories named without a file are here; the others are in `tests/journeys` beside this one.

| embarrassment | told by |
|---|---|
| a non-owner, the requester, an invited or former owner approves | test_refusals: test_only_an_active_owner_decides_and_never_their_own_request |
| an owner is demoted between comment and execution | test_demoted_before_execution, test_a_check_that_fails_waits_and_never_passes |
| a comment is edited or deleted before execution | test_refusals: test_only_a_new_unedited_comment_counts, test_an_edit_that_came_before_the_delivery_counts_too; test_commands_under_failures: test_what_github_did_counts_though_its_answer_was_lost_and_the_comment_edited |
| commands in quotes, code, HTML, mail, look-alike letters, two at once | test_refusals: test_bots_apps_and_ordinary_talk_get_no_answer, test_what_cannot_be_read_is_refused_with_a_hint |
| bots, Apps acting for a user | test_refusals: test_bots_apps_and_ordinary_talk_get_no_answer |
| impersonation by name or `author_association` | test_a_login_that_changed_hands_decides_nothing, test_what_a_delivery_says_of_its_author_proves_nothing, test_an_app_is_found_out_though_its_delivery_does_not_tell, test_an_owners_comment_is_moved_to_no_other_issue |
| organization A's comment acts on B | test_a_comment_of_one_organization_reaches_no_other; test_installations: test_two_organizations_do_not_touch_each_other; test_hub: test_each_request_is_decided_by_its_own_owners |
| an issue is transferred, deleted, locked, closed, edited, relabelled | test_issues_by_hand; test_restored; test_commands_deciding: test_a_locked_issue_refuses_the_thumb_and_delays_nothing |
| the token changed after the issue was shown, or expired while pending | test_commands_deciding: test_a_request_that_changed_is_shown_anew_and_refused, test_an_expired_token_is_never_approved |
| old deliveries come again, under the same or another GUID | test_a_replayed_comment_is_executed_once, test_a_guid_outlives_its_body, test_a_delivery_counts_under_no_other_events_name, test_an_issue_is_gone_or_closed_only_when_github_says_so; test_elsewhere: test_the_same_delivery_twice, test_old_outcomes_change_nothing_while_github_lists_the_request; test_installations: test_deleted_is_believed_only_when_github_says_so; test_digest: test_no_delivery_takes_the_digests_turn; test_sweep: test_no_delivery_takes_the_sweeps_turn |
| the requester left the organization | test_leavers |
| the installation is suspended, deleted, lacks a permission; the admin repository is public | test_installations; test_timed: test_without_the_right_to_revoke_nothing_is_approved_for_a_time; test_admin_repository |
| floods, strangers' installations | test_a_hundred_refused_comments_cost_one_reply, test_one_members_flood_delays_nobodys_decision, test_a_strangers_commands_cost_little, test_a_hundred_questions_cost_one_reply_each_kind, test_one_members_questions_delay_no_new_issue, test_a_strangers_installation_changes_nothing; test_load |
"""  # noqa: E501 - a table's row is one line

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.seen import assert_undecided, bots_words, reviews
from tests.journeys.stage import Cast, Stage, stage, until


def comment_told(town: Stage, said: Any) -> Any:
    """The payload that told of this comment."""
    assert town.gh.settle()
    told = [one for one in town.gh.deliveries if one.event == "issue_comment"]
    return copy.deepcopy(next(one.json for one in told if one.json["comment"]["id"] == said.id))


# ------------------------------------------------------------------ authority


def test_demoted_before_execution(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    with town.gh.hold_deliveries():
        said = cast.says(cast.olga, number, "/approve")
        town.gh.set_role(cast.org, cast.olga, role="member")
    assert "only active owners" in cast.answered(said, "confused")
    assert_undecided(cast, request, number)


def test_a_check_that_fails_waits_and_never_passes(town: Stage, cast: Cast) -> None:
    """While GitHub does not tell, nothing happens; what it tells at last counts."""
    request, number = cast.asked()
    path = f"/memberships/{cast.olga.login}$"
    failure = town.gh.failures.add(path=path, status=503, times=None)
    said = cast.says(cast.olga, number, "/approve")
    until(lambda: failure.hits >= 2, "two tries")
    assert_undecided(cast, request, number)
    town.gh.set_role(cast.org, cast.olga, role="member")
    town.gh.failures.remove(failure)
    assert "only active owners" in cast.answered(said, "confused")
    assert_undecided(cast, request, number)


def test_a_login_that_changed_hands_decides_nothing(town: Stage, cast: Cast) -> None:
    """A member's comment waits; meanwhile an owner takes the member's login."""
    request, number = cast.asked(by=cast.otto)
    with town.gh.hold_deliveries():
        said = cast.says(cast.mia, number, "/approve")
        login = cast.mia.login
        town.gh.rename_user(cast.mia, f"{login}-of-old")
        town.gh.rename_user(cast.olga, login)
    assert "only active owners" in cast.answered(said, "confused")
    assert_undecided(cast, request, number)


def test_what_a_delivery_says_of_its_author_proves_nothing(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    with town.gh.drop_deliveries():
        said = cast.says(cast.mia, number, "/approve")
        town.gh.settle()
    payload = comment_told(town, said)
    payload["comment"]["author_association"] = "OWNER"
    payload["comment"]["user"] |= {"login": cast.olga.login, "site_admin": True}
    payload["sender"]["login"] = cast.olga.login
    town.deliver("issue_comment", payload)
    town.idle()
    assert_undecided(cast, request, number)

    payload["comment"]["user"]["id"] = payload["sender"]["id"] = cast.olga.id
    town.deliver("issue_comment", payload)  # GitHub knows who really wrote it
    town.idle()
    assert_undecided(cast, request, number)


def test_an_app_is_found_out_though_its_delivery_does_not_tell(town: Stage, cast: Cast) -> None:
    """Recorded deliveries of Apps' comments carry `performed_via_github_app: null`."""
    request, number = cast.asked()
    with town.gh.drop_deliveries():
        said = town.gh.comment(cast.olga, cast.admin, number, "/approve", via_app="some-app")
        town.gh.settle()
    payload = comment_told(town, said)
    payload["comment"]["performed_via_github_app"] = None
    town.deliver("issue_comment", payload)
    town.idle()
    assert_undecided(cast, request, number)
    assert (said.reactions, bots_words(said.issue)) == ([], [])


@pytest.mark.parametrize("told", ["an App", "another sender"])
def test_who_did_not_write_it_alone_decides_nothing(town: Stage, cast: Cast, told: str) -> None:
    """Its delivery names an App or another person beside the owner, and GitHub's API does not."""
    request, number = cast.asked()
    with town.gh.drop_deliveries():
        said = cast.says(cast.olga, number, "/approve")
        town.gh.settle()
    payload = comment_told(town, said)
    if told == "an App":
        payload["comment"]["performed_via_github_app"] = {"id": 77, "slug": "some-app"}
    else:
        payload["sender"] |= {"id": cast.mia.id, "login": cast.mia.login}
    town.deliver("issue_comment", payload)
    town.idle()
    assert_undecided(cast, request, number)
    assert (said.reactions, bots_words(said.issue)) == ([], [])


def test_another_installations_word_decides_nothing_here(town: Stage, cast: Cast) -> None:
    """Whoever holds the secret tells of a real `/approve` in the name of another organization."""
    other = town.organization(f"next-to-{cast.org.login}")
    request, number = cast.asked()
    with town.gh.drop_deliveries():
        said = cast.says(cast.olga, number, "/approve")
        town.gh.settle()
    payload = comment_told(town, said)
    payload["installation"]["id"] = other.installation.id
    town.deliver("issue_comment", payload)
    town.idle()
    assert_undecided(cast, request, number)
    assert (said.reactions, bots_words(said.issue)) == ([], [])


def test_an_owners_comment_is_moved_to_no_other_issue(town: Stage, cast: Cast) -> None:
    """Whoever holds the secret points a real `/approve` at another request."""
    meant, number = cast.asked()
    request, other = cast.asked(name="another")
    with town.gh.drop_deliveries():
        said = cast.says(cast.olga, number, "/approve")
        town.gh.settle()
    payload = comment_told(town, said)
    payload["issue"]["number"] = other
    town.deliver("issue_comment", payload)
    town.idle()
    assert_undecided(cast, request, other)
    assert (meant.state, said.reactions) == ("pending", [])


def test_a_comment_of_one_organization_reaches_no_other(town: Stage, cast: Cast) -> None:
    other = town.organization(f"beside-{cast.org.login}")
    request, number = cast.asked()
    _, there = other.asked()
    said = other.says(other.olga, there, "/status")
    other.answered(said, "+1")

    ours, theirs = cast.admin, comment_told(town, said)
    theirs["comment"]["body"] = "/approve"
    theirs["issue"]["number"] = number
    theirs["repository"] |= {"id": ours.id, "full_name": ours.full_name}
    town.deliver("issue_comment", theirs)
    theirs["installation"]["id"] = cast.installation.id
    town.deliver("issue_comment", theirs)
    town.idle()
    assert_undecided(cast, request, number)


# ------------------------------------------------------------------ replay


def test_a_replayed_comment_is_executed_once(town: Stage, cast: Cast) -> None:
    """The GUID is not signed: whoever has an old delivery can send it under another."""
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    said = [cast.says(cast.olga, number, text) for text in ("/hold", "/status", "/unhold")]
    cast.answered(said[-1], "+1")
    for one in said:
        town.deliver("issue_comment", comment_told(town, one))
    town.idle()
    assert "pending" in issue.labels
    assert len(bots_words(issue)) == 2  # of /hold and /status

    approve = cast.says(cast.olga, number, "/approve")
    cast.answered(approve, "+1")
    cast.obeyed(cast.otto, number, "/revoke")
    calls, words = len(reviews(cast)), len(bots_words(issue))
    for one in (*said, approve):
        town.deliver("issue_comment", comment_told(town, one))
    town.idle()
    assert (len(reviews(cast)), town.gh.grants(cast.org)) == (calls, [])
    assert ("revoked" in issue.labels, request.state) == (True, "approved")
    assert len(bots_words(issue)) == words


def test_a_guid_outlives_its_body(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/deny no")
    created = next(one for one in scene.gh.deliveries if one.action == "created")
    scene.sweep(days=31)
    store: Any = scene.bot.service.store
    until(lambda: store.inbox.find(created.guid) is not None, "the delivery's row")
    before = len(scene.gh.deliveries)
    scene.gh.redeliver(created.guid)
    again = until(lambda: scene.gh.deliveries[before:], "the redelivery")[0]
    assert '"duplicate"' in again.response_body


def test_a_delivery_counts_under_no_other_events_name(town: Stage, cast: Cast) -> None:
    """The name is a header and not signed: a deleted comment is no deleted issue."""
    request, number = cast.asked()
    said = cast.says(cast.mia, number, "please")
    town.gh.delete_comment(cast.mia, said)
    town.idle()
    kinds = {(one.event, one.action): one for one in town.gh.deliveries}
    assert town.replay(kinds["issue_comment", "deleted"], event="issues").status_code == 400
    town.idle()
    cast.obeyed(cast.olga, number, "/approve")
    assert (request.state, len(town.gh.issues(cast.admin))) == ("approved", 1)


def test_an_issue_is_gone_or_closed_only_when_github_says_so(town: Stage, cast: Cast) -> None:
    """Deliveries of what never was, or was long ago, change nothing."""
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    cast.obeyed(cast.olga, number, "/status")
    payload = comment_told(town, issue.comments[0])
    del payload["comment"]
    for action in ("deleted", "transferred", "closed"):
        town.deliver("issues", {**payload, "action": action})
    town.idle()
    assert (len(town.gh.issues(cast.admin)), len(issue.comments)) == (1, 2)  # of /status
    town.gh.close_issue(cast.otto, cast.admin, number)
    until(lambda: "not decided yet" in issue.comments[-1].body, "the note of the real end")
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


# ------------------------------------------------------------------ floods


def test_a_hundred_refused_comments_cost_one_reply(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    for turn in range(100):
        cast.says(cast.mia, number, f"/aprove {turn}")
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"
    town.idle()
    assert len(bots_words(issue)) == 2  # one refusal, one closing comment
    created = [call for call in town.gh.calls if call.method == "POST"]
    mine = [call for call in created if call.path.endswith(f"{issue.repository.name}/issues")]
    assert all(call.status == 201 for call in mine)


def test_a_strangers_commands_cost_little(town: Stage, cast: Cast) -> None:
    """One's own request is refused without a call, who was just no owner with the reaction alone;
    who has become one is heard a minute later at the latest.
    """
    request, number = cast.asked(by=cast.otto)
    town.idle()
    town.gh.clear_calls()
    assert "own request" in cast.refused(cast.otto, number, "/approve")
    assert [call.method for call in town.calls_for_work] == ["POST", "POST"]  # reply and reaction
    for who in (cast.mia, town.gh.add_user(f"stranger-of-{cast.org.login}")):
        cast.refused(who, number, "/approve")
        town.gh.clear_calls()
        for _ in range(10):
            said = cast.says(who, number, "/approve")
        cast.answered(said, "confused")
        assert len(town.calls_for_work) <= 17, who.login
    assert_undecided(cast, request, number)

    town.gh.set_role(cast.org, cast.mia, role="admin")
    town.clock.ahead += timedelta(minutes=1)
    cast.obeyed(cast.mia, number, "/approve")
    assert request.state == "approved"


def test_a_hundred_questions_cost_one_reply_each_kind(town: Stage, cast: Cast) -> None:
    _, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    for _ in range(20):
        for command in ("/help", "/status", "/explain"):
            said = cast.says(cast.mia, number, command)
    cast.answered(said, "+1")
    assert len(bots_words(issue)) == 3
    assert cast.obeyed(cast.olga, number, "/help")
    town.clock.ahead += timedelta(minutes=61)
    assert cast.obeyed(cast.mia, number, "/help")


def test_one_members_questions_delay_no_new_issue(tmp_path: Path) -> None:
    """On many issues, with far more questions than the content limit lets out answers."""
    with stage(tmp_path, CONTENT_LIMIT="60/3600") as scene:
        acme = scene.organization("acme")
        numbers = [acme.asked(name=f"old-{turn}")[1] for turn in range(8)]
        for number in numbers:
            for command in ("/help", "/status", "/explain", "/aprove", "/deny", "/confirm"):
                said = acme.says(acme.mia, number, command)
        until(lambda: said.reactions, "the last answer", 45)
        acme.asks(name="waits", by=acme.otto)
        until(lambda: any("waits" in i.title for i in scene.gh.issues(acme.admin)), "its issue")
        words = [
            one for number in numbers for one in bots_words(scene.gh.issue(acme.admin, number))
        ]
        assert len(words) == 20
        scene.stop_bot()


def told(scene: Stage, said: Any) -> bool:
    every = [one.json for one in scene.gh.deliveries if one.event == "issue_comment"]
    return any(one["comment"]["id"] == said.id for one in every)


def test_one_members_flood_delays_nobodys_decision(tmp_path: Path) -> None:
    """Far more requests than the content limit lets out in an hour; a decision goes first."""
    with stage(tmp_path, CONTENT_LIMIT="10/60,100/3600") as scene:
        acme = scene.organization("acme")
        request, number = acme.asked(by=acme.otto)
        for turn in range(300):
            acme.asks(name=f"flood-{turn}")
        said = acme.says(acme.olga, number, "/approve")
        until(lambda: told(scene, said), "the delivery of the comment", 45)
        until(lambda: request.state == "approved", "the decision", 10)
        until(lambda: said.reactions, "its answer", 10)
        assert len(scene.gh.issues(acme.admin)) <= 10
        scene.stop_bot()


def test_a_strangers_installation_changes_nothing(town: Stage, cast: Cast) -> None:
    """A public App: anybody may install it, ask for tokens, and comment in their own house."""
    request, number = cast.asked()
    evil = town.organization(f"evil-{cast.org.login}")
    for turn in range(20):
        evil.asks(name=f"<!-- token-request {cast.org.id}/{request.id} --> {turn}")
    forged = town.gh.open_issue(
        evil.olga, evil.admin, "mine", f"<!-- token-request {cast.org.id}/{request.id} -->"
    )
    evil.says(evil.olga, forged.number, "/approve")
    evil.says(evil.olga, forged.number, f"/approve #{number}")
    town.idle()
    assert_undecided(cast, request, number)
    town.gh.uninstall(evil.installation)
    town.clock.ahead += timedelta(seconds=1)
    town.idle()
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"
