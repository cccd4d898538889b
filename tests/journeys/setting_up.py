"""Somebody who sets the bot up: an empty folder, a browser, and nothing but links and forms."""

import html
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from bot.sandbox import Sandbox
from tests.journeys.outside import APP, SERVE, Program
from tests.journeys.stage import until
from tests.sandbox.contract import check_calls, check_deliveries

ADDRESS = re.compile(r"http://\S+/\?code=\S+")


class Page(HTMLParser):
    """What a page offers: its links by their words, and its forms with all fields."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.url, self.status, self.html = str(answer.url), answer.status_code, answer.text
        self.links: dict[str, str] = {}
        self.forms: list[dict[str, Any]] = []
        self._link: str | None = None
        self._words = ""
        self._select = ""
        self.feed(answer.text)

    @property
    def text(self) -> str:
        """Its words, without tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    @property
    def places(self) -> list[str]:
        """How the steps are marked."""
        return re.findall(r'<span class="place">(\w+)</span>', self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._link, self._words = given["href"], ""
        elif tag == "form":
            action = urljoin(self.url, given.get("action", ""))
            self.forms.append({"action": action, "method": given["method"], "fields": {}})
        elif tag == "input":
            silent = given.get("type") in {"radio", "checkbox"} and "checked" not in given
            if not silent:
                self.forms[-1]["fields"][given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or not self._chosen()):
            self.forms[-1]["fields"][self._select] = given["value"]

    def _chosen(self) -> bool:
        return self._select in self.forms[-1]["fields"]

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self.links[" ".join(self._words.split())] = urljoin(self.url, self._link)
            self._link = None


class Visitor:
    """A browser that knows no addresses but the first."""

    def __init__(self) -> None:
        self.http = httpx.Client(trust_env=False, follow_redirects=True, verify=False, timeout=30)

    def open(self, url: str) -> Page:
        return Page(self.http.get(url))

    def follow(self, page: Page, words: str) -> Page:
        return self.open(page.links[words])

    def send(self, page: Page, ending: str, **changes: Any) -> Page:
        """Send the form whose address ends so, with some fields filled in."""
        (form,) = [one for one in page.forms if one["action"].partition("?")[0].endswith(ending)]
        origin = re.match(r"https?://[^/]+", page.url)
        assert origin
        fields = {**form["fields"], **changes}
        headers = {"Origin": origin[0]}
        return Page(self.http.post(form["action"], data=fields, headers=headers))


class SettingUp:
    """A local GitHub with one organization, and the bot's empty folder."""

    def __init__(self, folder: Path, server: str | None = None) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.gh = Sandbox(server_version=server)
        self.gh.start()
        self.org = self.gh.add_organization("acme")
        self.olga = self._member("olga", "admin")
        self.mia = self._member("mia", "member")
        self.programs: list[Program] = []
        self.environ = {"COUNTERSIGN_HOME": str(self.home), "PORT": "0"}

    def _member(self, login: str, role: Any) -> Any:
        user = self.gh.add_user(login)
        self.gh.add_member(self.org, user, role=role)
        return user

    def serve(self, *more: str, **settings: str) -> Program:
        one = Program([*SERVE, *more], {**self.environ, **settings}, self.home)
        self.programs.append(one)
        return one

    def command(self, *words: str, **settings: str) -> tuple[int, str]:
        one = Program([*APP, *words], {**self.environ, **settings}, self.home)
        self.programs.append(one)
        return one.exit_status(), one.said

    def address(self, bot: Program) -> str:
        """What start prints."""
        found = until(lambda: ADDRESS.search(bot.said), f"the address: {bot.printed}")
        assert found
        return str(found[0])

    def restarted(self, bot: Program) -> Program:
        """The same bot after kill -9, on the same port."""
        port = bot.url.rpartition(":")[2]
        bot.kill()
        again = self.serve(PORT=port)
        self.address(again)
        return again

    def restarted_ready(self, bot: Program) -> Program:
        """The same once the set-up is finished."""
        bot.kill()
        again = self.serve()
        until(again.ready, f"a ready service: {again.printed}")
        return again

    def kept(self) -> str:
        """All that is in the folder, as text."""
        files = [one for one in self.home.rglob("*") if one.is_file()]
        return "\n".join(one.read_bytes().decode("latin-1") for one in files)

    def modes(self) -> set[int]:
        return {one.stat().st_mode & 0o077 for one in (self.home / "var").rglob("*")}

    # ---------------------------------------------------------------- the way through
    def named(self, who: Visitor, page: Page, bot: Program, **changes: str) -> Page:
        given = {"organization": "acme", "url": bot.url, "server": self.gh.origin, **changes}
        return who.send(page, "/setup/organization", **given)

    def create(self, who: Visitor, page: Page, **changes: str) -> Page:
        """Through GitHub's form, and back."""
        form = who.send(page, "/settings/apps/new")
        assert "Create GitHub App for acme" in form.text
        return who.send(form, "/settings/apps/new/create", **changes)

    def install(self, who: Visitor, page: Page, **changes: str) -> Page:
        """Make the repository and install the App, each by its link."""
        repository = who.follow(page, "Make the repository")
        assert "is private" in who.send(repository, "/new").text
        installing = who.follow(page, "Install the App")
        who.send(installing, "/installations/new", **changes)
        return page

    def until_done(self, who: Visitor, page: Page, steps: int) -> Page:
        """Look again until so many steps are done."""

        def look() -> Page | None:
            now = who.open(page.url)
            return now if now.places.count("Done") >= steps else None

        found = until(look, f"{steps} steps: {who.open(page.url).text}", 60)
        assert found
        return found

    def close(self) -> None:
        for one in self.programs:
            one.kill()
        self.gh.stop()


@contextmanager
def setting_up(folder: Path, server: str | None = None) -> Iterator[SettingUp]:
    one = SettingUp(folder, server)
    try:
        yield one
        check_calls(one.gh, requests=False)
        check_deliveries(one.gh)
    finally:
        one.close()
        print(*(program.said for program in one.programs))
        assert not os.environ.get("COUNTERSIGN_HOME")
