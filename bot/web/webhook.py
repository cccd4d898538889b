"""The receiver: from an HTTP request to a signed, stored delivery."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING, Final

from bot import ports
from bot.web.answers import Answer, own_error, refusal
from bot.web.delivery import Delivery, Malformed, Outcome, Take, Told
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

PATIENCE: Final = 9.0
"""Seconds for the store: GitHub waits ten for the answer. What is kept later all the same is known
when it is sent again. Source: docs.github.com, "Best practices for using webhooks"."""
TOO_LATE: Final = ports.Retryable("no answer of the store within nine seconds")

_DELIVERY: Final = "X-GitHub-Delivery"
_BARE: Final = {"CONTENT_TYPE", "CONTENT_LENGTH"}
"""What WSGI names without `HTTP_`."""
_GUID, _NAME = re.compile(GUID), re.compile(f"[ -~]{{1,{LONGEST_NAME}}}")
_log = logging.getLogger(__name__)


Header = Callable[[str], str]
"""A request's header by its name; "" when there is none."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request gets this status and this text."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Webhook:
    """The view of WEBHOOK_PATH, and what it shares with a receiver that has no thread to wait in
    (`bot.web.front`): `deliver` takes a request up, `answer` puts its outcome into words.
    """

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
        header = partial(_header, environ)
        told: SimpleQueue[Outcome] = SimpleQueue()
        try:
            body = _body(environ, body_length(header))
            self.deliver(header, body, told.put)
            outcome = told.get(timeout=PATIENCE)
        except Refusal as refused:
            return self.answer(header, refused, started)
        except Empty:
            return self.answer(header, TOO_LATE, started)
        return self.answer(header, outcome, started)

    def deliver(self, header: Header, body: bytes, told: Told) -> None:
        """Check and store a delivery; `told` hears what became of it, whatever happens."""
        try:
            self._take(read_delivery(header, body, self._secrets), told)
        except (Refusal, Malformed, ports.Retryable) as trouble:
            told(trouble.with_traceback(None))  # in its frames the body would live on
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is told
            _log.exception("a delivery failed by an error of ours")
            told(error.with_traceback(None))

    def answer(self, header: Header, outcome: Outcome, started: float) -> Answer:
        """The answer to a request that began at `started`; counted and, if need be, logged."""
        if isinstance(outcome, str):
            answer = Answer(202, {"delivery": header(_DELIVERY), "status": outcome})
        else:
            answer = _refuse(header, outcome)
        counted = outcome if isinstance(outcome, str) else str(answer.status)
        self._metrics.delivery(counted, perf_counter() - started)
        return answer


def _refuse(header: Header, why: Exception) -> Answer:
    guid = header(_DELIVERY)
    named = {"delivery": guid if _GUID.fullmatch(guid) else ""}  # what is none is not repeated
    if isinstance(why, ports.Retryable):
        _log.error("the store cannot take a delivery: %s", why, extra=named)
        return refusal(503, "The bot cannot store this delivery now. Please redeliver it later.")
    if not isinstance(why, Refusal | Malformed):
        return own_error()
    status = why.status if isinstance(why, Refusal) else 400
    _log.info("a delivery is refused with %d: %s", status, why, extra=named)
    return refusal(status, str(why))


def read_delivery(header: Header, body: bytes, secrets: Sequence[bytes]) -> Delivery:
    """The request as a delivery. Raises Refusal, in the order 401, 415, 400."""
    if not is_signed(header("X-Hub-Signature-256"), body, secrets):
        raise Refusal(
            401,
            "The X-Hub-Signature-256 header is missing or wrong. The webhook secret on the App's"
            " settings page and WEBHOOK_SECRET here must be the same.",
        )
    if not _is_json(header("Content-Type")):
        raise Refusal(
            415,
            "The webhook has to send JSON. Set its content type to application/json on the GitHub"
            " App's settings page. If that page has no such setting, call PATCH /app/hook/config"
            ' of GitHub\'s API with {"content_type": "json"}.',
        )
    guid, event = _name(header, _DELIVERY, _GUID), _name(header, "X-GitHub-Event", _NAME)
    try:
        return Delivery(guid, event, read_envelope(body), body)
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def body_length(header: Header) -> int:
    """By the header alone: what is too large is never read. Raises Refusal, 411 or 413.

    A body of untold length (chunked) is refused too: GitHub always tells it, and so the size of
    what is read is known before it is read.
    """
    length = header("Content-Length")
    if header("Transfer-Encoding") or not _is_length(length):
        raise Refusal(411, "The request needs one Content-Length header with the size of its body.")
    if int(length) > MOST_BYTES:
        raise Refusal(413, "The body is too large. GitHub sends 25 MiB at most.")
    return int(length)


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def whole(body: bytes, length: int) -> bytes:
    """The body, when nothing is missing. Raises Refusal."""
    if len(body) < length:
        raise Refusal(400, "The body is shorter than its Content-Length says.")
    return body


def _body(environ: "WSGIEnvironment", length: int) -> bytes:
    try:
        return whole(environ["wsgi.input"].read(length), length)
    except OSError:
        return whole(b"", length)


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _name(header: Header, name: str, form: re.Pattern[str]) -> str:
    text = header(name)
    if not form.fullmatch(text):
        raise Refusal(400, f"The {name} header is missing or malformed.")
    return text


def _header(environ: "WSGIEnvironment", name: str) -> str:
    key = name.upper().replace("-", "_")
    text: str = environ.get(key if key in _BARE else f"HTTP_{key}") or ""
    return text
