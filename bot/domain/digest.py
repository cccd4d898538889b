"""What a digest says, and in which order: the most dangerous first, then the oldest."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.domain.tokens import NOTHING, TokenReport


@dataclass(frozen=True)
class Digest:
    """One organization's digest of one local date.

    `waiting` and `held` are what it lists; `decided` and `without_review` happened since the
    digest before. `tokens`: what is notable about the active tokens.
    """

    date: date
    waiting: tuple[RequestRecord, ...] = ()
    held: tuple[RequestRecord, ...] = ()
    decided: tuple[RequestRecord, ...] = ()
    without_review: tuple[RequestRecord, ...] = ()
    tokens: TokenReport = NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing is to report: then no issue is opened."""
        requests = self.waiting or self.held or self.decided or self.without_review
        return not requests and self.tokens.is_empty


def make_digest(
    today: date,
    undecided: Iterable[RequestRecord],
    decided: Iterable[RequestRecord],
    now: datetime,
    tokens: TokenReport = NOTHING,
    known_tokens: Collection[int] = (),
) -> Digest:
    """Sort the organization's requests into the sections of a digest.

    `decided` are those decided since the digest before, granted without review among them. A
    request whose token has expired by `now` waits for nobody any more and is left out. Of
    `known_tokens` the record has the grants: `tokens` tells of them, as far as it has to.
    """
    alive = [row for row in undecided if row.state.is_open and not row.request.has_expired(now)]
    over = [row for row in decided if not row.state.is_open]
    return Digest(
        today,
        waiting=_ordered(row for row in alive if row.state is not State.HELD),
        held=_ordered(row for row in alive if row.state is State.HELD),
        decided=tuple(row for row in over if not row.without_review),
        without_review=tuple(
            row for row in over if row.without_review and row.request.token_id not in known_tokens
        ),
        tokens=tokens,
    )


def _ordered(rows: Iterable[RequestRecord]) -> tuple[RequestRecord, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.danger, row.request.created_at)))
