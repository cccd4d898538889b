"""A time limit that was written wrongly never becomes an approval for ever."""

from typing import Any

from tests.journeys.digests import with_digest
from tests.journeys.stage import Cast, Stage

WRONG = (
    "/approve ok for 3d",
    "/approve for three days",
    "/approve 3d",
    "/approve until friday",
    "/approve ok \u2014 for 3d",
    "/approve for 400d",
    "/approve\nfor 3d",
    "/approve fine until\n\nthe end of the week",
)


def new_owner(town: Stage, cast: Cast, number: int) -> Any:
    owner = town.gh.add_user(f"limits-owner-{number}")
    town.gh.add_member(cast.org, owner, role="admin")
    return owner


def test_a_limit_in_the_wrong_place_approves_nothing(town: Stage, cast: Cast) -> None:
    request, number = cast.asked(expires_at=None)
    for count, text in enumerate(WRONG):
        reply = cast.refused(new_owner(town, cast, count), number, text)
        assert "`/approve for 3d`" in reply, text
        assert "`/approve -- " in reply, text
    assert (request.state, town.gh.issue(cast.admin, number).state) == ("pending", "open")
    assert town.gh.grants(cast.org) == []


def test_the_way_out_of_the_refusal_works(town: Stage, cast: Cast) -> None:
    for text, reason in {
        "/approve -- asked 3 days ago": "asked 3 days ago",
        "/approve fine -- until friday\n\n> for 3d": "fine until friday",
        "/approve for a week for the move": "for the move",
    }.items():
        request, number = cast.asked()
        cast.obeyed(cast.olga, number, text)
        assert (request.state, request.review_reason) == ("approved", reason)


def test_another_mistake_within_the_hour_is_told_and_the_same_one_is_not(
    town: Stage, cast: Cast
) -> None:
    request, number = cast.asked()
    assert "`for 3d`" in cast.refused(cast.olga, number, "/approve ok for 3d")
    assert cast.refused(cast.olga, number, "/approve fine for 3d") == ""
    assert "`for 4d`" in cast.refused(cast.olga, number, "/approve ok for 4d")
    assert "`/approve`" in cast.refused(cast.olga, number, "/aprove")
    assert "`/apprve`" in cast.refused(cast.olga, number, "/apprve")
    assert cast.refused(cast.olga, number, "/aprove") == ""
    assert "`/deny`" in cast.refused(cast.olga, number, "/deny")
    assert request.state == "pending"


def test_on_a_digest_a_limit_stands_before_the_targets_or_refuses_all(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    (one, first), (two, second) = asked["one"], asked["two"]
    for text in (
        f"/approve #{first} #{second} for 3d",
        f"/approve for 3 d #{first} #{second}",
        "/approve all until friday",
        f"/approve #{first}, #{second} fine\nonly for a week",
    ):
        assert "`/approve for 3d TARGET`" in acme.refused(acme.olga, digest.number, text), text
    assert (one.state, two.state, daily.gh.grants(acme.org)) == ("pending", "pending", [])

    text = f"/approve for 3 days #{first} #{second} fine -- see #{first} until friday"
    acme.obeyed(acme.olga, digest.number, text)
    assert (one.state, two.state) == ("approved", "approved")
    assert one.review_reason == f"fine see #{first} until friday"
    for number in (first, second):
        words = daily.gh.issue(acme.admin, number).comments[-1].body
        assert "revoked on" in words


def test_a_code_with_a_limit_behind_it_confirms_nothing(daily: Stage) -> None:
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={})
    preview = acme.obeyed(acme.olga, digest.number, "/approve all")
    code = preview.partition("/confirm ")[2].partition("`")[0].strip()
    assert "`/approve for 3d TARGET`" in acme.refused(
        acme.olga, digest.number, f"/confirm {code} for 3d"
    )
    assert asked["one"][0].state == "pending"
    acme.obeyed(acme.olga, digest.number, f"/confirm {code}")
    assert asked["one"][0].state == "approved"
