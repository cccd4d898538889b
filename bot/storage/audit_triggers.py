"""What keeps everybody who writes to the database from changing the audit log."""

from sqlalchemy import Connection, Table, event

_WORDS = "the audit log is append-only"
_NO_PLACE = "an entry of the audit log has a whole number from 1 on as its place"
_CHANGES = {
    "sqlite": [
        f"CREATE TRIGGER history_no_{change.lower()} BEFORE {change} ON history"
        f" BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for change in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$",
        "CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()",
    ],
}
_INSERTS = {
    "sqlite": [
        # INSERT OR REPLACE deletes without asking the trigger above. An id that is still to be
        # given is -1 here.
        "CREATE TRIGGER history_no_replace BEFORE INSERT ON history WHEN"  # noqa: S608 - ours
        " EXISTS (SELECT 1 FROM history WHERE id = NEW.id AND id <> -1) OR"
        " EXISTS (SELECT 1 FROM history WHERE org_id = NEW.org_id AND seq = NEW.seq)"
        f" BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
        "CREATE TRIGGER history_place BEFORE INSERT ON history"
        " WHEN NEW.seq IS NOT NULL AND (typeof(NEW.seq) <> 'integer' OR NEW.seq < 1)"
        f" BEGIN SELECT RAISE(ABORT, '{_NO_PLACE}'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION history_has_a_place() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_NO_PLACE}'; END $$",
        "CREATE TRIGGER history_place BEFORE INSERT ON history"
        " FOR EACH ROW WHEN (NEW.seq < 1) EXECUTE FUNCTION history_has_a_place()",
    ],
}


def forbid_changes(connection: Connection) -> None:
    """Make the triggers of schema 2: a row of `history` is neither changed nor deleted."""
    for statement in _CHANGES[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def guard_inserts(connection: Connection) -> None:
    """Make the triggers of schema 3: a new row replaces none, and its place is a true one."""
    for statement in _INSERTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def with_the_table(history: Table) -> None:
    """Let whoever makes the table make the triggers too."""

    @event.listens_for(history, "after_create")
    def _make(_table: Table, connection: Connection, **_more: object) -> None:
        forbid_changes(connection)
        guard_inserts(connection)
