"""A requester who left the organization: nobody can give them access any more, denying works."""

import fcntl

from tests.journeys.digests import digests, next_day
from tests.journeys.stage import Cast, Stage, until

WHY = "is no longer a member of"


def test_what_a_leaver_asked_for_is_not_approved_but_can_be_denied(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    with town.gh.hold_deliveries():  # the approval comes on the heels of the news
        town.gh.remove_member(cast.org, cast.mia, by=cast.otto)
        said = cast.says(cast.olga, number, "/approve")
    assert WHY in cast.answered(said, "confused")
    assert WHY in cast.refused(cast.otto, number, "/approve for 3d")
    assert (request.state, town.gh.grants(cast.org)) == ("pending", [])
    until(lambda: "no longer a member" in town.gh.issue(cast.admin, number).body, "the words")

    cast.obeyed(cast.olga, number, "/deny they left")
    assert request.state == "denied"


def test_news_that_waits_to_be_read_counts(scene: Stage, acme: Cast) -> None:
    """A backlog, as after a restart: commands go before facts."""
    request, number = acme.asked()
    others = [acme.asked(name=f"other-{n}", by=acme.otto)[1] for n in range(3)]
    scene.idle()
    scene.stop_bot()
    with (scene.folder / "bot.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process works, and is busy just now
        scene.start_bot()
        scene.gh.remove_member(acme.org, acme.mia, by=acme.otto)
        scene.gh.settle()
        for other in others:
            acme.says(acme.olga, other, "/hold")
        said = acme.says(acme.olga, number, "/approve")
        scene.gh.settle()
    assert WHY in acme.answered(said, "confused")
    assert request.state == "pending"


def test_somebody_who_is_back_is_approved(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.gh.remove_member(cast.org, cast.mia, by=cast.otto)
    assert WHY in cast.refused(cast.olga, number, "/approve")
    town.gh.add_member(cast.org, cast.mia)
    cast.obeyed(cast.otto, number, "/approve")
    assert request.state == "approved"


def test_somebody_who_is_back_under_another_name_is_approved(town: Stage, cast: Cast) -> None:
    request, number = cast.asked()
    town.gh.remove_member(cast.org, cast.mia, by=cast.otto)
    town.idle()
    town.gh.add_member(cast.org, cast.mia)
    town.gh.rename_user(cast.mia, "mia-of-old")  # no delivery says so, GitHub's list does
    cast.obeyed(cast.otto, number, "/approve")
    assert request.state == "approved"


def test_a_bulk_approval_leaves_them_out_and_says_so(daily: Stage) -> None:
    acme = daily.organization("acme")
    leaver, (other, number) = acme.asked(), acme.asked(name="another", by=acme.otto)
    daily.gh.remove_member(acme.org, acme.mia, by=acme.otto)
    next_day(daily)
    (digest,) = digests(acme)
    report = acme.obeyed(acme.olga, digest.number, f"/approve #{leaver[1]} #{number}")
    assert "left the organization" in report
    assert (leaver[0].state, other.state) == ("pending", "approved")
    acme.obeyed(acme.olga, digest.number, f"/deny #{leaver[1]} they left")
    assert leaver[0].state == "denied"
