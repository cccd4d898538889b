"""Several processes: `gunicorn -c config/gunicorn.conf.py 'app:create_app()'`.

HOST, PORT and LOG_… come from the bot's own settings; WEB_CONCURRENCY is the number of processes.
On SQLite one of them works on what is stored and all receive; on PostgreSQL all work.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import open_store, read_settings
from bot.cli.log import LineFormatter
from bot.ports import Permanent, Retryable

_settings = read_settings()

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 32  # those that wait for the disk together share one commit
control_socket_disable = True  # nothing of ours outside this directory
preload_app = False  # the store's connections and threads begin after the fork

# ---- Slow and large clients. GitHub's own requests have a short line and about 15 small headers.
backlog = 1024
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
keepalive = 75  # seconds; longer than proxies keep idle connections
timeout = 30  # seconds until a process that hangs is replaced

# ---- Ending: open requests, then the bot's running steps, which have ten seconds.
graceful_timeout = 15

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


def on_starting(_server: Any) -> None:
    """Prepare the store once: what is wrong with it is said once, and not by each process."""
    try:
        open_store(_settings).close()
    except (Permanent, Retryable) as trouble:
        sys.exit(f"gunicorn ends: {trouble}")


def post_worker_init(worker: Any) -> None:
    """Start the work in the process that was forked for it."""
    worker.wsgi.extensions["countersign"].start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Stop it when the process ends; one that could not start has none."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["countersign"].stop()
