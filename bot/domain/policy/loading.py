"""From the bytes of a policy file to the policy, or to everything that is wrong with it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain.policy.checks import find_contradictions, find_doubts, find_unmatched
from bot.domain.policy.schema import PolicyFile, known_keys
from bot.domain.policy.yaml_tree import Path, Place, Tree, TreeError, place_behind, read_tree

LARGEST = 32 * 1024
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")
"""Control characters, and line ends that only YAML sees: an issue needs more room to spell one out
than the file has for it, and nobody would see where a comment ends.
"""
MOST_PROBLEMS = 50
"""More are not listed: somebody who made so many mends the first ones first."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: line and column (from 1) of the key, or of the mapping lacking it.

    `found` may hold foreign text; escape it.
    """

    line: int
    column: int
    path: str
    found: str
    expected: str

    @property
    def text(self) -> str:
        """In one sentence, without the place."""
        return f"found {self.found}; expected {self.expected}"


@dataclass(frozen=True)
class Loaded:
    """`document` is None exactly when there are `problems`. `doubts` do not hinder adoption."""

    document: PolicyFile | None
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()
    text: str = ""
    tree: Tree = field(default_factory=Tree)

    def problem_at(self, path: Path, found: str, expected: str) -> Problem:
        """A problem that somebody else found: a team that does not exist, a failed example."""
        return _at(self.tree, path, found, expected)

    def all_doubts(self, repositories: Collection[str]) -> tuple[Problem, ...]:
        """Its doubts, with globs that match none of these `owner/name`, if there are any."""
        if self.document is None or not repositories:
            return self.doubts
        unmatched = find_unmatched(self.document, repositories)
        return _in_order([*self.doubts, *(self.problem_at(*one) for one in unmatched)])


def load(raw: bytes) -> Loaded:
    """Read a policy file. Whatever the bytes are, the answer is a value."""
    if len(raw) > LARGEST:
        return _refused(Place(1, 1), (), "a larger file", f"at most {LARGEST} bytes (32 KiB)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_behind(raw[: error.start].decode("utf-8-sig"))
        return _refused(place, (), "bytes that are no UTF-8", "a text in UTF-8")
    if unfit := _UNFIT.search(text):
        found = f"the character U+{ord(unfit[0]):04X}"
        expected = "readable characters, and lines that end with LF or CRLF"
        return _refused(place_behind(text[: unfit.start()]), (), found, expected)
    try:
        tree = read_tree(text)
    except TreeError as error:
        return _refused(error.place, error.path, error.found, error.expected)
    return _checked(tree, text)


def _refused(place: Place, path: Path, found: str, expected: str) -> Loaded:
    return Loaded(None, (Problem(place.line, place.column, path_text(path), found, expected),))


def _checked(tree: Tree, text: str) -> Loaded:
    problems = _empty_values(tree)
    try:
        document = PolicyFile.model_validate(tree.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems += [_problem(tree, detail) for detail in details]
        return Loaded(None, _in_order(problems), text=text)
    problems += [_at(tree, *found) for found in find_contradictions(document)]
    if problems:
        return Loaded(None, _in_order(problems), text=text)
    doubts = [_at(tree, *found) for found in find_doubts(document)]
    return Loaded(document, (), _in_order(doubts), text, tree)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda each: (each.line, each.column))[:MOST_PROBLEMS])


def _empty_values(tree: Tree) -> list[Problem]:
    """Keys without a value: nobody knows what was meant."""
    return [
        _at(tree, path, "nothing", "a value, or the key left out")
        for path in tree.values
        if path and _value_at(tree.data, path) is None
    ]


def _at(tree: Tree, path: Path, found: str, expected: str) -> Problem:
    place = tree.place_of(path)
    return Problem(place.line, place.column, path_text(path), found, expected)


def _problem(tree: Tree, detail: ErrorDetails) -> Problem:
    """Pydantic's error in our words. Its names of union branches stand in no file."""
    kind, path = detail["type"], tuple(part for part in detail["loc"] if not _is_branch(part))
    on_key = bool(path) and path[-1] == "[key]"
    path = path[:-1] if on_key else path
    if kind == "missing":
        return _at(tree, path, "no such key", f"the key `{path[-1]}`")
    while path and path not in tree.values:
        path = path[:-1]
    found = repr(path[-1]) if on_key else found_text(_value_at(tree.data, path))
    if kind == "extra_forbidden":
        known = ", ".join(known_keys(path[:-1]))
        return _at(tree, path, "an unknown key", f"one of: {known}")
    return _at(tree, path, found, _expected(detail))


def _is_branch(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


_EXPECTED = {
    "string_type": "a text (in quotes, if it looks like a number)",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "string_too_short": "a text that is not empty",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least one entry",
    "too_long": "at most {max_length} entries",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
    "expected": "{expected}",
}


def _expected(detail: ErrorDetails) -> str:
    words = _EXPECTED.get(detail["type"])
    if words is None:
        return detail["msg"]
    text = words.format(**detail.get("ctx", {}))
    is_python = detail["type"] == "literal_error"  # pydantic writes Python's literals
    return text.replace("'", "").replace("True", "true") if is_python else text


def path_text(path: Path) -> str:
    """`rules[2].when.lifetime`; numbers count from 0."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_key_text(part)}" for part in path]
    return "".join(parts).removeprefix(".") or "the file"


def _key_text(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]{1,80}", key) else found_text(key)


def found_text(value: Any) -> str:
    """A value of the file as people read it, cut to a line."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else f"a list of {len(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    shown = "".join(c if c.isprintable() else "�" for c in shown)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _value_at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data
