"""What the decision card tells beside the request itself, as it was read when last shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.token_request import Grant, State

FORM = 2
"""The form of review issues that this version writes. An issue of an older one is written anew."""

EARLIER = 3
"""So many earlier requests are told with their outcomes."""


@dataclass(frozen=True)
class EarlierRequest:
    """A request that the same person made before, by its issue if it has one."""

    token_name: str
    state: State
    created_at: datetime
    repo: str = ""
    number: int = 0
    decided_at: datetime | None = None
    decided_by: str = ""
    by_rule: bool = False


@dataclass(frozen=True)
class OfferMade:
    """Who offered just this by `/counter`, and on which issue."""

    by: str
    repo: str
    number: int


@dataclass(frozen=True)
class CardFacts:
    """`other_grants`: the requester's other active grants here; None when GitHub did not tell.

    `role_since`: since when the requester is known to have the role of now. `earlier`: the last
    EARLIER requests of the same person, newest first; `earlier_count` counts all that were looked
    at. `offered`: the newest offer that covers the request; None without one. `renews`: the
    earlier request, and its approval, that this one renews; None when it renews none.
    """

    other_grants: tuple[Grant, ...] | None = None
    role_since: datetime | None = None
    earlier: tuple[EarlierRequest, ...] = ()
    earlier_count: int = 0
    offered: OfferMade | None = None
    renews: EarlierRequest | None = None
    form: int = field(default=FORM)

    @property
    def others(self) -> Sequence[Grant]:
        """The other grants, none while they are not known."""
        return self.other_grants or ()
