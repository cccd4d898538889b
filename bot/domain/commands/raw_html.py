"""Raw HTML in a comment that makes what follows code, quote, list or table."""

import re

_TAG = re.compile(r"<(/?)([a-z]+[0-9]?)(?=[\s/>])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_QUOTES_AND_CODE = ("blockquote", "q", "code", "pre", "samp", "kbd", "tt", "var", "del", "s")
_LISTS_AND_TABLES = ("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "tr", "td", "th")
_CONTAINERS = frozenset((*_QUOTES_AND_CODE, *_LISTS_AND_TABLES, "strike"))


class OpenElements:
    """Counts which containers are open while a document's raw HTML is read in order."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def read(self, html: str) -> None:
        """Take in the next piece of raw HTML."""
        for closing, name in _TAG.findall(_COMMENT.sub("", html)):
            tag = name.lower()
            if tag in _CONTAINERS:
                depth = self._open.get(tag, 0)
                self._open[tag] = max(0, depth - 1) if closing else depth + 1

    @property
    def any(self) -> bool:
        """Whether a container is open now."""
        return any(self._open.values())
