"""`app.py serve` and gunicorn as real processes: they answer, hold against odd clients, and end."""

import fcntl
import json
import signal
import socket
import time
from contextlib import ExitStack, contextmanager

import pytest

from bot.cli.serve import keep_address
from bot.web.front import LARGE, LARGE_ONES
from tests.cli.service import (
    ANEW,
    DEADLINE,
    GUNICORN,
    PATH,
    SERVE,
    Process,
    delivery,
    environment,
    headers,
    running,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("serve")) as process:
        yield process


@contextmanager
def connected(process: Process):
    with socket.create_connection(("127.0.0.1", process.port), timeout=DEADLINE) as client:
        yield client


def first_line(client: socket.socket) -> str:
    return client.makefile("rb").readline().decode().strip()


def head(length: int, guid: str = "G", body: bytes | None = None, **changes: str) -> bytes:
    given = (
        headers(body or delivery(), guid) | {"Host": "bot", "Content-Length": str(length)} | changes
    )
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {text}" for name, text in given.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# ------------------------------------------------------------------ serving


def test_deliveries_are_taken_and_known_again(service):
    assert [service.deliver("twice"), service.deliver("twice")] == ["accepted", "duplicate"]


def test_a_delivery_that_was_answered_survives_a_kill(tmp_path):
    with running(tmp_path) as first:
        assert first.deliver("kept") == "accepted"
        first.kill()
    with running(tmp_path) as second:
        assert second.deliver("kept") == "duplicate"


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(service):
    with connected(service) as client:
        client.sendall(head(25 * 1024 * 1024 + 1))
        assert first_line(client) == "HTTP/1.1 413 Payload Too Large"


def test_a_client_that_sends_slowly_keeps_nobody_waiting(service):
    body = delivery()
    with connected(service) as slow:
        slow.sendall(head(len(body), "slow") + body[:10])
        assert service.deliver("quick") == "accepted"
        slow.sendall(body[10:])
        assert first_line(slow) == "HTTP/1.1 202 Accepted"


def test_many_clients_that_never_finish_and_many_that_say_nothing_stop_no_delivery(service):
    """More than a hostile neighbour's handful; a proxy that buffers bodies is for real crowds."""
    body = delivery()
    with ExitStack() as clients:
        for number in range(200):
            unfinished = clients.enter_context(connected(service))
            unfinished.sendall(head(len(body), f"unfinished-{number}") + body[:10])
        for _ in range(500):
            clients.enter_context(connected(service))
        assert [service.deliver(f"beside-{number}") for number in range(5)] == ["accepted"] * 5
        unfinished.sendall(body[10:])
        assert first_line(unfinished) == "HTTP/1.1 202 Accepted"


def test_large_bodies_take_turns_and_a_small_one_does_not_wait_for_them(service):
    body = delivery() + b" " * LARGE
    with ExitStack() as clients:
        large = [clients.enter_context(connected(service)) for _ in range(LARGE_ONES + 1)]
        for number, client in enumerate(large):
            client.sendall(head(len(body), f"large-{number}", body) + body[:10])
        assert service.deliver("small") == "accepted"
        large[-1].settimeout(0.5)
        large[-1].sendall(body[10:])
        with pytest.raises(TimeoutError):
            first_line(large[-1])
        large[-1].settimeout(DEADLINE)
        large[0].close()
        assert first_line(large[-1]) == "HTTP/1.1 202 Accepted"


def test_a_body_that_never_comes_is_given_up(service):
    body = delivery()
    with connected(service) as client:
        client.sendall(head(len(body), "never") + body[:10])
        assert first_line(client) == "HTTP/1.1 408 Request Timeout"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01 nonsense\r\n\r\n", 400),
        (head(-5), 400),
        (head(1, **{"Content-Length": "x"}), 400),
        (head(1, **{"X-Hub-Signature-256": "sha256=\u00e9"}), 401),
        (head(1).replace(b"Delivery: G", b"Delivery: \xff"), 401),
        (head(1, **{f"X-{n}": "many" for n in range(200)}), 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /%ff%00 HTTP/1.1\r\nHost: \x00\r\n\r\n", 400),
        (b"GET /%2568ealthz HTTP/1.1\r\nHost: bot\r\n\r\n", 404),
        (b"GET /healthz HTTP/1.1\r\nHost: \xff\r\nX-Odd: \xff\r\n\r\n", 200),
        (head(1).replace(b"Content-Length: 1", b"Transfer-Encoding: chunked"), 411),
        (head(0).replace(b"Content-Length: 0\r\n", b""), 411),
    ],
)
def test_an_odd_request_gets_its_answer_and_hurts_nobody(service, sent, status):
    with connected(service) as client:
        client.sendall(sent + b"x")
        assert int(first_line(client).split()[1]) == status
    assert service.ask("GET", "/healthz")[0] == 200


def test_two_do_not_share_a_port(service, tmp_path):
    process = Process(SERVE, environment(tmp_path, PORT=str(service.port)), tmp_path)
    assert process.exit_status() == 2
    assert f"PORT {service.port}: Address already in use" in process.lines[-1]


def test_a_port_is_kept_until_the_server_has_it():
    """Else another program may be given it meanwhile, and the bot ends where it begins."""
    with keep_address("127.0.0.1", 0) as kept, socket.socket() as other:
        with pytest.raises(OSError, match="in use"):
            other.bind(kept.getsockname())
        with pytest.raises(OSError, match="in use"):  # as another bot asks
            keep_address(*kept.getsockname())
        assert other.connect_ex(kept.getsockname()) != 0, "it takes no connections"


