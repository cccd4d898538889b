"""A call has one end, however its answer comes."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.github.api import GitHubApi
from bot.ports import Retryable
from tests.github.scripted import FixedClock, FreeBudgets, ShortLease

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


def give_up(url: str, private_key: str, lease: float, threads: int) -> list[float]:
    """Seconds until calls without an answer are given up, one in each thread."""
    took: list[float] = []
    api = GitHubApi(
        7, private_key, url, FreeBudgets(), FixedClock(), on_call=lambda *call: took.append(call[3])
    )

    def ask(_: int) -> None:
        with pytest.raises(Retryable, match="no answer in time"):
            api.leased(ShortLease(lease)).installations()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(threads)))
    return took


def test_an_answer_that_trickles_ends_with_the_time_of_its_call(trickle: Trickle, private_key: str):
    took = give_up(trickle.url, private_key, 1.1, 4)
    assert len(took) == 4
    assert all(0.9 < one < 5 for one in took)  # and not the 10 s that it trickles


def test_a_host_that_answers_nothing_at_all_ends_too(private_key: str):
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        (took,) = give_up(url, private_key, 0.7, 1)
    assert 0.5 < took < 1
