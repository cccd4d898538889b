"""The revisions of the schema, for Alembic. CONTRIBUTING.md tells how one is written.

A new one: `versions/rNNNN_what.py`, `HEAD` in `bot/storage/schema.py`, and the same change in
`bot/storage/tables.py`, from which an empty database is made. What is no table, column or index
(a trigger) is a DDL that the tables file runs after it creates the table, and the revision too.
"""
