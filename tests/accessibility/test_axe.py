"""Every page in a real browser: axe finds nothing, a phone is wide enough, the keyboard suffices.

axe.min.js is axe-core 4.14.1 as Deque publishes it (MPL-2.0, axe.LICENSE.txt). It lies here so that
the tests need no second package manager and no network, and say the same tomorrow.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.accessibility.chromium import DESK, PHONE, PROGRAM, Chromium, chromium
from tests.journeys.outside import ROOT, Program
from tests.journeys.setting_up import Visitor, setting_up
from tests.journeys.stage import until
from tests.sandbox.browser import Browser

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="needs Chromium, which is not here: apt-get install chromium"
)
AXE = (Path(__file__).parent / "axe.min.js").read_text()
FINDINGS = """axe.run().then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.target}: ${node.failureSummary}`)))"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
FOCUSED = "document.activeElement.textContent.trim()"
SETTINGS = "/demo/organizations/acme/settings"


@pytest.fixture(scope="module")
def tab() -> Iterator[Chromium]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("demo")
    program = Program([sys.executable, str(ROOT / "app.py"), "demo", "--port", "0"], {}, folder)
    browser = Browser(program.url)
    try:
        yield browser
    finally:
        browser.http.close()
        program.interrupt()
        program.exit_status()


def look(tab: Chromium, *urls: str) -> list[str]:
    """What axe finds in light and dark, and whether a phone has to scroll sideways."""
    found = []
    for url in urls:
        for dark in (False, True):
            tab.look(DESK, dark=dark)
            tab.open(url)
            tab.run(AXE)
            found += [f"{url}: {one}" for one in tab.run(FINDINGS)]
        tab.look(PHONE)
        found += [f"{url}: wider than a phone"] if tab.run(TOO_WIDE) else []
    return found


def issue(demo: Browser, title: str) -> str:
    def listed() -> str | None:
        page = demo.get("/demo/acme/token-requests/issues")
        found = re.search(rf'href="(/demo/[^"]+)">{title}', page)
        return found and found[1]

    return str(until(listed, title))


def known_as(tab: Chromium, demo: Browser, login: str) -> str:
    """Be somebody in both browsers; the base of the pages."""
    demo.become(login)
    base = str(demo.http.base_url).rstrip("/")
    tab.borrow(dict(demo.http.cookies), f"{base}/demo/")
    return base


def test_the_demos_pages(tab: Chromium, demo: Browser) -> None:
    base = known_as(tab, demo, "olga")
    request, hostile = issue(demo, "Token request: ops-"), issue(demo, "Token request: &#39;@")
    demo.post(f"{request}/comments", body="/approve")
    until(lambda: "/confirm " in demo.get(request), "a code")
    demo.post("/demo/trouble/webhooks")
    pages = [
        *("/demo/", "/demo/acme", "/demo/mia", "/demo/apps/countersign", "/demo/nothing/here"),
        *("/demo/acme/token-requests/issues", request, hostile, "/demo/activity", "/demo/trouble"),
        *("/demo/activity/calls/0", f"{SETTINGS}/personal-access-token-requests"),
        f"{SETTINGS}/personal-access-tokens",
        "/demo/organizations/globex/settings/personal-access-tokens",  # for owners only
        "/demo/organizations/acme/policy?example=company",
        "/demo/organizations/acme/teams",
        "/demo/settings/personal-access-tokens",
        "/demo/settings/personal-access-tokens/new?example=dangerous",
        "/demo/settings/personal-access-tokens/new?target_name=globex",
    ]
    assert look(tab, *(base + page for page in pages)) == []


def test_the_bots_page_and_the_pages_before_it(tab: Chromium, tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        assert look(tab, f"{bot.url}/", f"{bot.url}/metrics?not-yet") == []
        page = who.open(scene.address(bot))

        def seen() -> list[str]:
            tab.borrow(dict(who.http.cookies), f"{bot.url}/")
            return look(tab, f"{bot.url}/")

        assert seen() == []
        page = scene.named(who, page, bot)
        assert seen() == []
        page = scene.create(who, page)
        assert seen() == []
        assert look(tab, f"{scene.gh.url}/apps/{scene.gh.app.slug}/installations/new") == []
        scene.install(who, page)
        page = scene.until_done(who, page, 4)
        assert seen() == []
        page = who.send(page, "/setup/accept")
        assert seen() == []
        who.send(page, "/setup/finish")
        assert seen() == []
        assert "Is all well?" in tab.run("document.body.textContent")


def test_the_keyboard_suffices_to_become_somebody_else(tab: Chromium, demo: Browser) -> None:
    base = known_as(tab, demo, "mia")
    tab.look()
    tab.open(f"{base}/demo/trouble")
    tab.press("Tab")
    assert tab.run(FOCUSED) == "Skip to the page"
    for _ in range(12):
        if tab.run("document.activeElement.tagName") == "SUMMARY":
            break
        tab.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert tab.run(outline) != "none", tab.run(FOCUSED)
    tab.press("Enter")
    tab.press("Tab")
    assert "olga" in tab.run(FOCUSED)
    tab.press("Enter")
    name = "document.querySelector('.who-name b')?.textContent === 'olga'"
    until(lambda: tab.run(name), "the page as olga sees it")
