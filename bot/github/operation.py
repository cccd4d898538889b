"""One call of GitHub's API, and what came back."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from bot.github.paths import fill
from bot.github.reading import Json

NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Operation:
    """A call, named by its template in GitHub's OpenAPI description.

    `installation_id` None: as the App itself; `anonymous`: as nobody. With `repository_id` a
    redirect must lead to that repository.
    """

    method: str
    template: str
    path: Mapping[str, str | int] = field(default_factory=dict)
    installation_id: int | None = None
    query: Query = ()
    body: Json | None = None
    anonymous: bool = False
    repository_id: int | None = None

    @property
    def name(self) -> str:
        """What logs and errors call it: no parameter, query or body."""
        return f"{self.method} {self.template}"

    @property
    def url(self) -> str:
        """The path below the API's base. Raises Permanent for parameters that cannot be."""
        return fill(self.template, self.path).removeprefix("/")

    @property
    def writes(self) -> bool:
        """Whether it changes anything at GitHub."""
        return self.method != "GET"


@dataclass(frozen=True, repr=False)
class Answer:
    """What GitHub answered. Header names are in lower case. Not shown: it may hold a token."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def facts(self) -> Any:
        """The body's JSON; None when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def next_query(self) -> Query | None:
        """The query of the next page as the `Link` header tells it; None on the last one.

        Only the query counts: the path stays ours, whatever host a proxy writes into the link.
        """
        found = NEXT.search(self.headers.get("link", ""))
        if found is None:
            return None
        return parse_qsl(urlsplit(found[1]).query, keep_blank_values=True)
