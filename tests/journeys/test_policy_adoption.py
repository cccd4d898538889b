"""A policy comes into force: pushed, shown in an issue, and adopted by owners, never otherwise."""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, stage, until

FILE = ".github/token-policy.yml"
CAREFUL = """\
version: 1
mode: enforce
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry.
"""
TWO = (
    CAREFUL
    + """\
  - name: two people
    when: {}
    review: {approvals: 2}
"""
)
UNLIKELY = """\
  - name: misspelt
    when: {permissions: {any: [contnets, contents]}}
    unless: {repositories: {only: [ACME/Ap*, nowhere-*]}}
    review: {}
"""
APPROVING = """\
version: 1
mode: enforce
rules:
  - name: writers
    when: {permissions: {only: ["*:write"]}}
    approve: {}
"""
SECURITY = "reviewers: {sec: {teams: [security]}}\n"


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    with stage(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Stage) -> Cast:
    return scene.organization("acme")


def pushed(cast: Cast, text: str | None, by: Any = None, **more: Any) -> str:
    """Somebody pushes the policy file; the SHA of its blob."""
    gh, content = cast.stage.gh, None if text is None else text.encode()
    gh.commit(by or cast.mia, cast.admin, {FILE: content}, "Change the policy", **more)
    return sha_of(cast)


def sha_of(cast: Cast) -> str:
    data = cast.admin.files.get(FILE)
    if data is None:
        return "none"
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def policy_issue(cast: Cast, sha: str, **wanted: Any) -> Any:
    """Wait for the issue of this version."""
    name = "removed" if sha == "none" else sha[:12]
    return cast.stage.issue(cast.admin, title=f"Token policy: {name}", **wanted)


def policy_issues(cast: Cast) -> list[Any]:
    return [one for one in cast.stage.gh.issues(cast.admin) if "token-policy" in one.labels]


def in_force(cast: Cast) -> str:
    found = cast.stage.bot.service.store.record.policy_in_force(cast.org.id)
    return found.sha if found else "none"


def adopted(cast: Cast, text: str, who: Any = None) -> Any:
    issue = policy_issue(cast, pushed(cast, text), state="open")
    assert cast.obeyed(who or cast.olga, issue.number, "/adopt") == ""
    assert in_force(cast) == sha_of(cast)
    return issue


def test_a_pushed_version_has_an_issue_and_counts_when_an_owner_adopts_it(
    scene: Stage, acme: Cast
) -> None:
    sha = pushed(acme, CAREFUL)
    issue = policy_issue(acme, sha)
    assert issue.body.startswith(f"<!-- token-policy {acme.org.id}/{sha} -->\n")
    assert sorted(issue.labels) == ["pending", "token-policy"]
    assert "Pushed by: [mia-acme](" in issue.body
    assert "the request is denied with the text `Please ask again with an expiry.`" in issue.body
    assert f"```yaml\n{CAREFUL}" in issue.body
    scene.idle()
    assert in_force(acme) == "none"
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert sorted(issue.labels) == ["adopted", "token-policy"]
    told = [one for one in issue.comments if "**Adopted.**" in one.body]
    assert len(told) == 1
    assert "adopted by [olga-acme](" in told[0].body
    scene.sweep()
    assert len(policy_issues(acme)) == 1
    kinds = [one.kind for one in history(acme)]
    for kind in ("policy pushed", "policy issue opened", "policy adopted by", "policy in force"):
        assert kinds.count(kind) == 1, kind


def history(cast: Cast) -> list[Any]:
    return cast.stage.bot.service.store.record.history(cast.org.id, 0)


@pytest.mark.parametrize("command", ["/adopt", "/reject no"])
def test_nobody_but_an_owner_rules(scene: Stage, acme: Cast, command: str) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    assert "only active owners" in acme.refused(acme.mia, issue.number, command)
    assert (in_force(acme), issue.state) == ("none", "open")


