"""A call has one end, however its answer comes."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bot.github.operation import Operation
from bot.github.transport import Exchange
from bot.ports import Retryable
from tests.github.scripted import ShortLease

ASK = Operation("GET", "/app")
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n"


class Trickle:
    """A server that answers some bytes at once and then one each tenth of a second."""

    def __init__(self, at_once: bytes) -> None:
        self._at_once = at_once
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            peer.recv(65536)
            peer.sendall(self._at_once)
            for _ in range(100):
                time.sleep(0.1)
                try:
                    peer.sendall(b" ")
                except OSError:
                    return

    def close(self) -> None:
        self._server.close()


@pytest.fixture(params=[HEAD, b"HTTP/1.1 200 OK\r\nx-slow: "], ids=["body", "head"])
def trickle(request: pytest.FixtureRequest) -> Iterator[Trickle]:
    one = Trickle(request.param)
    yield one
    one.close()


def test_an_answer_that_trickles_ends_with_the_time_of_its_call(trickle: Trickle):
    exchange = Exchange(trickle.url, None, lambda *_: None)
    took: list[float] = []

    def ask() -> None:
        began = time.monotonic()
        with pytest.raises(Retryable, match="no answer in time"):
            exchange.under(ShortLease(1.1)).answer(ASK, "x")
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(took) == 4
    assert all(0.9 < one < 1.5 for one in took)


def test_a_host_that_answers_nothing_at_all_ends_too():
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        exchange = Exchange(f"http://127.0.0.1:{server.getsockname()[1]}/", None, lambda *_: None)
        began = time.monotonic()
        with pytest.raises(Retryable, match="no answer in time"):
            exchange.under(ShortLease(0.7)).answer(ASK, "x")
        assert 0.5 < time.monotonic() - began < 1
