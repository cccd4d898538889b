"""Times by name: how long the bot waits for what, and why not longer."""

from datetime import UTC, datetime, timedelta

LONG_AGO = datetime.fromtimestamp(0, UTC)
"""Before anything that the bot or GitHub tells of."""

FACTS_ARE_FRESH = timedelta(seconds=3)
"""No fact that a decision rests on is older than this when the call leaves."""

DELIVERY_COMES_FIRST = timedelta(seconds=3)
"""What a delivery has before GitHub's lists are believed: it names who decided, they do not."""

ANOTHER_DECISION = timedelta(seconds=2)
"""After this a command looks again whether the other decision on its request is over."""

WAIT_IS_TOLD = timedelta(hours=1)
"""After this an approval that waits behind a /hold or /deny, or for a fact, says so, once."""

CARDS_FOLLOW = timedelta(seconds=8)
"""After this a card tells of access that its requester got or lost meanwhile."""

EARLIER_CALL = timedelta(seconds=10)
"""So long GitHub may work on a call whose caller died: then it ends the call itself
(docs.github.com, "Troubleshooting the REST API", timeouts)."""

GONE_FOR_GOOD = timedelta(seconds=8)
"""A thing that GitHub did not find is gone when it is not found again so much later: GitHub answers
404 for moments (probot/stale#83, octokit/octokit.js#900)."""

GONE_FROM_A_LIST = timedelta(minutes=2)
"""What GitHub's list stopped to show is over when a second look misses it, so much later at least:
its delivery has that long to come."""

GRANT_APPEARS = timedelta(minutes=1)
"""So long GitHub's list of grants may lag behind an approval: what it lacks then proves nothing."""

REVOKED_LOOKS_APART = timedelta(seconds=20)
"""Somebody waits for a revocation, and GitHub's list shows no grant: how far apart two looks are
that prove it."""

ASKED_LOOKS_APART = timedelta(seconds=5)
"""The same when GitHub was asked for the revocation, and its answer was lost."""

SEEN_BEFORE_ITS_END = timedelta(hours=1)
"""An access that was seen so shortly before its end counts as ended by itself. Sweeps come four
times an hour."""

ENDED_GRANTS_ARE_KEPT = timedelta(days=90)
"""So long `tokens --kind ended` tells of a grant that is over."""

WATCHED_EVERY = timedelta(days=2)
"""No pass for longer than this, and what was announced of a token counts no more."""

ENDED_IS_LOOKED_AT = timedelta(days=1)
"""So long sweeps see whether an access that is recorded as revoked or ended is really gone."""

TIMER_MAY_BE_EARLY = timedelta(minutes=10)
"""So much before its time a revocation counts as due: two clocks are not further apart."""

TIMER_LOOKS_AGAIN = timedelta(minutes=10)
"""When a revocation that came early is looked at again, at the latest."""

ROLE_IS_READ_AGAIN = timedelta(minutes=10)
"""When a requester's role that GitHub would not tell is asked for again."""

DELIVERY_IS_LATE = timedelta(minutes=5)
"""A comment so old is looked at without its delivery."""

COMMENTS_APART = timedelta(minutes=1)
"""Two looks at the comments of one repository are that far apart, whoever shares it."""

COMMENTS_OVERLAP = timedelta(minutes=10)
"""So far back the next look at comments reaches into the one before: two clocks may differ."""

DELIVERIES_ARE_KEPT = timedelta(days=3)
"""So far back GitHub's log of deliveries reaches (docs.github.com, "Redelivering webhooks")."""

CODE_HOLDS = timedelta(hours=24)
"""How long a `/confirm CODE` can be used."""


def backoff(attempt: int, most: float = 20.0) -> float:
    """Seconds until what failed or must wait is tried anew: 1, 1.6, 2.6 … up to `most`."""
    return float(min(most, 1.6 ** (max(attempt, 1) - 1)))
