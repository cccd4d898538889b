"""Whether what was read as an entry or a head of the audit log has values of the right kinds."""

from datetime import datetime
from types import NoneType
from typing import Any

from bot.domain.audit.entry import AuditEntry, Head

DEEPEST = 50
"""Levels of lists and mappings in an entry's data; ours have three."""

_NUMBER, _TEXT, _MAYBE_TEXT = (int,), (str,), (str, NoneType)
_ENTRY: dict[str, tuple[type, ...]] = {
    "org_id": _NUMBER,
    "seq": _NUMBER,
    "at": (datetime,),
    "kind": _TEXT,
    "request_id": (int, NoneType),
    "actor_id": (int, NoneType),
    "actor": _TEXT,
    "text": _TEXT,
    "data": (dict,),
    "previous": _TEXT,
    "hash": _TEXT,
}
_HEAD: dict[str, tuple[type, ...]] = {
    "org_id": _NUMBER,
    "seq": _NUMBER,
    "hash": _TEXT,
    "key": _MAYBE_TEXT,
    "signature": _MAYBE_TEXT,
    "first": _NUMBER,
}


def check_kinds(one: AuditEntry | Head) -> None:
    """Raises ValueError for values of another kind, text with half characters, deep data."""
    for name, kinds in (_ENTRY if isinstance(one, AuditEntry) else _HEAD).items():
        value = getattr(one, name)
        if type(value) not in kinds:  # not isinstance: True is no number
            raise ValueError(f"{name} is of another kind")
        if isinstance(value, str):
            value.encode()
    if isinstance(one, AuditEntry) and _is_deeper(one.data, DEEPEST):
        raise ValueError("its data are too deep")


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)
