"""One request from its asking to its end: approved, denied, held, timed, taken back."""

from pathlib import Path

from tests.journeys.databases import on_both_databases
from tests.journeys.digests import digests, next_day
from tests.journeys.seen import bots_words
from tests.journeys.servers import everywhere, on_servers, versions_asked
from tests.journeys.stage import Cast, Stage, until


@on_both_databases
def test_an_owner_approves(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()

    issue = scene.issue(acme.admin, label="pending")
    assert issue.title == f"Token request: ci-release by {acme.mia.login}"
    assert issue.body.startswith(f"<!-- token-request {acme.org.id}/{asked.id} -->\n")
    for shown in ("release the API from CI", acme.mia.login, "acme/api", "contents", "write"):
        assert shown in issue.body

    said = acme.says(acme.olga, issue.number, "/approve until the move is done")

    issue = scene.issue(acme.admin, state="closed")
    assert (issue.state_reason, "approved" in issue.labels) == ("completed", True)
    assert "pending" not in issue.labels
    until(lambda: [one.content for one in said.reactions] == ["+1"], "the thumb")
    (grant,) = scene.gh.grants(acme.org)
    assert grant.token.id == asked.token.id
    assert asked.review_reason == "until the move is done"
    assert acme.olga.login in issue.comments[-1].body
    assert "until the move is done" in issue.comments[-1].body


@on_both_databases
def test_an_owner_denies(scene: Stage, acme: Cast) -> None:
    asked = acme.asks()
    number = scene.issue(acme.admin, label="pending").number

    acme.says(acme.olga, number, "/deny please ask for `read` & <less>")

    issue = scene.issue(acme.admin, state="closed")
    assert (issue.state_reason, "denied" in issue.labels) == ("not_planned", True)
    assert (asked.state, asked.review_reason) == ("denied", "please ask for `read` & <less>")
    assert scene.gh.grants(acme.org) == []


@on_servers
def test_on_enterprise_server_all_links_lead_there(daily: Stage) -> None:
    """Its API is at `https://HOST/api/v3`, its pages are at `https://HOST`."""
    acme = daily.organization("acme")
    _, number = acme.asked()
    acme.refused(acme.mia, number, "/approve")
    acme.obeyed(acme.olga, number, "/hold")
    acme.obeyed(acme.mia, number, "/status")
    next_day(daily)
    acme.obeyed(acme.otto, number, "/unhold")
    acme.obeyed(acme.otto, number, "/approve")
    (digest,) = digests(acme)
    issue = daily.gh.issue(acme.admin, number)
    texts = [issue.body, digest.body, *bots_words(issue)]
    assert len(texts) == 6
    assert all(f"]({daily.gh.origin}/" in one for one in texts)
    assert not any("//github.com" in one for one in texts)


@everywhere
def test_each_github_is_asked_for_an_api_version_that_it_knows(
    scene: Stage, acme: Cast, server: str | None
) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/approve")
    newest = {"2022-11-28", "2026-03-10"} if server == "3.21.0" else {"2022-11-28"}
    assert versions_asked(scene) <= newest
    assert scene.gh.calls[-1].headers["x-github-api-version"] == max(newest)
    looked = [one for one in scene.gh.calls if one.path == "/meta"]
    assert len(looked) == (1 if server else 0)


def test_a_server_that_does_not_tell_its_version_is_asked_for_the_older_one(tmp_path: Path) -> None:
    one = Stage(tmp_path, server="3.21.0")
    one.gh.failures.add(path="/meta", status=401)
    one.start_bot()
    try:
        acme = one.organization("acme")
        _, number = acme.asked()
        acme.obeyed(acme.olga, number, "/approve")
        assert versions_asked(one) == {"2022-11-28"}
    finally:
        one.close()


def test_half_a_character_in_a_name_loses_no_request(scene: Stage, acme: Cast) -> None:
    """JSON can carry half a surrogate pair, which is no text."""
    with scene.gh.drop_deliveries():
        acme.asks(name="half")
        scene.gh.settle()
    told = scene.told("personal_access_token_request", "created")
    told["personal_access_token_request"]["token_name"] = "half \ud800"
    scene.deliver("personal_access_token_request", told)
    scene.issue(acme.admin, title_has="half", label="pending")
