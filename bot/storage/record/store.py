"""The record: the truth about organizations, token requests, decisions and effects."""

from bot.storage.audit.append import Chain
from bot.storage.database import Database
from bot.storage.record.digests import Digests
from bot.storage.record.effects import Effects
from bot.storage.record.grants import Grants
from bot.storage.record.issues import Issues
from bot.storage.record.notes import Facts
from bot.storage.record.organizations import Organizations
from bot.storage.record.policies import Policies
from bot.storage.record.requests import Requests


class RecordStore(Organizations, Requests, Digests, Policies, Grants, Issues, Effects, Facts):
    """`ports.Record` on the database. Each method is one transaction; trouble is Retryable."""

    def __init__(self, database: Database, chain: Chain) -> None:
        super().__init__(database)
        self._chain = chain
