"""The record of REST calls, for tests to read and for the contract to check."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call and its answer.

    ``template`` is the operation's path as in the OpenAPI description, None if there is none.
    ``status`` is None when the connection was closed before anything was done; ``failure`` names
    what went wrong on purpose (``lost``: ``status`` is what the caller never saw). ``odd`` says
    that the answer's rows are wrong on purpose. ``headers`` are the request's, its credential
    masked; ``caller`` is ``app``, ``installation ID``, ``user ID`` or ``anyone``.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    template: str | None
    request_body: Any = field(repr=False)
    status: int | None
    response_body: Any = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    at: datetime
    caller: str
    failure: str | None = None
    odd: bool = False
