"""Request bodies, read strictly: what GitHub answers with 422 raises here."""

from __future__ import annotations

from typing import Any

from bot.sandbox.refused import Refused, invalid


def malformed(why: str) -> Refused:
    """422 for a body that does not fit the operation's schema."""
    return Refused(422, f"Invalid request.\n\n{why}", [])


def text(body: dict[str, Any], name: str, *, resource: str, most: int) -> str | None:
    """An optional text; null counts as not given."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise malformed(f'For "{name}", {value!r} is not a string.')
    if len(value) > most:
        said = f"{name} is too long (maximum is {most} characters)"
        raise invalid(resource, name, "custom", message=said)
    return value


def required_text(body: dict[str, Any], name: str, *, resource: str, most: int) -> str:
    """A text that must be there and not blank."""
    value = text(body, name, resource=resource, most=most)
    if name not in body:
        raise malformed(f'"{name}" wasn\'t supplied.')
    if value is None or not value.strip():
        raise invalid(resource, name, "missing_field")
    return value


def choice(body: dict[str, Any], name: str, among: tuple[str, ...]) -> str | None:
    """An optional word out of a few."""
    value = body.get(name)
    if value is not None and value not in among:
        raise malformed(f'For "{name}", {value!r} is not one of {", ".join(among)}.')
    return value


def required_choice(body: dict[str, Any], name: str, among: tuple[str, ...]) -> str:
    """A word out of a few that must be there."""
    value = choice(body, name, among)
    if value is None:
        raise malformed(f'"{name}" wasn\'t supplied.')
    return value


def ids(body: dict[str, Any], name: str) -> list[int]:
    """1 to 100 ids, which must be there (OpenAPI: minItems, maxItems)."""
    value = body.get(name)
    if not isinstance(value, list) or not 1 <= len(value) <= 100:
        raise malformed(f'"{name}" must be a list of 1 to 100 ids.')
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        raise malformed(f'"{name}" must be a list of integers.')
    return value


def names(body: dict[str, Any], name: str, *, resource: str, key: str) -> list[str] | None:
    """An optional list of names, each plain or as an object with its name at ``key``."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise malformed(f'For "{name}", {value!r} is not an array.')
    plain = [one.get(key) if isinstance(one, dict) else one for one in value]
    for one in plain:
        if not isinstance(one, str) or not one.strip():
            raise invalid(resource, name, value=str(one))
    return [str(one) for one in plain]
