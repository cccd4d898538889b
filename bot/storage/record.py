"""The record: the truth about organizations, token requests, decisions and effects."""

from bot.storage.database import Database
from bot.storage.digests import Digests
from bot.storage.effects import Effects
from bot.storage.organizations import Organizations
from bot.storage.requests import Requests


class RecordStore(Organizations, Requests, Digests, Effects):
    """`ports.Record` on the database. Each method is one transaction; trouble is Retryable."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
