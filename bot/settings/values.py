"""From a setting's text to its value. Each reader raises ValueError for what it cannot take."""

import base64
import re
from collections.abc import Callable
from datetime import time, timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.spans import read_span
from bot.settings.secret import Secret

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_ASSIGNEES = 10  # GitHub takes no more on one issue
OWN_PATHS = ("/", "/healthz", "/readyz", "/metrics", "/openapi.json")

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
_REPOSITORY = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
_BASE = re.compile(r"https?://[^\s?#]+", re.IGNORECASE)
_GITHUBS_PAGES = ("github.com", "www.github.com")  # they answer no call
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_WINDOW = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,6})")

Reader = Callable[[str], object]


def whole_number(least: int, most: int) -> Reader:
    """A reader of decimal numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return read


def one_of(words: dict[str, str]) -> Reader:
    """A reader of words, in any case, each with the word it stands for."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError
        return words[text.lower()]

    return read


def secret(text: str) -> Secret:
    """Any text but blanks."""
    if not text.strip():
        raise ValueError
    return Secret(text)


def webhook_path(text: str) -> str:
    """A path of plain characters that is not one of our own pages."""
    if not _PATH.fullmatch(text) or text.rstrip("/") in OWN_PATHS or "/static/" in text:
        raise ValueError
    return text


def notify_url(text: str) -> Secret:
    """An address to post to: https, or http on this machine's loopback. It may hold a secret."""
    text = text.strip()
    try:
        url = urlsplit(text)
        usable = bool(url.hostname) and url.port != 0
    except ValueError:  # it may quote the address
        usable = False
    if not usable or not re.fullmatch(r"[\x21-\x7e]{1,2000}", text):
        raise ValueError("it is no address")
    if url.username is not None or url.fragment:
        raise ValueError("it has a user, a password or a part after #")
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.hostname or "")):
        raise ValueError("it does not begin with https://")
    return Secret(text)


def notify_secret(text: str) -> Secret:
    """What signs notifications: whsec_ and base64 of 24 to 64 bytes, as Standard Webhooks says."""
    begin, _, key = text.strip().partition("_")
    try:
        length = len(base64.b64decode(key, validate=True))
    except ValueError:
        length = 0
    if begin != "whsec" or not 24 <= length <= 64:
        raise ValueError
    return Secret(text.strip())


def span(text: str) -> timedelta:
    """12h, 3d or 2w, at most 366 days."""
    found = read_span(text)
    if found is None:
        raise ValueError
    return found


def switch(text: str) -> bool:
    """on or off."""
    if text.lower() not in {"on", "off"}:
        raise ValueError
    return text.lower() == "on"


def api_url(text: str) -> str:
    """A URL without a slash at its end: https, or http on this machine's loopback."""
    url = urlsplit(text)
    if not url.hostname or url.username is not None or url.port == 0:
        raise ValueError
    if not _BASE.fullmatch(text) or url.hostname in _GITHUBS_PAGES:
        raise ValueError
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.hostname)):
        raise ValueError
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host(text: str) -> str:
    """A host name or an IP address."""
    return _matching(_HOST, text)


def admin_repo(text: str) -> str:
    """A repository's name, or owner/name."""
    owner, slash, name = text.rpartition("/")
    if slash:
        _matching(_LOGIN, owner)
    _matching(_REPOSITORY, name)
    return text


def organizations(text: str) -> frozenset[str | int]:
    """Logins in lower case and numeric ids.

    A word of digits is an id and never a login, so that nobody is let in by naming themselves
    like another organization's id.
    """
    words = _words(text)
    if text and not words:  # an empty list would allow everybody
        raise ValueError
    return frozenset(
        int(word) if re.fullmatch("[0-9]{1,18}", word) else _matching(_LOGIN, word).lower()
        for word in words
    )


def assignees(text: str) -> tuple[str, ...]:
    """Logins in the order given."""
    logins = tuple(_matching(_LOGIN, word) for word in _words(text))
    if len(logins) > MOST_ASSIGNEES:
        raise ValueError
    return logins


def time_of_day(text: str) -> time:
    """HH:MM, in the digest's time zone."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError
    return time(int(match[1]), int(match[2]))


def time_zone(text: str) -> ZoneInfo:
    """A name of the IANA time zone database, with a hint for one that is nearly right."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # what zoneinfo raises, depending on the name
        names = {name.lower(): name for name in available_timezones()}
        near = get_close_matches(text.lower(), names, 1)
        raise ValueError(f"did you mean {names[near[0]]}?" if near else "") from None


def days(text: str) -> frozenset[int]:
    """Weekdays (Monday is 0) from a list of days and ranges; a range may go over the weekend."""
    found: set[int] = set()
    for word in _words(text.lower()):
        first, dash, last = word.partition("-")
        start, end = _day(first), _day(last if dash else first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    if not found:
        raise ValueError
    return frozenset(found)


def _day(word: str) -> int:
    if word not in DAYS:
        raise ValueError
    return DAYS.index(word)


def content_limit(text: str) -> tuple[tuple[int, int], ...]:
    """Sliding windows as (calls, seconds)."""
    windows = [_WINDOW.fullmatch(word) for word in _words(text)]
    found = tuple((int(match[1]), int(match[2])) for match in windows if match)
    if not found or len(found) < len(windows):
        raise ValueError
    return found


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text
