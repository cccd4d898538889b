"""Many requests with one comment on the digest."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from tests.journeys.databases import on_both_databases
from tests.journeys.digests import digests, next_day, with_digest
from tests.journeys.stage import Cast, Stage, another_try, until

READ = {"repository": {"metadata": "read"}}


@on_both_databases
def test_listed_numbers_are_decided_at_once(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, three={})
    one, two, three = (asked[name] for name in ("one", "two", "three"))
    daily.gh.clear_calls()

    report = acme.obeyed(acme.olga, digest.number, f"/approve #{one[1]}, #{two[1]} for the move")

    states = [request.state for request, _ in (one, two, three)]
    assert states == ["approved", "approved", "pending"]
    assert one[0].review_reason == "for the move"
    assert f"#{one[1]}" in report
    assert f"#{two[1]}" in report
    for _, number in (one, two):
        issue = daily.gh.issue(acme.admin, number)
        assert (issue.state, "approved" in issue.labels) == ("closed", True)
        assert sum("pproved" in said.body for said in issue.comments) == 1
    bulk = [call for call in daily.gh.calls if call.path.endswith("personal-access-token-requests")]
    assert [call.method for call in bulk].count("POST") == 1  # GitHub's bulk API


CRITICAL_FOR_EVER = {
    "permissions": {"organization": {"organization_administration": "write"}},
    "selection": "none",
    "repositories": [],
    "expires_at": None,
}


@on_both_databases
def test_all_is_shown_first_then_confirmed(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, held={}, own={"by": acme.olga})
    acme.obeyed(acme.olga, asked["held"][1], "/hold")

    preview = acme.obeyed(acme.olga, digest.number, "/deny all too much for now")
    code = re.search(r"/confirm (\w+)", preview)
    assert code
    assert asked["one"][0].state == "pending"
    for name in ("one", "two", "held", "own"):
        assert f"#{asked[name][1]}" in preview
    late = acme.asked(name="late")  # after what was shown

    assert "person who asked" in acme.refused(acme.otto, digest.number, code[0])
    report = acme.obeyed(acme.olga, digest.number, code[0])

    states = {name: request.state for name, (request, _) in asked.items()}
    assert states == {"one": "denied", "two": "denied", "held": "pending", "own": "pending"}
    assert asked["one"][0].review_reason == "too much for now"
    assert late[0].state == "pending"
    assert f"#{asked['one'][1]}" in report
    acme.refused(acme.olga, digest.number, code[0])  # a code is spent by its use


def test_a_code_is_spent_though_it_left_a_request_out(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, critical=CRITICAL_FOR_EVER)
    preview = acme.obeyed(acme.olga, digest.number, "/approve all")
    assert "**approve** 2 requests" in preview
    assert f"#{asked.pop('critical')[1]}: its token never expires" in preview
    code = re.search(r"/confirm (\w+)", preview)
    assert code
    acme.obeyed(acme.otto, asked["two"][1], "/hold")
    acme.obeyed(acme.olga, digest.number, code[0])
    acme.obeyed(acme.otto, asked["two"][1], "/unhold")
    acme.refused(acme.olga, digest.number, code[0])
    assert [request.state for request, _ in asked.values()] == ["approved", "pending"]


@pytest.mark.parametrize("command", ["/approve all", "/approve"])
def test_what_is_critical_only_together_is_not_approved_together_for_ever(
    daily: Stage, command: str
) -> None:
    acme = daily.organization("acme")
    permissions = ({"contents": "write"}, {"workflows": "write"})
    wanted = {
        name: {"permissions": {"repository": {"metadata": "read", **one}}, "expires_at": None}
        for name, one in zip(("one", "two"), permissions, strict=True)
    }
    digest, asked = with_digest(daily, acme, **wanted)
    numbers = [number for _, number in asked.values()]
    if command == "/approve":
        report = acme.obeyed(acme.olga, digest.number, f"/approve #{numbers[0]} #{numbers[1]}")
    else:
        preview = acme.obeyed(acme.olga, digest.number, command)
        code = re.findall(r"/confirm \w+", preview)[0]
        report = acme.obeyed(acme.olga, digest.number, code)
    assert sorted(one.state for one, _ in asked.values()) == ["approved", "pending"]
    assert "never expires" in report


def test_what_changed_since_the_preview_is_left_out(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    preview = acme.obeyed(acme.olga, digest.number, "/approve all")
    code = re.search(r"/confirm (\w+)", preview)
    assert code
    daily.gh.change_request(asked["two"][0], repositories=[acme.api, acme.site])

    report = acme.obeyed(acme.olga, digest.number, code[0])

    assert asked["one"][0].state == "approved"
    assert asked["two"][0].state == "pending"
    assert f"#{asked['two'][1]}" in report
    assert "acme/site" in daily.gh.issue(acme.admin, asked["two"][1]).body  # shown anew


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        ("owner:MIA-acme", {"api-write", "all-read"}),
        ("permission:contents", {"api-write", "otto-s"}),
        ("permission:contents:write", {"api-write"}),
        ("repository:api", {"api-write", "all-read"}),
        ("owner:mia-acme permission:contents repository:acme/api", {"api-write"}),
        ("owner:mia-acme owner:otto-acme permission:contents", {"api-write", "otto-s"}),
    ],
)
def test_filters_mean_what_they_mean_on_githubs_page(
    daily: Stage, filters: str, meant: set[str]
) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(
        daily,
        acme,
        **{
            "api-write": {},
            "all-read": {"permissions": READ, "selection": "all", "repositories": []},
            "otto-s": {
                "by": acme.otto,
                "permissions": {"repository": {"contents": "read"}},
                "repositories": [acme.site],
            },
        },
    )
    preview = acme.obeyed(acme.olga, digest.number, f"/approve {filters}")
    named = {name for name, (_, number) in asked.items() if f"#{number}" in preview}
    assert named == meant


def test_refusals_on_a_digest(daily: Stage) -> None:
    acme, globex = daily.organization("acme"), daily.organization("globex")
    request, number = acme.asked()
    globex.asked()
    next_day(daily)
    (digest,) = digests(acme)
    for who, text, why in (
        (acme.olga, "/approve", "#"),
        (acme.olga, f"/approve #{number} #999", "#999"),
        (acme.olga, f"/deny #{number}", "reason"),
        (acme.olga, "/approve owner:nobody", "othing"),
        (acme.olga, f"/revoke #{number}", "nothing to revoke"),
        (acme.olga, "/hold all", "number"),
        (acme.olga, "/confirm abcdef12", "code"),
        (acme.mia, f"/approve #{number}", "owner"),
        (globex.olga, f"/approve #{number}", "owner"),
    ):
        assert why in acme.refused(who, digest.number, text), text
    assert request.state == "pending"


def test_a_closed_digest_decides_nothing_and_links_the_newest(daily: Stage) -> None:
    acme = daily.organization("acme")
    request, number = acme.asked()
    next_day(daily)
    (old,) = digests(acme)
    next_day(daily)
    newest = max(digests(acme), key=lambda one: one.number)

    assert f"#{newest.number}" in acme.refused(acme.olga, old.number, f"/approve #{number}")
    assert request.state == "pending"


def test_holding_and_revoking_by_numbers(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, waiting={})
    numbers = " ".join(f"#{asked[name][1]}" for name in ("one", "two"))

    acme.obeyed(acme.olga, digest.number, f"/hold {numbers} for a look")
    labels = daily.gh.issue(acme.admin, asked["one"][1]).labels
    assert ("held" in labels, "pending" in labels) == (True, False)
    acme.refused(acme.olga, digest.number, f"/approve {numbers}")
    acme.obeyed(acme.otto, digest.number, f"/unhold {numbers}")
    acme.obeyed(acme.olga, digest.number, f"/approve {numbers}")
    assert len(daily.gh.grants(acme.org)) == 2

    report = acme.obeyed(acme.olga, digest.number, f"/revoke {numbers} over")

    assert daily.gh.grants(acme.org) == []
    assert "evoked" in report
    issue = daily.gh.issue(acme.admin, asked["two"][1])
    assert (issue.state, "revoked" in issue.labels) == ("closed", True)


def test_a_timed_bulk_is_taken_back_on_time(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    acme.obeyed(
        acme.olga, digest.number, f"/approve for 3d #{asked['one'][1]} #{asked['two'][1]} trial"
    )
    assert asked["one"][0].review_reason == "trial"

    daily.sweep(days=3, minutes=1)

    until(lambda: daily.gh.grants(acme.org) == [], "grants taken back")
    daily.idle()
    assert "revoked" in daily.gh.issue(acme.admin, asked["one"][1]).labels


@pytest.mark.parametrize("mode", ["lost", "status"])
def test_a_bulk_call_without_an_answer_is_read_back(daily: Stage, mode: str) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    daily.gh.failures.add(
        method="POST", path=r"/personal-access-token-requests$", mode=mode, times=1
    )
    numbers = " ".join(f"#{number}" for _, number in asked.values())

    acme.obeyed(acme.olga, digest.number, f"/deny {numbers} no")

    for request, number in asked.values():
        assert request.state == "denied"
        issue = daily.gh.issue(acme.admin, number)
        assert len(issue.comments) == 1
    assert len([one for one in digest.comments if "Denied" in one.body]) == 1


# ------------------------------------------------------------------ what GitHub leaves undone


BULK = r"/personal-access-token-requests$"


def left_undone(scene: Stage, cast: Cast, **names: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """`/approve` of all these, of which GitHub's bulk does none."""
    digest, asked = with_digest(scene, cast, **names)
    scene.gh.failures.skip_in_bulk.update(request.id for request, _ in asked.values())
    said = cast.says(
        cast.olga, digest.number, "/approve " + " ".join(f"#{n}" for _, n in asked.values())
    )
    until(lambda: any(bulk_calls(scene)), "the bulk call")
    return said, asked


