"""Whether a request renews an earlier approval, by what the record and GitHub say now."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.domain.policy.facts import UNREAD, Unread
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.renewal import find_renewed, is_ending, may_be_denied
from bot.domain.token_request import State, TokenRequest
from bot.handlers.commands.answers import if_told
from bot.handlers.commands.stops import has_unjudged_stop
from bot.handlers.earlier_requests import may_be_renewed, undecided
from bot.handlers.gaps import known_since
from bot.handlers.requests.grants import confirm_access
from bot.handlers.requests.outcome import requests_of_same_token
from bot.ports import World


class Renewals:
    """`ask` asks GitHub each thing once, as `Answers` does."""

    def __init__(self, world: World, org: OrganizationRecord, ask: Callable[..., Any]) -> None:
        self._world, self._org, self._ask = world, org, ask

    def renewed_by(self, row: RequestRecord, listed: TokenRequest) -> RequestRecord | Unread | None:
        """The request whose approval this one renews; None: no other. UNREAD while something is
        being found out that decides it.
        """
        others = may_be_renewed(self._world, row)
        if others is None:
            return UNREAD
        gap = known_since(self._world.record, self._org.id)
        found, now = find_renewed(listed, others, listed.created_at, gap), self._world.clock.now()
        if found is None:
            return None
        if not self._is_unspent(row, found):
            return UNREAD
        if found.state is not State.APPROVED:
            return found
        if is_ending(found, now):
            return UNREAD
        about = ("a grant", confirm_access, self._world, self._org, found)
        is_granted = self._ask(("grant of", *found.key), if_told, *about)
        return found if is_granted else UNREAD

    def _is_unspent(self, row: RequestRecord, renewed: RequestRecord) -> bool:
        """Whether no command waits that would spend what is renewed, and GitHub still lists the
        person's other requests whose denial would: of one that is gone nobody has told yet what
        became of it.
        """
        others = undecided(self._world, row)
        if others is None:
            return False
        doubted = may_be_denied(others, renewed)
        same = requests_of_same_token(self._world, renewed)
        if any(has_unjudged_stop(self._world, one, None) for one in (renewed, *same, *doubted)):
            return False
        listed = self._ask(("undecided", row.key), self._listed_ids, doubted) if doubted else set()
        return listed is not None and {one.request.id for one in doubted} <= listed

    def _listed_ids(self, rows: Sequence[RequestRecord]) -> set[int] | None:
        tokens = [one.request.token_id for one in rows if one.request.token_id is not None]
        pending = if_told(
            "a requester's other requests",
            self._world.github.pending_requests,
            self._org.reference,
            tokens if len(tokens) == len(rows) else [],
        )
        return None if pending is None else {one.id for one in pending}
