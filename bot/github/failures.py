"""What GitHub's refusals mean, one exception of the ports for each, and what was never sent."""

import unicodedata
from typing import TYPE_CHECKING

from bot.github.reading import Json, facts_of, objects, text
from bot.ports import NotAccepted, NotFound, NotPermitted, RateLimited, Refused, Retryable

if TYPE_CHECKING:
    from bot.github.reading import Answer

LONGEST_MESSAGE = 300


class Unsent(Retryable):
    """No connection came about: GitHub never saw the call."""


class Paused(RateLimited):
    """GitHub asked for a pause that is not over: nothing was sent."""


def failure(name: str, answer: "Answer") -> Exception:
    """The exception for an answer that is no success, rate limits aside.

    The text names operation and status, and GitHub's own message, shortened.
    """
    status, message = answer.status_code, message_of(answer)
    said = f"{name}: {status} {message}".rstrip()
    if status == 401:
        return NotAccepted(f"{said}: GitHub does not accept APP_ID and PRIVATE_KEY; check both")
    if status == 403 and "locked" not in message.lower():
        return NotPermitted(f"{said}{_accepted(answer)}")
    if status in {404, 410}:
        return NotFound(said)
    if status in {408, 429} or status >= 500:
        return Retryable(said)
    return Refused(said)


def message_of(answer: "Answer") -> str:
    """GitHub's own words about a refusal, on one line, at most 300 characters."""
    facts = facts_of(answer)
    details = [_detail(one) for one in objects(facts.get("errors"))]
    joined = "; ".join(part for part in (text(facts.get("message")), *details) if part)
    shown = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in joined)
    return shown[:LONGEST_MESSAGE].strip()


def _detail(error: Json) -> str:
    found = (text(error.get(name)) for name in ("field", "code", "message"))
    return " ".join(part for part in found if part)


def _accepted(answer: "Answer") -> str:
    """GitHub names the permissions that would do in this header (troubleshooting-the-rest-api)."""
    needed = answer.headers.get("x-accepted-github-permissions", "")
    return f"; the installation needs {needed[:100]}" if needed else ""
