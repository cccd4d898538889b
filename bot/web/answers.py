"""JSON answers, and the headers that keep a browser from doing anything with them."""

import json
from collections.abc import Mapping

from flask import Response

PROTECTION = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def json_answer(content: Mapping[str, object], status: int = 200) -> Response:
    """An object as JSON."""
    return Response(json.dumps(content), status, content_type="application/json")


def refusal(status: int, why: str) -> Response:
    """An error with its cause and, where there is one, the way out."""
    return protect(json_answer({"error": why}, status))


def protect(response: Response) -> Response:
    """The same answer for browsers to show and nothing else."""
    response.headers.update(PROTECTION)
    return response
