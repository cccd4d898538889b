"""Notifications: what is told of a request, and when it is tried again."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.events import NotifyDue
from bot.domain.record import OrganizationRecord, RequestRecord

LONGEST_NAME = 200
_TRIES = 30
_LONGEST_PAUSE = timedelta(hours=1)


def pause_after(tries: int) -> timedelta | None:
    """When to try again after so many tries in vain: soon at first, hourly later.

    None after a day: somebody has to look.
    """
    if tries >= _TRIES:
        return None
    return min(timedelta(seconds=5 * 3 ** min(tries - 1, 10)), _LONGEST_PAUSE)


def message_id(job_name: str) -> str:
    """The id of a message, the same at each try."""
    return "msg_" + hashlib.sha256(job_name.encode()).hexdigest()[:32]


def message(
    event: NotifyDue,
    org: OrganizationRecord,
    row: RequestRecord,
    web_url: str,
    token_name: str | None,
) -> bytes:
    """The message as JSON. Texts of people are not in it, unless `token_name` is given."""
    request, issue = row.request, row.issue
    data: dict[str, Any] = {
        "organization": {"id": org.id, "login": org.login},
        "request_id": request.id,
        "token_id": request.token_id,
        "requester": {"id": request.requester.id, "login": request.requester.login},
        "created_at": _time(request.created_at),
        "danger": row.danger.word,
        "issue_url": f"{web_url}/{issue.repo}/issues/{issue.number}" if issue else None,
    }
    if token_name is not None:
        data["token_name"] = token_name[:LONGEST_NAME]
    if event.kind == "decided":
        data |= {"outcome": event.outcome, "decided_by": event.by or None}
    told = {"type": f"request.{event.kind}", "timestamp": _time(event.at), "data": data}
    return json.dumps(told).encode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
