"""What a digest says, and in which order: the most dangerous first, then the oldest."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.domain.record import Decision, RequestRecord
from bot.domain.times import LONG_AGO
from bot.domain.token_request import State
from bot.domain.tokens import NOTHING, TokenReport

LostKind = Literal["user", "team"]
_SHADOW_WOULD = {"approve": State.APPROVED, "deny": State.DENIED}


@dataclass(frozen=True)
class Agreement:
    """How often the rules in shadow would have decided as people did. `others`: where they would
    not. What they would send to a review is not counted.
    """

    agreed: int = 0
    others: tuple[RequestRecord, ...] = ()

    @property
    def counted(self) -> int:
        """All that people and the rules in shadow would have decided."""
        return self.agreed + len(self.others)


@dataclass(frozen=True)
class LostName:
    """A name in the policy in force that leads to another id than when it was adopted, or (not
    `exists`) to none: nobody counts as its member.
    """

    kind: LostKind
    name: str
    exists: bool


@dataclass(frozen=True)
class Digest:
    """One organization's digest of one local date.

    `waiting` and `held` are what it lists; `decided`, `outside` the policy and `without_review`
    happened since the digest before, and so did what `shadow` compares. `tokens`: what is notable
    about the active tokens. `lost_names`: of the policy in force.
    """

    date: date
    waiting: tuple[RequestRecord, ...] = ()
    held: tuple[RequestRecord, ...] = ()
    decided: tuple[RequestRecord, ...] = ()
    without_review: tuple[RequestRecord, ...] = ()
    tokens: TokenReport = NOTHING
    outside: tuple[RequestRecord, ...] = ()
    shadow: Agreement = Agreement()
    lost_names: tuple[LostName, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing is to report: then no issue is opened."""
        requests = self.waiting or self.held or self.decided or self.outside or self.without_review
        return not (requests or self.lost_names) and self.tokens.is_empty


def make_digest(
    today: date,
    undecided: Iterable[RequestRecord],
    decided: Iterable[RequestRecord],
    now: datetime,
    tokens: TokenReport = NOTHING,
    known_tokens: Collection[int] = (),
    *,
    since: datetime = LONG_AGO,
    lost_names: tuple[LostName, ...] = (),
) -> Digest:
    """Sort the organization's requests into the sections of a digest.

    `decided` are those decided since the digest before (`since`), granted without review among
    them. A request whose token has expired by `now` waits for nobody any more and is left out. Of
    `known_tokens` the record has the grants: `tokens` tells of them, as far as it has to.
    """
    alive = [row for row in undecided if row.state.is_open and not row.request.has_expired(now)]
    over = [row for row in decided if not row.state.is_open]
    outside = {row.key: row for row in over if _is_outside(row, since)}
    return Digest(
        today,
        waiting=_ordered(row for row in alive if row.state is not State.HELD),
        held=_ordered(row for row in alive if row.state is State.HELD),
        decided=tuple(row for row in over if not row.without_review and row.key not in outside),
        without_review=tuple(
            row for row in over if row.without_review and row.request.token_id not in known_tokens
        ),
        tokens=tokens,
        outside=tuple(outside.values()),
        shadow=_agreement(over, since),
        lost_names=lost_names,
    )


def _review(row: RequestRecord, since: datetime) -> Decision | None:
    """The approval or denial, if it is later: what ended an approval is none."""
    decided = row.decision if row.state in (State.APPROVED, State.DENIED) else row.approval
    return decided if decided is not None and decided.at > since else None


def _is_outside(row: RequestRecord, since: datetime) -> bool:
    review = _review(row, since)
    return review is not None and review.is_outside_policy


def _agreement(rows: Iterable[RequestRecord], since: datetime) -> Agreement:
    agreed, others = 0, list[RequestRecord]()
    for row in rows:
        review = _review(row, since)
        would = _SHADOW_WOULD.get(row.shadow.kind) if row.shadow else None
        if would is None or review is None or review.by is None or not review.by.is_person:
            continue
        if would is review.outcome:
            agreed += 1
        else:
            others.append(row)
    return Agreement(agreed, tuple(others))


def _ordered(rows: Iterable[RequestRecord]) -> tuple[RequestRecord, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.danger, row.request.created_at)))
