"""The record: the truth about organizations, token requests, decisions and effects."""

from bot.storage.audit import Chain
from bot.storage.database import Database
from bot.storage.digests import Digests
from bot.storage.effects import Effects
from bot.storage.facts import Facts
from bot.storage.organizations import Organizations
from bot.storage.requests import Requests


class RecordStore(Organizations, Requests, Digests, Effects, Facts):
    """`ports.Record` on the database. Each method is one transaction; trouble is Retryable."""

    def __init__(self, database: Database, chain: Chain) -> None:
        super().__init__(database)
        self._chain = chain
