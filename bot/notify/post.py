"""Posting notifications, signed as Standard Webhooks says.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

import httpcore
import httpx

from bot import VERSION
from bot.github.deadline import Deadline
from bot.github.transport import proxy_for
from bot.ports import Clock, Retryable

LONGEST: Final = 10.0
"""Seconds for the whole exchange."""

SECRET: Final = "whsec_"  # noqa: S105 - how a secret begins


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix(SECRET))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Post:
    """`ports.Notifier` over HTTP. No error quotes the address: it may hold a secret."""

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._url, self._secret, self._clock = url, secret, clock
        https = httpx.URL(url).scheme == "https"
        self._trust = httpx.create_ssl_context() if https else None

    def post(self, message_id: str, body: bytes) -> None:
        """Send it once; follow no redirect, read no answer but its status.

        Raises Retryable unless the answer is 2xx.
        """
        now = int(self._clock.now().timestamp())
        headers = {
            "Host": urlsplit(self._url).netloc,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": f"countersign-bot/{VERSION}",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._secret, message_id, now, body),
        }
        status = self._exchange(headers, body)
        if not 200 <= status < 300:
            raise Retryable(f"the receiver of notifications answers {status}")

    def _exchange(self, headers: dict[str, str], body: bytes) -> int:
        deadline = Deadline()
        deadline.begin(LONGEST)
        times = {"timeout": {"connect": LONGEST / 2, "read": LONGEST, "write": LONGEST}}
        url = httpx.URL(self._url)
        pool = httpcore.ConnectionPool(self._trust, proxy_for(url), network_backend=deadline)
        address = httpcore.URL(  # from its parts: from a text it would lose what is behind a `;`
            scheme=url.scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            with (
                pool,
                pool.stream(
                    "POST", address, headers=named, content=body, extensions=times
                ) as answer,
            ):
                return answer.status
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.ProxyError,
        ) as error:
            why = f"the receiver of notifications does not answer: {type(error).__name__}"
            raise Retryable(why) from None
