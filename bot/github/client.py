"""Calls: signed, paced, judged, all pages read."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.github.credentials import Credentials
from bot.github.failures import failure
from bot.github.operation import Answer, Operation, Query
from bot.github.pacing import Pacing
from bot.github.rate_limits import is_rate_limit
from bot.github.reading import Json, Missing, mapping
from bot.github.transport import Exchange, Lease
from bot.ports import NotFound, NotPermitted, RateLimited, Retryable

T = TypeVar("T")


class Calls:
    """GitHub's API as calls with one answer, or with a list of many pages. Thread-safe."""

    def __init__(self, exchange: Exchange, credentials: Credentials, pacing: Pacing) -> None:
        self.credentials = credentials
        self._exchange, self._pacing = exchange, pacing

    def under(self, lease: Lease) -> "Calls":
        """The same, bound to a worker's lease."""
        leased = copy.copy(self)
        leased._exchange = self._exchange.under(lease)  # noqa: SLF001 - our own copy
        return leased

    def close(self) -> None:
        """Close all connections."""
        self._exchange.close()

    def now(self) -> datetime:
        """The time by the clock that all processes of the store share."""
        return self._pacing.now()

    def free_installations(self) -> list[int]:
        """Installations of which we hold a token and that no rate limit blocks."""
        return [one for one in self.credentials.installations() if self._pacing.is_free(one)]

    def one(self, operation: Operation, reader: Callable[[Json], T]) -> T:
        """Send, and read the answer's object. Raises as `send`, and Retryable when unreadable."""
        return _read(operation, self.send(operation).facts, reader)

    def all(self, operation: Operation, reader: Callable[[Json], T]) -> list[T]:
        """Read the objects of a list, all its pages. Raises as `one`."""
        return [row for page in self.pages(operation, reader) for row in page]

    def pages(self, operation: Operation, reader: Callable[[Json], T]) -> Iterator[list[T]]:
        """Read a list page by page, 100 objects each. Raises as `one`."""
        step = replace(operation, query=(*operation.query, ("per_page", "100")))
        seen: list[Query] = []
        while step.query not in seen:
            seen.append(step.query)
            answer = self.send(step)
            rows = answer.facts
            if not isinstance(rows, list):
                raise Retryable(f"{operation.name}: the answer is no list")
            yield [_read(operation, row, reader) for row in rows]
            following = answer.next_query
            if following is None:
                return
            step = replace(operation, query=following)
        raise Retryable(f"{operation.name}: pages in a circle")

    def create(self, operation: Operation, reader: Callable[[Json], T], *, urgent: bool) -> T:
        """Send a call that creates content, once there is room for it.

        Raises NoRoom, without any call, when the content limit leaves none. What cannot be signed,
        or must wait anyhow, uses no room.
        """
        if operation.installation_id is None:
            return self.one(operation, reader)
        self._credential(operation)
        self._pacing.await_turn(operation)
        with self._pacing.content(operation.installation_id, urgent):
            return self.one(operation, reader)

    def await_room(self, installation_id: int) -> None:
        """Raises while `create` would, for content that is not urgent."""
        self._pacing.await_room(installation_id)

    def send(self, operation: Operation) -> Answer:
        """Send, once more with a fresh credential when GitHub refuses the first.

        Raises RateLimited, also without sending while a pause is not over, NotPermitted, NotFound,
        Refused and Retryable as `bot.ports` says, and LeaseLost before a call that would change
        something without a lease.
        """
        answer = self._signed(operation)
        if answer.status == 401:
            answer = self._signed(operation)
        if is_rate_limit(answer):
            raise self._pacing.limited(operation, answer)
        self._pacing.answered(operation)
        if answer.status >= 300:
            raise failure(operation.name, answer)
        return answer

    def _signed(self, operation: Operation) -> Answer:
        credential = self._credential(operation)
        self._pacing.await_turn(operation)
        answer = self._exchange.answer(operation, credential)
        if answer.status == 401 or (answer.status == 403 and not is_rate_limit(answer)):
            self.credentials.forget(credential)  # a token keeps the permissions it was made with
        return answer

    def _credential(self, operation: Operation) -> str:
        installation_id = operation.installation_id
        if operation.anonymous:
            return ""
        if installation_id is None:
            return self.credentials.app()
        try:
            return self.credentials.installation(
                installation_id, lambda: self._new_token(installation_id)
            )
        except Missing as missing:
            raise Retryable(f"{operation.name}: the answer for a token has {missing}") from None

    def _new_token(self, installation_id: int) -> Json:
        path = "/app/installations/{installation_id}/access_tokens"
        try:
            answer = self.send(Operation("POST", path, {"installation_id": installation_id}))
            return mapping(answer.facts)
        except NotFound:
            # Not NotFound: the caller would take what it asked for as gone.
            why = f"the installation {installation_id} is gone: install the App again"
            raise NotPermitted(why) from None
        except RateLimited as limited:
            self._pacing.block(installation_id, limited.after or 0)
            raise


def _read(operation: Operation, facts: object, reader: Callable[[Json], T]) -> T:
    try:
        return reader(mapping(facts))
    except Missing as missing:
        raise Retryable(f"{operation.name}: the answer has {missing}") from None
