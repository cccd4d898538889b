"""`grants:` of a policy: what a digest announced is revoked in time, and nothing else is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.journeys.digests import digests, next_day
from tests.journeys.policies import puts_in_force
from tests.journeys.stage import Cast, Stage, stage, until

POLICY = """\
version: 1
mode: {mode}
rules: []
grants: {{revoke_when: [ownerless, unused], after: 2d}}
"""


def newest(acme: Cast) -> Any:
    return max(digests(acme), key=lambda one: one.number)


def standing(acme: Cast) -> set[str]:
    return {one.token.name for one in acme.stage.gh.grants(acme.org)}


def unused(daily: Stage, *names: str, mode: str = "enforce") -> tuple[Cast, dict[str, Any]]:
    """Tokens that nobody used for 30 days, and the digest that announces their end."""
    acme = daily.organization("acme")
    made = {one: daily.gh.grant_without_review(acme.org, acme.mia, name=one) for one in names}
    puts_in_force(acme, POLICY.format(mode=mode))
    daily.clock.ahead += timedelta(days=30)
    next_day(daily)
    return acme, made


def revoked_by_policy(daily: Stage, acme: Cast) -> list[Any]:
    """What the audit log says of such revocations."""
    history = daily.bot.service.store.record.history(acme.org.id, 0)
    return [one for one in history if one.kind == "revoked by policy"]


def used_now(daily: Stage, grant: Any) -> None:
    daily.gh.use_token(grant)
    grant.token.last_used_at = daily.clock.now()


def test_a_token_is_revoked_when_its_time_is_over(daily: Stage) -> None:
    acme, made = unused(daily, "forgotten")
    on = (daily.clock.now() + timedelta(days=2)).date().isoformat()
    assert f"the policy revokes it after {on}" in newest(acme).body
    next_day(daily)
    assert standing(acme) == {"forgotten"}, "announced a day ago only"
    next_day(daily)
    next_day(daily)
    assert standing(acme) == set()
    (told,) = revoked_by_policy(daily, acme)
    assert told.data["token_id"] == made["forgotten"].token.id


def test_what_else_the_token_asks_for_still_waits(daily: Stage) -> None:
    acme, made = unused(daily, "forgotten")
    end = daily.clock.now() + timedelta(days=90)
    _, number = acme.asked(token_id=made["forgotten"].token.id, expires_at=end)
    for _ in range(3):
        next_day(daily)
    assert standing(acme) == set()
    assert "pending" in daily.gh.issue(acme.admin, number).labels


def test_what_is_kept_or_used_meanwhile_stays(daily: Stage) -> None:
    acme, made = unused(daily, "kept", "used", "forgotten")
    id_ = made["kept"].token.id
    acme.obeyed(acme.olga, newest(acme).number, f"/keep token:{id_} for 90d the yearly backup")
    next_day(daily)
    used_now(daily, made["used"])
    next_day(daily)
    next_day(daily)
    assert standing(acme) == {"kept", "used"}


def test_a_keep_of_which_no_delivery_told_is_found_on_the_digest(daily: Stage) -> None:
    """The bot was down when it was written, and the catch-up pass comes before its delivery."""
    acme, made = unused(daily, "kept")
    next_day(daily)
    daily.gh.ahead = daily.clock.ahead
    daily.stop_bot()
    id_ = made["kept"].token.id
    acme.says(acme.olga, newest(acme).number, f"/keep token:{id_} for 90d the yearly backup")
    daily.gh.settle()
    daily.clock.ahead += timedelta(days=1, hours=12)
    daily.gh.ahead = daily.clock.ahead
    daily.start_bot()
    daily.idle()
    assert standing(acme) == {"kept"}


def test_what_is_edited_into_a_keep_keeps_nothing(daily: Stage) -> None:
    acme, made = unused(daily, "kept")
    said = acme.says(acme.mia, newest(acme).number, "thanks for the list")
    daily.gh.ahead = daily.clock.ahead = daily.clock.ahead + timedelta(seconds=2)
    text = f"/keep token:{made['kept'].token.id} for 90d mine"
    daily.gh.edit_comment(acme.mia, said, text)
    for _ in range(3):
        next_day(daily)
    assert standing(acme) == set()


def test_a_keep_that_waits_holds_it_up(daily: Stage) -> None:
    acme, made = unused(daily, "kept")
    next_day(daily)
    down = daily.gh.failures.add(path=r"/memberships/olga-acme$", status=502, times=None)
    text = f"/keep token:{made['kept'].token.id} for 90d the yearly backup"
    acme.says(acme.olga, newest(acme).number, text)
    until(lambda: down.hits, "a look at who commands")
    daily.clock.ahead += timedelta(days=1, hours=12)
    daily.bot.service.schedule.tick()
    until(lambda: not daily.bot.service.store.record.announced_grants(acme.org.id), "a look at it")
    daily.gh.failures.remove(down)
    next_day(daily)
    assert standing(acme) == {"kept"}


def test_an_owner_who_came_back_keeps_the_token(daily: Stage) -> None:
    acme = daily.organization("acme")
    for who in (acme.mia, acme.otto):
        used_now(daily, daily.gh.grant_without_review(acme.org, who, name=who.login))
    puts_in_force(acme, POLICY.format(mode="enforce"))
    for who in (acme.mia, acme.otto):
        daily.gh.remove_member(acme.org, who)
    next_day(daily)
    assert newest(acme).body.count("the policy revokes it after") == 2
    next_day(daily)
    daily.gh.add_member(acme.org, acme.mia)
    next_day(daily)
    next_day(daily)
    assert standing(acme) == {acme.mia.login}


def test_an_owner_who_comes_back_between_the_pass_and_the_call_keeps_the_token(
    daily: Stage,
) -> None:
    acme = daily.organization("acme")
    used_now(daily, daily.gh.grant_without_review(acme.org, acme.mia, name="mia's"))
    puts_in_force(acme, POLICY.format(mode="enforce"))
    daily.gh.remove_member(acme.org, acme.mia)
    next_day(daily)
    next_day(daily)
    back = daily.gh.failures.add(
        method="GET",
        path=r"/orgs/acme/members$",
        mode="stale",
        then=lambda: daily.gh.add_member(acme.org, acme.mia),
    )
    next_day(daily)
    assert back.hits
    assert standing(acme) == {"mia's"}


def test_an_owner_who_left_again_is_announced_anew(daily: Stage) -> None:
    acme = daily.organization("acme")
    used_now(daily, daily.gh.grant_without_review(acme.org, acme.mia, name="mia's"))
    puts_in_force(acme, POLICY.format(mode="enforce"))
    daily.gh.remove_member(acme.org, acme.mia)
    next_day(daily)
    assert "the policy revokes it after" in newest(acme).body
    daily.gh.add_member(acme.org, acme.mia)
    next_day(daily)
    daily.gh.remove_member(acme.org, acme.mia)
    next_day(daily)
    next_day(daily)
    assert standing(acme) == {"mia's"}, "what was announced before she came back is forgotten"
    next_day(daily)
    next_day(daily)
    assert standing(acme) == set()


def test_used_after_the_pass_read_it_and_before_the_call(daily: Stage) -> None:
    """GitHub's list is read once a day: the fact is read again for this grant just before."""
    acme, made = unused(daily, "used")
    next_day(daily)
    daily.clock.ahead += timedelta(days=1, hours=12)
    with daily.gh.lag("grants", shows="before", times=1):  # what the pass reads
        used_now(daily, made["used"])
        daily.bot.service.schedule.tick()
        daily.idle()
    assert standing(acme) == {"used"}


