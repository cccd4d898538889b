"""`python -m benchmarks`: the receiver beside a naive one and Probot, in one run; medians.

PROBOT_DIR names a folder with Probot (see README.md here); without it Probot is left out.
Servers run on core 0 and the driver on core 1, so the machine needs two.
"""

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.deliveries import make_deliveries
from benchmarks.driver import Driver, Run
from benchmarks.servers import Server, bot, naive, probot, scratch

CONNECTIONS = 64
STEADY_RATE = 500
IDLE = 3.0  # seconds after the start until memory is read: the first timers have run

HEADINGS = {
    "rate": "accepted a second",
    "cpu_us": "processor µs each",
    "p99_ms": f"p99 ms at {STEADY_RATE}/s",
    "start_s": "start s",
    "idle_mb": "idle MB",
    "loaded_mb": "after load MB",
}
DECIMALS = {"p99_ms": 1, "start_s": 2}

Figures = dict[str, float]
Start = Callable[[Path], AbstractContextManager[Server]]


def measure(running: AbstractContextManager[Server], count: int) -> Figures:
    """One server once: start, idle memory, closed loop, steady rate."""
    with running as server:
        time.sleep(IDLE)
        figures = {"start_s": server.started, "idle_mb": server.pss()}
        warm_up, steady = count // 5, STEADY_RATE * 5
        deliveries = make_deliveries(warm_up + count + steady, server.port)
        gc.collect()
        gc.disable()  # the driver's own pauses are nobody's latency
        driver = Driver(server.port, CONNECTIONS)
        try:
            _checked(driver.as_fast_as_answered(deliveries[:warm_up]))
            before = server.cpu()
            fast = _checked(driver.as_fast_as_answered(deliveries[warm_up : warm_up + count]))
            used = server.cpu() - before
            even = _checked(driver.at_rate(deliveries[warm_up + count :], STEADY_RATE))
        finally:
            driver.close()
            gc.enable()
        return figures | {
            "rate": fast.rate,
            "cpu_us": used / count * 1e6,
            "p99_ms": even.percentile(99),
            "loaded_mb": server.pss(),
        }


def _checked(run: Run) -> Run:
    bad = {status: n for status, n in run.statuses.items() if not 200 <= status < 300}
    if bad:
        raise RuntimeError(f"not every delivery was taken: {bad}")
    return run


def main() -> None:
    """Measure round by round and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deliveries", type=int, default=10_000, help="in each closed loop")
    options = parser.parse_args()
    found: dict[str, list[Figures]] = {}
    for number in range(options.rounds):
        for name, start in _servers(os.environ.get("PROBOT_DIR")).items():
            with scratch() as folder:
                found.setdefault(name, []).append(measure(start(folder), options.deliveries))
        print(f"round {number + 1} of {options.rounds} is done", flush=True)
    print_table(found)


def _servers(home: str | None) -> dict[str, Start]:
    ours: dict[str, Start] = {
        "Countersign, receiving": lambda folder: bot(folder, works=False),
        "Countersign, receiving and working": lambda folder: bot(folder, works=True),
        "naive: Flask, a commit each": naive,
    }
    if home is None:
        return ours
    return {"Probot, nothing recorded": lambda folder: probot(folder, Path(home)), **ours}


def print_table(found: dict[str, list[Figures]]) -> None:
    """Medians of all rounds, as Markdown; the ratio is to the first server's rate."""
    print(f"\n| server | {' | '.join(HEADINGS.values())} | ratio |")
    print(f"|{'---|' * (len(HEADINGS) + 2)}")
    first = 0.0
    for name, rounds in found.items():
        median = {key: statistics.median(one[key] for one in rounds) for key in HEADINGS}
        first = first or median["rate"]
        shown = " | ".join(f"{median[key]:,.{DECIMALS.get(key, 0)}f}" for key in HEADINGS)
        print(f"| {name} | {shown} | {median['rate'] / first:.2f} |")


if __name__ == "__main__":
    main()
