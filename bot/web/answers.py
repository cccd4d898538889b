"""JSON answers, and the headers that keep a browser from doing anything with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from flask import Response

JSON = "application/json"
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
    """An object that is sent as JSON."""

    status: int
    content: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The JSON."""
        return msgspec.json.encode(self.content)

    def response(self) -> Response:
        """For Flask to send."""
        return Response(self.body, self.status, self.headers, content_type=JSON)


def refusal(status: int, why: str) -> Answer:
    """An error with its cause and, where there is one, the way out."""
    return Answer(status, {"error": why}, PROTECTION)


def own_error() -> Answer:
    """The answer to what should not happen and is logged."""
    return refusal(500, "This is an error in the bot. Its log says more.")


def protect(response: Response) -> Response:
    """The same answer for browsers to show and nothing else."""
    response.headers.update(PROTECTION)
    return response
