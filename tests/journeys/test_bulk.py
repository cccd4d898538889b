"""Many requests with one comment on the digest."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, stage, until
from tests.journeys.test_digest import MIDNIGHT, digests, next_day

READ = {"repository": {"metadata": "read"}}


@pytest.fixture
def daily(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, **MIDNIGHT) as one:
        yield one


def with_digest(scene: Stage, cast: Cast, **names: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """One request for each name; the digest that lists them, and (request, number) by name."""
    asked = {name: cast.asked(name=name, **changes) for name, changes in names.items()}
    next_day(scene)
    return max(digests(cast), key=lambda one: one.number), asked


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

    assert "for whoever asked" in acme.refused(acme.otto, digest.number, code[0])
    report = acme.obeyed(acme.olga, digest.number, code[0])

    states = {name: request.state for name, (request, _) in asked.items()}
    assert states == {"one": "denied", "two": "denied", "held": "pending", "own": "pending"}
    assert asked["one"][0].review_reason == "too much for now"
    assert late[0].state == "pending"
    assert f"#{asked['one'][1]}" in report
    acme.refused(acme.olga, digest.number, code[0])  # a code is spent by its use


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
