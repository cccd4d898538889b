"""JSON answers, and the headers that keep a browser from doing anything with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PROTECTION = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Answer:
    """An object that is sent as JSON: by WSGI alone, or by Flask."""

    status: int
    content: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, start_response: "StartResponse") -> Iterable[bytes]:
        """Without Flask, which takes longer over an answer than a delivery takes altogether."""
        sent = msgspec.json.encode(self.content)
        kind = [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
        line = f"{self.status} {HTTPStatus(self.status).phrase}"
        start_response(line, [*kind, *self.headers.items()])
        return [sent]

    def response(self) -> Response:
        """For Flask to send."""
        sent = msgspec.json.encode(self.content)
        return Response(sent, self.status, self.headers, content_type="application/json")


def refusal(status: int, why: str) -> Answer:
    """An error with its cause and, where there is one, the way out."""
    return Answer(status, {"error": why}, PROTECTION)


def protect(response: Response) -> Response:
    """The same answer for browsers to show and nothing else."""
    response.headers.update(PROTECTION)
    return response
