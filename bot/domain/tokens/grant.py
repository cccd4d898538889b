"""A grant as the record knows it: what GitHub's list showed, and what was said of it since."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Account
from bot.domain.token_request import Grant


@dataclass(frozen=True)
class Keep:
    """An owner's word that a token may stay as it is: digests do not list it before `until`."""

    org_id: int
    token_id: int
    until: datetime
    by: Account
    reason: str
    comment_id: int


@dataclass(frozen=True)
class Announcement:
    """A digest told that the policy would revoke a grant. `kind`: the word of `Kind`, why."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class KnownGrant:
    """A grant in the record.

    `first_seen` and `seen_at`: when a daily pass saw it first and last. `missing_since`: since when
    passes miss it; one pass proves nothing. `ended_at`: when the record noted that it is over, None
    while it stands; `ended_here`: a command or a timer of ours ended it. `owner_left`: its owner is
    no member by two of GitHub's answers. `keep`: the newest one for its token. `announced`: that
    the policy will revoke it.
    """

    org_id: int
    grant: Grant
    first_seen: datetime
    seen_at: datetime
    missing_since: datetime | None = None
    ended_at: datetime | None = None
    ended_here: bool = False
    owner_left: bool = False
    keep: Keep | None = None
    announced: Announcement | None = None

    @property
    def stands(self) -> bool:
        """Whether it gives access, as far as the record knows."""
        return self.ended_at is None

    def is_kept(self, now: datetime) -> bool:
        """Whether an owner said that it may stay, and that time is not over."""
        return self.keep is not None and self.keep.until > now
