"""Facts change, lag or wait while a command is judged: nothing passes on what was so before."""

from datetime import timedelta

import pytest

from bot.domain.token_request import State
from bot.sandbox.failures import COMMENT
from tests.journeys.digests import with_digest
from tests.journeys.seen import assert_undecided, bots_words
from tests.journeys.stage import Cast, Stage, until

LIST = r"/personal-access-token-requests$"
MEMBERSHIP = r"/memberships/"
CRITICAL = {"organization": {"organization_administration": "write"}}


def test_a_passing_404_of_the_comment_loses_no_command(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    missing = town.gh.failures.passing_404(COMMENT)
    cast.obeyed(cast.olga, number, "/approve")
    assert (missing.hits, request.state) == (1, "approved")


@pytest.mark.parametrize("path", [COMMENT, MEMBERSHIP])
@pytest.mark.parametrize("nth", [4, 5, 6])
def test_one_404_is_one_however_long_the_machine_stands_still_then(
    town: Stage, cast: Cast, path: str, nth: int
) -> None:
    request, number = cast.asked()
    missing = town.gh.failures.passing_404(path)
    town.clock.leap(10, nth, once=lambda: missing.hits)
    cast.obeyed(cast.olga, number, "/approve")
    assert (missing.hits, request.state) == (1, "approved")


def test_a_comment_deleted_during_a_slow_answer_approves_nothing(town: Stage, cast: Cast) -> None:
    """The list takes longer than facts are fresh: the comment is read again, and is gone."""
    request, number = cast.asked()
    slow = town.gh.failures.add(method="GET", path=LIST, mode="kept")
    said = cast.says(cast.olga, number, "/approve")
    until(slow.arrived.is_set, "the slow call")
    town.gh.delete_comment(cast.olga, said)
    town.clock.ahead += timedelta(seconds=4)
    slow.release()
    until(lambda: bots_words(town.gh.issue(cast.admin, number)), "an answer", 60)
    assert "does not show me your comment" in bots_words(town.gh.issue(cast.admin, number))[-1]
    assert_undecided(cast, request, number)


def test_permissions_that_grew_during_a_slow_answer_are_not_approved(
    town: Stage, cast: Cast
) -> None:
    request, number = cast.asked()
    slow = town.gh.failures.add(method="GET", path=MEMBERSHIP, mode="kept")
    said = cast.says(cast.olga, number, "/approve")
    until(slow.arrived.is_set, "the slow call")
    town.gh.change_request(request, permissions=CRITICAL)
    town.clock.ahead += timedelta(seconds=4)
    slow.release()
    assert "changed on GitHub" in cast.answered(said, "confused", 60)
    assert request.state == "pending"


@pytest.mark.parametrize("how", ["private", "renamed"])
def test_a_repository_that_is_not_what_the_issue_shows_is_not_approved(
    town: Stage, cast: Cast, how: str
) -> None:
    """Its id is the same. "Code that everybody can read anyhow" would not be true any more."""
    request, number = cast.asked(repositories=[cast.site])
    if how == "private":
        town.gh.change_repository(cast.site, private=True)
    else:
        town.gh.rename_repository(cast.site, "payroll")
    assert "changed on GitHub" in cast.refused(cast.olga, number, "/approve")
    assert request.state == "pending"
    shows = {"private": "(private)", "renamed": "payroll"}[how]
    assert shows in town.gh.issue(cast.admin, number).body
    town.later()
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_what_was_written_before_a_repository_is_shown_as_private_approves_nothing(
    town: Stage, cast: Cast
) -> None:
    """Both owners read that it is public. One is refused, which writes the issue anew."""
    request, number = cast.asked(repositories=[cast.site])
    town.gh.change_repository(cast.site, private=True)
    with town.gh.hold_deliveries():
        said = [cast.says(one, number, "/approve") for one in (cast.olga, cast.otto)]
    for one in said:
        assert "changed" in cast.answered(one, "confused")
    assert request.state == "pending"


def test_a_slow_github_decides_all_the_same(town: Stage, cast: Cast) -> None:
    """One answer a second: read one after the other, the first facts are too old at the end."""
    request, number = cast.asked()
    town.idle()
    town.gh.failures.add(method="GET", mode="delay", delay=1.0, times=None)
    cast.answered(cast.says(cast.olga, number, "/approve for 30d"), "+1", 60)
    assert request.state == "approved"
    town.gh.failures.clear()
    asked = [one for one in town.gh.calls if one.path.endswith(f"/memberships/{cast.olga.login}")]
    assert len(asked) == 2, "one look one by one, and one at once"


def test_a_slow_github_decides_several_all_the_same(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, first={}, second={})
    daily.gh.failures.add(method="GET", mode="delay", delay=1.0, times=None)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    acme.answered(acme.says(acme.olga, digest.number, f"/approve for 30d {numbers}"), "+1", 90)
    daily.gh.failures.clear()
    assert {request.state for request, _ in asked.values()} == {"approved"}


def waits(stage: Stage, cast: Cast, number: int) -> list[str]:
    words = bots_words(stage.gh.issue(cast.admin, number))
    return [one for one in words if "still waiting" in one]


@pytest.mark.parametrize(
    ("command", "state"),
    [("/approve {}", State.APPROVED), ("/deny {} no", State.DENIED), ("/hold {}", State.HELD)],
)
def test_a_github_that_is_too_slow_for_several_is_waited_for(
    daily: Stage, command: str, state: State
) -> None:
    """Each look at the author takes 4 seconds: everything else is too old by then."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})

    def turn() -> None:
        daily.clock.ahead += timedelta(seconds=4)

    path = f"{MEMBERSHIP}{acme.olga.login}$"
    slow = daily.gh.failures.add(method="GET", path=path, mode="stale", then=turn, times=5)
    numbers = " ".join(f"#{number}" for _, number in asked.values())
    acme.answered(acme.says(acme.olga, digest.number, command.format(numbers)), "+1", 60)
    assert slow.hits == 5
    record = daily.bot.service.store.record
    rows = [record.request(acme.org.id, request.id) for request, _ in asked.values()]
    assert [row.state for row in rows] == [state, state]


def test_a_hold_that_waits_stops_the_approval_after_it(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    broken = town.gh.failures.add(method="GET", path=COMMENT, status=502, times=None)
    hold = cast.says(cast.olga, number, "/hold wait for security")
    until(lambda: broken.hits, "the hold's first try")
    town.gh.failures.clear()
    only = town.gh.failures.add(
        method="GET", path=rf"/issues/comments/{hold.id}$", status=502, times=None
    )
    approve = cast.says(cast.otto, number, "/approve")
    until(lambda: only.hits >= 2, "more tries of the hold")
    assert (approve.reactions, request.state) == ([], "pending")
    town.clock.ahead += timedelta(hours=1)
    until(lambda: waits(town, cast, number), "a word about the wait")
    seen = only.hits
    until(lambda: only.hits >= seen + 2, "more tries of the hold")
    assert len(waits(town, cast, number)) == 1
    town.gh.failures.clear()
    cast.answered(hold, "+1", 60)
    assert "on hold" in cast.answered(approve, "confused", 60)
    assert request.state == "pending"


def test_a_number_on_a_digest_means_what_the_digest_showed(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, first={}, second={})
    (changed, one), (same, two) = asked["first"], asked["second"]
    daily.gh.change_request(changed, permissions=CRITICAL)
    assert "changed on GitHub" in acme.refused(acme.olga, one, "/approve")  # shown on its issue now
    daily.gh.ahead += timedelta(seconds=2)
    told = acme.obeyed(acme.olga, digest.number, f"/approve for 30d #{one} #{two}")
    assert f"#{one}: changed since it was shown" in told
    assert (changed.state, same.state) == ("pending", "approved")


@pytest.mark.parametrize("by", ["number", "preview"])
def test_what_a_digest_shows_as_public_is_not_approved_as_private(daily: Stage, by: str) -> None:
    """Its issue was written anew since, the digest and the preview were not."""
    acme = Cast(daily, "acme")
    digest, asked = with_digest(daily, acme, one={"repositories": [acme.site]})
    request, number = asked["one"]
    command = f"/approve #{number}"
    if by == "preview":
        said = acme.obeyed(acme.otto, digest.number, "/approve all")
        command = f"/confirm {said.split('/confirm ')[1].split('`')[0]}"
    daily.gh.change_repository(acme.site, private=True)
    acme.refused(acme.olga, number, "/approve")
    daily.later()
    assert "changed" in acme.refused(acme.otto, digest.number, command)
    assert request.state == "pending"
