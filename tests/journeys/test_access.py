"""Access that ends outside the bot, and access that only seems to have ended."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.token_request import State
from bot.replies import access
from tests.journeys.stage import Cast, Stage, until

LOOKS = r"GET .*/personal-access-tokens$"


def state(acme: Cast, asked: Any) -> State:
    found = acme.stage.bot.service.store.record.request(acme.org.id, asked.id)
    assert found is not None
    return found.state


def shown(acme: Cast, number: int) -> set[str]:
    return set(acme.stage.gh.issue(acme.admin, number).labels) - {"token-request", "danger: high"}


def words(acme: Cast, number: int) -> list[str]:
    bot = acme.stage.gh.app.bot
    comments = acme.stage.gh.issue(acme.admin, number).comments
    return [one.body for one in comments if one.user is bot]


def lists_read(scene: Stage) -> int:
    return len([one for one in scene.gh.calls if re.search(LOOKS, f"{one.method} {one.path}")])


def later(scene: Stage, **span: float) -> None:
    scene.clock.ahead += timedelta(**span)
    scene.bot.service.store.inbox.wake()


@pytest.fixture
def approved(scene: Stage, acme: Cast) -> tuple[Any, int]:
    """A request that was approved a while ago."""
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    later(scene, minutes=5)
    return request, number


# ------------------------------------------------------------------ ended on GitHub's side


def by_an_owner(scene: Stage, acme: Cast) -> None:
    scene.gh.revoke(scene.gh.grants(acme.org)[0])


def by_its_holder(scene: Stage, acme: Cast) -> None:
    scene.gh.delete_token(scene.gh.grants(acme.org)[0].token)


@pytest.mark.parametrize("end", [by_an_owner, by_its_holder])
def test_access_that_github_no_longer_lists_is_revoked_after_two_sweeps(
    scene: Stage, acme: Cast, approved: tuple[Any, int], end: Callable[[Stage, Cast], None]
) -> None:
    request, number = approved
    end(scene, acme)
    scene.sweep()
    assert shown(acme, number) == {"approved"}, "one look proves nothing"
    scene.sweep()
    issue = scene.gh.issue(acme.admin, number)
    assert (shown(acme, number), issue.state) == ({"revoked"}, "closed")
    assert "GitHub does not tell by whom" in words(acme, number)[-1]
    assert len(words(acme, number)) == 2
    assert "revoked" in acme.obeyed(acme.mia, number, "/status")
    for _ in range(2):
        scene.sweep()
    assert state(acme, request) is State.REVOKED
    assert len(words(acme, number)) == 3


def test_access_whose_time_was_over_has_expired(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    request, number = approved
    (grant,) = scene.gh.grants(acme.org)
    later(scene, days=31)
    scene.gh.expire(grant)
    scene.gh.revoke(grant)
    for _ in range(2):
        scene.sweep()
    assert shown(acme, number) == {"expired"}
    assert "before anybody decided" not in words(acme, number)[-1]
    assert state(acme, request) is State.EXPIRED


def test_a_token_that_github_lists_as_expired_has_no_access(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    scene.gh.expire(scene.gh.grants(acme.org)[0])
    later(scene, days=31)
    for _ in range(2):
        scene.sweep()
    assert shown(acme, number) == {"expired"}


def test_a_time_limit_beyond_the_tokens_own_end_promises_no_later_day(
    scene: Stage, acme: Cast
) -> None:
    """The token ends after 30 days."""
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 90d")
    ends = f"lasts until the token expires on {request.token.expires_at:%Y-%m-%d}"
    assert ends in words(acme, number)[-1]
    assert ends in acme.obeyed(acme.mia, number, "/status")
    scene.gh.expire(scene.gh.grants(acme.org)[0])
    later(scene, days=31)
    for _ in range(2):
        scene.sweep()
    assert shown(acme, number) == {"expired"}
    assert state(acme, request) is State.EXPIRED


def test_an_answer_that_is_empty_once_ends_nothing(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    with scene.gh.lag("grants", shows="nothing", times=1):
        scene.sweep()
    with scene.gh.lag("grants", shows="nothing"):
        scene.sweep()
    for _ in range(2):
        scene.sweep()
    assert shown(acme, number) == {"approved"}
    assert len(words(acme, number)) == 1


def test_a_server_that_ignores_the_filter_misses_nothing(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    scene.gh.grant_without_review(acme.org, acme.otto, name="another")
    scene.gh.lists.ignore_filters = True
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    for _ in range(2):
        scene.sweep()
    assert shown(acme, number) == {"revoked"}
    assert len(scene.gh.grants(acme.org)) == 1


def test_a_list_that_lags_for_long_is_put_right(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    """What was thought revoked stands: the approval counts again, with its end."""
    request, number = approved
    with scene.gh.lag("grants", shows="nothing"):
        for _ in range(3):
            scene.sweep()
        assert shown(acme, number) == {"revoked"}
    scene.sweep()
    assert shown(acme, number) == {"approved"}
    assert "it was not revoked" in words(acme, number)[-1]
    assert state(acme, request) is State.APPROVED
    acme.obeyed(acme.otto, number, "/revoke")
    assert scene.gh.grants(acme.org) == []


def test_an_end_is_told_though_an_earlier_one_was_none(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    with scene.gh.lag("grants", shows="nothing"):
        for _ in range(3):
            scene.sweep()
    scene.sweep()
    assert "it was not revoked" in words(acme, number)[-1]
    by_an_owner(scene, acme)
    for _ in range(3):
        scene.sweep()
    assert shown(acme, number) == {"revoked"}
    assert "GitHub does not tell by whom" in words(acme, number)[-1]


def test_a_list_that_lags_takes_no_timed_approval_its_end(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 2h")
    later(scene, minutes=5)
    with scene.gh.lag("grants", shows="nothing"):
        for _ in range(3):
            scene.sweep()
    scene.sweep()
    assert shown(acme, number) == {"approved"}
    later(scene, hours=2)
    until(lambda: not scene.gh.grants(acme.org), "the revocation")
    scene.idle()
    assert shown(acme, number) == {"revoked"}


def test_without_the_permission_nothing_is_said_to_have_ended(scene: Stage) -> None:
    cast = scene.organization("readers", install=False)
    permissions = dict(scene.gh.app.permissions)
    installation = scene.gh.install(cast.org, permissions)
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    later(scene, minutes=5)
    del installation.permissions["organization_personal_access_tokens"]
    scene.gh.revoke(scene.gh.grants(cast.org)[0])
    for _ in range(3):
        scene.sweep()
    assert set(scene.gh.issue(cast.admin, number).labels) == {
        "token-request",
        "danger: high",
        "approved",
    }


def test_the_other_requests_of_a_revoked_token_follow(scene: Stage, acme: Cast) -> None:
    request, first = acme.asked()
    acme.obeyed(acme.olga, first, "/approve")
    wider = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
    _, second = acme.asked(token_id=request.token.id, permissions=wider)
    acme.obeyed(acme.olga, second, "/approve")
    acme.obeyed(acme.otto, second, "/revoke the project is over")
    later(scene, minutes=5)
    for _ in range(2):
        scene.sweep()
    assert shown(acme, first) == {"revoked"}
    assert f"#{second}" in words(acme, first)[-1]
    assert acme.otto.login in words(acme, first)[-1]


def test_an_earlier_revocation_of_the_token_ended_no_later_approval(
    scene: Stage, acme: Cast
) -> None:
    request, first = acme.asked()
    acme.obeyed(acme.olga, first, "/approve")
    later(scene, minutes=5)
    acme.obeyed(acme.otto, first, "/revoke not any more")
    _, second = acme.asked(token_id=request.token.id)
    acme.obeyed(acme.olga, second, "/approve")
    later(scene, minutes=5)
    scene.gh.revoke(scene.gh.grants(acme.org)[0])
    for _ in range(2):
        scene.sweep()
    assert shown(acme, second) == {"revoked"}
    assert "GitHub does not tell by whom" in words(acme, second)[-1]


def test_a_sweep_reads_few_lists(scene: Stage, acme: Cast) -> None:
    for number in range(3):
        _, issue = acme.asked(name=f"token-{number}")
        acme.obeyed(acme.olga, issue, "/approve")
    later(scene, minutes=5)
    scene.idle()
    scene.gh.clear_calls()
    scene.sweep()
    assert lists_read(scene) == 1


# ------------------------------------------------------------------ revoked, or not yet


def test_a_revocation_on_the_heels_of_the_approval_is_carried_out(scene: Stage, acme: Cast) -> None:
    """GitHub's list of grants lags: it does not show the new grant yet."""
    _, number = acme.asked()
    lag = scene.gh.lag("grants", shows="nothing")
    acme.obeyed(acme.olga, number, "/approve")
    said = acme.says(acme.olga, number, "/revoke it leaked")
    until(lambda: lists_read(scene) >= 2, "another look")
    assert (shown(acme, number), said.reactions) == ({"approved"}, [])
    lag.end()
    acme.answered(said, "+1")
    assert (shown(acme, number), scene.gh.grants(acme.org)) == ({"revoked"}, [])
    assert "it leaked" in words(acme, number)[-1]


