"""The demo's world with its pages, and somebody in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from bot.sandbox import Issue, Sandbox, demo_world
from bot.sandbox.pages import Demo
from tests.sandbox.browser import Browser


@dataclass
class Play:
    gh: Sandbox
    cast: demo_world.DemoWorld
    pages: Demo
    me: Browser

    def issue(self, body: str = "Hello.", title: str = "A request", *labels: str) -> Issue:
        repo = self.cast.repositories["acme/token-requests"]
        return self.gh.open_issue(self.gh.app.bot, repo, title, body, labels=labels)

    def page(self, issue: Issue) -> str:
        return f"/demo/{issue.repository.full_name}/issues/{issue.number}"

    def request(self, name: str):
        return next(one for one in self.gh.token_requests.values() if one.token.name == name)


class Taking(BaseHTTPRequestHandler):
    """A receiver that takes everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass
