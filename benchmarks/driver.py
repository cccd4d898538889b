"""Sends deliveries over kept-alive connections and times the answers; one thread and epoll.

Closed loop: each connection sends as soon as it has its answer. With a rate: deliveries leave on a
schedule, and latency counts from the scheduled instant, so that waiting is not hidden.
"""

import re
import select
import socket
import time
from collections import Counter, deque
from dataclasses import dataclass, field

TIMEOUT = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)

Delivery = tuple[bytes, bytes]


@dataclass
class Run:
    """What happened: seconds altogether, seconds of each answer, answers by status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """The latency, in milliseconds, that so many percent stay under."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


class Connection:
    """One connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # a delivery fits, so that sending never waits
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
        self.started = 0.0
        self._answer = b""

    def send(self, delivery: Delivery, started: float) -> None:
        """Send one request; `started` is when its latency begins."""
        self.started = started
        self._answer = b""
        sent = self.socket.sendmsg(delivery)
        if sent < len(delivery[0]) + len(delivery[1]):
            raise ConnectionError("the kernel took only a part of a delivery")

    def receive(self) -> int | None:
        """Read what is there; the status once the answer is whole."""
        data = self.socket.recv(65536)
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        whole = len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")
        if end and (whole if length or _CHUNKED.search(head) else True):
            return int(head[9:12])
        if not data:
            raise ConnectionError("the server closed a connection within an answer")
        return None


class Driver:
    """A set of connections to one server."""

    def __init__(self, port: int, connections: int) -> None:
        self._connections = [Connection(port) for _ in range(connections)]
        self._by_number = {one.socket.fileno(): one for one in self._connections}
        self._poll = select.epoll()
        for number in self._by_number:
            self._poll.register(number, select.EPOLLIN)

    def close(self) -> None:
        """Close all connections."""
        self._poll.close()
        for one in self._connections:
            one.socket.close()

    def as_fast_as_answered(self, deliveries: list[Delivery]) -> Run:
        """The closed loop."""
        run, waiting, begun = Run(), deque(deliveries), time.perf_counter()
        for one in self._connections:
            if waiting:
                one.send(waiting.popleft(), time.perf_counter())
        while len(run.latencies) < len(deliveries):
            for one in self._answered(run, TIMEOUT):
                if waiting:
                    one.send(waiting.popleft(), time.perf_counter())
        run.seconds = time.perf_counter() - begun
        return run

    def at_rate(self, deliveries: list[Delivery], rate: float) -> Run:
        """The open loop: `rate` deliveries a second."""
        run, idle, begun, sent = Run(), deque(self._connections), time.perf_counter(), 0
        while len(run.latencies) < len(deliveries):
            due = begun + sent / rate
            if sent < len(deliveries) and idle and time.perf_counter() >= due:
                idle.popleft().send(deliveries[sent], due)
                sent += 1
                continue
            ahead = due - time.perf_counter() if sent < len(deliveries) and idle else TIMEOUT
            # epoll counts whole milliseconds and rounds up: the last one is spun over
            idle.extend(self._answered(run, max(0.0, ahead - 0.001)))
        run.seconds = time.perf_counter() - begun
        return run

    def _answered(self, run: Run, seconds: float) -> list[Connection]:
        answered = []
        events = self._poll.poll(seconds)
        if not events and seconds >= TIMEOUT:
            raise TimeoutError("the server does not answer")
        for number, _ in events:
            one = self._by_number[number]
            status = one.receive()
            if status is not None:
                run.statuses[status] += 1
                run.latencies.append(time.perf_counter() - one.started)
                answered.append(one)
        return answered