def bulk_calls(scene: Stage) -> list[Any]:
    calls = list(scene.gh.calls)
    return [one for one in calls if one.method == "POST" and re.search(BULK, one.path)]


def test_what_bulk_left_undone_is_done_singly_after_a_while(daily: Stage) -> None:
    acme = daily.organization("acme")
    said, asked = left_undone(daily, acme, one={}, two={})
    daily.clock.ahead += timedelta(seconds=25)
    acme.answered(said, "+1")
    assert [request.state for request, _ in asked.values()] == ["approved", "approved"]


@pytest.mark.parametrize(
    ("command", "state"), [("/approve {}", "approved"), ("/deny {} no", "denied")]
)
def test_a_passing_404_about_one_leaves_none_out(daily: Stage, command: str, state: str) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    one, _ = asked["one"]
    path = f"/personal-access-token-requests/{one.id}/repositories$"
    missing = daily.gh.failures.passing_404(path)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    acme.obeyed(acme.olga, digest.number, command.format(numbers))
    assert missing.hits == 1
    assert [request.state for request, _ in asked.values()] == [state, state]


@pytest.mark.parametrize("nth", [None, 1])
def test_what_the_list_hides_for_a_moment_is_not_called_denied(
    daily: Stage, nth: int | None
) -> None:
    """Nor if the machine stands still, at its nth look at the clock after it was missed."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    record = daily.bot.service.store.record
    if nth:
        daily.clock.leap(
            10, nth, once=lambda: record.request(acme.org.id, request.id).missing_since
        )
    daily.gh.failures.skip_in_bulk.add(request.id)
    slow = daily.gh.failures.add(method="POST", path=BULK, mode="held")
    said = acme.says(acme.olga, digest.number, f"/deny #{number} no")
    assert slow.arrived.wait(20)
    hidden = daily.gh.lag("requests", shows="nothing")
    daily.clock.ahead += timedelta(seconds=4)
    daily.gh.clear_calls()
    slow.release()
    until(lambda: [one for one in daily.gh.calls if one.method == "GET"], "a look at GitHub's list")
    daily.gh.settle()
    hidden.end()

    acme.answered(said, "+1")
    assert request.state == "denied"


@pytest.mark.parametrize("gone", ["role", "comment"])
def test_what_bulk_left_undone_needs_an_owner_and_the_comment_still(
    daily: Stage, gone: str
) -> None:
    acme = daily.organization("acme")
    said, asked = left_undone(daily, acme, one={}, two={})
    if gone == "role":
        daily.gh.set_role(acme.org, acme.olga, role="member")
    else:
        daily.gh.delete_comment(acme.olga, said)
    daily.clock.ahead += timedelta(seconds=25)
    daily.idle()
    assert [request.state for request, _ in asked.values()] == ["pending", "pending"]

    daily.gh.ahead += timedelta(seconds=1)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    daily.gh.failures.skip_in_bulk.clear()
    acme.obeyed(acme.otto, said.issue.number, f"/deny {numbers} no")
    assert [request.state for request, _ in asked.values()] == ["denied", "denied"]


def test_what_bulk_left_undone_must_be_what_was_shown(daily: Stage) -> None:
    acme = daily.organization("acme")
    said, asked = left_undone(daily, acme, same={}, other={})
    daily.gh.change_request(asked["other"][0], permissions=READ, selection="all", repositories=[])
    daily.clock.ahead += timedelta(seconds=25)
    acme.answered(said, "+1")
    assert asked["same"][0].state == "approved"
    assert asked["other"][0].state == "pending"
    report = said.issue.comments[-1].body
    assert f"#{asked['other'][1]}: changed since it was shown" in report


@pytest.mark.parametrize("gone", ["role", "text"])
def test_a_bulk_whose_answer_is_lost_is_the_owners_all_the_same(daily: Stage, gone: str) -> None:
    """GitHub still works on it when the command does not hold any more."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    daily.gh.bulk_delay = 3
    said: list[Any] = []

    def change() -> None:
        if gone == "role":
            daily.gh.set_role(acme.org, acme.olga, role="member")
        else:
            (one,) = until(lambda: said, "the comment")
            daily.gh.edit_comment(acme.olga, one, f"/approve for 3d #{number} please")

    daily.gh.failures.add(method="POST", path=BULK, mode="lost", times=1, then=change)
    said.append(acme.says(acme.olga, digest.number, f"/approve for 3d #{number}"))
    until(lambda: request.state == "approved", "the bulk")
    daily.idle()

    (closing,) = [one.body for one in daily.gh.issue(acme.admin, number).comments]
    assert f"**Approved** by [{acme.olga.login}]" in closing
    assert "will be revoked on" in closing
    daily.sweep(days=3, minutes=1)
    until(lambda: daily.gh.grants(acme.org) == [], "grants taken back")


