"""Every time that the bot waits for something, by name: why so long, and not longer."""

from datetime import timedelta

FACTS_ARE_FRESH = timedelta(seconds=3)
"""No fact that a decision rests on is older than this when the call leaves."""

DELIVERY_COMES_FIRST = timedelta(seconds=3)
"""What a delivery has before GitHub's lists are believed: it names who decided, they do not."""

ANOTHER_DECISION = timedelta(seconds=2)
"""After this a command looks again whether the other decision on its request is over."""

EARLIER_CALL = timedelta(seconds=10)
"""So long GitHub may work on a call whose caller died: then it ends the call itself
(docs.github.com, "Troubleshooting the REST API", timeouts)."""

GONE_FOR_GOOD = timedelta(seconds=8)
"""A thing that GitHub did not find is gone when it is not found again so much later: GitHub answers
404 for moments (probot/stale#83, octokit/octokit.js#900)."""

CODE_HOLDS = timedelta(hours=24)
"""How long a `/confirm CODE` can be used."""


def backoff(attempt: int, most: float = 20.0) -> float:
    """Seconds until what failed or must wait is tried anew: 1, 1.6, 2.6 … up to `most`."""
    return float(min(most, 1.6 ** (max(attempt, 1) - 1)))
