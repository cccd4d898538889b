"""Values of the domain as the tables keep them: times as seconds, the rest as JSON text."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def seconds(at: datetime) -> float:
    """Seconds since 1970, which compare alike on every database; `at` must be aware."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone cannot be kept")
    return at.timestamp()


def seconds_or_none(at: datetime | None) -> float | None:
    """The same for a time that may be missing."""
    return None if at is None else seconds(at)


def moment(at: float) -> datetime:
    """The aware UTC time of these seconds, exact to the microsecond."""
    return datetime.fromtimestamp(at, UTC)


def dump(value: object) -> str:
    """A dataclass as JSON text."""
    return _adapter(type(value)).dump_json(value).decode()


def load(kind: type[T], text: str) -> T:
    """The dataclass back from its text. Raises pydantic's ValidationError (a ValueError)."""
    loaded: T = _adapter(kind).validate_json(text)
    return loaded


def plain(text: str) -> str:
    """Text that both databases can keep: PostgreSQL knows no NUL, neither knows half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # built when first needed: start stays quick


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