def test_without_settings_it_does_not_start(tmp_path):
    process = Process(SERVE, environment(tmp_path, APP_ID="", WEBHOOK_SECRET=""), tmp_path)
    assert process.exit_status() == 2
    said = "".join(process.lines)
    assert "- APP_ID is missing" in said
    assert "- WEBHOOK_SECRET is missing" in said
    assert "Traceback" not in said


def test_the_log_names_no_secret_and_no_token(tmp_path):
    with running(tmp_path, LOG_LEVEL="debug", LOG_FORMAT="json") as process:
        process.deliver("logged")
        process.ask("POST", PATH, b"{}", headers(b"other", "refused"))
        process.send(signal.SIGTERM)
        process.exit_status()
    events = [json.loads(line) for line in process.lines]
    assert {"refused"} <= {event.get("delivery") for event in events}
    said = "".join(process.lines)
    for hidden in ("between us", "the name of the token", "sha256=", "PRIVATE KEY"):
        assert hidden not in said


# ------------------------------------------------------------------ ending


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_nothing_is_left(tmp_path, number):
    with running(tmp_path, ANEW) as process:
        process.deliver("unfinished")
        process.send(number)
        assert process.exit_status() == 0
        assert process.leaves_nothing()
    told = [line for line in process.lines if " info bot.cli.serve " in line]
    assert ["serving on" in told[0], "ended by a signal" in told[-1], len(told)] == [True, True, 2]
    assert any("a new record is made" in line for line in process.lines)


def test_an_open_request_is_answered_before_the_end(tmp_path):
    """The work has ended by then, the store has not."""
    body = delivery()
    with running(tmp_path) as process, connected(process) as one, connected(process) as two:
        for client in (one, two):
            client.sendall(head(len(body), str(id(client))) + body[:10])
        assert process.ask("GET", "/healthz")[0] == 200  # so the head has been read by now
        process.send(signal.SIGTERM)
        with (tmp_path / "bot.db.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # it is let go when the work has ended
        for client in (one, two):
            client.sendall(body[10:])
            assert first_line(client) == "HTTP/1.1 202 Accepted"
        assert process.exit_status() == 0


def test_a_client_that_goes_before_its_body_has_come_is_no_error_of_ours(tmp_path):
    with running(tmp_path) as process:
        for ending in (socket.SHUT_WR, socket.SHUT_RDWR):
            with connected(process) as client:
                client.sendall(head(100) + b"{")
                assert process.ask("GET", "/healthz")[0] == 200
                client.shutdown(ending)
                if ending == socket.SHUT_WR:
                    assert first_line(client) == "HTTP/1.1 400 Bad Request"
        counted = 'countersign_deliveries_total{answer="400"} 2.0'
        end = time.monotonic() + DEADLINE
        while counted not in process.ask("GET", "/metrics")[1].decode():
            assert time.monotonic() < end
        assert not [line for line in process.lines if "error" in line]


def test_gunicorn_serves_the_same_with_two_processes(tmp_path):
    with running(tmp_path, GUNICORN, WEB_CONCURRENCY="2") as process:
        assert [process.deliver("twice"), process.deliver("twice")] == ["accepted", "duplicate"]
        process.send(signal.SIGTERM)
        assert process.exit_status() == 0
        assert process.leaves_nothing()


def summed(process, answer: str) -> float:
    """What /metrics says of deliveries with this answer."""
    shown = process.ask("GET", "/metrics")[1].decode()
    wanted = f'countersign_deliveries_total{{answer="{answer}"}}'
    return sum(float(line.split()[1]) for line in shown.splitlines() if line.startswith(wanted))


def test_the_metrics_of_gunicorn_are_those_of_all_its_processes(tmp_path):
    with running(tmp_path, GUNICORN, WEB_CONCURRENCY="3") as process:
        for number in range(24):
            process.deliver(f"G{number}")
        assert {summed(process, "accepted") for _ in range(24)} == {24}
        shown = process.ask("GET", "/metrics")[1].decode()
        assert "countersign_jobs" in shown


def test_three_hundred_slow_clients_do_not_stop_gunicorn(tmp_path):
    """Some never end their heads, some never end their bodies; these are answered 408."""
    with running(tmp_path, GUNICORN, WEB_CONCURRENCY="2") as process, ExitStack() as stack:
        slow = [stack.enter_context(connected(process)) for _ in range(300)]
        for number, client in enumerate(slow):
            whole = head(1000, f"S{number}") + b"{"
            client.sendall(whole if number % 2 else whole[:40])
        assert process.deliver("quick") == "accepted"
        assert first_line(slow[1]) == "HTTP/1.1 408 Request Timeout"
        assert process.deliver("quick") == "duplicate"


def test_gunicorn_ends_while_a_connection_is_kept_open(tmp_path):
    with running(tmp_path, GUNICORN, WEB_CONCURRENCY="1") as process, connected(process) as client:
        body = delivery()
        client.sendall(head(len(body)) + body)
        assert first_line(client) == "HTTP/1.1 202 Accepted"
        process.send(signal.SIGTERM)
        assert process.exit_status() == 0
        assert process.leaves_nothing()
        assert not [line for line in process.lines if "SIGKILL" in line or "Traceback" in line]
