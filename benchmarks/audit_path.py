"""What an auditor reads: every function that one `/approve` enters, up to GitHub's review call.

Run with `make audit-path`. The bot and the local GitHub run as in the demo. Counted are the lines
of these functions, without blank lines, comments and docstrings, in handlers, domain (without the
grammar and the audit log), ports and replies.
"""

import ast
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import app
from bot.sandbox import Sandbox

ROOT = Path(app.__file__).resolve().parent
ROOMS = ("bot/handlers/", "bot/domain/", "bot/ports/", "bot/ports.py", "bot/replies/")
LEFT_OUT = ("bot/domain/commands/", "bot/domain/audit")
SECRET = "the audit path's webhook secret"


class Trace:
    """Notes, in order, the functions of ours that a worker enters while it judges a comment."""

    def __init__(self) -> None:
        self.codes: dict[CodeType, None] = {}
        self._inside: set[int] = set()
        self._over = False

    def profile(self, frame: FrameType, event: str, _arg: Any) -> None:
        """For `threading.setprofile`."""
        code, thread = frame.f_code, threading.get_ident()
        if event == "call" and code.co_name == "on_issue_comment" and not self._over:
            self._inside.add(thread)
        if thread not in self._inside or event != "call" or self._over:
            return
        if code.co_name == "review" and "bot/github/" in code.co_filename:
            self._over = True
        elif not code.co_name.startswith("<") or code.co_name == "<lambda>":
            self.codes[code] = None


def lines_of(code: CodeType) -> int:
    """The lines of a function that say something."""
    tree = ast.parse(Path(code.co_filename).read_text())
    found = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        and code.co_firstlineno in {node.lineno, _first_line(node)}
    )
    said = set(range(_first_line(found), (found.end_lineno or 0) + 1))
    first = found.body[0] if isinstance(found, ast.FunctionDef) else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        said -= set(range(first.lineno, (first.end_lineno or 0) + 1))
    source = Path(code.co_filename).read_text().splitlines()
    texts = [source[number - 1].strip() for number in said]
    return sum(bool(text) and not text.startswith("#") for text in texts)


def _first_line(node: ast.FunctionDef | ast.Lambda) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def main() -> None:
    """Approve one request and print what was entered on the way."""
    trace = Trace()
    threading.setprofile(trace.profile)
    gh = Sandbox(webhook_secret=SECRET)
    gh.start()
    with tempfile.TemporaryDirectory() as folder:
        bot = app.LocalBot.beside(_settings(gh), Path(folder))
        gh.webhook_url = bot.webhook_url
        try:
            _approve(gh)
        finally:
            bot.stop()
            gh.stop()
    total, files = 0, set()
    for code in trace.codes:
        name = Path(code.co_filename).resolve()
        place = name.relative_to(ROOT).as_posix() if name.is_relative_to(ROOT) else ""
        if place.startswith(ROOMS) and not place.startswith(LEFT_OUT):
            lines = lines_of(code)
            total += lines
            files.add(place)
            print(f"{lines:4}  {place}:{code.co_firstlineno}  {code.co_qualname}")
    print(f"\n{total} lines in {len(files)} files:")
    print("\n".join(f"  {one}" for one in sorted(files)))


def _settings(gh: Sandbox) -> dict[str, str]:
    return {
        "APP_ID": str(gh.app.id),
        "PRIVATE_KEY": gh.private_key_pem,
        "WEBHOOK_SECRET": SECRET,
        "GITHUB_API_URL": gh.url,
        "LOG_LEVEL": "error",
    }


def _approve(gh: Sandbox) -> None:
    org, olga, mia = gh.add_organization("acme"), gh.add_user("olga"), gh.add_user("mia")
    gh.add_member(org, olga, role="admin")
    gh.add_member(org, mia)
    admin, api = gh.add_repository(org, "token-requests"), gh.add_repository(org, "api")
    gh.install(org)
    permissions = {"repository": {"contents": "write", "metadata": "read"}}
    request = gh.request_token(
        org, mia, permissions=permissions, selection="subset", repositories=[api]
    )
    _wait(lambda: gh.issues(admin))
    gh.settle()
    time.sleep(1.1)  # a comment of the second in which the issue was opened would not count
    gh.comment(olga, admin, gh.issues(admin)[0].number, "/approve for 30d fine")
    _wait(lambda: request.state == "approved")


def _wait(done: Any) -> None:
    deadline = time.monotonic() + 30
    while not done():
        if time.monotonic() > deadline:
            sys.exit("the bot did not do it")
        time.sleep(0.01)


if __name__ == "__main__":
    main()