def test_what_was_let_go_and_is_done_after_all_is_the_owners(daily: Stage) -> None:
    """GitHub's queue is slower than our patience."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    daily.gh.bulk_delay = 6
    said = acme.says(acme.olga, digest.number, f"/approve for 3d #{number}")
    until(lambda: any(bulk_calls(daily)), "the bulk call")
    daily.gh.delete_comment(acme.olga, said)
    daily.clock.ahead += timedelta(seconds=25)
    until(lambda: request.state == "approved", "the bulk")
    daily.idle()
    (closing,) = [one.body for one in daily.gh.issue(acme.admin, number).comments]
    assert f"**Approved** by [{acme.olga.login}]" in closing
    assert "will be revoked on" in closing


def test_a_revocation_whose_answer_is_lost_counts_though_the_comment_is_gone(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, waiting={})
    _, number = asked["one"]
    acme.obeyed(acme.olga, digest.number, f"/approve #{number}")
    said: list[Any] = []

    def delete() -> None:
        (one,) = until(lambda: said, "the comment")
        daily.gh.delete_comment(acme.olga, one)

    path = r"/personal-access-tokens$"
    daily.gh.failures.add(method="POST", path=path, mode="lost", times=1, then=delete)
    said.append(acme.says(acme.olga, digest.number, f"/revoke #{number} over"))
    issue = daily.gh.issue(acme.admin, number)
    until(lambda: "revoked" in issue.labels, "the label")
    assert daily.gh.grants(acme.org) == []


def test_a_revocation_names_what_somebody_else_revoked_meanwhile(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, waiting={})
    first, second = asked["one"][1], asked["two"][1]
    acme.obeyed(acme.olga, digest.number, f"/approve #{first} #{second}")
    slow = daily.gh.failures.add(method="POST", path=r"/personal-access-tokens$", mode="held")
    said = acme.says(acme.olga, digest.number, f"/revoke #{first} #{second} over")
    until(slow.arrived.is_set, "the call")
    ottos = acme.says(acme.otto, first, "/revoke it leaked")
    until(lambda: ottos.reactions, "what Otto asked for")
    slow.release()
    report = acme.answered(said, "+1")
    assert "Revoked 1 request" in report
    assert f"#{first}" in report
    assert daily.gh.grants(acme.org) == []


@pytest.mark.parametrize("delay", [0, 1.5])
def test_nothing_more_is_revoked_once_the_comment_is_edited(daily: Stage, delay: float) -> None:
    """GitHub's answer is lost, and its list hid the second one's access until just then. What
    GitHub is still at after that counts too.
    """
    daily.gh.bulk_delay = delay
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, waiting={})
    first, second = asked["one"][1], asked["two"][1]
    acme.obeyed(acme.olga, digest.number, f"/approve #{first} #{second}")
    (hidden,) = [one for one in daily.gh.grants(acme.org) if one.token is asked["two"][0].token]
    del daily.gh.token_grants[hidden.id]
    said: list[Any] = []

    def edit() -> None:
        (one,) = until(lambda: said, "the comment")
        daily.gh.edit_comment(acme.olga, one, f"/revoke #{first} over")

    def show() -> None:
        daily.gh.token_grants[hidden.id] = hidden
        third_look.release()

    path = r"/personal-access-tokens$"
    daily.gh.failures.add(method="POST", path=path, mode="lost", then=edit)
    third_look = daily.gh.failures.add(method="GET", path=path, mode="held", skip=2, then=show)
    said.append(acme.says(acme.olga, digest.number, f"/revoke #{first} #{second} over"))
    report = acme.answered(said[0], "+1")
    assert third_look.hits == 1
    assert daily.gh.grants(acme.org) == [hidden]
    assert "Revoked 1 request" in report
    assert f"#{second}" in report


def test_what_changes_while_github_is_slow_is_not_decided(daily: Stage) -> None:
    """Between the first look and the call there are seconds."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    path = r"/personal-access-token-requests/\d+/repositories$"
    slow = daily.gh.failures.add(method="GET", path=path, mode="delay", delay=2, times=None)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    said = acme.says(acme.olga, digest.number, f"/approve {numbers}")
    until(lambda: slow.hits == 2, "the second look")
    daily.gh.change_request(asked["one"][0], permissions=READ)
    acme.answered(said, "+1")
    assert [request.state for request, _ in asked.values()] == ["pending", "approved"]


