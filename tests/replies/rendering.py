"""What GitHub would make of a text: rendered as its Markdown does, and looked through.

`gfm-like` is CommonMark with GitHub's tables, strikethrough and autolinks.
"""

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("gfm-like")
_HTML = re.compile(r"<!-- [a-z: /0-9-]+ -->|</?details>|<summary>[A-Za-z0-9 ]+</summary>")


@dataclass
class Rendered:
    """The parts of a rendered text. `words` is all visible text outside code."""

    words: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: int = 0
    rows: int = 0
    strange: list[str] = field(default_factory=list)

    @property
    def visible(self) -> str:
        """Everything a reader sees."""
        return " ".join([*self.words, *self.codes])


def render(text: str) -> Rendered:
    """Parse a text and sort what is in it; `strange` is what the bot never writes."""
    seen = Rendered()
    for token in _MARKDOWN.parse(text):
        _look(token, seen)
        for child in token.children or []:
            _look(child, seen)
    return seen


def _look(token: Token, seen: Rendered) -> None:
    if token.type == "text":
        seen.words.append(token.content)
    elif token.type in ("code_inline", "fence", "code_block"):
        seen.codes.append(token.content)
    elif token.type == "link_open":
        seen.links.append(str(token.attrGet("href")))
    elif token.type in ("html_block", "html_inline"):
        seen.strange += [_HTML.sub("", token.content).strip()] if _is_foreign(token) else []
    elif token.type in ("image", "s_open", "em_open", "code_block"):
        seen.strange.append(token.type)
    seen.headings += token.type == "heading_open"
    seen.rows += token.type == "tr_open"


def _is_foreign(token: Token) -> bool:
    return bool(_HTML.sub("", token.content).strip())


def lines_outside_code(text: str) -> list[str]:
    """The source lines; the bot writes no fenced code, so all of them count."""
    return text.split("\n")
