"""The receiver: from an HTTP request to a signed, stored delivery."""

import logging
import re
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from bot import ports
from bot.web.answers import Answer, refusal
from bot.web.delivery import Delivery, Malformed, Take
from bot.web.envelope import read_envelope
from bot.web.metrics import Metrics
from bot.web.signature import is_signed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_BYTES = 25 * 1024 * 1024  # GitHub sends no larger payload (webhook payload cap, 25 MB)
LONGEST_NAME = 100  # characters of a GUID or an event's name; GitHub's have 36 and about 30
GUID = f"[0-9A-Za-z._-]{{1,{LONGEST_NAME}}}"
"""The header is not signed, and GUIDs share one namespace with the names of timers' turns, each of
which has a colon: no delivery may take the turn of a timer."""

_DELIVERY = "X-GitHub-Delivery"
_GUID, _NAME = re.compile(GUID), re.compile(f"[ -~]{{1,{LONGEST_NAME}}}")
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

    def __call__(self, environ: "WSGIEnvironment") -> Answer:
        """Answer 202 when the delivery is stored, known or not ours to use; else a refusal."""
        started = perf_counter()
        try:
            delivery = read_delivery(environ, self._secrets)
            status = self._take(delivery)
            answer = Answer(202, {"delivery": delivery.guid, "status": status})
        except Refusal as refused:
            answer = _refuse(environ, refused.status, str(refused))
        except Malformed as malformed:
            answer = _refuse(environ, 400, str(malformed))
        except ports.Retryable as trouble:
            _log.error("the store cannot take a delivery: %s", trouble, extra=_named(environ))
            answer = refusal(503, "The store cannot take this now; please redeliver it later.")
        else:
            self._metrics.delivery(status, perf_counter() - started)
            return answer
        self._metrics.delivery(str(answer.status), perf_counter() - started)
        return answer


def _refuse(environ: "WSGIEnvironment", status: int, why: str) -> Answer:
    _log.info("a delivery is refused with %d: %s", status, why, extra=_named(environ))
    return refusal(status, why)


def read_delivery(environ: "WSGIEnvironment", secrets: Sequence[bytes]) -> Delivery:
    """The request as a delivery. Raises Refusal, in the order 411 or 413, 401, 415, 400."""
    body = _body(environ, _length(environ))
    if not is_signed(environ.get("HTTP_X_HUB_SIGNATURE_256", ""), body, secrets):
        raise Refusal(
            401,
            "The X-Hub-Signature-256 header is missing or wrong. The webhook secret on the App's"
            " settings page and WEBHOOK_SECRET here have to be the same.",
        )
    if not _is_json(environ.get("CONTENT_TYPE") or ""):
        raise Refusal(
            415,
            "Only JSON is taken. On the App's settings page, set the webhook's content type to"
            " application/json.",
        )
    guid, event = _name(environ, _DELIVERY, _GUID), _name(environ, "X-GitHub-Event", _NAME)
    try:
        return Delivery(guid, event, read_envelope(body), body)
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def _length(environ: "WSGIEnvironment") -> int:
    """By the header alone: what is too large is never read.

    A body of untold length (chunked) is refused too: GitHub always tells it, and so the size of
    what is read is known before it is read.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("HTTP_TRANSFER_ENCODING") or not _is_length(length):
        raise Refusal(411, "The request needs one Content-Length header with the body's size.")
    if int(length) > MOST_BYTES:
        raise Refusal(413, "The body is larger than the 25 MiB that GitHub may send.")
    return int(length)


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _body(environ: "WSGIEnvironment", length: int) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(length)
    except OSError:
        body = b""
    if len(body) < length:
        raise Refusal(400, "The body ends before its Content-Length is reached.")
    return body


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _name(environ: "WSGIEnvironment", header: str, form: re.Pattern[str]) -> str:
    text = _header(environ, header)
    if not form.fullmatch(text):
        raise Refusal(400, f"The {header} header is missing or malformed.")
    return text


def _header(environ: "WSGIEnvironment", name: str) -> str:
    text: str = environ.get(f"HTTP_{name.upper().replace('-', '_')}", "")
    return text


def _named(environ: "WSGIEnvironment") -> dict[str, str]:
    """The GUID for a log line; what is none is not repeated."""
    guid = _header(environ, _DELIVERY)
    return {"delivery": guid if _GUID.fullmatch(guid) else ""}
