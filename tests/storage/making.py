"""What the stories of the store are made of."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.domain.accounts import Account
from bot.domain.record import RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.storage import Arrival, Claim, Store

T0 = datetime(2026, 5, 4, 9, 0, 0, 123456, tzinfo=UTC)


def arrival(guid: str, **changes: Any) -> Arrival:
    """A delivery of a token request, changed as the story needs it."""
    usual: dict[str, Any] = {
        "event": "personal_access_token_request",
        "action": "created",
        "body": b'{"action": "created"}',
        "installation_id": 7,
        "org_id": 42,
        "lane": "request:42/1",
        "issue": None,
        "priority": 1,
    }
    return Arrival(guid=guid, **{**usual, **changes})


def make_row(request_id: int = 1, **changes: Any) -> RequestRecord:
    """A pending request; `request` may hold changes of the token request itself."""
    facts: dict[str, Any] = {
        "org_id": 42,
        "id": request_id,
        "requester": Account(5, "mona"),
        "token_name": "deploy – ключ",
        "result": {"repository": {"contents": "write"}},
        "selection": "all",
        "created_at": T0,
        "token_id": 900 + request_id,
    }
    request = TokenRequest(**{**facts, **changes.pop("request", {})})
    return RequestRecord(request, changes.pop("state", State.PENDING), **changes)


def claimed(store: Store) -> Claim:
    """The next job, which must be there."""
    claim = store.inbox.claim("tester")
    assert claim is not None, "nothing was due"
    return claim


def drain(store: Store) -> list[str]:
    """Run all that is due, in order; the names of the jobs."""
    names = []
    while (claim := store.inbox.claim("tester")) is not None:
        names.append(claim.job.name)
        store.inbox.finish(claim)
    return names


def until(look: Callable[[], Any], what: str, seconds: float = 10) -> Any:
    """Wait until `look` answers something true; fails naming what never came."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.005)
    return found
