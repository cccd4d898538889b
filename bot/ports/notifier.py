"""Whom notifications are told."""

from typing import Protocol


class Notifier(Protocol):
    """The program behind `NOTIFY_URL`."""

    def post(self, message_id: str, body: bytes) -> None:
        """Send a message once; one that is sent again keeps its id.

        Raises Retryable unless the receiver takes it.
        """
