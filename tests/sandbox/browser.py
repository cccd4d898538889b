"""A browser without eyes: it keeps cookies, follows redirects, reads forms and links."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

Fields = dict[str, list[str]]


@dataclass
class Form:
    """One form of a page with the values that a browser would send unchanged."""

    action: str
    fields: Fields = field(default_factory=dict)


class Reader(HTMLParser):
    """What a page leads to and lets one send."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""
        self._first = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select, self._first = given["name"], ""
        elif tag == "option" and self._select:
            if "selected" in given or not self._first:
                self.forms[-1].fields[self._select] = [given.get("value", "")]
            self._first = "seen"
        elif tag == "textarea":
            self._area = given["name"]
            self.forms[-1].fields[self._area] = [""]

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        if tag == "textarea":
            fields = self.forms[-1].fields[self._area]
            fields[0] = fields[0].removeprefix("\n")  # as browsers do
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area][0] += data

    def _input(self, given: dict[str, str]) -> None:
        ticked = given.get("type") not in {"radio", "checkbox"} or "checked" in given
        if ticked:
            self.forms[-1].fields.setdefault(given["name"], []).append(given.get("value", ""))


class Browser:
    """Somebody in front of the pages."""

    def __init__(self, url: str) -> None:
        # verify=False: no TLS here, and its context takes longer to make than a page
        self.http = httpx.Client(base_url=url, trust_env=False, follow_redirects=True, verify=False)

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """The page's HTML; fails when the status is another."""
        return self._text(self.http.get(path, headers=headers), status)

    def post(self, path: str, status: int = 200, **fields: str | list[str]) -> str:
        """The page that a form leads to."""
        return self._text(self.http.post(path, data=fields), status)

    def become(self, login: str) -> Browser:
        """Choose who to be."""
        self.post("/demo/become", login=login, next="/demo/")
        return self

    def form(self, path: str, action: str) -> Fields:
        """What the form with that action would send as it stands."""
        reader = Reader()
        reader.feed(self.get(path))
        return next(one.fields for one in reader.forms if one.action == action)

    def links(self, html: str) -> list[str]:
        """Where a page leads."""
        reader = Reader()
        reader.feed(html)
        return reader.links

    @staticmethod
    def _text(answer: httpx.Response, status: int) -> str:
        assert answer.status_code == status, (str(answer.url), answer.status_code)
        return answer.text


def words(html: str) -> str:
    """A page's text without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())
