"""What keeps everybody who writes to the database from changing the audit log."""

from sqlalchemy import Connection, Table, event

_WORDS = "the audit log is append-only"
_STATEMENTS = {
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


def forbid_changes(connection: Connection) -> None:
    """Make the triggers on the table `history`."""
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def with_the_table(history: Table) -> None:
    """Let whoever makes the table make the triggers too."""
    event.listen(
        history, "after_create", lambda _table, connection, **_kw: forbid_changes(connection)
    )
