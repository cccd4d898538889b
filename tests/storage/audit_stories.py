"""What the stories of the audit log are made of: facts, a thief, and a look at what is there."""

from collections.abc import Iterator

from sqlalchemy import Executable, delete, update
from sqlalchemy.sql.dml import Delete, Update

from bot.domain.audit.entry import AuditEntry
from bot.domain.audit.verify import Verdict, verify
from bot.domain.record import HistoryEntry
from bot.storage import Store
from bot.storage.audit.key import AuditKey, new_seed, proves
from bot.storage.tables import HISTORY
from tests.storage.making import T0

SEED = new_seed()
PUBLIC = AuditKey(SEED).public


def fact(kind: str = "fact", text: str = "") -> HistoryEntry:
    """Something that mona did."""
    return HistoryEntry(T0, kind, "mona", text, 5, {"comment_id": 7})


def log(store: Store, org_id: int = 42) -> list[AuditEntry]:
    """What can be read of a chain."""
    with store.audit.snapshot() as snapshot:
        return [one for one in snapshot.entries(org_id) if isinstance(one, AuditEntry)]


def kinds(store: Store) -> list[str]:
    """The kinds of all entries."""
    return [entry.kind for entry in log(store)]


def check(store: Store, key: str | None = PUBLIC) -> Verdict:
    """What `audit verify` finds."""
    with store.audit.snapshot() as snapshot:
        (verdict,) = verify(snapshot.chain(42), proves, key)
    return verdict


def tamper(store: Store, *statements: Executable | str) -> None:
    """As somebody does who may do anything with the database."""
    with store._database.write() as connection:
        for trigger in _triggers(connection.dialect.name):
            connection.exec_driver_sql(trigger)
        for statement in statements:
            if isinstance(statement, str):
                connection.exec_driver_sql(statement)
            else:
                connection.execute(statement)


def _triggers(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        for name in ("no_update", "no_delete", "no_replace", "place"):
            yield f"DROP TRIGGER IF EXISTS history_{name}"
    else:
        for name in ("append_only", "place"):
            yield f"DROP TRIGGER IF EXISTS history_{name} ON history"


def changed(seq: int, /, **values: object) -> Update:
    """An entry is changed."""
    return update(HISTORY).where(HISTORY.c.org_id == 42, HISTORY.c.seq == seq).values(**values)


def removed(seq: int) -> Delete:
    """An entry is removed."""
    return delete(HISTORY).where(HISTORY.c.org_id == 42, HISTORY.c.seq == seq)
