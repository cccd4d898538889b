"""Log lines: one an event, with the delivery's GUID, as text or as JSON, without secrets."""

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

# The last line of defence: nothing should try to log a signature, a JWT, a token or a key.
# GitHub's token prefixes: docs.github.com, "About authentication to GitHub".
_SECRET = re.compile(
    r"(sha(?:1|256)=)[0-9a-fA-F]{16,}"
    r"|(eyJ)[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|(gh[pousr]_|github_pat_)\w{8,}"
    r"|(-----BEGIN )[\s\S]*?(?:-----END [A-Z ]*-----|$)"
)
# What could begin a new line, or move a terminal's cursor.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAIN = logging.Formatter()


def configure(
    level: str,
    form: str,
    current_delivery: Callable[[], str | None] = lambda: None,
    stream: TextIO | None = None,
) -> None:
    """Send all logs to `stream` (stderr) from `level` on; `form` is `text` or `json`.

    The GUID of a line is its `extra={"delivery": …}`, else what `current_delivery` says.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(form, current_delivery))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("werkzeug", "apscheduler", "httpx", "httpcore", "hpack", "markdown_it"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


class LineFormatter(logging.Formatter):
    """One line for each event, whatever its message holds."""

    def __init__(self, form: str, current_delivery: Callable[[], str | None]) -> None:
        super().__init__()
        self._write = _as_json if form == "json" else _as_text
        self._current_delivery = current_delivery

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "delivery": getattr(record, "delivery", None) or self._current_delivery() or None,
            "message": mask(record.getMessage()),
        }
        if record.exc_info:
            event["error"] = mask(_PLAIN.formatException(record.exc_info))
        return self._write(event)


def mask(text: str) -> str:
    """The text without signatures, tokens and keys."""
    return _SECRET.sub(lambda match: next(filter(None, match.groups())) + "…", text)


def _as_json(event: dict[str, str | None]) -> str:
    return json.dumps({name: text for name, text in event.items() if text is not None})


def _as_text(event: dict[str, str | None]) -> str:
    delivery = f" [{event['delivery']}]" if event["delivery"] else ""
    error = f"\n{event['error']}" if event.get("error") else ""
    line = f"{event['at']} {event['level']} {event['logger']}{delivery} {event['message']}{error}"
    return _CONTROL.sub(_escape, line)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
