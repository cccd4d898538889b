"""Runs revisions on the connection, and in the transaction, that the caller gives to Alembic."""

from alembic import context

from bot.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
