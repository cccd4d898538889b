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


Take = Callable[[Delivery], Status]
"""Stores a delivery durably before it returns. Raises Malformed, and ports.Retryable when the
store cannot take it now."""