def test_what_somebody_else_revoked_just_before_the_call_was_not_revoked_by_the_policy(
    daily: Stage,
) -> None:
    acme, made = unused(daily, "forgotten")
    next_day(daily)
    daily.clock.ahead += timedelta(days=1, hours=12)
    with daily.gh.lag("grants", shows="before", times=1):  # what the pass reads
        daily.gh.revoke(made["forgotten"])
        daily.bot.service.schedule.tick()
        daily.idle()
    next_day(daily)
    assert revoked_by_policy(daily, acme) == []


def test_a_policy_that_says_so_no_more_revokes_nothing(daily: Stage) -> None:
    acme, _ = unused(daily, "forgotten")
    puts_in_force(acme, "version: 1\nmode: enforce\nrules: []\n")
    for _ in range(4):
        next_day(daily)
    assert standing(acme) == {"forgotten"}
    puts_in_force(acme, POLICY.format(mode="enforce"))
    next_day(daily)
    assert standing(acme) == {"forgotten"}, "announced anew"
    for _ in range(3):
        next_day(daily)
    assert standing(acme) == set()


def test_in_shadow_nothing_is_announced_or_revoked(daily: Stage) -> None:
    acme, _ = unused(daily, "forgotten", mode="shadow")
    assert "the policy revokes it" not in newest(acme).body
    for _ in range(4):
        next_day(daily)
    assert standing(acme) == {"forgotten"}


