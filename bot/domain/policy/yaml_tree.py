"""YAML 1.2 as plain data, with the place of every key.

Read from the parser's events, so that nothing of YAML can surprise: no aliases, no tags, no
objects, no merge keys, no second document, no key twice, no deep nesting. A scalar without quotes
is null, a boolean or a number only where YAML 1.2's core schema says so: `no` and `2026-11-29` are
texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

DEEPEST = 12
"""Mappings and lists within each other; a policy needs 6."""

Path = tuple[str | int, ...]

_NULL = re.compile("|~|null|Null|NULL")
_TRUE, _FALSE = re.compile("true|True|TRUE"), re.compile("false|False|FALSE")
_INTEGER = re.compile("[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?|[-+]?\.(inf|nan)")
_BASED = re.compile("0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}")
_UNFIT = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True)
class Place:
    """Where something stands, counted from 1."""

    line: int
    column: int


class TreeError(Exception):
    """The text cannot be read at all, or holds something that a policy may not."""

    def __init__(self, place: Place, path: Path, found: str, expected: str) -> None:
        super().__init__(found)
        self.place, self.path, self.found, self.expected = place, path, found, expected


@dataclass
class Tree:
    """The data, and where each key (or list item) and each value begins."""

    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def place_of(self, path: Path) -> Place:
        """The place of the key; of the nearest mapping around it when there is no such key."""
        if path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))


def place_behind(text: str) -> Place:
    """Where what follows this text begins."""
    return Place(text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)


def read_tree(text: str) -> Tree:
    """Read one document. Raises `TreeError`."""
    reader = _Reader(text)
    try:
        return reader.read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else reader.place
        found = str(error.problem or error).removeprefix("found ")
        raise TreeError(place, reader.path, found, "YAML 1.2") from error
    except ReaderError as error:
        found = f"the character U+{ord(text[error.position]):04X}"
        place = place_behind(text[: error.position])
        raise TreeError(place, (), found, "readable characters") from error
    except (YAMLError, ValueError, IndexError, AttributeError, TypeError, AssertionError) as error:
        # the parser stumbles over some texts that are no YAML
        raise TreeError(reader.place, reader.path, "something unreadable", "YAML 1.2") from error


class _Reader:
    """Walks over the events once."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
        self._tree = Tree()
        self.place = Place(1, 1)
        self.path: Path = ()

    def read(self) -> Tree:
        self._next()  # the stream begins
        event = self._next()
        if isinstance(event, StreamEndEvent):
            raise self._error("an empty file", "a policy, which begins with `version: 1`")
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise self._error("a directive (%)", "YAML 1.2 without directives")
        self._tree.data = self._value(self._next(), (), 0)
        if not isinstance(self._next(), DocumentEndEvent) or not isinstance(
            self._next(), StreamEndEvent
        ):
            raise self._error("a second document", "one document")
        return self._tree

    def _next(self) -> Event:
        event = next(self._events)
        mark = event.start_mark
        if mark is not None:
            self.place = Place(mark.line + 1, mark.column + 1)
        return event

    def _error(self, found: str, expected: str) -> TreeError:
        return TreeError(self.place, self.path, found, expected)

    def _value(self, event: Event, path: Path, depth: int) -> Any:
        self.path = path
        self._tree.values[path] = self.place
        self._refuse_surprises(event)
        if depth > DEEPEST:
            raise self._error("a value nested too deeply", f"at most {DEEPEST} levels")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        if not isinstance(event, ScalarEvent):
            raise self._error("something unreadable", "YAML 1.2")
        return self._scalar(event)

    def _refuse_surprises(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            raise self._error("an alias (*)", "the value itself")
        if getattr(event, "anchor", None):
            raise self._error("an anchor (&)", "a value without an anchor")
        if getattr(event, "ctag", None):
            raise self._error("a tag (!)", "a value without a tag")

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            self.path = path
            self._refuse_surprises(event)
            if not isinstance(event, ScalarEvent):
                raise self._error("a key that is a list or a mapping", "a key that is a text")
            key = self._text(event.value)
            self.path = (*path, key)
            if key in data:
                raise self._error("a key that is there twice", "each key once")
            if key == "<<":
                raise self._error("a merge key (<<)", "the keys themselves")
            self._tree.keys[self.path] = self.place
            data[key] = self._value(self._next(), (*path, key), depth + 1)
        return data

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            here = (*path, len(data))
            self._tree.keys[here] = self.place
            data.append(self._value(event, here, depth + 1))
        return data

    def _scalar(self, event: ScalarEvent) -> Any:
        text = self._text(event.value)
        return text if event.style else _plain(text)

    def _text(self, text: str) -> str:
        if _UNFIT.search(text):
            raise self._error("a character that is no text", "readable characters")
        return text


def _plain(text: str) -> Any:
    """A scalar without quotes, by YAML 1.2's core schema; an endless number stays a text."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return float(text.replace(".inf", "inf").replace(".nan", "nan")) if _is_float(text) else text


def _is_float(text: str) -> bool:
    return len(text) < 40 and _FLOAT.fullmatch(text) is not None
