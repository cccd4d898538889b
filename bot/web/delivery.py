"""A delivery as the receiver hands it on, and what may become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Delivery:
    """A signed delivery: GitHub's GUID, the event's name, its envelope and the raw bytes."""

    guid: str
    event: str
    payload: dict[str, Any]
    body: bytes


Status = Literal["accepted", "duplicate", "ignored"]


class Malformed(Exception):  # noqa: N818 - named for what the delivery is
    """The delivery lacks what an event of its kind must have; the text says what."""


Outcome = Status | Exception
"""What became of a delivery; an exception tells why it was not taken."""

Told = Callable[[Outcome], object]
"""Hears of an outcome, in any thread; it does not wait."""

Take = Callable[[Delivery, Told], object]
"""Stores a delivery and tells when it is on disk; tells ports.Retryable when the store cannot take
it now. Raises Malformed, and ports.Retryable too. It does not wait until the store has written;
whether it may have to read is told to `bot.web.front`."""