def test_more_than_twenty_a_day_stop_it_and_the_digest_asks(daily: Stage) -> None:
    """Twenty of each kind are announced at once."""
    acme = daily.organization("acme")
    for number in range(11):
        daily.gh.grant_without_review(acme.org, acme.mia, name=f"unused {number}")
        grant = daily.gh.grant_without_review(acme.org, acme.otto, name=f"left {number}")
        used_now(daily, grant)
    puts_in_force(acme, POLICY.format(mode="enforce"))
    daily.clock.ahead += timedelta(days=30)
    daily.gh.remove_member(acme.org, acme.otto)
    for _ in range(4):
        next_day(daily)
    assert len(standing(acme)) == 22
    assert "22 tokens are due, more than the 20" in newest(acme).body


def test_two_passes_on_one_date_revoke_no_more_than_twenty(tmp_path: Path) -> None:
    """One that was missed while no bot ran is caught up, shortly before the next."""
    at_seven = {"DIGEST_DAYS": "mon-sun", "DIGEST_AT": "07:00", "GRANTS_AT": "08:00"}
    with stage(tmp_path, **at_seven, DIGEST_TIMEZONE="UTC") as scene:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(minute=1)

        def comes(day: int, hour: int) -> None:
            wanted = tomorrow.replace(hour=hour) + timedelta(days=day)
            scene.gh.ahead = scene.clock.ahead = wanted - datetime.now(UTC)
            if scene.bot:
                scene.let_todays_jobs_go_by()

        comes(0, 6)
        acme = scene.organization("acme")
        puts_in_force(acme, POLICY.format(mode="enforce"))
        for number in range(11):
            scene.gh.grant_without_review(acme.org, acme.mia, name=f"unused {number}")
            left = scene.gh.grant_without_review(acme.org, acme.otto, name=f"left {number}")
            left.token.last_used_at = scene.gh.now() + timedelta(days=29)
        comes(29, 8)
        comes(31, 7)
        scene.gh.remove_member(acme.org, acme.otto)
        comes(31, 8)
        comes(32, 7)
        comes(32, 8)
        assert newest(acme).body.count("the policy revokes it after") == 22
        scene.stop_bot()
        comes(34, 6)
        scene.start_bot()
        scene.idle()
        assert len(standing(acme)) == 11
        comes(34, 7)
        comes(34, 8)
        assert len(standing(acme)) == 11
        comes(35, 8)
        assert standing(acme) == set()


def test_a_digest_that_does_not_go_out_announces_nothing(daily: Stage) -> None:
    acme = daily.organization("acme")
    daily.gh.grant_without_review(acme.org, acme.mia, name="forgotten")
    puts_in_force(acme, POLICY.format(mode="enforce"))
    daily.clock.ahead += timedelta(days=30)
    acme.admin.archived = True
    for _ in range(4):
        next_day(daily)
    acme.admin.archived = False
    assert not digests(acme)
    next_day(daily)
    assert standing(acme) == {"forgotten"}


def test_a_call_that_was_lost_and_a_list_that_lags_end_nothing(daily: Stage) -> None:
    acme, _ = unused(daily, "forgotten")
    next_day(daily)
    lags: list[Any] = []
    daily.gh.failures.add(
        method="POST",
        path=r"/personal-access-tokens/\d+$",
        mode="drop",
        times=1,
        then=lambda: lags.append(daily.gh.lag("grants", shows="nothing", times=1)),
    )
    next_day(daily)
    assert bool(revoked_by_policy(daily, acme)) is not bool(standing(acme)), "only once it is true"
    next_day(daily)
    assert lags
    assert standing(acme) == set()
    assert len(revoked_by_policy(daily, acme)) == 1
    calls = [one for one in daily.gh.calls if one.method == "POST"]
    assert len([one for one in calls if "/personal-access-tokens/" in one.path]) == 2


def test_one_that_github_does_not_revoke_holds_up_no_other(daily: Stage) -> None:
    acme, made = unused(daily, "refused", "other")
    no = daily.gh.failures.add(
        method="POST",
        path=rf"/personal-access-tokens/{made['refused'].id}$",
        status=403,
        times=None,
        message="Resource not accessible by integration",
    )
    for _ in range(3):
        next_day(daily)
    assert no.hits
    assert standing(acme) == {"refused"}


def test_an_app_that_may_not_revoke_announces_nothing(daily: Stage) -> None:
    acme = daily.organization("acme")
    daily.gh.grant_without_review(acme.org, acme.mia, name="forgotten")
    puts_in_force(acme, POLICY.format(mode="enforce"))
    acme.installation.permissions["organization_personal_access_tokens"] = "read"
    daily.sweep()
    daily.clock.ahead += timedelta(days=30)
    next_day(daily)
    assert "the policy revokes it" not in newest(acme).body
