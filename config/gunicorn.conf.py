"""Several processes: `gunicorn -c config/gunicorn.conf.py 'app:create_app()'`.

HOST, PORT and LOG_… come from the bot's own settings; WEB_CONCURRENCY is the number of processes.
On SQLite one of them works on what is stored and all receive; on PostgreSQL all work.
"""

import atexit
import os
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.storage.metrics_folder import make_metrics_folder

# Each process counts in files of its own here, and /metrics of any of them shows the sums of all
# (prometheus.github.io/client_python, "Multiprocess Mode").
os.environ["PROMETHEUS_MULTIPROC_DIR"] = make_metrics_folder()

from prometheus_client.multiprocess import mark_process_dead

from app import open_store, read_settings
from bot.cli.log import LineFormatter
from bot.ports import Permanent, Retryable

_settings = read_settings()

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
preload_app = False  # the store's connections and threads begin after the fork
control_socket_disable = True  # nothing of ours outside this directory

# ---- Slow and large clients. An event loop receives: a client that is slow holds no thread, and a
# body has ten seconds (408). GitHub's own requests have a short line and about 15 small headers.
worker_class = "asgi"
asgi_loop = "asyncio"
asgi_lifespan = "off"
backlog = 1024
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
keepalive = 75  # seconds; longer than proxies keep idle connections
timeout = 30  # seconds until a process that hangs is replaced

# ---- Ending: open requests have three seconds, then the bot's running steps have ten.
graceful_timeout = 15
OPEN_REQUESTS = 3

# ---- Logs: gunicorn's lines look like ours; there is no access log.
loglevel = _settings.log_level
logconfig_dict = {
    "formatters": {
        "line": {"()": LineFormatter, "form": _settings.log_format, "current_delivery": str}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": loglevel.upper(), "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": loglevel.upper(), "handlers": [], "propagate": True}},
}


def _remove(folder: str, maker: int) -> None:
    if os.getpid() == maker:  # and no process that was forked from it
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_remove, os.environ["PROMETHEUS_MULTIPROC_DIR"], os.getpid())

_bots: list[Any] = []
"""The one of this process, once it was forked for it."""


def on_starting(_server: Any) -> None:
    """Prepare the store once: what is wrong with it is said once, and not by each process."""
    try:
        open_store(_settings).close()
    except (Permanent, Retryable) as trouble:
        sys.exit(f"gunicorn ends: {trouble}")


def post_worker_init(worker: Any) -> None:
    """Start the work in the process that was forked for it, and serve as `serve` does."""
    bot = worker.asgi.extensions["countersign"]
    _bots.append(bot)
    worker.asgi = bot.asgi()
    worker.cfg.set("graceful_timeout", OPEN_REQUESTS)  # here alone: the rest is the bot's
    bot.start()


def worker_exit(_server: Any, _worker: Any) -> None:
    """Stop it when the process ends; one that could not start has none."""
    for bot in _bots:
        bot.stop()


def child_exit(_server: Any, worker: Any) -> None:
    """What a process that ended has counted stays in the sums."""
    mark_process_dead(worker.pid)
