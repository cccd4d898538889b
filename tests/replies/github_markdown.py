"""What GitHub's own Markdown (cmark-gfm) makes of a text: a renderer that is not ours."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

TAGS = frozenset(
    {
        *("p", "a", "code", "pre", "br", "strong", "ul", "ol", "li", "h1", "h2", "h3", "hr"),
        *("blockquote", "details", "summary"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
"""What the bot's own texts are made of."""


@dataclass
class Seen:
    """The parts of a rendered text. `words` is all text outside code; `strange` are foreign tags
    and attributes.
    """

    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen, self._in_code = seen, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        if tag not in TAGS:
            self._seen.strange.append(tag)
        if tag == "tr":
            self._seen.columns.append(0)
        if tag in ("td", "th"):
            self._seen.columns[-1] += 1
        for name, value in attrs:
            if (tag, name) == ("a", "href"):
                self._seen.links.append(value or "")
            elif (tag, name) not in {("td", "align"), ("th", "align")}:
                self._seen.strange.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self._seen.words.append(data)

    def handle_comment(self, data: str) -> None:
        self._seen.comments.append(data.strip())


def look(text: str) -> Seen:
    """Render and sort; raw HTML is kept, so that it shows."""
    seen = Seen()
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    reader = _Reader(seen)
    reader.feed(html)
    reader.close()
    return seen
