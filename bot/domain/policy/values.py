"""The single values of a policy file: each with its form and a sentence on what is expected."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.domain.spans import PATTERN, read_span
from bot.domain.unseen import seen

LONGEST_DENIAL = 1024
"""Characters of a denial's reason: GitHub's limit."""
LONGEST_GLOB = 201
"""Characters of `owner/name`, in which each part has up to 100."""


def unexpected(expected: str) -> PydanticCustomError:
    """The error that says what was expected."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


def _time(value: object) -> timedelta:
    span = read_span(value) if isinstance(value, str) else None
    if span is None:
        raise unexpected("a number with h, d or w, such as 12h, 30d or 2w (1h to 366d)")
    return span


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise unexpected("a day such as 2027-01-31")


def _visible_line(text: str) -> str:
    hidden = {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}
    if not seen(text) or any(unicodedata.category(c) in hidden for c in text):
        raise unexpected("a text of one line, with visible characters only")
    return text


def _sentence(text: str) -> str:
    if not seen(text):
        raise unexpected("a text that tells the requester what to do")
    return text.strip()


def _form(pattern: str, expected: str) -> tuple[PlainValidator, WithJsonSchema]:
    """A text of this form, for the validator and for editors."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise unexpected(expected)
        return value

    return PlainValidator(check), WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


def _expires(value: object) -> object:
    if value is True or value == "never":
        return value
    raise unexpected("never or true")


def _renewal(value: object) -> object:
    if value is True:
        return value
    raise unexpected("true (write it into `unless` for the opposite)")


def _version(value: object) -> object:
    if isinstance(value, bool | float):
        raise unexpected("1")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_PERMISSION = r"[a-z0-9_*]{1,100}(:(read|write|admin))?"
_LOGIN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"

Time = Annotated[
    timedelta,
    PlainValidator(_time),
    WithJsonSchema({"type": "string", "pattern": f"^{PATTERN}$"}),
]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Line = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_visible_line)]
Denial = Annotated[str, Field(min_length=1, max_length=LONGEST_DENIAL), AfterValidator(_sentence)]
Permission = Annotated[
    str,
    *_form(_PERMISSION, "NAME or NAME:LEVEL, such as contents:write (read, write or admin)"),
]
PermissionName = Annotated[str, *_form("[a-z0-9_]{1,100}", "GitHub's name, such as pull_requests")]
Glob = Annotated[
    str,
    *_form(
        r"[A-Za-z0-9._*-]{1,100}(/[A-Za-z0-9._*-]{1,100})?",
        "a repository's name or owner/name; * stands for any characters",
    ),
]
RepositoryName = Annotated[
    str,
    *_form(r"[A-Za-z0-9._-]{1,100}(/[A-Za-z0-9._-]{1,100})?", "a repository's name or owner/name"),
]
Login = Annotated[str, *_form(_LOGIN, "a login of GitHub")]
Slug = Annotated[
    str,
    *_form("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", "a team's slug, as the team's address ends"),
]
ReviewerName = Annotated[
    str, *_form("[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}", "a name of letters, digits and - _ .")
]
Level = Literal["read", "write", "admin"]
DangerWord = Literal["low", "medium", "high", "critical"]
Mode = Literal["enforce", "shadow"]
Selection = Literal["all", "subset", "none"]
Visibility = Literal["public", "private"]
Version = Annotated[Literal[1], BeforeValidator(_version)]


Some = Field(min_length=1, max_length=200)
"""A list that holds something: an empty one in a policy is a mistake."""
Selections = Annotated[
    list[Selection],
    Some,
    BeforeValidator(_listed, json_schema_input_type=Selection | list[Selection]),
]
Expires = Annotated[Literal["never", True], BeforeValidator(_expires)]
Renewal = Annotated[Literal[True], BeforeValidator(_renewal)]