def test_a_list_that_is_empty_once_is_not_believed(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    scene.gh.lag("grants", shows="nothing", times=1)
    acme.obeyed(acme.otto, number, "/revoke")
    assert (shown(acme, number), scene.gh.grants(acme.org)) == ({"revoked"}, [])


def test_a_timers_end_does_not_believe_one_empty_list(scene: Stage, acme: Cast) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve for 1h")
    scene.gh.lag("grants", shows="nothing", times=1)
    later(scene, hours=1, seconds=1)
    until(lambda: not scene.gh.grants(acme.org), "the revocation")
    scene.idle()
    assert shown(acme, number) == {"revoked"}


def test_a_revocation_that_failed_is_not_done_because_a_list_is_empty(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    _, number = approved
    path = r"personal-access-tokens/\d+$"
    scene.gh.failures.add(
        method="POST",
        path=path,
        mode="drop",
        then=lambda: scene.gh.lag("grants", shows="nothing", times=1),
    )
    acme.obeyed(acme.otto, number, "/revoke")
    assert (shown(acme, number), scene.gh.grants(acme.org)) == ({"revoked"}, [])


def test_what_was_called_revoked_and_stands_is_revoked_by_the_next_sweep(
    scene: Stage, acme: Cast, approved: tuple[Any, int]
) -> None:
    """The list did not show the grant for longer than anybody waits."""
    _, number = approved
    with scene.gh.lag("grants", shows="nothing"):
        said = acme.says(acme.otto, number, "/revoke")
        until(lambda: lists_read(scene) >= 2, "another look")
        later(scene, minutes=1)
        acme.answered(said, "+1")
        assert (shown(acme, number), len(scene.gh.grants(acme.org))) == ({"revoked"}, 1)
    scene.sweep()
    assert scene.gh.grants(acme.org) == []
    assert "it is revoked now" in words(acme, number)[-1]


def test_what_was_revoked_with_another_request_is_not_called_approved_again(
    scene: Stage, acme: Cast
) -> None:
    """The list shows the access again, and it takes a while to revoke it once more."""
    request, first = acme.asked()
    acme.obeyed(acme.olga, first, "/approve")
    wider = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}
    _, second = acme.asked(token_id=request.token.id, permissions=wider)
    acme.obeyed(acme.olga, second, "/approve")
    later(scene, minutes=5)
    with scene.gh.lag("grants", shows="nothing"):
        said = acme.says(acme.otto, second, "/revoke")
        until(lambda: lists_read(scene) >= 2, "another look")
        later(scene, minutes=1)
        acme.answered(said, "+1")
        for _ in range(2):
            scene.sweep()
        assert shown(acme, first) == {"revoked"}
    scene.gh.failures.add(method="POST", path=r"/personal-access-tokens/\d+$", status=502, times=3)
    scene.sweep()
    assert scene.gh.grants(acme.org) == []
    assert not [one for one in words(acme, first) if access.ACCESS_STANDS in one]
    assert shown(acme, first) == {"revoked"}


def test_a_revocation_takes_no_other_tokens_access(scene: Stage, acme: Cast) -> None:
    """The server ignores the filter and lists everybody's grants."""
    scene.gh.grant_without_review(acme.org, acme.otto, name="another")
    timed, revoked = acme.asked(name="timed"), acme.asked(name="revoked")
    acme.obeyed(acme.olga, timed[1], "/approve for 1h")
    acme.obeyed(acme.olga, revoked[1], "/approve")
    scene.gh.lists.ignore_filters = True
    acme.obeyed(acme.otto, revoked[1], "/revoke")
    assert len(scene.gh.grants(acme.org)) == 2
    later(scene, hours=1, seconds=1)
    until(lambda: len(scene.gh.grants(acme.org)) == 1, "the end of the timed approval")
    scene.idle()
    assert [grant.token.name for grant in scene.gh.grants(acme.org)] == ["another"]
