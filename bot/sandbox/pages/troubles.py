"""What can go wrong at GitHub, as switches: each plans a failure for the next calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Trouble:
    """A switch: what it does to the next calls (``calls`` unless told), and what to watch then."""

    name: str
    title: str
    watch: str
    calls: int
    start: Callable[[Sandbox, int], object]


TROUBLES = (
    Trouble(
        "down",
        "GitHub is down",
        "Each call is answered 502. The bot tries again with growing pauses and loses nothing.",
        5,
        lambda gh, times: gh.failures.add(mode="status", status=502, times=times),
    ),
    Trouble(
        "lost",
        "Answers get lost",
        "GitHub does the work, but the answer never arrives. The bot looks before it writes "
        "again, so nothing appears twice.",
        1,
        lambda gh, times: gh.failures.add(method="POST", path=SAYS, mode="lost", times=times),
    ),
    Trouble(
        "slow",
        "GitHub is slow",
        "Each call takes 3 seconds. Decisions come later, and only once.",
        5,
        lambda gh, times: gh.failures.add(mode="delay", delay=3.0, times=times),
    ),
    Trouble(
        "limited",
        "Rate limit",
        "GitHub answers 403 and asks to wait 15 seconds. The bot waits as long as it is told.",
        1,
        lambda gh, times: gh.failures.add(mode="rate_limit", retry_after=15, times=times),
    ),
)
SAYS = r"/issues|/comments|/personal-access-token"  # lost answers hurt most where one writes
MODES = {
    "status": "GitHub is down",
    "drop": "GitHub hangs up",
    "lost": "answers get lost",
    "delay": "GitHub is slow",
    "rate_limit": "rate limit",
}


def active(gh: Sandbox) -> list[str]:
    """What goes wrong now, in words, with the calls that are left."""
    planned = [one for one in gh.failures.planned if one.times != 0]
    said = [f"{MODES[one.mode]} ({_left(one.times)})" for one in planned]
    return [*said, *(["webhooks get lost"] if gh.hook.dropping else [])]


def end_all(gh: Sandbox) -> None:
    """GitHub is well again."""
    gh.failures.clear()
    gh.hook.dropping = False


def _left(times: int | None) -> str:
    if times is None:
        return "until you end it"
    return "1 more call" if times == 1 else f"{times} more calls"
