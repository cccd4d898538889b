"""The end of a chain is read, and its head locked, before something is added."""

import math

from sqlalchemy import Connection, bindparam, select

from bot.domain.audit.entry import BROKEN, KEY_CHANGED, AuditEntry, Head
from bot.domain.audit.tail import EMPTY, End
from bot.storage.audit.key import proves
from bot.storage.audit.rows import read_entry, read_head
from bot.storage.codec import plain
from bot.storage.database import Database, any_text
from bot.storage.tables import AUDIT_HEADS, HISTORY

LEAP = 2**40
"""What has a place so far behind what we know of is no entry: our numbers never run out by it."""

SHOWN = 200
"""Characters of what somebody made of a hash that are kept."""

_H, _C = AUDIT_HEADS.c, HISTORY.c
_LAST = (
    select(_C.seq, _C.hash)
    .where(_C.org_id == bindparam("org_id"), _C.seq >= 1, _C.seq <= bindparam("ceiling"))
    .order_by(_C.seq.desc())
    .limit(1)
)
_KEYS = (
    select(HISTORY)
    .where(_C.org_id == bindparam("org_id"), _C.seq >= 1, _C.kind.in_([KEY_CHANGED, BROKEN]))
    .order_by(_C.seq.desc())
    .limit(1)
)


class Ends:
    """Reads the ends of chains that are signed with the key `public_key`, or not signed."""

    def __init__(self, database: Database, public_key: str | None) -> None:
        self._public_key = public_key
        locking = database.insert(AUDIT_HEADS).values(seq=0, hash=EMPTY[1])
        self._lock = locking.on_conflict_do_update(
            index_elements=[_H.org_id], set_={"seq": _H.seq}
        ).returning(*AUDIT_HEADS.c)

    def locked(self, connection: Connection, org_id: int) -> End:
        """Lock the chain's head until the transaction ends, and look at what is there."""
        with any_text(connection):
            return self._read(connection, org_id)

    def _read(self, connection: Connection, org_id: int) -> End:
        head = read_head(connection.execute(self._lock, {"org_id": org_id}).one())
        proven = self._proven(head)
        # a statement of its own: it sees what was added while we waited for the lock
        ceiling = (head.seq if head and proven else 0) + LEAP
        last = connection.execute(_LAST, {"org_id": org_id, "ceiling": ceiling}).first()
        seq, digest = (last.seq, last.hash) if last else EMPTY
        told = head.key if head else None
        if head and last and head.key != self._public_key:
            told = _told(connection, org_id)
        return End(head, math.floor(seq), plain(str(digest))[:SHOWN], proven, told)

    def _proven(self, head: Head | None) -> bool | None:
        """Whether we signed this head; None when it does not say that we did."""
        if head is None or head.key is None or head.key != self._public_key:
            return None
        return proves(head.message, head.signature or "", head.key)


def _told(connection: Connection, org_id: int) -> str | None:
    """The key with which, as the log itself says, its last entry was signed.

    Looks through the whole chain, but only when keys change.
    """
    row = connection.execute(_KEYS, {"org_id": org_id}).first()
    entry = read_entry(row) if row else None
    return entry.data.get("key") if isinstance(entry, AuditEntry) else None
