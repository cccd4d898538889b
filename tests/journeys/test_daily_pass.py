"""The daily pass: all active tokens of an organization come into the record."""

import re
from datetime import timedelta
from typing import Any

from bot.domain.tokens import KnownGrant
from bot.sandbox.lists import ABSENT
from tests.journeys.digests import next_day
from tests.journeys.stage import Cast, Stage, until


def known(acme: Cast) -> list[KnownGrant]:
    record = acme.stage.bot.service.store.record
    return list(record.known_grants(acme.org.id, acme.stage.clock.now() - timedelta(days=365)))


def names(acme: Cast) -> list[str]:
    """Of those that stand by the record."""
    return sorted(one.grant.token_name for one in known(acme) if one.stands)


def calls(scene: Stage, path: str) -> int:
    """Reads of this path, without those of the sweep, which asks for some tokens."""
    read = [
        one for one in scene.gh.calls if one.method == "GET" and "token_id" not in str(one.query)
    ]
    return len([one for one in read if re.search(path, one.path)])


def test_it_reads_everything_once_a_day_by_pages(scene: Stage, acme: Cast) -> None:
    for number in range(201):
        scene.gh.grant_without_review(acme.org, acme.mia, name=f"bot-{number:03}")
    scene.idle()
    assert names(acme) == [], "they came after today's pass"
    before = calls(scene, "/personal-access-tokens$"), calls(scene, "/members")

    next_day(scene)

    assert len(names(acme)) == 201
    assert calls(scene, "/personal-access-tokens$") - before[0] == 3
    assert calls(scene, "/members") - before[1] == 1
    scene.bot.service.schedule.tick()
    scene.idle()
    assert calls(scene, "/personal-access-tokens$") - before[0] == 3, "once a day"


def test_what_did_not_change_costs_nothing(scene: Stage, acme: Cast) -> None:
    """GitHub answers 304 to the page's ETag, which its rate limit does not count."""
    made = [
        scene.gh.grant_without_review(acme.org, acme.mia, name=f"bot-{number:03}")
        for number in range(200)
    ]
    next_day(scene)

    def answers() -> list[int]:
        scene.gh.clear_calls()
        next_day(scene)
        read = [one for one in scene.gh.calls if "token_id" not in str(one.query)]
        return [one.status for one in read if one.path.endswith("/personal-access-tokens")]

    assert answers() == [304, 304]
    assert len(names(acme)) == 200
    scene.gh.use_token(made[150])
    assert answers() == [304, 200]
    assert [one.grant.last_used_at for one in known(acme)].count(None) == 199
    scene.gh.grant_without_review(acme.org, acme.mia, name="behind a full page")
    assert answers() == [304, 304, 200]
    assert len(names(acme)) == 201
    scene.gh.revoke(made[0])
    answers()
    assert answers() == [304, 304]
    assert len(names(acme)) == 200


def test_a_pass_that_was_missed_is_caught_up_at_start(scene: Stage, acme: Cast) -> None:
    scene.gh.grant_without_review(acme.org, acme.mia, name="made while away")
    scene.stop_bot()
    scene.clock.ahead += timedelta(days=1)
    scene.start_bot()
    scene.bot.service.schedule.tick()
    scene.idle()
    assert names(acme) == ["made while away"]


def test_what_one_pass_misses_has_not_ended(scene: Stage, acme: Cast) -> None:
    scene.gh.grant_without_review(acme.org, acme.mia, name="lagging")
    gone = scene.gh.grant_without_review(acme.org, acme.mia, name="gone")
    next_day(scene)
    scene.gh.revoke(gone)
    with scene.gh.lag("grants", shows="nothing"):
        next_day(scene)
    assert names(acme) == ["gone", "lagging"], "missing once proves nothing"
    next_day(scene)
    assert names(acme) == ["lagging"]
    (over,) = [one for one in known(acme) if not one.stands]
    assert (over.grant.token_name, over.ended_here) == ("gone", False)


def test_a_pass_that_breaks_off_misses_nothing(scene: Stage, acme: Cast) -> None:
    """GitHub fails at the second page; what stands there is not missing for that."""
    for number in range(101):
        scene.gh.grant_without_review(acme.org, acme.mia, name=f"bot-{number:03}")
    next_day(scene)
    down = scene.gh.failures.add(
        method="GET", path="/personal-access-tokens$", status=502, times=None, skip=1
    )
    scene.clock.ahead += timedelta(days=1)
    scene.bot.service.schedule.tick()
    until(lambda: down.hits, "a second page that fails")
    assert [one for one in known(acme) if one.missing_since] == []
    scene.gh.failures.clear()
    scene.sweep()
    assert len(names(acme)) == 101


def test_an_odd_row_is_left_out_and_the_others_go_on(scene: Stage, acme: Cast, caplog: Any) -> None:
    odd = scene.gh.grant_without_review(acme.org, acme.mia, name="odd")
    scene.gh.grant_without_review(acme.org, acme.mia, name="right")
    scene.gh.lists.change_row("grants", odd.id, token_id=ABSENT)
    next_day(scene)
    assert names(acme) == ["right"]
    assert f"grant {odd.id} of organization {acme.org.id} is left out" in caplog.text


def test_an_owner_who_left_is_found_without_a_call_for_each(scene: Stage, acme: Cast) -> None:
    for who in (acme.mia, acme.otto):
        scene.gh.grant_without_review(acme.org, who, name=f"of {who.login}")
    next_day(scene)
    scene.gh.remove_member(acme.org, acme.mia)
    scene.idle()
    before = calls(scene, "/memberships/")
    next_day(scene)
    left = [one.grant.token_name for one in known(acme) if one.owner_left]
    assert left == [f"of {acme.mia.login}"]
    assert calls(scene, "/memberships/") - before == 1, "of the one who is suspicious"
    next_day(scene)
    assert calls(scene, "/memberships/") - before == 1, "and not again"

    scene.gh.add_member(acme.org, acme.mia)
    next_day(scene)
    assert not [one for one in known(acme) if one.owner_left], "she is back"
