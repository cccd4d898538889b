"""Somebody listens: requests are told to NOTIFY_URL, signed, and nothing waits for it."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Stage, stage, until

KEY = bytes(range(32))
PATH = "/in;v=1?key=s3cret;x"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """A program that takes notifications, or answers something else as often as it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard = {name.lower(): value for name, value in self.headers.items()}
                owner.heard.append(({**heard, "path": self.path}, body))
                status, headers = owner.answers.pop(0) if owner.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}{PATH}"

    @property
    def told(self) -> list[dict[str, Any]]:
        """What was said, in order; each with its signature checked."""
        return [self._checked(headers, body) for headers, body in list(self.heard)]

    def _checked(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{right}"
        assert headers["path"] == PATH
        said: dict[str, Any] = json.loads(body)
        return said

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@contextmanager
def listening(folder: Path, receiver: Receiver, **settings: str) -> Iterator[Stage]:
    with stage(folder, NOTIFY_URL=receiver.url, NOTIFY_SECRET=SECRET, **settings) as one:
        yield one


def heard(receiver: Receiver, kind: str, times: int = 1) -> list[dict[str, Any]]:
    def look() -> list[dict[str, Any]]:
        found = [one for one in receiver.told if one["type"] == kind]
        return found if len(found) >= times else []

    return until(look, f"{times} {kind}")


def test_a_request_is_told_when_it_is_made_and_decided(tmp_path: Path, receiver: Receiver) -> None:
    with listening(tmp_path, receiver) as scene:
        acme = scene.organization("acme")
        asked, number = acme.asked(name="a-secret-name")
        (made,) = heard(receiver, "request.created")
        acme.obeyed(acme.olga, number, "/approve")
        (decided,) = heard(receiver, "request.decided")
        scene.sweep()
        assert len(receiver.heard) == 2  # each once
    data = made["data"]
    assert data["organization"] == {"id": acme.org.id, "login": "acme"}
    assert (data["request_id"], data["requester"]["login"]) == (asked.id, acme.mia.login)
    assert data["issue_url"].endswith(f"/acme/token-requests/issues/{number}")
    outcome = decided["data"]["outcome"], decided["data"]["decided_by"]
    assert outcome == ("approved", acme.olga.login)
    assert b"a-secret-name" not in b"".join(body for _, body in receiver.heard)


def test_names_are_told_where_they_may_be(tmp_path: Path, receiver: Receiver) -> None:
    with listening(tmp_path, receiver, NOTIFY_NAMES="on") as scene:
        scene.organization("acme").asked(name="a-name")
        (made,) = heard(receiver, "request.created")
    assert made["data"]["token_name"] == "a-name"


def test_a_token_in_a_name_is_masked_there_too(tmp_path: Path, receiver: Receiver) -> None:
    """People paste the wrong thing; the issue and the command line mask it."""
    pasted = "github_pat_" + "A1b2C3d4E5" * 6
    with listening(tmp_path, receiver, NOTIFY_NAMES="on") as scene:
        scene.organization("acme").asked(name=f"backup {pasted}")
        (made,) = heard(receiver, "request.created")
    assert made["data"]["token_name"].startswith("backup ")
    assert pasted not in made["data"]["token_name"]


def test_only_what_still_waits_is_told_once_more(tmp_path: Path, receiver: Receiver) -> None:
    with listening(tmp_path, receiver, NOTIFY_AFTER="2h") as scene:
        acme = scene.organization("acme")
        waits, _ = acme.asked(name="waits")
        _, number = acme.asked(name="decided")
        acme.obeyed(acme.olga, number, "/deny no")
        scene.sweep(hours=1)
        assert not [one for one in receiver.told if one["type"] == "request.waiting"]
        scene.sweep(hours=1, minutes=1)
        (told,) = heard(receiver, "request.waiting")
    assert told["data"]["request_id"] == waits.id


def test_what_was_told_to_be_over_and_still_waits_is_told_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    """GitHub's list hid the request for so long that it was thought cancelled."""
    with listening(tmp_path, receiver, NOTIFY_AFTER="1h") as scene:
        acme = scene.organization("acme")
        asked, number = acme.asked()
        heard(receiver, "request.created")
        scene.idle()
        asked.state = "vanished"
        for _ in range(5):
            scene.sweep()
        (over,) = heard(receiver, "request.decided")
        assert over["data"]["outcome"] == "cancelled"
        asked.state = "pending"
        scene.sweep()
        again = heard(receiver, "request.created", 2)[-1]
        assert again["data"]["request_id"] == asked.id
        assert not [one for one in receiver.told if one["type"] == "request.waiting"]
        scene.sweep(minutes=61)
        heard(receiver, "request.waiting")
        acme.obeyed(acme.olga, number, "/approve")
        scene.sweep()
        kinds = [one["type"].partition(".")[2] for one in receiver.told]
        assert kinds == ["created", "decided", "created", "waiting", "decided"]
        assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 5


def test_one_reminder_is_enough(tmp_path: Path, receiver: Receiver) -> None:
    """It was thought over for a while only, and the first reminder is still to come."""
    with listening(tmp_path, receiver, NOTIFY_AFTER="6h") as scene:
        asked, _ = scene.organization("acme").asked()
        heard(receiver, "request.created")
        scene.idle()
        asked.state = "vanished"
        for _ in range(5):
            scene.sweep()
        heard(receiver, "request.decided")
        asked.state = "pending"
        scene.sweep()
        heard(receiver, "request.created", 2)
        for _ in range(4):
            scene.sweep(hours=3)
        assert len(heard(receiver, "request.waiting")) == 1


@pytest.mark.parametrize("status", [500, 302, 410])
def test_what_is_not_taken_comes_again_and_holds_nothing_up(
    tmp_path: Path, receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A redirect is not followed; the message keeps its id."""
    receiver.answers = [(status, {"Location": receiver.url.replace("/in", "/out")})] * 2
    with listening(tmp_path, receiver) as scene:
        acme = scene.organization("acme")
        asked, number = acme.asked()
        acme.obeyed(acme.olga, number, "/approve")
        assert asked.state == "approved"

        def taken() -> bool:
            scene.sweep(minutes=1)
            return len(receiver.heard) >= 4

        until(taken, "all messages")
    ids = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert len(set(ids)) == 2
    assert {one["type"] for one in receiver.told} == {"request.created", "request.decided"}
    assert "s3cret" not in caplog.text


def test_after_a_day_in_vain_it_is_parked(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [(500, {})] * 100
    with listening(tmp_path, receiver) as scene:
        scene.organization("acme").asked()

        def parked() -> bool:
            scene.clock.ahead += timedelta(minutes=20)
            scene.bot.service.store.inbox.wake()
            return "NotifyDue is parked as failed" in caplog.text

        until(parked, "a parked message", 60)
        assert "given up after 30 tries" in caplog.text
        assert "s3cret" not in caplog.text
        assert scene.bot.service.store.inbox.deliveries("failed", 10)
