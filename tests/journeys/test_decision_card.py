"""The decision card: what an owner sees first, its label, and what is looked up for them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, until

WRITES = {"repository": {"contents": "write", "metadata": "read"}}
FLOWS = {"repository": {"workflows": "write", "metadata": "read"}}
READS = {"repository": {"metadata": "read"}}


def dangers(cast: Cast, number: int) -> list[str]:
    labels = cast.stage.gh.issue(cast.admin, number).labels
    return [one for one in labels if one.startswith("danger: ")]


def first_line(cast: Cast, number: int) -> str:
    return str(cast.stage.gh.issue(cast.admin, number).body.split("\n")[1])


def row_of(cast: Cast, request: Any) -> Any:
    return cast.stage.bot.service.store.record.request(cast.org.id, request.id)


def test_an_issue_opens_with_verdict_and_label_for_one_call_more(scene: Stage) -> None:
    acme = scene.organization()
    acme.asked(name="before")  # the first issue of an organization costs more
    scene.idle()
    before = len(scene.calls_for_work)
    _, number = acme.asked()
    scene.idle()
    mine = [f"{one.method} {one.path}" for one in scene.calls_for_work[before:]]
    grants = f"GET /orgs/{acme.org.login}/personal-access-tokens"
    assert mine.count(grants) == 1
    assert len(mine) <= 4, mine
    assert first_line(acme, number).startswith("**High danger**: In `acme/api`, for 30 days, the")
    assert dangers(acme, number) == ["danger: high"]
    assert "**Other active tokens here:** none" in scene.gh.issue(acme.admin, number).body


def test_a_dangerous_set_split_over_two_tokens_is_shown_as_one(scene: Stage) -> None:
    acme = scene.organization()
    _, one = acme.asked(name="writer", permissions=WRITES)
    acme.obeyed(acme.olga, one, "/approve")
    _, two = acme.asked(name="flows", permissions=FLOWS)
    assert first_line(acme, two).startswith("**Critical danger**: Together with [mia-acme]")
    assert dangers(acme, two) == ["danger: critical"]
    body = scene.gh.issue(acme.admin, two).body
    assert "**Other active tokens here:** 1, see" in body
    assert f"/issues/{one}) `writer` approved by [olga-acme]" in body
    _, other = acme.asked(by=acme.otto, name="flows", permissions=FLOWS)  # another person's
    assert dangers(acme, other) == ["danger: high"]


def test_a_renewal_names_what_it_renews(scene: Stage) -> None:
    acme = scene.organization()
    in_ten_days = datetime.now(UTC) + timedelta(days=10)
    _, first = acme.asked(permissions=READS, expires_at=in_ten_days)
    body = scene.gh.issue(acme.admin, first).body
    assert "**Renewal:**" not in body
    acme.obeyed(acme.olga, first, "/approve")
    _, again = acme.asked(name="again", permissions=READS, expires_at=in_ten_days)
    body = scene.gh.issue(acme.admin, again).body
    assert "- **Renewal:** asks for no more than [#1](" in body
    assert "/issues/1) `ci-release` approved by [olga-acme](" in body
    _, more = acme.asked(name="more", permissions=WRITES, expires_at=in_ten_days)
    assert "**Renewal:**" not in scene.gh.issue(acme.admin, more).body


def test_a_request_that_changes_gets_another_label_and_keeps_peoples_own(scene: Stage) -> None:
    acme = scene.organization()
    request, number = acme.asked(permissions=READS)
    assert dangers(acme, number) == ["danger: low"]
    mine = scene.gh.issue(acme.admin, number)
    scene.gh.set_labels(acme.olga, mine, [*mine.labels, "urgent"])
    scene.gh.change_request(request, permissions={"repository": {"administration": "write"}})
    scene.sweep()
    assert dangers(acme, number) == ["danger: critical"]
    assert "urgent" in scene.gh.issue(acme.admin, number).labels
    assert first_line(acme, number).startswith("**Critical danger**")


def test_a_critical_set_over_two_tokens_for_ever_is_asked_back(scene: Stage) -> None:
    acme = scene.organization()
    _, one = acme.asked(name="writer", permissions=WRITES)
    acme.obeyed(acme.olga, one, "/approve")
    request, two = acme.asked(name="flows", permissions=FLOWS, expires_at=None)
    said = acme.says(acme.olga, two, "/approve")
    scene.idle()
    assert request.state == "pending"
    replies = [one.body for one in said.issue.comments if "/confirm" in one.body]
    assert len(replies) == 1


def test_a_server_that_ignores_the_owner_counts_nobody_elses_tokens(scene: Stage) -> None:
    """Neither on the card nor at the approval, though together they would be critical."""
    acme = scene.organization()
    _, other = acme.asked(by=acme.otto, name="ottos", permissions=WRITES)
    acme.obeyed(acme.olga, other, "/approve")
    scene.gh.lists.ignore_filters = True
    request, number = acme.asked(name="flows", permissions=FLOWS, expires_at=None)
    assert "**Other active tokens here:** none" in scene.gh.issue(acme.admin, number).body
    assert dangers(acme, number) == ["danger: high"]
    acme.obeyed(acme.olga, number, "/approve")
    assert request.state == "approved"


def test_the_card_follows_what_its_requester_gets_and_loses(scene: Stage) -> None:
    acme = scene.organization()
    _, one = acme.asked(name="writer", permissions=WRITES)
    request, two = acme.asked(name="flows", permissions=FLOWS)
    assert dangers(acme, two) == ["danger: high"]
    acme.obeyed(acme.olga, one, "/approve")
    assert dangers(acme, two) == ["danger: critical"]
    assert first_line(acme, two).startswith("**Critical danger**")
    acme.obeyed(acme.olga, one, "/revoke")
    assert dangers(acme, two) == ["danger: high"]
    acme.obeyed(acme.olga, two, "/approve")
    assert request.state == "approved"


@pytest.mark.parametrize("told", ["later", "never"])
def test_what_became_critical_since_its_card_was_written_is_asked_back(
    scene: Stage, told: str
) -> None:
    acme = scene.organization()
    path = f"/orgs/{acme.org.login}/personal-access-tokens$"
    if told == "never":
        scene.gh.failures.add(method="GET", path=path, status=500, times=None)
    request, two = acme.asked(name="flows", permissions=FLOWS, expires_at=None)
    if told == "later":
        with scene.gh.drop_deliveries():
            scene.gh.grant_without_review(acme.org, acme.mia, name="writer", permissions=WRITES)
            scene.gh.settle()
    assert dangers(acme, two) == ["danger: high"]
    reply = acme.obeyed(acme.olga, two, "/approve")
    assert ("other active tokens" in reply, "does not tell" in reply) == (
        told == "later",
        told == "never",
    )
    assert request.state == "pending"
    code = re.findall(r"`(/confirm \w+)`", reply)[0]
    acme.obeyed(acme.olga, two, code)
    assert request.state == "approved"
    assert "no such code" in acme.refused(acme.olga, two, code)  # it is spent


def test_other_tokens_that_take_too_long_to_read_are_not_known(scene: Stage) -> None:
    """Every other fact would be too old each time, and the approval would wait for ever."""
    acme = scene.organization()
    request, number = acme.asked(name="flows", permissions=FLOWS, expires_at=None)
    path = f"/orgs/{acme.org.login}/personal-access-tokens$"

    def turn() -> None:
        scene.clock.ahead += timedelta(seconds=4)

    slow = scene.gh.failures.add(method="GET", path=path, mode="stale", then=turn, times=None)
    reply = acme.obeyed(acme.olga, number, "/approve")
    assert (slow.hits, "does not tell" in reply) == (1, True)
    acme.obeyed(acme.olga, number, re.findall(r"`(/confirm \w+)`", reply)[0])
    assert request.state == "approved"


def test_what_became_critical_while_it_was_carried_out_is_asked_back(scene: Stage) -> None:
    acme = scene.organization()
    request, number = acme.asked(name="flows", permissions=FLOWS, expires_at=None)
    path = rf"/personal-access-token-requests/{request.id}$"
    down = scene.gh.failures.add(method="POST", path=path, status=502, times=None)
    said = acme.says(acme.olga, number, "/approve")
    until(lambda: down.hits, "the first try")
    with scene.gh.drop_deliveries():
        scene.gh.grant_without_review(acme.org, acme.mia, name="writer", permissions=WRITES)
        scene.gh.settle()
    assert "other active tokens" in acme.answered(said, "+1")
    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert (request.state, row.state) == ("pending", "pending")  # nothing is under way


@pytest.mark.parametrize("status", [403, 500])
def test_tokens_that_cannot_be_read_are_called_unknown_and_hold_nothing_up(
    scene: Stage, status: int
) -> None:
    acme = scene.organization()
    path = f"/orgs/{acme.org.login}/personal-access-tokens"
    scene.gh.failures.add(method="GET", path=f"{path}$", status=status, times=None)
    _, number = acme.asked()
    body = scene.gh.issue(acme.admin, number).body
    assert "**Other active tokens here:** GitHub did not tell" in body
    assert dangers(acme, number) == ["danger: high"]


def test_issues_of_an_older_form_are_decidable_and_get_the_form_of_today(scene: Stage) -> None:
    acme = scene.organization()
    asked = [acme.asked(name=f"token-{n}") for n in range(2)]
    scene.idle()
    for request, number in asked:  # as the version before had left it
        row = row_of(acme, request)
        row.card = None
        scene.bot.service.store.record.save(row)
        scene.gh.set_labels(
            acme.otto, scene.gh.issue(acme.admin, number), ["token-request", "pending"]
        )
    scene.idle()
    assert dangers(acme, asked[0][1]) == ["danger: high"]
    acme.obeyed(acme.olga, asked[0][1], "/approve")
    scene.sweep()
    assert asked[0][0].state == "approved"
    assert dangers(acme, asked[1][1]) == ["danger: high"]
    assert row_of(acme, asked[1][0]).card is not None
    acme.obeyed(acme.olga, asked[1][1], "/approve")
