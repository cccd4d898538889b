"""Requests as a policy sees them, for the tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import Danger
from bot.domain.policy.facts import Facts

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ANNA = Account(7, "anna")

PLAIN = Facts(
    permissions={"repository": {"contents": "read"}},
    selection="subset",
    repositories=(Repository(1, "acme/api", private=True),),
    created_at=NOW,
    expires_at=NOW + timedelta(days=30),
    requester=ANNA,
    now=NOW,
    organization="acme",
    reason="example",
    teams={},
    danger=Danger.MEDIUM,
    renewal=False,
    widens_limited_grant=False,
    adopted_by_requester=False,
)
"""Reads the code of one private repository for a month."""


def request(**changes: Any) -> Facts:
    """The plain request with these changes; `days` is the token's lifetime, None for never."""
    if "days" in changes:
        days = changes.pop("days")
        changes["expires_at"] = None if days is None else NOW + timedelta(days=days)
    return replace(PLAIN, **changes)


def repositories(*names: str, private: bool | None = True) -> tuple[Repository, ...]:
    """Chosen repositories by full name."""
    return tuple(Repository(i, name, private) for i, name in enumerate(names))