def test_what_github_refuses_of_many_can_be_decided_again(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    request, number = asked["one"]
    daily.gh.failures.skip_in_bulk.add(request.id)
    single = rf"/personal-access-token-requests/{request.id}$"
    refused = daily.gh.failures.add(method="POST", path=single, status=422, times=None)
    said = acme.says(acme.olga, digest.number, f"/approve #{number} #{asked['two'][1]}")
    until(lambda: any(bulk_calls(daily)), "the bulk call")
    daily.clock.ahead += timedelta(seconds=25)
    acme.answered(said, "+1")
    assert f"#{number}: GitHub did not accept the decision" in digest.comments[-1].body
    daily.gh.failures.remove(refused)
    acme.obeyed(acme.otto, number, "/approve")
    assert request.state == "approved"


def test_a_revocation_is_finished_though_its_digest_is_closed_meanwhile(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    acme.obeyed(acme.olga, asked["one"][1], "/approve")
    (grant,) = daily.gh.grants(acme.org)
    daily.gh.failures.skip_in_bulk.add(grant.id)
    said = acme.says(acme.olga, digest.number, f"/revoke #{asked['one'][1]}")
    path = "/personal-access-tokens$"
    until(lambda: any(re.search(path, c.path) and c.method == "POST" for c in daily.gh.calls), "it")
    acme.says(acme.otto, asked["two"][1], "/deny no")
    until(lambda: digest.state == "closed", "a closed digest")
    daily.gh.revoke(grant)  # GitHub's queue comes to it
    acme.answered(said, "+1")
    assert "revoked" in daily.gh.issue(acme.admin, asked["one"][1]).labels


def test_a_hold_that_runs_twice_takes_back_nobodys_unhold(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    _, number = asked["one"]
    path = f"/issues/{digest.number}/comments$"
    down = daily.gh.failures.add(method="POST", path=path, status=503, times=None)
    said = acme.says(acme.olga, digest.number, f"/hold #{number}")
    until(lambda: down.hits, "a report that fails")
    acme.says(acme.otto, number, "/unhold")
    until(lambda: "pending" in daily.gh.issue(acme.admin, number).labels, "the end of the hold")
    another_try(down)
    daily.gh.failures.clear()
    acme.answered(said, "+1")
    assert "pending" in daily.gh.issue(acme.admin, number).labels


def test_a_bulk_that_github_lets_wait_is_not_abandoned(daily: Stage) -> None:
    """Of two owners the first stored comment wins, however long GitHub asks to wait."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    request, number = asked["one"]
    limit = daily.gh.failures.add(method="POST", path=BULK, mode="rate_limit", retry_after=900)
    first = acme.says(acme.olga, digest.number, f"/approve #{number}")
    until(lambda: limit.hits, "the limit")
    second = acme.says(acme.otto, number, "/deny not now")
    daily.gh.settle()
    guid = next(
        one.guid
        for one in daily.gh.deliveries
        if one.event == "issue_comment" and one.json["comment"]["id"] == first.id
    )
    until(lambda: daily.bot.service.store.inbox.find(guid).last_error, "the pause")
    daily.clock.ahead += timedelta(minutes=16)
    acme.answered(first, "+1")
    acme.answered(second, "confused")
    assert request.state == "approved"


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_facts_that_grow_old_just_before_the_call_are_read_again(daily: Stage, nth: int) -> None:
    """The machine stands still for a while, at the nth look at the clock once all is recorded."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={}, three={}, eternal=CRITICAL_FOR_EVER)
    never, left_out = asked.pop("eternal")
    record = daily.bot.service.store.record

    def all_under_way() -> bool:
        rows = [record.request(acme.org.id, request.id) for request, _ in asked.values()]
        return all(row.state is State.DECIDING for row in rows)

    daily.clock.leap(4, nth, once=all_under_way)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    said = acme.says(acme.olga, digest.number, f"/approve {numbers} #{left_out}")
    report = acme.answered(said, "+1")
    assert ("Approved 3 requests" in report, report.count(f"#{left_out}")) == (True, 1)
    assert {request.state for request, _ in asked.values()} == {"approved"}
    assert never.state == "pending"


def report_on(said: Any) -> str:
    marker = f"<!-- countersign reply:{said.id} -->"
    return next((one.body for one in said.issue.comments if one.body.startswith(marker)), "")


def test_one_that_somebody_else_is_deciding_is_named(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    (one, number), (two, _) = asked["one"], asked["two"]
    path = rf"/personal-access-token-requests/{one.id}$"
    down = daily.gh.failures.add(method="POST", path=path, status=502, times=None)
    acme.says(acme.otto, number, "/approve")
    until(lambda: down.hits, "a try")
    said = acme.says(acme.olga, digest.number, f"/deny #{number} #{asked['two'][1]} no")
    until(lambda: said.reactions, "an answer")
    assert f"#{number}: another decision is being carried out" in report_on(said)
    daily.gh.failures.clear()
    daily.idle()
    assert (one.state, two.state) == ("approved", "denied")


def test_a_decision_that_was_dropped_can_be_made_by_many(daily: Stage) -> None:
    """The repository was public for a while, and a command under way was refused for it."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    one, number = asked["one"]
    path = rf"/personal-access-token-requests/{one.id}$"
    down = daily.gh.failures.add(method="POST", path=path, status=502, times=None)
    first = acme.says(acme.otto, number, "/approve")
    until(lambda: down.hits, "a try")
    daily.gh.change_repository(acme.admin, private=False)
    until(lambda: first.reactions, "a refusal", 30)
    daily.gh.failures.clear()
    daily.gh.change_repository(acme.admin, private=True)
    daily.idle()
    acme.obeyed(acme.olga, digest.number, f"/deny #{number} no")
    assert one.state == "denied"


def test_leftovers_are_compared_just_before_each_call(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    (one, number), (two, _) = asked["one"], asked["two"]
    daily.gh.failures.skip_in_bulk |= {one.id, two.id}
    daily.gh.failures.add(
        method="POST",
        path=rf"/issues/{number}/comments$",
        mode="told",
        then=lambda: daily.gh.change_request(two, repositories=[acme.api, acme.site]),
    )
    said = acme.says(acme.olga, digest.number, f"/approve #{number} #{asked['two'][1]}")
    until(lambda: any(bulk_calls(daily)), "the bulk call")
    daily.clock.ahead += timedelta(seconds=25)
    acme.answered(said, "+1")
    assert (one.state, two.state) == ("approved", "pending")


def test_a_confirmed_selection_is_ended_though_its_code_grows_old(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    preview = acme.obeyed(acme.olga, digest.number, "/approve all")
    code = re.search(r"/confirm \w+", preview)
    assert code
    made = daily.clock.ahead
    another_day = timedelta(hours=23, minutes=59)
    daily.bot.service.schedule.stop()  # the next digest would close this one
    daily.clock.ahead = made + another_day
    daily.gh.failures.skip_in_bulk.add(asked["two"][0].id)
    said = acme.says(acme.olga, digest.number, code[0])
    until(lambda: any(bulk_calls(daily)), "the bulk call")
    daily.clock.ahead += timedelta(seconds=90)
    acme.answered(said, "+1")
    assert [request.state for request, _ in asked.values()] == ["approved", "approved"]
    assert report_on(said)


def test_a_confirmed_denial_that_waits_stops_every_later_approval(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    request, number = asked["one"]
    preview = acme.obeyed(acme.olga, digest.number, "/deny all no")
    code = re.findall(r"/confirm \w+", preview)[0]
    path = rf"/memberships/{acme.olga.login}$"
    down = daily.gh.failures.add(method="GET", path=path, status=502, times=None)
    said = acme.says(acme.olga, digest.number, code)
    until(lambda: down.hits, "a look that fails")
    later = acme.says(acme.otto, number, "/approve")
    hits = down.hits
    until(lambda: down.hits > hits + 2 or later.reactions, "more looks")
    daily.gh.failures.clear()
    acme.answered(said, "+1")
    acme.answered(later, "confused")
    assert request.state == "denied"


def test_a_code_that_is_refused_says_why_though_the_reply_fails_at_first(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    preview = acme.obeyed(acme.olga, digest.number, "/deny all no")
    code = re.findall(r"/confirm \w+", preview)[0]
    for _, number in asked.values():
        acme.obeyed(acme.otto, number, "/hold")
    path = f"/issues/{digest.number}/comments$"
    daily.gh.failures.add(method="POST", path=path, status=502)
    assert "on hold" in acme.refused(acme.olga, digest.number, code)
    assert "no such code" in acme.refused(acme.olga, digest.number, code)  # it is spent


@pytest.mark.parametrize("what", ["edit", "close"])
def test_a_hold_that_counts_is_not_called_refused(daily: Stage, what: str) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    _, number = asked["one"]
    path = f"/issues/{digest.number}/comments$"
    down = daily.gh.failures.add(method="POST", path=path, status=503, times=None)
    said = acme.says(acme.olga, digest.number, f"/hold #{number}")
    until(lambda: down.hits, "a report that fails")
    if what == "edit":
        daily.gh.edit_comment(acme.olga, said, f"/hold #{number} please")
    else:
        daily.clock.ahead += timedelta(days=1)
        daily.bot.service.schedule.tick()
        until(lambda: digest.state == "closed", "a closed digest")
    daily.gh.failures.clear()
    assert "Put on hold 1 request" in acme.answered(said, "+1")
    assert "held" in daily.gh.issue(acme.admin, number).labels
