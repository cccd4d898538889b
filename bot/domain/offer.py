"""A counter-offer as the record keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Offer:
    """What would be fine. `permissions` are (our name, level), as written.

    `repositories`: lower-case names without their owner, empty where `selection` is not `subset`.
    `lifetime` None: the token may live for ever. `made_at`: when it was offered to `requester_id`.
    """

    requester_id: int
    permissions: tuple[tuple[str, str], ...]
    selection: str
    repositories: tuple[str, ...]
    lifetime: timedelta | None
    made_at: datetime
