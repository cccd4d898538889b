"""A token request: a member's ask for a fine-grained personal access token."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.accounts import Account, Repository

Permissions = Mapping[str, Mapping[str, str]]
"""GitHub's form: group (`organization`, `repository`, `other`) → permission → level."""


class State(StrEnum):
    """What the record says of a request. All but DECIDING are also the issue's state labels."""

    PENDING = "pending"
    HELD = "held"
    DECIDING = "deciding"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The state label on the issue; a decision under way still shows as pending."""
        return "pending" if self is State.DECIDING else self.value

    @property
    def is_open(self) -> bool:
        """Whether the request still waits for a final word."""
        return self in OPEN_STATES


OPEN_STATES = (State.PENDING, State.HELD, State.DECIDING)


def request_lane(org_id: int, request_id: int) -> str:
    """The lane of the inbox in which everything of one request happens in order."""
    return f"request:{org_id}/{request_id}"


@dataclass(frozen=True)
class TokenRequest:
    """The facts of one request as GitHub tells them (webhook and REST list joined).

    `id` is GitHub's `pat_request_id`; `token_id` joins requests and grants of one token and may be
    missing in old deliveries. `expires_at` None means the token never expires. `added` and
    `upgraded` are None when only the REST list is known, which lacks them. `reason` is only in the
    REST list: `reason_known` tells "none given" from "not read yet". Times are aware, in UTC.
    """

    org_id: int
    id: int
    requester: Account
    token_name: str
    result: Permissions
    selection: str
    created_at: datetime
    token_id: int | None = None
    added: Permissions | None = None
    upgraded: Permissions | None = None
    repositories: tuple[Repository, ...] = ()
    repository_count: int | None = None
    repositories_known: bool = field(default=False)
    expires_at: datetime | None = None
    token_expired: bool = False
    last_used_at: datetime | None = None
    reason: str | None = None
    reason_known: bool = False

    @property
    def fingerprint(self) -> str:
        """What a decision is bound to: permissions, repositories and expiry, as one digest."""
        shown = [
            {group: dict(levels) for group, levels in self.result.items() if levels},
            self.selection,
            sorted(repository.id for repository in self.repositories),
            self.expires_at.isoformat() if self.expires_at else None,
        ]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()

    @property
    def appearance(self) -> str:
        """What its repositories are called, and whether they are private: the fingerprint does not
        say it. Digests, previews and approvals keep it behind the fingerprint that was shown.
        """
        chosen = sorted(self.repositories, key=lambda one: one.id)
        shown = [(one.id, one.full_name.rpartition("/")[2], one.private) for one in chosen]
        return f"~{hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]}"

    def bound_to(self, shown: str) -> str:
        """The fingerprint that was shown; empty where its repositories appear otherwise by now. An
        older version kept the fingerprint alone.
        """
        fingerprint, tilde, appearance = shown.partition("~")
        return fingerprint if f"{tilde}{appearance}" in {"", self.appearance} else ""

    @property
    def needs_repositories(self) -> bool:
        """Whether the complete repository list must still be read from the API."""
        return self.selection == "subset" and not self.repositories_known

    def has_expired(self, now: datetime) -> bool:
        """Whether the token would be dead on arrival."""
        return _is_over(self.token_expired, self.expires_at, now)


@dataclass(frozen=True)
class Grant:
    """Standing access of a token (`id` is GitHub's `pat_id`), after an approval.

    `token_expired` is GitHub's word that the token's time is over. `last_used_at`: None for never,
    and for unknown where `use_known` is False. An `owner` with the id 0 is nobody that we know.
    """

    id: int
    token_id: int
    owner: Account
    result: Permissions
    selection: str
    granted_at: datetime
    expires_at: datetime | None = None
    token_expired: bool = False
    token_name: str = ""
    last_used_at: datetime | None = None
    use_known: bool = True

    def has_expired(self, now: datetime) -> bool:
        """Whether its token is over, so that it gives nobody access."""
        return _is_over(self.token_expired, self.expires_at, now)


def _is_over(token_expired: bool, expires_at: datetime | None, now: datetime) -> bool:
    """By GitHub's word, or by the token's own date."""
    return token_expired or (expires_at is not None and expires_at <= now)


def same_permissions(one: Permissions, other: Permissions) -> bool:
    """Whether both give the same; an empty group counts for nothing."""
    return _levels(one) == _levels(other)


def _levels(permissions: Permissions) -> dict[tuple[str, str], str]:
    return {
        (group, name): level
        for group, levels in permissions.items()
        for name, level in levels.items()
    }
