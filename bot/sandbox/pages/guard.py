"""Who may talk to the pages: a browser on this machine, from these pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request

HERE = {"127.0.0.1", "localhost", "::1"}
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


def check_origin() -> Response | None:
    """Refuse foreign hosts (DNS rebinding) and what foreign pages send (403)."""
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if urlsplit(f"//{host}").hostname not in HERE:
        return _refused("Please open the demo as http://127.0.0.1 on this machine.")
    if request.method == "POST" and origin is not None and origin != f"http://{host}":
        return _refused("This form was sent from another site. Please use the demo's own pages.")
    return None


def add_headers(response: Response) -> Response:
    """Only our own styles and scripts, no framing, nothing kept."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(why: str) -> Response:
    return Response(why + "\n", 403, content_type="text/plain; charset=utf-8")
