"""What /metrics tells: numbers only, no names of organizations, people or repositories."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot import ports

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
DAY = 86_400
FROM_THE_START = ("accepted", "duplicate", "ignored", "401", "503")
"""Answers that are counted from 0 on: an alert must see the first one of its kind too."""

Reading = Callable[[], Mapping[tuple[str, ...], float]]


class Metrics:
    """The counters of the service, of all its processes.

    Where PROMETHEUS_MULTIPROC_DIR is set, each process counts in files there (gunicorn).
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._gauges = CollectorRegistry()
        self._processes = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        if not self._processes:
            ProcessCollector(registry=self._registry)
        self._deliveries = Counter(
            "countersign_deliveries",
            "Deliveries by answer: accepted, duplicate, ignored or the status of a refusal.",
            ["answer"],
            registry=self._registry,
        )
        for answer in FROM_THE_START:
            self._deliveries.labels(answer)
        self._seconds = Histogram(
            "countersign_delivery_seconds",
            "Time from a delivery's headers to its answer.",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self._registry,
        )
        self._calls = Histogram(
            "countersign_github_call_seconds",
            "Calls of GitHub's API by method, route and status.",
            ["method", "route", "status"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self._registry,
        )

        self._decisions = Counter(
            "countersign_decisions",
            "Decisions by outcome and way: person, policy or elsewhere. A guess from GitHub's lists"
            " that is corrected counts again.",
            ["outcome", "way"],
            registry=self._registry,
        )
        self._waited = Histogram(
            "countersign_decision_seconds",
            "Time from a token request to its approval or denial.",
            buckets=(60, 300, 900, 3600, 4 * 3600, 8 * 3600, DAY, 3 * DAY, 7 * DAY, 30 * DAY),
            registry=self._registry,
        )
        self._left = Gauge(
            "countersign_github_rate_limit_remaining",
            "Calls of GitHub's API that are left, of the installation that has the fewest left.",
            ["resource"],  # without a label it would be 0 until GitHub says
            registry=self._registry,
            multiprocess_mode="livemin",
        )

    def delivery(self, answer: str, seconds: float) -> None:
        """Count one answered delivery."""
        self._deliveries.labels(answer).inc()
        self._seconds.observe(seconds)

    def call(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one call of GitHub's API; `route` is the template, never a path with names."""
        self._calls.labels(method, route, str(status)).observe(seconds)

    def decision(self, outcome: str, way: str, seconds: float | None) -> None:
        """Count one final decision; `seconds` that the request had waited for an answer."""
        self._decisions.labels(outcome, way).inc()
        if seconds is not None:
            self._waited.observe(seconds)

    def limit(self, left: int) -> None:
        """GitHub said how many calls are left."""
        self._left.labels("core").set(left)

    def watch(self, name: str, meaning: str, labels: Sequence[str], read: Reading) -> None:
        """Read a gauge at each scrape: label values → number. It is left out on Retryable."""
        self._gauges.register(_Watched(name, meaning, labels, read))

    def render(self) -> bytes:
        """All of it as Prometheus text."""
        counted = self._registry
        if self._processes:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call] # the library's own
        return generate_latest(counted) + generate_latest(self._gauges)


class _Watched(Collector):
    def __init__(self, name: str, meaning: str, labels: Sequence[str], read: Reading) -> None:
        self._name, self._meaning, self._labels, self._read = name, meaning, labels, read

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering does not read the store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauge as it stands."""
        gauge = GaugeMetricFamily(self._name, self._meaning, labels=self._labels)
        try:
            for values, number in self._read().items():
                gauge.add_metric(values, number)
        except ports.Retryable:
            return
        yield gauge
