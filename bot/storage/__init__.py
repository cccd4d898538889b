"""The SQLAlchemy adapter: tables, record, inbox, intake."""

from bot.storage.inbox.arrivals import Arrival
from bot.storage.inbox.lease import Claim, Lease
from bot.storage.lock import EmbeddedLock
from bot.storage.store import Reader, Store

__all__ = ["Arrival", "Claim", "EmbeddedLock", "Lease", "Reader", "Store"]
