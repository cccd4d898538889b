"""The receiver: from an HTTP request to a signed, stored delivery."""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from flask import Response, request
from pydantic_core import from_json
from werkzeug.wrappers import Request

from bot import ports
from bot.web.answers import json_answer, refusal
from bot.web.delivery import Delivery, Malformed, Take
from bot.web.metrics import Metrics
from bot.web.signature import is_signed

MOST_BYTES = 25 * 1024 * 1024  # GitHub sends no larger payload (webhook payload cap, 25 MB)
LONGEST_NAME = 100  # characters of a GUID or an event's name; GitHub's have 36 and about 30

_log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request gets this status and this text."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Webhook:
    """The view of WEBHOOK_PATH."""

    def __init__(self, secrets: Sequence[bytes], take: Take, metrics: Metrics) -> None:
        """`secrets`: all that are accepted, none of them empty (ValueError)."""
        if not secrets or not all(secrets):
            raise ValueError("a webhook without a secret would take deliveries from anybody")
        self._secrets = tuple(secrets)
        self._take = take
        self._metrics = metrics

    def __call__(self) -> Response:
        """The answer to Flask's current request."""
        return self.answer(request)

    def answer(self, asked: Request) -> Response:
        """Answer 202 when the delivery is stored, known or not ours to use; else a refusal."""
        started = perf_counter()
        try:
            delivery = read_delivery(asked, self._secrets)
            status = self._take(delivery)
            answer = json_answer({"delivery": delivery.guid, "status": status}, 202)
        except Refusal as refused:
            answer = _refuse(asked, refused.status, str(refused))
        except Malformed as malformed:
            answer = _refuse(asked, 400, str(malformed))
        except ports.Retryable as trouble:
            _log.error("the store cannot take a delivery: %s", trouble, extra=_named(asked))
            answer = refusal(503, "The store cannot take this now; please redeliver it later.")
        else:
            self._metrics.delivery(status, perf_counter() - started)
            return answer
        self._metrics.delivery(str(answer.status_code), perf_counter() - started)
        return answer


def _refuse(asked: Request, status: int, why: str) -> Response:
    _log.info("a delivery is refused with %d: %s", status, why, extra=_named(asked))
    return refusal(status, why)


def read_delivery(asked: Request, secrets: Sequence[bytes]) -> Delivery:
    """The request as a delivery. Raises Refusal, in the order 413, 401, 415, 400."""
    _check_length(asked)
    body = asked.get_data(cache=False)
    if not is_signed(asked.headers.get("X-Hub-Signature-256", ""), body, secrets):
        raise Refusal(
            401,
            "The X-Hub-Signature-256 header is missing or wrong. The webhook secret on the App's"
            " settings page and WEBHOOK_SECRET here have to be the same.",
        )
    if not asked.is_json:
        raise Refusal(
            415,
            "Only JSON is taken. On the App's settings page, set the webhook's content type to"
            " application/json.",
        )
    guid, event = _name(asked, "X-GitHub-Delivery"), _name(asked, "X-GitHub-Event")
    return Delivery(guid, event, _object(body), body)


def _check_length(asked: Request) -> None:
    """By the header alone: what is too large is never read.

    A body of untold length (chunked) is refused too: GitHub always tells it, and so the size of
    what is read is known before it is read.
    """
    length = asked.environ.get("CONTENT_LENGTH") or ""
    if asked.environ.get("HTTP_TRANSFER_ENCODING") or not _is_length(length or "0"):
        raise Refusal(411, "The request needs one Content-Length header with the body's size.")
    if int(length or "0") > MOST_BYTES:
        raise Refusal(413, "The body is larger than the 25 MiB that GitHub may send.")


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _name(asked: Request, header: str) -> str:
    text = asked.headers.get(header, "")
    if not (0 < len(text) <= LONGEST_NAME and text.isascii() and text.isprintable()):
        raise Refusal(400, f"The {header} header is missing or malformed.")
    return text


def _object(body: bytes) -> dict[str, Any]:
    try:
        # a third faster than json and stricter; values seldom repeat, so only keys are cached
        payload = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:  # no UTF-8, no JSON, or nested beyond reason
        raise Refusal(400, "The body is not JSON.") from None
    if not isinstance(payload, dict):
        raise Refusal(400, "The body is not a JSON object.")
    return payload


def _named(asked: Request) -> dict[str, str]:
    """The GUID for a log line; as sent, so it is cut, and the log escapes it."""
    return {"delivery": asked.headers.get("X-GitHub-Delivery", "")[:LONGEST_NAME]}
