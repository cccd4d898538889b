"""`/counter`: a denial that says what would be fine, and the smaller request that answers it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, stage

READS = {"repository": {"contents": "read", "metadata": "read"}}
ISSUES = {"repository": {"contents": "read", "issues": "read", "metadata": "read"}}
PAGE = "https://github.com/settings/personal-access-tokens/new?"


def in_days(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def body_of(cast: Cast, number: int) -> str:
    return str(cast.stage.gh.issue(cast.admin, number).body)


def reason_sent(cast: Cast, request: Any) -> str:
    path = f"/orgs/{cast.org.login}/personal-access-token-requests/{request.id}"
    sent = [one.request_body for one in cast.stage.gh.calls if one.path == path]
    assert [one["action"] for one in sent] == ["deny"]
    return str(sent[0]["reason"])


def offered(cast: Cast, text: str = "/counter contents for 7d reading is enough") -> int:
    request, number = cast.asked()
    cast.obeyed(cast.olga, number, text)
    assert request.state == "denied"
    return number


def test_an_offer_denies_with_what_would_be_fine_and_its_answer_says_so(acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/counter contents for 7d reading is enough")
    assert request.state == "denied"
    text, fine, link = reason_sent(acme, request).split("\n")
    assert text == "reading is enough"
    assert fine == "This would be fine: contents: read; repositories api; for at most 7 days."
    described = "description=release%20the%20API%20from%20CI"
    assert f"{PAGE}name=ci-release&{described}&target_name=acme&expires_in=7&contents=read" in link
    issue = acme.stage.gh.issue(acme.admin, number)
    assert issue.state == "closed"
    closing = issue.comments[-1].body
    assert "**Denied** by [olga-acme]" in closing
    assert "> `reading is enough`\\\n> `This would be fine: contents: read; " in closing
    _, answer = acme.asked(name="smaller", permissions=READS, expires_at=in_days(7))
    link = f"[#{number}](https://github.com/acme/token-requests/issues/{number})"
    said = f"This is what [olga-acme](https://github.com/olga-acme) offered in {link}."
    assert said in body_of(acme, answer)
    acme.obeyed(acme.olga, answer, "/approve")
    status = acme.obeyed(acme.mia, number, "/status")
    assert (
        "[olga-acme](https://github.com/olga-acme) offered a smaller request: `/counter" in status
    )


def test_what_is_more_than_the_offer_or_anothers_does_not_answer_it(acme: Cast) -> None:
    offered(acme)
    smaller = {"permissions": READS, "expires_at": in_days(7)}
    others: list[dict[str, Any]] = [
        {**smaller, "permissions": ISSUES},
        {**smaller, "expires_at": in_days(9)},
        {**smaller, "repositories": [acme.api, acme.site]},
        {**smaller, "by": acme.otto},
    ]
    for n, changes in enumerate(others):
        _, number = acme.asked(name=f"other-{n}", **changes)
        assert "offered in" not in body_of(acme, number), changes


def test_an_old_offer_counts_no_more(acme: Cast) -> None:
    gh = acme.stage.gh
    now = gh.now
    gh.now = lambda: now() - timedelta(days=31)  # GitHub's clock tells when it was made
    number = offered(acme)
    gh.now = now
    _, answer = acme.asked(name="smaller", permissions=READS, expires_at=in_days(7))
    assert number != answer
    assert "offered in" not in body_of(acme, answer)


def test_the_offer_of_somebody_who_may_decide_no_more_is_not_told(acme: Cast) -> None:
    offered(acme)
    acme.stage.gh.remove_member(acme.org, acme.olga)
    _, answer = acme.asked(name="smaller", permissions=READS, expires_at=in_days(7))
    assert "offered in" not in body_of(acme, answer)


def test_of_several_offers_the_newest_that_covers_it_is_told(acme: Cast) -> None:
    offered(acme)
    _, second = acme.asked(name="second")
    acme.obeyed(acme.otto, second, "/counter contents for 8d")
    offered(acme, "/counter metadata")  # newer, and does not cover it
    _, answer = acme.asked(name="smaller", permissions=READS, expires_at=in_days(7))
    body = body_of(acme, answer)
    assert "[otto-acme](https://github.com/otto-acme) offered in" in body
    assert "[olga-acme](https://github.com/olga-acme) offered in" not in body


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/counter contents:admin", "does not ask for `contents:admin`"),
        ("/counter issues", "does not ask for `issues:read`"),
        ("/counter contents repositories:site", "does not ask for the repository `site`"),
        ("/counter contents for 60d", "Please write a shorter time, or none"),
        ("/counter quantum:read", "I do not know the permission `quantum:read`"),
        ("/counter contents:some", "The levels are `read`, `write` and `admin`"),
        ("/counter contents repositories:", "names no repository"),
        ("/counter please less", "must name the permissions"),
        (f"/counter contents {'x' * 1000}", "Please shorten the text by so much"),
        ("/countr contents", "Did you mean `/counter`?"),
    ],
)
def test_what_is_no_offer_is_refused_and_denies_nothing(acme: Cast, text: str, why: str) -> None:
    request, number = acme.asked()
    assert why in acme.refused(acme.olga, number, text)
    assert request.state == "pending"


def test_only_who_may_deny_may_offer(acme: Cast) -> None:
    request, number = acme.asked()
    assert "nobody can decide their own request" in acme.refused(
        acme.mia, number, "/counter contents"
    )
    stranger = acme.stage.gh.add_user("stranger")
    assert "only active owners" in acme.refused(stranger, number, "/counter contents")
    acme.obeyed(acme.olga, number, "/hold")
    assert "on hold" in acme.refused(acme.otto, number, "/counter contents")
    assert request.state == "pending"


def test_an_authors_words_are_no_markup(acme: Cast) -> None:
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/counter contents see @everyone <img src=x> `/approve` #1")
    assert reason_sent(acme, request).startswith("see @everyone <img src=x> `/approve` #1\n")
    closing = acme.stage.gh.issue(acme.admin, number).comments[-1].body
    assert "> ``see @everyone <img src=x> `/approve` #1``\\\n" in closing


def test_links_may_be_turned_off(tmp_path: Path) -> None:
    with stage(tmp_path, PREFILLED_LINKS="off") as scene:
        acme = scene.organization()
        request, number = acme.asked()
        acme.obeyed(acme.olga, number, "/counter contents")
        assert reason_sent(acme, request) == (
            "This would be fine: contents: read; repositories api; for at most 30 days."
        )


def test_a_digest_tells_an_offer_and_takes_none(daily: Stage) -> None:
    acme = daily.organization()
    offered(acme)
    acme.asked(name="waits")
    daily.sweep(days=1)
    digest = daily.issue(acme.admin, title_has="waiting for review")
    assert "offered a smaller request" in digest.body
    said = acme.refused(acme.olga, digest.number, "/counter contents")
    assert "It works on a review issue." in said
