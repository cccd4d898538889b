"""The demo as people start it: `app.py demo`, and a browser in front of its pages."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import main
from bot import COMMAND
from tests.journeys.outside import ROOT, Program
from tests.journeys.stage import until
from tests.sandbox.browser import Browser, words

POLICY = "/demo/organizations/{}/policy"


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Browser]:
    program = Program([sys.executable, str(ROOT / "app.py"), "demo", "--port", "0"], {}, tmp_path)
    browser = Browser(program.url)
    try:
        yield browser
    finally:
        browser.http.close()
        program.interrupt()
        program.exit_status()


def the_issue(me: Browser, page: str, title: str) -> str:
    """The path of the newest issue whose title begins so, once the page lists it."""

    def look() -> str | None:
        found = re.search(rf'href="(/demo/[^"]+/issues/\d+)">{title}', me.get(page))
        return found and found[1]

    return until(look, title)


def says(me: Browser, issue: str, body: str) -> None:
    me.post(f"{issue}/comments", body=body)


def shows(me: Browser, page: str, text: str) -> None:
    until(lambda: text in words(me.get(page)), text)


def adopt(me: Browser, example: str) -> None:
    """Push an example to acme and adopt it, as the owner that one is."""
    page = POLICY.format("acme")
    form = me.form(f"{page}?example={example}", page)
    me.post(page, act="push", text=form["text"])
    issue = the_issue(me, page, "Token policy: [0-9a-f]{12}")
    says(me, issue, "/adopt")
    code = until(lambda: re.search(r'data-fill="(/confirm [^"]+)"', me.get(issue)), "a code")
    says(me, issue, code[1])
    shows(me, page, "adopted")
    shows(me, issue, "Closed")


def test_an_owner_pushes_an_example_and_adopts_it(me: Browser) -> None:
    adopt(me.become("olga"), "company")


def test_days_are_skipped_for_github_and_the_bot_alike(me: Browser) -> None:
    """A time limit of two days is over, the bot takes the access back, and a digest comes."""
    here = "/demo/acme/token-requests/issues"
    active = "/demo/organizations/acme/settings/personal-access-tokens"
    me.become("olga")
    issue = the_issue(me, here, "Token request: release-notes")
    says(me, issue, "/approve for 2d")
    shows(me, active, "release-notes")
    assert "now" in words(me.post("/demo/actions", action="Skip three days", next="/demo/"))
    until(lambda: "release-notes" not in me.get(active), "the end of the access")
    the_issue(me, here, "Token requests waiting")


def test_a_taken_port_is_named_with_the_way_out(
    me: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--port", str(me.http.base_url.port)]) == 2
    assert f"Take a free one: {COMMAND} demo --port 0" in capsys.readouterr().err


def test_the_bots_own_page_is_linked(me: Browser) -> None:
    page = re.search(r'href="(http://127.0.0.1:\d+/)">The bot', me.get("/demo/"))
    assert page
    assert "Is all well?" in me.get(page[1])


def test_rules_and_two_owners_decide(me: Browser) -> None:
    """A company's policy: a small request passes by a rule, a dangerous one by two owners."""
    here, form = "/demo/acme/token-requests/issues", "/demo/settings/personal-access-tokens/new"
    me.become("olga")
    small = the_issue(me, here, "Token request: release-notes")
    adopt(me, "company")
    shows(me, small, "Approved by the rule reading code for a month")
    me.become("mia").post(form, **me.form(f"{form}?example=settings", form))
    settings = the_issue(me, here, "Token request: branch-rules")
    says(me.become("olga"), settings, "/approve")
    shows(me, settings, "1 of 2 approvals")
    says(me.become("otto"), settings, "/approve")
    shows(me, settings, "Approved by olga , otto")


def test_a_smaller_request_answers_an_offer(me: Browser) -> None:
    here, mine = "/demo/acme/token-requests/issues", "/demo/settings/personal-access-tokens"
    me.become("olga")
    large = the_issue(me, here, "Token request: ops-automation")
    says(me, large, "/counter contents:read for 30d Reading is enough.")
    shows(me, large, "Closed")
    told = me.become("max").get(mine)
    link = next(one for one in me.links(told) if one.startswith(f"{mine}/new?"))
    me.post(
        f"{mine}/new", **(me.form(link, f"{mine}/new") | {"name": "smaller", "selection": "all"})
    )
    smaller = the_issue(me, here, "Token request: smaller")
    shows(me, smaller, f"This is what olga offered in #{large.rpartition('/')[2]}")
