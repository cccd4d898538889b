"""The servers under test: started on a core of their own, measured, ended."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.deliveries import PATH, SECRET

ROOT = Path(__file__).resolve().parents[1]
SERVER_CORE, DRIVER_CORE = 0, 1
STARTING = 30.0  # seconds until a server that does not start is given up


@dataclass(frozen=True)
class Server:
    """A running server: `started` is how many seconds it took to its first good answer."""

    process: int
    port: int
    started: float

    def pss(self) -> float:
        """Memory of the whole process tree in MB, shared pages counted in proportion."""
        return sum(_pss(number) for number in _tree(self.process)) / 1024

    def cpu(self) -> float:
        """Seconds of processor time that the process tree has used so far."""
        return sum(_ticks(number) for number in _tree(self.process)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def bot(folder: Path, *, works: bool) -> Iterator[Server]:
    """Our service, as `make run` starts it, on a fresh database.

    It works on what it receives, or only receives, as beside another process that works: then the
    store's file lock is held here.
    """
    port = free_port()
    lock = os.open(folder / "bot.db.lock", os.O_RDWR | os.O_CREAT)
    if not works:
        fcntl.flock(lock, fcntl.LOCK_EX)
    environ = {
        "APP_ID": "123456",
        "PRIVATE_KEY_PATH": str(_private_key(folder)),
        "WEBHOOK_SECRET": SECRET,
        "GITHUB_API_URL": "http://127.0.0.1:9",  # nobody listens: GitHub is away
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "PORT": str(port),
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, str(ROOT / "app.py"), "serve"]
    try:
        with _running(command, environ, folder, port, "/readyz") as server:
            yield server
    finally:
        os.close(lock)


@contextmanager
def naive(folder: Path) -> Iterator[Server]:
    """The receiver of `naive.py`, on a fresh database."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.naive", str(port), str(folder / "naive.db")]
    with _running(command, {}, ROOT, port, "/healthz") as server:
        yield server


@contextmanager
def probot(folder: Path, home: Path) -> Iterator[Server]:
    """Probot with an empty handler in production mode; `home` has app.mjs and node_modules."""
    port = free_port()
    environ = {
        "NODE_ENV": "production",
        "APP_ID": "123456",
        "PRIVATE_KEY_PATH": str(_private_key(folder)),
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_PATH": PATH,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_LEVEL": "warn",
        "LOG_FORMAT": "json",
    }
    command = ["node", "node_modules/probot/bin/probot.js", "run", "./app.mjs"]
    with _running(command, environ, home, port, "/ping") as server:
        yield server


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as asked:
        return int(asked.getsockname()[1])


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


@contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], folder: Path, port: int, path: str
) -> Iterator[Server]:
    begun = time.perf_counter()
    os.sched_setaffinity(0, {SERVER_CORE})  # what is started now stays there
    try:
        process = subprocess.Popen(
            command, env=os.environ | environ, cwd=folder, start_new_session=True
        )
    finally:
        os.sched_setaffinity(0, {DRIVER_CORE})
    try:
        _wait(process, f"http://127.0.0.1:{port}{path}")
        yield Server(process.pid, port, time.perf_counter() - begun)
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.perf_counter() + STARTING
    while time.perf_counter() < end and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.002)
    raise TimeoutError(f"{url} does not answer")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STARTING)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _private_key(folder: Path) -> Path:
    path = folder / "key.pem"
    path.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return path


def _tree(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(number for child in children for number in _tree(int(child)))]


def _pss(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # utime and stime, see proc(5)
