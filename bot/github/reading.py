"""Reading facts out of JSON: tolerant of what is missing or new, strict with ids."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.domain.accounts import Account, Repository

if TYPE_CHECKING:
    import httpx
    from githubkit import Response

    Answer = Response[Any, Any] | httpx.Response

Json = dict[str, Any]

UNKNOWN = Account(id=0, login="ghost", type="Unknown")
"""Stands in where GitHub names nobody (a deleted account is null); never a person who may decide.

GitHub itself shows deleted accounts as `ghost`: https://docs.github.com/en/rest/users/users
"""

UNREADABLE = "unreadable"
"""The name and level of a group of permissions that cannot be read."""
LARGEST_ID = 2**63 - 1  # what a 64-bit column holds; GitHub's ids are 64-bit integers


class Missing(ValueError):  # noqa: N818 - "raises Missing" reads as what it says
    """A fact that we cannot do without is absent or malformed; the text names its path."""


def json_of(answer: "Answer") -> Any:
    """The body's JSON; None when it is none.

    Never githubkit's `parsed_data`: its models refuse real answers that lack a field.
    """
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def facts_of(answer: "Answer") -> Json:
    """The body's JSON object; an empty one when it is none."""
    return mapping(json_of(answer))


def mapping(value: object) -> Json:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Json]:
    """The objects of a list; nothing when it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def at(source: object, path: str) -> Any:
    """What stands at a dotted path, or None."""
    for name in path.split("."):
        source = mapping(source).get(name)
    return source


def whole(value: object) -> int | None:
    """The value when it is a positive 64-bit integer (a bool is none), else None."""
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID
    return value if is_id else None  # type: ignore[return-value] # mypy does not follow is_id


def need_id(source: object, path: str) -> int:
    """The integer id at a dotted path. Raises Missing."""
    value = whole(at(source, path))
    if value is None:
        raise Missing(f"no integer {path}")
    return value


def text(value: object) -> str:
    """The value when it is a string, else an empty one.

    Lone surrogates and NUL, which JSON can carry and no database stores, become U+FFFD.
    """
    if not isinstance(value, str):
        return ""
    storable = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return storable.replace("\0", "\ufffd")


def need_text(source: object, path: str) -> str:
    """The non-empty string at a dotted path. Raises Missing."""
    value = text(at(source, path))
    if not value:
        raise Missing(f"no text {path}")
    return value


def page(value: object) -> str:
    """The address of a page that is safe to link: https, or http on this machine; else empty."""
    address = text(value)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return address if parts.scheme == "https" or local else ""


def moment(value: object) -> datetime | None:
    """A time in UTC from ISO 8601 (no offset means UTC) or epoch seconds; None when neither.

    Payloads of one delivery mix offsets and `Z`, and installations carry epoch integers.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if not isinstance(value, str):
            return None
        parsed = datetime.fromisoformat(value.strip())
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def need_moment(source: object, path: str) -> datetime:
    """The time at a dotted path. Raises Missing."""
    value = moment(at(source, path))
    if value is None:
        raise Missing(f"no time {path}")
    return value


def account(value: object) -> Account | None:
    """An account with an id; None without one. Enterprises have a `slug` for a login.

    Without a `type` it is no person: only what GitHub calls a user may decide.
    """
    found = mapping(value)
    number = whole(found.get("id"))
    if number is None:
        return None
    login = text(found.get("login")) or text(found.get("slug"))
    return Account(number, login, text(found.get("type")) or UNKNOWN.type)


def permissions(value: object) -> dict[str, dict[str, str]]:
    """GitHub's group → permission → level, unknown groups and levels included. A group that cannot
    be read counts as a permission that nobody knows, never as none.
    """
    return {
        text(group): {text(name): text(str(level)) for name, level in levels.items()}
        if isinstance(levels, dict)
        else {UNREADABLE: UNREADABLE}
        for group, levels in mapping(value).items()
        if levels is not None
    }


def granted(value: object) -> dict[str, str]:
    """An installation's permissions: name → level."""
    return {text(name): text(str(level)) for name, level in mapping(value).items()}


def repositories(value: object) -> tuple[Repository, ...]:
    """The repositories of a list; such without an id or a name are left out."""
    return tuple(
        Repository(number, text(one.get("full_name")), _private(one))
        for one in objects(value)
        if (number := whole(one.get("id"))) is not None and text(one.get("full_name"))
    )


def _private(repository: Json) -> bool | None:
    """Internal counts as private: the whole enterprise sees it, the public does not."""
    return repository.get("visibility") == "internal" or _flag(repository.get("private"))


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list; nothing when it is no list."""
    return tuple(text(one) for one in value) if isinstance(value, list) else ()


def labels(value: object) -> tuple[str, ...]:
    """Label names; GitHub allows both strings and objects in its schema."""
    named = value if isinstance(value, list) else []
    names = (text(one if isinstance(one, str) else mapping(one).get("name")) for one in named)
    return tuple(name for name in names if name)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def app_id(value: object) -> int | None:
    """The App that acts for somebody (`performed_via_github_app`); 0 for one without an id."""
    return (whole(mapping(value).get("id")) or 0) if value else None