def test_a_rejected_version_stays_out_until_another_was_in_between(
    scene: Stage, acme: Cast
) -> None:
    sha = pushed(acme, CAREFUL)
    issue = policy_issue(acme, sha)
    acme.obeyed(acme.otto, issue.number, "/reject too @strict `for` us")
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert sorted(issue.labels) == ["rejected", "token-policy"]
    assert "Reason: ``too @strict `for` us``" in issue.comments[-1].body
    assert "rejected already" in acme.refused(acme.olga, issue.number, "/adopt")
    scene.gh.commit(acme.mia, acme.admin, {"README.md": b"hello"})
    scene.sweep()
    assert policy_issues(acme) == [issue]
    other = policy_issue(acme, pushed(acme, TWO))
    pushed(acme, CAREFUL)
    until(lambda: len(policy_issues(acme)) == 3, "an issue for the version that came back")
    scene.idle()
    assert (other.state, other.state_reason) == ("closed", "not_planned")
    assert sorted(other.labels) == ["superseded", "token-policy"]
    assert "superseded already" in acme.refused(acme.olga, other.number, "/adopt")
    assert in_force(acme) == "none"


def test_an_adopted_version_stays_whatever_happens_to_the_file(scene: Stage, acme: Cast) -> None:
    adopted(acme, CAREFUL)
    first = in_force(acme)
    removed = policy_issue(acme, pushed(acme, None))
    assert removed.body.startswith(f"<!-- token-policy {acme.org.id}/none -->")
    assert in_force(acme) == first
    acme.obeyed(acme.olga, removed.number, "/adopt")
    assert in_force(acme) == "none"
    pushed(acme, CAREFUL)  # adopted once, and not in force any more
    until(lambda: len(policy_issues(acme)) == 3, "a new issue")
    scene.idle()
    assert in_force(acme) == "none"


def test_what_comes_back_and_is_in_force_needs_no_issue(scene: Stage, acme: Cast) -> None:
    adopted(acme, CAREFUL)
    other = policy_issue(acme, pushed(acme, TWO))
    pushed(acme, CAREFUL)
    until(lambda: other.state == "closed", "the other version superseded")
    scene.idle()
    assert len(policy_issues(acme)) == 2


