"""Issue and comment texts as GitHub shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

GITHUB = "https://github.com/"
TOKEN_FORM = "settings/personal-access-tokens/new"  # noqa: S105  # a page of GitHub's
# Of raw HTML only what the bot may write is let through; the rest is shown, not obeyed. (GitHub
# obeys some more harmless elements; seeing them spelt out is what a demo of safety wants.)
HTML = re.compile(
    r"(?P<comment><!--.*?(?:-->|\Z))|(?P<tag></?(?:details|summary)>|<details open>)", re.S
)
# What GitHub turns into links by itself: addresses, mentions, references to issues.
AUTOMATIC = re.compile(
    r"(?P<url>https?://[^\s<>\"'`]*[^\s<>\"'`.,:;!?)\]}*_~])"
    r"|(?<![\w/@`])@(?P<login>[A-Za-z0-9][A-Za-z0-9-]{0,38})\b"
    r"|(?<![\w/&#])#(?P<number>[1-9]\d{0,8})\b"
)
Own = Callable[[str], bool]


class Texts:
    """A renderer for one repository: ``number`` links need to know where they are.

    ``is_ours`` tells whether the first part of a github.com path is somebody of this world.
    """

    def __init__(self, issues_path: str, is_ours: Own) -> None:
        self.issues_path = issues_path
        self.is_ours = is_ours
        self._reader = MarkdownIt("commonmark", {"breaks": True})
        self._reader.enable(["table", "strikethrough"])
        self._reader.core.ruler.push("automatic_links", self._link_all)
        for name in ("html_block", "html_inline"):
            self._reader.add_render_rule(name, _html)
        self._reader.add_render_rule("image", _image)

    def html(self, text: str | None) -> Markup:
        """The text as safe HTML."""
        return Markup(self._reader.render(text or ""))  # noqa: S704  # markdown-it escapes text

    def _link_all(self, state: StateCore) -> None:
        for token in state.tokens:
            if token.type == "inline":
                token.children = self._with_links(token.children or [])

    def _with_links(self, tokens: Sequence[Token]) -> list[Token]:
        found: list[Token] = []
        inside = 0
        for token in tokens:
            inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            if token.type == "link_open":
                token.attrSet("href", self.address(str(token.attrGet("href") or "")))
                token.attrSet("rel", "nofollow noopener noreferrer")
            if token.type == "text" and not inside:
                found += self._split(token.content)
            else:
                found.append(token)
        return found

    def _split(self, text: str) -> list[Token]:
        pieces, done = [], 0
        for match in AUTOMATIC.finditer(text):
            pieces += [_text(text[done : match.start()]), *self._link(match)]
            done = match.end()
        return [*pieces, _text(text[done:])]

    def _link(self, match: re.Match[str]) -> list[Token]:
        if match["url"]:
            return _anchor(self.address(match["url"]), match[0])
        if match["number"]:
            return _anchor(f"{self.issues_path}/{match['number']}", match[0])
        if not self.is_ours(match["login"]):
            return [_text(match[0])]
        return _anchor(f"/demo/{match['login']}", match[0], "mention")

    def address(self, href: str) -> str:
        """Links to github.com lead to these pages, if they name somebody of this world."""
        path = href.removeprefix(GITHUB)
        first = re.split(r"[/?#]", path)[0]
        here = first in {"organizations", "apps"} or path.startswith(TOKEN_FORM)
        ours = path != href and (here or self.is_ours(first))
        return f"/demo/{path}" if ours else href


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _anchor(href: str, shown: str, kind: str = "") -> list[Token]:
    attributes: dict[str, str | int | float] = {"href": href, "rel": "nofollow noopener noreferrer"}
    if kind:
        attributes["class"] = kind
    return [
        Token("link_open", "a", 1, attrs=attributes),
        _text(shown),
        Token("link_close", "a", -1),
    ]


def _html(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    text, shown, done = tokens[at].content, [], 0
    for match in HTML.finditer(text):
        shown += [str(escape(text[done : match.start()])), match["tag"] or ""]
        done = match.end()
    return "".join([*shown, str(escape(text[done:]))])


def _image(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: Any
) -> str:
    return f'<span class="muted">[image: {escape(tokens[at].content)}]</span>'
