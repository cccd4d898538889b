"""The receiver that one would write first: a Flask view, one INSERT and one commit a delivery.

It runs on granian with many threads (`python -m benchmarks.naive PORT DATABASE`), checks the
signature, reads the JSON, and answers 202 when the delivery is on disk. Nothing else.
"""

import hashlib
import hmac
import json
import os
import sys

from flask import Flask, Response, request
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, Text, create_engine, event
from sqlalchemy.dialects.sqlite import insert

from benchmarks.deliveries import PATH, SECRET

THREADS = 256

DELIVERIES = Table(
    "deliveries",
    MetaData(),
    Column("guid", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)


def make_app() -> Flask:
    """The application on a fresh SQLite file, as durable as ours."""
    app, engine = Flask("naive"), _engine(os.environ["NAIVE_DATABASE"])
    DELIVERIES.metadata.create_all(engine)

    @app.post(PATH)
    def take() -> Response:
        body, headers = request.get_data(), request.headers
        expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, headers["X-Hub-Signature-256"]):
            return Response(status=401)
        json.loads(body)
        row = {"guid": headers["X-GitHub-Delivery"], "event": headers["X-GitHub-Event"]}
        with engine.begin() as connection:
            connection.execute(insert(DELIVERIES).on_conflict_do_nothing(), row | {"body": body})
        return Response(status=202)

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok")

    return app


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def main() -> None:
    """Serve until SIGTERM."""
    from granian import Granian  # noqa: PLC0415 - only when it is the program
    from granian.constants import Interfaces  # noqa: PLC0415 - only when it is the program

    port, os.environ["NAIVE_DATABASE"] = sys.argv[1:]
    Granian(
        "benchmarks.naive:make_app",
        port=int(port),
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        factory=True,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