def test_as_many_owners_as_the_version_in_force_asks_for(scene: Stage, acme: Cast) -> None:
    adopted(acme, TWO)
    before = in_force(acme)
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    assert "2 different owners" in issue.body
    said = acme.obeyed(acme.olga, issue.number, "/adopt")
    assert "1 of 2. 1 more owner has to comment" in said
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == before  # nobody counts twice
    acme.obeyed(acme.otto, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_who_adopted_and_is_no_owner_any_more_counts_no_more(scene: Stage, acme: Cast) -> None:
    adopted(acme, TWO)
    before = in_force(acme)
    third = acme._member("theo", "admin")
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    acme.obeyed(acme.olga, issue.number, "/adopt")
    scene.gh.set_role(acme.org, acme.olga, "member")
    said = acme.obeyed(acme.otto, issue.number, "/adopt")
    assert "The `/adopt` of [olga-acme]" in said
    assert in_force(acme) == before
    acme.obeyed(third, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


@pytest.mark.parametrize("lost", ["comment", "membership"])
def test_a_404_that_passes_takes_no_adopters_word_back(scene: Stage, acme: Cast, lost: str) -> None:
    adopted(acme, TWO)
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    first = acme.says(acme.olga, issue.number, "/adopt")
    acme.answered(first, "+1")
    path = f"/issues/comments/{first.id}$" if lost == "comment" else "/memberships/olga-acme$"
    scene.gh.failures.passing_404(path)
    acme.obeyed(acme.otto, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_one_owner_is_enough_where_there_are_not_so_many(scene: Stage, acme: Cast) -> None:
    adopted(acme, TWO)
    scene.gh.set_role(acme.org, acme.otto, "member")
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_what_cannot_be_read_asks_for_all_owners(scene: Stage, acme: Cast) -> None:
    """A later version of the bot could read what is in force, and how many owners it asks for."""
    adopted(acme, TWO)
    record = scene.bot.service.store.record
    version, now = record.newest_policy_version(acme.org.id), record.policy_in_force(acme.org.id)
    record.save_policy_version(version, adopted=[replace(now, text="version: 2\n")])
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    assert "2 different owners" in issue.body
    assert "cannot read the policy in force" in issue.body
    assert "there was no policy" not in issue.body
    assert "1 of 2" in acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == version.sha
    acme.obeyed(acme.otto, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_an_issue_that_somebody_edited_is_restored_and_nothing_adopted(
    scene: Stage, acme: Cast
) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    shown = issue.body
    with scene.gh.drop_deliveries():
        scene.gh.edit_issue(
            acme.mia, acme.admin, issue.number, body=shown.replace("is denied", "is liked")
        )
    scene.idle()
    assert "restored the issue" in acme.refused(acme.olga, issue.number, "/adopt")
    assert issue.body == shown
    assert in_force(acme) == "none"


def test_what_people_do_to_an_issue_by_hand_is_undone_at_once(scene: Stage, acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    shown = issue.body
    liked = shown.replace("is denied", "is liked")
    scene.gh.edit_issue(acme.mia, acme.admin, issue.number, body=liked)
    until(lambda: issue.body == shown, "the text")
    scene.idle()
    scene.gh.set_labels(acme.mia, issue, ["token-policy", "adopted", "ours"])
    until(lambda: set(issue.labels) == {"token-policy", "pending", "ours"}, "the labels")
    scene.gh.close_issue(acme.mia, acme.admin, issue.number)
    until(lambda: issue.state == "open", "an open issue")
    scene.idle()
    assert in_force(acme) == "none"
    second = int(time.time())
    until(lambda: time.time() >= second + 1, "a comment that is later than the restored text")
    acme.obeyed(acme.olga, issue.number, "/adopt")
    scene.gh.edit_issue(acme.mia, acme.admin, issue.number, body=liked)
    until(lambda: issue.body == shown, "the text of what was adopted")
    scene.idle()
    assert (issue.state, in_force(acme)) == ("closed", sha_of(acme))


def test_a_deleted_issue_gets_another(scene: Stage, acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    title = issue.title
    scene.gh.delete_issue(acme.mia, acme.admin, issue.number)
    another = scene.issue(acme.admin, title=title)
    assert another.number != issue.number
    scene.idle()
    acme.obeyed(acme.olga, another.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_the_branch_must_hold_what_the_issue_shows(scene: Stage, acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    with scene.gh.drop_deliveries():
        sha = pushed(acme, TWO)
    said = acme.refused(acme.olga, issue.number, "/adopt")
    other = policy_issue(acme, sha)
    assert f"Please decide on #{other.number}." in said
    assert "Pushed by: commit author, as stated: `mia-acme`" in other.body
    assert in_force(acme) == "none"


def test_a_version_with_an_error_cannot_be_adopted(scene: Stage, acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL.replace("never", "sometimes")))
    assert 'line 5, column 12, `rules[0].when.expires`: found `"sometimes"`' in issue.body
    said = acme.refused(acme.olga, issue.number, "/adopt")
    assert "line 5, column 12" in said
    assert (in_force(acme), issue.state) == ("none", "open")
    issue = policy_issue(acme, pushed(acme, CAREFUL.replace("never", "ne\0ver")))
    assert "line 5, column 23, `the file`: found `a NUL, or bytes that are no UTF-8`" in issue.body


HARMLESS = "".join(
    f"  - {{name: 'harmless review rule {number:03} of the team for tokens without an end',"
    " when: {expires: never, reason: {at_least: 1}, danger: {at_least: low}}, review: {}}\n"
    for number in range(140)
)
HARMFUL = "  - {name: zz, when: {expires: true, danger: {at_most: medium}}, approve: {}}\n"


@pytest.mark.parametrize(
    ("unseen", "wrong"),
    [
        ("\x85" * 4900, "line 3, column 2, `the file`: found `the character U+0085`"),
        ("\r" * 9800, "line 3, column 2, `the file`: found `the character U+000D`"),
        ("\u2028" * 400, "line 3, column 2, `the file`: found `the character U+2028`"),
        ("x" * 9900, "so that its issue can show both whole"),
        ("ghp_" + "a" * 36, "line 3, column 1, `the file`: found `something that looks like a"),
    ],
    ids=["NEL", "CR", "LS", "too long to show", "a token"],
)
def test_a_version_that_its_issue_cannot_show_whole_is_never_adopted(
    scene: Stage, acme: Cast, unseen: str, wrong: str
) -> None:
    """A rule that nobody can read there would approve at once."""
    head = CAREFUL.partition("rules:\n")[0]
    text = f"{head}#{unseen}\nrules:\n{HARMLESS}{HARMFUL}"
    assert len(text.encode()) <= 32 * 1024
    issue = policy_issue(acme, pushed(acme, text))
    assert "It has errors and cannot be adopted" in issue.body
    assert wrong in issue.body
    assert len(issue.body.encode()) < 65_536
    assert wrong in acme.refused(acme.olga, issue.number, "/adopt")
    assert (in_force(acme), issue.state) == ("none", "open")
    text = f"{head}# seen\nrules:\n{HARMLESS}{HARMFUL}"
    issue = policy_issue(acme, pushed(acme, text))
    assert HARMFUL in issue.body
    assert "- `zz`: when the token has an expiry and the danger is medium or lower" in issue.body
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_what_looks_like_nothing_or_like_another_name_is_a_mistake(
    scene: Stage, acme: Cast
) -> None:
    said = "Please ask again with an expiry."
    for old, new in (
        (f"deny: {said}", 'deny: "\u3164\u115f"'),
        ("name: no eternal tokens", "name: \u3164"),
        ("rules:\n", "rules:\n  - {name: no eternal tokens\u3164, when: {}, review: {}}\n"),
    ):
        issue = policy_issue(acme, pushed(acme, CAREFUL.replace(old, new)))
        assert "It has errors and cannot be adopted" in issue.body, new
    lines = CAREFUL.replace(said, "|\n      Not for ever.\n      Please ask again.\n")
    issue = policy_issue(acme, pushed(acme, lines))
    assert "denied with the text `Not for ever. Please ask again.`" in issue.body


def test_names_are_recorded_by_their_ids(scene: Stage, acme: Cast) -> None:
    team = scene.gh.add_team(acme.org, "security")
    named = CAREFUL + "reviewers: {sec: {teams: [security, ghosts], users: [Mia-Acme, nobody]}}\n"
    issue = policy_issue(acme, pushed(acme, named))
    assert 'found `"ghosts"`, expected `a team of acme that exists`' in issue.body
    assert 'found `"nobody"`, expected `a user that exists`' in issue.body
    named = CAREFUL + "reviewers: {sec: {teams: [security], users: [Mia-Acme]}}\n"
    issue = policy_issue(acme, pushed(acme, named))
    assert f"- user `mia-acme`: {acme.mia.id}\n- team `security`: {team.id}" in issue.body
    scene.gh.remove_team(acme.org, team)
    again = scene.gh.add_team(acme.org, "security")
    said = acme.refused(acme.olga, issue.number, "/adopt")
    assert "leads to another user or team" in said
    assert f"- team `security`: {again.id}" in issue.body
    scene.gh.ahead += timedelta(seconds=2)  # GitHub's times are whole seconds
    acme.obeyed(acme.olga, issue.number, "/adopt")
    found = scene.bot.service.store.record.policy_in_force(acme.org.id)
    assert dict(found.ids.teams) == {"security": again.id}
    assert dict(found.ids.users) == {"mia-acme": acme.mia.id}


ONLY_READS = {"repository": {"contents": "read", "metadata": "read"}}


def publishes(cast: Cast) -> None:
    cast.stage.gh.change_repository(cast.api, private=False)


def renames_the_repository(cast: Cast) -> None:
    cast.stage.gh.rename_repository(cast.api, "docs-api")


def renames_the_requester(cast: Cast) -> None:
    cast.stage.gh.rename_user(cast.mia, "maria")


@pytest.mark.parametrize(
    ("when", "happens"),
    [
        ("{danger: {at_most: low}, expires: true}", publishes),
        ("{repositories: {visibility: public}, danger: {at_most: low}, expires: true}", publishes),
        ("{repositories: {only: ['docs-*']}, %s}", renames_the_repository),
        ("{requester: {users: [maria]}, %s}", renames_the_requester),
    ],
    ids=["danger", "visibility", "name", "login"],
)
def test_what_may_have_changed_since_somebody_looked_is_asked_back(
    scene: Stage, acme: Cast, when: str, happens: Any
) -> None:
    """The request is judged by what is true then, so the list before does not go by the record."""
    request, number = acme.asked(permissions=ONLY_READS, repositories=[acme.api])
    with scene.gh.drop_deliveries():
        happens(acme)
    approving = when.replace("%s", "danger: {at_most: medium}, expires: true")
    text = (
        f"version: 1\nmode: enforce\nrules:\n  - {{name: tame, when: {approving}, approve: {{}}}}\n"
    )
    issue = policy_issue(acme, pushed(acme, text))
    assert f"- #{number}" in issue.body.partition("### Undecided requests that it may approve")[2]
    said = acme.obeyed(acme.olga, issue.number, "/adopt")
    assert f"- #{number}" in said
    assert (in_force(acme), request.state) == ("none", "pending")
    code = said.partition("`/confirm ")[2][:8]
    acme.obeyed(acme.olga, issue.number, f"/confirm {code}")
    until(lambda: request.state == "approved", "the approval by the rule")


def test_an_approval_that_another_token_no_longer_hinders_is_asked_back(
    scene: Stage, acme: Cast
) -> None:
    powerful = {"repository": {"administration": "write", "metadata": "read"}}
    _, first = acme.asked(permissions=powerful, name="powerful")
    acme.obeyed(acme.olga, first, "/approve")
    request, number = acme.asked(permissions={"repository": {"issues": "read", "metadata": "read"}})
    assert "danger: critical" in scene.gh.issue(acme.admin, number).labels
    acme.obeyed(acme.olga, first, "/revoke")
    tame = "{danger: {at_most: low}, expires: true}"
    text = f"version: 1\nmode: enforce\nrules:\n  - {{name: tame, when: {tame}, approve: {{}}}}\n"
    issue = policy_issue(acme, pushed(acme, text))
    assert f"- #{number}" in acme.obeyed(acme.olga, issue.number, "/adopt")
    assert (in_force(acme), request.state) == ("none", "pending")


def test_what_may_approve_is_asked_back_and_bound_to_its_list(scene: Stage, acme: Cast) -> None:
    request, number = acme.asked(name="waits")
    issue = policy_issue(acme, pushed(acme, APPROVING))
    said = acme.obeyed(acme.olga, issue.number, "/adopt")
    assert f"#{number}" in said
    assert "`waits`" in said
    assert in_force(acme) == "none"
    code = said.partition("`/confirm ")[2][:8]
    assert "Only the person" in acme.refused(acme.otto, issue.number, f"/confirm {code}")
    acme.asked(name="another")
    assert "the code does not count" in acme.refused(acme.olga, issue.number, f"/confirm {code}")
    said = acme.obeyed(acme.olga, issue.number, "/adopt")
    code = said.partition("`/confirm ")[2][:8]
    acme.obeyed(acme.olga, issue.number, f"/confirm {code}")
    assert in_force(acme) == sha_of(acme)
    until(lambda: request.state == "approved", "the rule's decision on what waited")


def test_questions_are_answered_to_everybody(scene: Stage, acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    assert "`/adopt`" in acme.obeyed(acme.mia, issue.number, "/help")
    assert "is **pending**" in acme.obeyed(acme.mia, issue.number, "/status")
    assert "one owner adopted it" in acme.obeyed(acme.mia, issue.number, "/explain")
    assert "does not work on this kind of issue" in acme.refused(
        acme.olga, issue.number, "/approve"
    )
    assert in_force(acme) == "none"


def test_what_can_approve_danger_is_asked_back_though_nothing_waits(acme: Cast) -> None:
    issue = policy_issue(acme, pushed(acme, APPROVING))
    said = acme.obeyed(acme.olga, issue.number, "/adopt")
    assert (
        "can approve high, critical or never-expiring access\n\n- the rule `writers`, because its"
        in said
    )
    assert in_force(acme) == "none"


def test_a_version_that_only_its_commit_names_says_so(scene: Stage, acme: Cast) -> None:
    hostile = "@olga-acme <!-- `x`"
    with scene.gh.drop_deliveries():
        sha = pushed(acme, CAREFUL, stated_author=hostile)
    scene.sweep()
    issue = policy_issue(acme, sha)
    assert "Pushed by: commit author, as stated: `` @olga-acme <!-- `x` ``" in issue.body


def test_a_push_that_nobody_told_of_is_seen_at_start(scene: Stage, acme: Cast) -> None:
    scene.idle()
    scene.stop_bot()
    sha = pushed(acme, CAREFUL)
    scene.start_bot()
    assert policy_issue(acme, sha).state == "open"


def test_a_push_elsewhere_is_none_of_ours(scene: Stage, acme: Cast) -> None:
    scene.gh.commit(acme.olga, acme.api, {FILE: CAREFUL.encode()})
    scene.idle()
    scene.sweep()
    assert policy_issues(acme) == []


def test_an_unchanged_file_costs_nothing(scene: Stage, acme: Cast) -> None:
    adopted(acme, CAREFUL)
    scene.sweep()
    scene.gh.clear_calls()
    scene.sweep()
    reads = [one.status for one in scene.gh.calls if "/contents/" in one.path]
    assert reads == [304]


def test_an_example_that_fails_keeps_a_version_out(scene: Stage, acme: Cast) -> None:
    example = (
        "examples: [{name: for ever, request: {permissions: {}, expires: never}, outcome: %s}]\n"
    )
    issue = policy_issue(acme, pushed(acme, CAREFUL + example % "approve"))
    failed = "example “for ever”: expected approve, got deny by “no eternal tokens”"
    assert failed in issue.body
    assert failed in acme.refused(acme.olga, issue.number, "/adopt")
    issue = policy_issue(acme, pushed(acme, CAREFUL + example % "deny"))
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_what_people_decided_is_judged_by_the_new_version(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked(name="for ever", expires_at=None)
    acme.obeyed(acme.olga, number, "/approve for 2d")
    issue = policy_issue(acme, pushed(acme, CAREFUL + UNLIKELY))
    assert f"would have denied what olga-acme approved: #{number}" in issue.body
    words = "1 request denied by `no eternal tokens`, instead of reviewed by owners"
    assert f"- {words}: #{number}\n" in issue.body
    doubts = issue.body.partition("### What may be a mistake\n")[2].partition("\n#")[0]
    assert [one for one in doubts.split("\n") if one.startswith("- ")] == [
        '- line 8, column 32, `rules[1].when.permissions.any[0]`: found `"contnets"`, expected `a'
        " permission that this version knows`",
        '- line 9, column 46, `rules[1].unless.repositories.only[1]`: found `"nowhere-*"`, expected'
        " `a repository that a request of the last 90 days asks for`",
    ]
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


def test_adoptions_count_no_more_when_names_lead_elsewhere(scene: Stage, acme: Cast) -> None:
    """Olga adopted what named another team than the one that otto is shown."""
    adopted(acme, TWO)
    team = scene.gh.add_team(acme.org, "security")
    named = CAREFUL + SECURITY
    issue = policy_issue(acme, pushed(acme, named))
    acme.obeyed(acme.olga, issue.number, "/adopt")
    scene.gh.remove_team(acme.org, team)
    scene.gh.add_team(acme.org, "security")
    acme.refused(acme.otto, issue.number, "/adopt")
    scene.gh.ahead += timedelta(seconds=2)  # GitHub's times are whole seconds
    acme.obeyed(acme.otto, issue.number, "/adopt")
    assert "adopted" not in issue.labels
    acme.obeyed(acme.olga, issue.number, "/adopt")
    assert in_force(acme) == sha_of(acme)


@pytest.mark.parametrize(("command", "label"), [("/adopt", "adopted"), ("/reject no", "rejected")])
def test_a_slow_github_is_no_obstacle(scene: Stage, acme: Cast, command: str, label: str) -> None:
    """Each answer takes a second: the first facts are too old when the last one is there."""
    adopted(acme, TWO)
    issue = policy_issue(acme, pushed(acme, CAREFUL))
    acme.obeyed(acme.olga, issue.number, "/adopt")
    scene.gh.failures.add(method="GET", mode="delay", delay=1.0, times=None)
    said = acme.says(acme.otto, issue.number, command)
    scene.until(lambda: said.reactions, command, 60)
    assert [one.content for one in said.reactions] == ["+1"]
    scene.gh.failures.clear()
    scene.idle()
    assert label in issue.labels
