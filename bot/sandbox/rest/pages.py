"""Lists in pages, with Link headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.sandbox.refused import Refused
from bot.sandbox.rest.route import Answer, Request

T = TypeVar("T")
MOST = 100


def paged(
    request: Request,
    items: Sequence[T],
    show: Callable[[T], Any],
    wrap: Callable[[list[Any]], Any] = lambda shown: shown,
) -> Answer:
    """The page that was asked for; ``per_page`` over 100 counts as 100."""
    size, page = per_page(request), max(number(request, "page", 1), 1)
    last = max((len(items) + size - 1) // size, 1)
    shown = [show(item) for item in items[(page - 1) * size : page * size]]
    turns = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page >= last:
        del turns["next"], turns["last"]
    if page == 1:
        del turns["prev"], turns["first"]
    return Answer(200, wrap(shown), link_header(request, "page", turns))


def link_header(request: Request, key: str, turns: dict[str, Any]) -> dict[str, str]:
    """``Link``: the same address with another page or cursor."""
    kept = [(name, value) for name, value in request.query.items(multi=True) if name != key]
    base = request.gh.links.api + request.path
    links = [
        f'<{base}?{urlencode([*kept, (key, value)])}>; rel="{rel}"' for rel, value in turns.items()
    ]
    return {"link": ", ".join(links)} if links else {}


def per_page(request: Request) -> int:
    """How many to a page: 30, or as asked, 100 at most."""
    return min(max(number(request, "per_page", 30), 1), MOST)


def number(request: Request, name: str, default: int) -> int:
    """A whole number of the query; nonsense counts as the default."""
    value = request.query.get(name, "")
    return int(value) if value.isdecimal() else default


def one_of(request: Request, name: str, among: tuple[str, ...]) -> str:
    """A word of the query out of a few, the first if none is given."""
    value = request.query.get(name, among[0])
    if value not in among:
        raise Refused(422, f"Invalid value for {name}: {value!r}", [])
    return value


def moment(request: Request, name: str) -> datetime | None:
    """A time of the query; one without an offset is in UTC."""
    value = request.query.get(name)
    try:
        read = datetime.fromisoformat(value) if value else None
        return read.replace(tzinfo=UTC) if read and read.tzinfo is None else read
    except ValueError:
        raise Refused(422, f"Invalid value for {name}: {value!r}", []) from None
