"""What the audit log says about a delivery that is done."""

import hashlib
from datetime import datetime

from bot.domain.audit.entry import ENDINGS
from bot.domain.record import HistoryEntry
from bot.storage.inbox.lease import Claim


def delivery_entries(claim: Claim, state: str, at: datetime) -> list[HistoryEntry]:
    """The fact that a delivery was handled, or parked as failed; nothing for a timer.

    The body goes after 30 days: its hash tells later whether another copy of it is the same.
    """
    body = claim.body
    if body is None:
        return []
    data = {
        "delivery": claim.job.name,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "lane": claim.lane,
    }
    return [HistoryEntry(at, ENDINGS[state], "GitHub", f"{claim.kind}.{claim.action}", data=data)]
