"""The SQLAlchemy adapter: tables, record, inbox, intake."""
